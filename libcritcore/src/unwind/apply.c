// SPDX-License-Identifier: LGPL-2.1-or-later
/* apply.c - the caller's registers by a row of an unwind table. See walk.h. */
#include <string.h>

#include "unwind/walk.h"
#include "util/error.h"

/** End the walk as a failed read or expression says. */
static bool failed(struct walk *walk, enum crit_status status, const struct crit_error *err)
{
	bool table = status == CRIT_CORRUPT || status == CRIT_NOT_FOUND;

	return walk_end(walk, table ? CRIT_STACK_BAD_TABLE : CRIT_STACK_UNAVAILABLE, "%s",
			err->message);
}

static struct expr_context context(const struct walk *walk, const struct frame_regs *regs,
				   uint64_t bias)
{
	return (struct expr_context){ .regs = regs,
				      .memory = walk->memory,
				      .word_size = walk->word_size,
				      .big_endian = walk->big_endian,
				      .bias = bias };
}

static uint64_t cut(const struct walk *walk, uint64_t value)
{
	return walk->word_size == 4 ? (uint32_t)value : value;
}

static bool find_cfa(struct walk *walk, const struct cfi_rule *rule, struct expr_context *in)
{
	struct crit_error err;
	enum crit_status status;

	if (rule->kind == CFI_VALUE) {
		if (!in->regs->known[rule->reg])
			return walk_end(walk, CRIT_STACK_BAD_TABLE,
					"the frame is found by a register that is not known");
		in->cfa = cut(walk, in->regs->value[rule->reg] + (uint64_t)rule->off);
	} else {
		status = expr_evaluate(in, rule->ops, rule->nr_ops, &in->cfa, NULL, &err);
		if (status)
			return failed(walk, status, &err);
	}
	in->has_cfa = true;
	return true;
}

/** @p reg is where the expression says, or in a register it names. */
static bool by_expression(struct walk *walk, const struct cfi_rule *rule, const char *what,
			  const struct expr_context *in, uint64_t *out)
{
	struct crit_error err;
	bool location;
	enum crit_status status;
	uint64_t number = rule->ops[0].atom == 0x90 ? rule->ops[0].number
						     : rule->ops[0].atom - 0x50ULL;

	if (rule->nr_ops == 1 && (rule->ops[0].atom == 0x90 ||
				  (rule->ops[0].atom >= 0x50 && rule->ops[0].atom < 0x70))) {
		if (number >= CPU_MAX_REGS || !in->regs->known[number])
			return false;
		*out = in->regs->value[number];
		return true;
	}
	status = expr_evaluate(in, rule->ops, rule->nr_ops, out, &location, &err);
	if (status)
		return failed(walk, status, &err);
	return !location || walk_word(walk, *out, what, out);
}

static bool find_register(struct walk *walk, const struct cfi_rule *rule, const char *what,
			  const struct expr_context *in, uint64_t *out)
{
	switch (rule->kind) {
	case CFI_SAME:
		*out = in->regs->value[rule->reg];
		return in->regs->known[rule->reg];
	case CFI_AT:
		return walk_word(walk, cut(walk, in->cfa + (uint64_t)rule->off), what, out);
	case CFI_VALUE:
		*out = cut(walk, in->cfa + (uint64_t)rule->off);
		return true;
	case CFI_EXPRESSION:
		return by_expression(walk, rule, what, in, out);
	}
	return false;
}

/** Where the stack goes on. It grows downwards: callers have higher frames, unless a signal handler
 *  runs on a stack of its own. A function without a frame may share its caller's, once. */
static bool moves_on(struct walk *walk, uint64_t cfa, bool signal)
{
	if (walk->has_cfa && !signal && !walk->exact && cfa <= walk->cfa)
		return walk_end(walk, CRIT_STACK_LOOP,
				"the frame at 0x%llx does not lie above the one it called",
				(unsigned long long)cfa);
	walk->has_cfa = !signal;
	walk->cfa = cfa;
	return true;
}

bool apply_row(struct walk *walk, const struct cfi_row *row, uint64_t bias)
{
	struct frame_regs old = walk->regs;
	struct expr_context in = context(walk, &old, bias);

	if (row->outermost)
		return walk_end(walk, CRIT_STACK_COMPLETE, "it is the outermost frame");
	if (!find_cfa(walk, &row->cfa, &in) || !moves_on(walk, in.cfa, row->signal))
		return false;
	memset(walk->regs.known, 0, sizeof(walk->regs.known));
	// Without a rule the caller's stack pointer is the frame's address; s390x has rules.
	walk->regs.value[walk->cpu->sp] = in.cfa;
	walk->regs.known[walk->cpu->sp] = true;
	for (size_t i = 0; i < row->nr_rules; i++) {
		const struct cfi_rule *rule = &row->rules[i];
		uint64_t *value = &walk->regs.value[rule->reg];
		const char *what = rule->reg == row->ra ? "the return address" : "a register";
		bool known = find_register(walk, rule, what, &in, value);

		if (!known && rule->reg == row->ra)
			return walk->end != CRIT_STACK_COMPLETE ? false :
			       walk_end(walk, CRIT_STACK_BAD_TABLE,
					"the return address is not known");
		walk->regs.known[rule->reg] = known;
	}
	walk->pc = walk_address(walk, cut(walk, walk->regs.value[row->ra]));
	walk->exact = row->signal;
	walk->guessed = false;
	return true;
}
