// SPDX-License-Identifier: LGPL-2.1-or-later
/* bt_print.c - stacks of `critcore bt`, for people, in the style of gdb, and as JSON. */
#include <inttypes.h>
#include <string.h>

#include "bt.h"

void bt_print_process(const struct crit_task_info *info)
{
	printf("Process %" PRIu32 " (", info->pid);
	cli_put_text(stdout, info->comm);
	fputs("):\n\n", stdout);
}

static void print_place(const struct crit_frame *frame)
{
	if (frame->file) {
		fputs(" at ", stdout);
		cli_put_text(stdout, frame->file);
		printf(":%u", frame->line);
	} else if (frame->object && !frame->in_exe) {
		fputs(" from ", stdout);
		cli_put_text(stdout, frame->object);
	}
}

/** @param around  The frame before was inlined into it: they are at one address. */
static void print_frame(size_t level, const struct crit_frame *frame, bool around)
{
	const char *name = frame->function ? frame->function : "??";

	printf("#%-2zu ", level);
	if (frame->signal) {
		puts("<signal handler called>");
		return;
	}
	if (!around)
		printf("0x%016" PRIx64 " in ", frame->pc);
	cli_put_text(stdout, name);
	// A demangled name mostly has its parameters; gdb prints an empty list behind others.
	if (!strchr(name, ')'))
		fputs(" ()", stdout);
	print_place(frame);
	puts(frame->guessed ? " (guessed)" : "");
}

static void print_end(const struct crit_stack *stack)
{
	if (stack->end == CRIT_STACK_COMPLETE || stack->end == CRIT_STACK_MAIN)
		return;
	fputs(stack->nr_frames ? "Backtrace stopped: " : "No stack: ", stdout);
	cli_put_text(stdout, stack->why);
	putchar('\n');
}

static void print_frames(const struct crit_stack *stack)
{
	for (size_t i = 0; i < stack->nr_frames; i++)
		print_frame(i, &stack->frames[i], i && stack->frames[i - 1].inlined);
	print_end(stack);
	putchar('\n');
}

/** What the thread was doing; "" if that is not known. */
static void describe(struct crit_thread *thread, char text[CRIT_STATE_TEXT_MAX])
{
	struct crit_thread_state state;

	crit_thread_state(thread, &state, NULL);
	crit_thread_state_text(thread, &state, text, CRIT_STATE_TEXT_MAX);
}

void bt_print_stack(const struct crit_stack *stack)
{
	const char *name = crit_thread_name(stack->thread);
	char state[CRIT_STATE_TEXT_MAX];

	printf("Thread %" PRIu32, crit_thread_tid(stack->thread));
	if (*name) {
		fputs(" \"", stdout);
		cli_put_text(stdout, name);
		putchar('"');
	}
	describe(stack->thread, state);
	printf(*state ? " (%s):\n" : "%s:\n", state);
	print_frames(stack);
}

void bt_print_group(const struct crit_stack_group *group)
{
	printf("%s\n", group->label);
	print_frames(group->stack);
}

static const char *json_bool(bool value)
{
	return value ? "true" : "false";
}

static void json_frame(const struct crit_frame *frame)
{
	printf("{\"pc\": %" PRIu64 ", \"sp\": %" PRIu64 ", \"function\": ", frame->pc, frame->sp);
	cli_put_json(stdout, frame->function);
	fputs(", \"symbol\": ", stdout);
	cli_put_json(stdout, frame->symbol);
	printf(", \"function_off\": %" PRIu64 ", \"object\": ", frame->function_off);
	cli_put_json(stdout, frame->object);
	printf(", \"object_addr\": %" PRIu64 ", \"file\": ", frame->object_addr);
	cli_put_json(stdout, frame->file);
	printf(", \"line\": %u, \"inlined\": %s, \"signal\": %s, \"guessed\": %s}", frame->line,
	       json_bool(frame->inlined), json_bool(frame->signal), json_bool(frame->guessed));
}

static void json_frames(const struct crit_stack *stack)
{
	fputs(", \"frames\": [", stdout);
	for (size_t i = 0; i < stack->nr_frames; i++) {
		fputs(i ? ", " : "", stdout);
		json_frame(&stack->frames[i]);
	}
	printf("], \"end\": \"%s\", \"why\": ", crit_stack_end_name(stack->end));
	cli_put_json(stdout, stack->why);
	puts("}");
}

void bt_print_json(const struct crit_stack *stack, uint32_t pid)
{
	char state[CRIT_STATE_TEXT_MAX];

	printf("{\"pid\": %" PRIu32 ", \"tid\": %" PRIu32 ", \"name\": ", pid,
	       crit_thread_tid(stack->thread));
	cli_put_json(stdout, crit_thread_name(stack->thread));
	fputs(", \"state\": ", stdout);
	describe(stack->thread, state);
	cli_put_json(stdout, *state ? state : NULL);
	json_frames(stack);
}

void bt_print_group_json(const struct crit_stack_group *group)
{
	printf("{\"count\": %zu, \"tids\": [", group->nr_threads);
	for (size_t i = 0; i < group->nr_threads; i++)
		printf("%s%" PRIu32, i ? ", " : "", crit_thread_tid(group->threads[i]));
	fputs("], \"label\": ", stdout);
	cli_put_json(stdout, group->label);
	json_frames(group->stack);
}
