// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * expression.c - DWARF's expressions, as far as unwind tables use them: a stack of words, and
 * operations that are a byte with up to two operands (DWARF 5, section 2.5).
 */
#include "unwind/registers.h"

#include "util/endian.h"
#include "util/error.h"

enum { DEPTH = 64, MAX_STEPS = 4096 };

/* Of DWARF 5, table 7.9. */
enum {
	OP_ADDR = 0x03, OP_DEREF = 0x06,
	OP_CONST1U = 0x08, OP_CONSTS = 0x11,
	OP_DUP = 0x12, OP_DROP = 0x13, OP_OVER = 0x14,
	OP_PICK = 0x15, OP_SWAP = 0x16, OP_ROT = 0x17,
	OP_ABS = 0x19, OP_AND = 0x1a, OP_DIV = 0x1b, OP_MINUS = 0x1c, OP_MOD = 0x1d, OP_MUL = 0x1e,
	OP_NEG = 0x1f, OP_NOT = 0x20, OP_OR = 0x21, OP_PLUS = 0x22, OP_PLUS_UCONST = 0x23,
	OP_SHL = 0x24, OP_SHR = 0x25, OP_SHRA = 0x26, OP_XOR = 0x27,
	OP_BRA = 0x28, OP_EQ = 0x29, OP_GE = 0x2a, OP_GT = 0x2b, OP_LE = 0x2c, OP_LT = 0x2d,
	OP_NE = 0x2e, OP_SKIP = 0x2f,
	OP_LIT0 = 0x30, OP_REG0 = 0x50, OP_BREG0 = 0x70, OP_REGX = 0x90, OP_BREGX = 0x92,
	OP_DEREF_SIZE = 0x94, OP_NOP = 0x96, OP_CALL_FRAME_CFA = 0x9c, OP_STACK_VALUE = 0x9f,
};

struct machine {
	const struct expr_context *in;
	uint64_t stack[DEPTH]; /* the top is stack[nr - 1] */
	size_t nr;
	bool is_value;
};

static enum crit_status bad(struct crit_error *err, const char *what)
{
	return error_set(err, CRIT_CORRUPT, "its unwind table has an expression %s", what);
}

static enum crit_status push(struct machine *m, uint64_t value, struct crit_error *err)
{
	if (m->nr == DEPTH)
		return bad(err, "that grows without end");
	m->stack[m->nr++] = value;
	return CRIT_OK;
}

static enum crit_status push_register(struct machine *m, uint64_t number, uint64_t add,
				      struct crit_error *err)
{
	if (number >= CPU_MAX_REGS || !m->in->regs->known[number])
		return error_set(err, CRIT_NOT_FOUND, "register %llu is not known here",
				 (unsigned long long)number);
	return push(m, m->in->regs->value[number] + add, err);
}

static enum crit_status dereference(struct machine *m, uint64_t size, struct crit_error *err)
{
	uint64_t *top = &m->stack[m->nr - 1];
	uint8_t bytes[8];
	enum crit_status status;

	if (size < 1 || size > 8)
		return bad(err, "that reads a value of an odd size");
	status = stack_memory_read(m->in->memory, *top, bytes, size, err);
	if (!status)
		*top = endian_get(bytes, size, m->in->big_endian);
	return status;
}

/** Operations that take two words and give one: @p b was on top. */
static bool binary(uint8_t op, uint64_t a, uint64_t b, uint64_t *out)
{
	int64_t x = (int64_t)a, y = (int64_t)b;

	switch (op) {
	case OP_AND: *out = a & b; return true;
	case OP_DIV: *out = y == -1 ? 0 - a : y ? (uint64_t)(x / y) : 0; return y != 0;
	case OP_MINUS: *out = a - b; return true;
	case OP_MOD: *out = b ? a % b : 0; return b != 0;
	case OP_MUL: *out = a * b; return true;
	case OP_OR: *out = a | b; return true;
	case OP_PLUS: *out = a + b; return true;
	case OP_SHL: *out = b < 64 ? a << b : 0; return true;
	case OP_SHR: *out = b < 64 ? a >> b : 0; return true;
	case OP_SHRA: *out = (uint64_t)(x >> (b < 63 ? b : 63)); return true;
	case OP_XOR: *out = a ^ b; return true;
	case OP_EQ: *out = a == b; return true;
	case OP_GE: *out = x >= y; return true;
	case OP_GT: *out = x > y; return true;
	case OP_LE: *out = x <= y; return true;
	case OP_LT: *out = x < y; return true;
	case OP_NE: *out = a != b; return true;
	default: return false;
	}
}

