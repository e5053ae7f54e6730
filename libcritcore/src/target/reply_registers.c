// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Registers of the selected thread, in the order and sizes of the target description:
 *
 *	g   { digit digit | "xx" }	the first nr_short registers; 'x': not known
 *	p   the same, of one register
 *
 * A short `g` is enough: gdb asks for the vector registers with `p` when somebody wants to see
 * them, and `info threads` over a thousand threads takes half the time.
 */
#include "target/server.h"

#include <errno.h>

#include "checkpoint/debug.h"
#include "target/hex.h"

/* @p regs is NULL when none is known. */
static void add_register(struct server *s, const struct arch_layout *layout,
			 const struct arch_regs *regs, size_t i)
{
	size_t len = layout->reg[i]->bits / 8;

	if (regs && regs->known[i]) {
		hex_add(&s->reply, regs->bytes + layout->off[i], len);
		return;
	}
	while (len--)
		buf_add_str(&s->reply, "xx");
}

/* A thread whose core image is missing or damaged has no known register, which was said when the
 * checkpoint was opened. That is no error: an error would end `thread apply all bt` in the
 * middle. */
static void add_registers(struct server *s, size_t first, size_t end)
{
	const struct arch_layout *layout = task_layout(s->task);
	const struct arch_regs *regs = NULL;

	if (thread_regs(s->thread, &regs, NULL) != CRIT_OK)
		regs = NULL;
	for (size_t i = first; i < end; i++)
		add_register(s, layout, regs, i);
}

void reply_read_registers(struct server *s, const struct request *req)
{
	const struct arch_layout *layout = task_layout(s->task);
	size_t nr = layout->arch->nr_short;

	(void)req;
	add_registers(s, 0, nr < layout->nr_regs ? nr : layout->nr_regs);
}

void reply_read_register(struct server *s, const struct request *req)
{
	if (req->regnum >= task_layout(s->task)->nr_regs)
		reply_error(s, EINVAL);
	else
		add_registers(s, req->regnum, req->regnum + 1);
}

void reply_write_register(struct server *s, const struct request *req)
{
	(void)req;
	reply_error_text(s, "a checkpoint cannot be changed");
}
