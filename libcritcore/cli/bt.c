// SPDX-License-Identifier: LGPL-2.1-or-later
/* bt.c - critcore bt: the stacks of threads, without a debugger. */
#include <getopt.h>
#include <unistd.h>

#include "bt.h"

struct command {
	struct cli_places places;
	struct crit_stack_options options;
	bool all, json, group;
	const char *dir, *pid;
	struct crit_thread *only; /* NULL: all threads */
	struct crit_stacks *stacks;
	bool failed; /* some stack could not be had */
};

static const struct cli_option options[] = {
	CLI_FLAG(0, "all", struct command, all, "of every process"),
	CLI_FLAG(0, "group", struct command, group, "threads with the same stack once, together"),
	CLI_FLAG(0, "json", struct command, json,
		 "one JSON object per line for each thread, or group"),
	CLI_NUMBER(0, "limit", "N", 1, UINT32_MAX, struct command, options.max_frames,
		   "at most N frames of each stack (default: 10000)"),
	CLI_FLAG(0, "past-main", struct command, options.past_main, "also what called main()"),
	CLI_ROWS(cli_places_options, struct command, places),
	CLI_END,
};

static int parse(int argc, char **argv, struct command *c)
{
	int nr, status = cli_parse(&verb_bt, options, argc, argv, c);

	if (status)
		return status;
	nr = argc - optind;
	if (nr < 1 || nr > 2)
		return cli_usage(&verb_bt, "a directory, and maybe a process id, please");
	if (c->all && nr == 2)
		return cli_usage(&verb_bt, "--all is about all processes, not one");
	c->dir = argv[optind];
	c->pid = nr == 2 ? argv[optind + 1] : NULL;
	return EXIT_DONE;
}

static bool goes_on(void)
{
	return !cli_caught() && !ferror(stdout);
}

static void show_task(struct command *c, struct crit_task *task)
{
	struct crit_task_info info;
	struct crit_stack stack;

	crit_task_info(task, &info, NULL);
	if (info.state == CRIT_TASK_ZOMBIE)
		return;
	if (c->all && !c->json)
		bt_print_process(&info);
	for (size_t i = 0; i < crit_thread_count(task) && goes_on(); i++) {
		if (c->only && crit_thread_at(task, i) != c->only)
			continue;
		if (crit_stack_walk(c->stacks, crit_thread_at(task, i), &stack, NULL))
			c->failed = true;
		if (c->json)
			bt_print_json(&stack, info.pid);
		else
			bt_print_stack(&stack);
		if (i == 0)
			fflush(stdout); // there is something to read while the others come
	}
}

static bool keep_going(void *ctx, uint64_t done, uint64_t total)
{
	(void)ctx, (void)done, (void)total;
	return !cli_caught();
}

static int show_groups(struct command *c, struct crit_task *task)
{
	struct crit_stack_groups *groups;
	struct crit_stack_group group;
	struct crit_error err;

	if (crit_stacks_group(c->stacks, task, keep_going, NULL, &groups, &err))
		return cli_fail(&err);
	for (size_t i = 0; crit_stack_group_at(groups, i, &group) && goes_on(); i++) {
		c->failed |= group.stack->end == CRIT_STACK_NONE;
		if (c->json)
			bt_print_group_json(&group);
		else
			bt_print_group(&group);
	}
	crit_stack_groups_free(groups);
	return EXIT_DONE;
}

/** The process that is meant, by its number or by that of a thread, whose stack alone is shown. */
static struct crit_task *find(struct command *c, struct crit_checkpoint *ckpt)
{
	struct crit_task *task;
	uint32_t id;

	if (!c->pid || !cli_parse_pid(c->pid, &id) || crit_task_find(ckpt, id))
		return cli_find_task(ckpt, c->pid);
	task = crit_task_find_by_tid(ckpt, id);
	if (!task)
		return cli_find_task(ckpt, c->pid);
	c->only = crit_thread_find(task, id);
	return task;
}

static int show(struct command *c, struct crit_checkpoint *ckpt)
{
	struct crit_task *task = c->all ? NULL : find(c, ckpt);
	struct crit_error err;
	int status = EXIT_DONE;

	if (!c->all && !task)
		return EXIT_FAILED;
	if ((task && crit_task_load(task, &err)) ||
	    crit_stacks_open(ckpt, &c->options, &c->stacks, &err))
		return cli_fail(&err);
	if (c->group && !c->only)
		status = show_groups(c, task);
	else if (task)
		show_task(c, task);
	for (size_t i = 0; !c->group && !task && i < crit_task_count(ckpt) && goes_on(); i++)
		show_task(c, crit_task_at(ckpt, i));
	crit_stacks_close(c->stacks);
	return c->failed ? EXIT_FAILED : status;
}

static int run(int argc, char **argv)
{
	struct command c = { 0 };
	struct crit_checkpoint *ckpt;
	int status = parse(argc, argv, &c);

	if (status)
		return status;
	ckpt = cli_open(c.dir, &c.places);
	if (!ckpt)
		return EXIT_FAILED;
	cli_catch_signals();
	status = show(&c, ckpt);
	crit_checkpoint_close(ckpt);
	if (cli_caught())
		cli_end_as_caught();
	return ferror(stdout) ? EXIT_FAILED : status;
}

const struct verb verb_bt = {
	.name = "bt",
	.arguments = "[OPTION...] DIR [PID | --all]",
	.summary = "stacks of threads, without a debugger",
	.help = "Print the stack of every thread of a process of the checkpoint in DIR: of the\n"
		"root of its tree, or of PID. If PID is a thread's, its stack alone.\n",
	.options = options,
	.run = run,
};