/** How many words an operation takes from the stack. */
static size_t taken(uint8_t op)
{
	if (op == OP_ROT)
		return 3;
	if (op == OP_OVER || op == OP_SWAP || op == OP_SHL || (op >= OP_AND && op <= OP_MUL) ||
	    op == OP_OR || op == OP_PLUS || (op >= OP_SHR && op <= OP_XOR) ||
	    (op >= OP_EQ && op <= OP_NE))
		return 2;
	return op == OP_DEREF || op == OP_DEREF_SIZE || op == OP_DUP || op == OP_DROP ||
	       op == OP_ABS || op == OP_NEG || op == OP_NOT || op == OP_PLUS_UCONST ||
	       op == OP_BRA || op == OP_STACK_VALUE;
}

static enum crit_status shuffle(struct machine *m, const Dwarf_Op *op, struct crit_error *err)
{
	uint64_t *top = m->stack + m->nr, word;

	switch (op->atom) {
	case OP_DUP:
		return push(m, top[-1], err);
	case OP_OVER:
		return push(m, top[-2], err);
	case OP_PICK:
		return op->number < m->nr ? push(m, top[-1 - (ptrdiff_t)op->number], err)
					  : bad(err, "that takes more than there is");
	case OP_DROP:
		m->nr--;
		return CRIT_OK;
	case OP_SWAP:
		word = top[-1];
		top[-1] = top[-2];
		top[-2] = word;
		return CRIT_OK;
	default: // OP_ROT
		word = top[-1];
		top[-1] = top[-2];
		top[-2] = top[-3];
		top[-3] = word;
		return CRIT_OK;
	}
}

static enum crit_status compute(struct machine *m, const Dwarf_Op *op, struct crit_error *err)
{
	uint64_t *top = m->stack + m->nr;

	switch (op->atom) {
	case OP_ABS:
		top[-1] = (int64_t)top[-1] < 0 ? 0 - top[-1] : top[-1];
		return CRIT_OK;
	case OP_NEG:
		top[-1] = 0 - top[-1];
		return CRIT_OK;
	case OP_NOT:
		top[-1] = ~top[-1];
		return CRIT_OK;
	case OP_PLUS_UCONST:
		top[-1] += op->number;
		return CRIT_OK;
	default:
		if (taken(op->atom) != 2 || !binary(op->atom, top[-2], top[-1], &top[-2]))
			return bad(err, "with an operation that is not known");
		m->nr--;
		return CRIT_OK;
	}
}

static enum crit_status step(struct machine *m, const Dwarf_Op *op, struct crit_error *err)
{
	if (m->nr < taken(op->atom))
		return bad(err, "that takes more than there is");
	if (op->atom >= OP_LIT0 && op->atom < OP_REG0)
		return push(m, op->atom - OP_LIT0, err);
	if (op->atom >= OP_BREG0 && op->atom < OP_REGX)
		return push_register(m, op->atom - OP_BREG0, op->number, err);
	if (op->atom >= OP_CONST1U && op->atom <= OP_CONSTS)
		return push(m, op->number, err);
	switch (op->atom) {
	case OP_ADDR:
		return push(m, op->number + m->in->bias, err);
	case OP_BREGX:
		return push_register(m, op->number, op->number2, err);
	case OP_CALL_FRAME_CFA:
		return m->in->has_cfa ? push(m, m->in->cfa, err) : bad(err, "about itself");
	case OP_DEREF:
		return dereference(m, m->in->word_size, err);
	case OP_DEREF_SIZE:
		return dereference(m, op->number, err);
	case OP_DUP: case OP_OVER: case OP_PICK: case OP_DROP: case OP_SWAP: case OP_ROT:
		return shuffle(m, op, err);
	case OP_STACK_VALUE:
		m->is_value = true;
		return CRIT_OK;
	case OP_NOP:
		return CRIT_OK;
	default:
		return compute(m, op, err);
	}
}

/** Where a branch goes: libdw gives its offset, in bytes from the end of the operation. */
static size_t branch_target(const Dwarf_Op *ops, size_t nr, size_t from)
{
	uint64_t target = ops[from].offset + 3 + ops[from].number;

	for (size_t i = 0; i < nr; i++)
		if (ops[i].offset == target)
			return i;
	return nr;
}

enum crit_status expr_evaluate(const struct expr_context *in, const Dwarf_Op *ops, size_t nr,
			       uint64_t *out, bool *location, struct crit_error *err)
{
	struct machine m = { .in = in };
	enum crit_status status = CRIT_OK;
	size_t i = 0, steps = 0;

	while (!status && i < nr) {
		if (++steps > MAX_STEPS)
			return bad(err, "that does not end");
		if (ops[i].atom == OP_SKIP) {
			i = branch_target(ops, nr, i);
		} else if (ops[i].atom == OP_BRA && m.nr) {
			i = m.stack[--m.nr] ? branch_target(ops, nr, i) : i + 1;
		} else {
			status = step(&m, &ops[i++], err);
		}
	}
	if (!status && !m.nr)
		return bad(err, "without a result");
	if (!status)
		*out = m.stack[m.nr - 1];
	if (location)
		*location = !m.is_value;
	return status;
}
