// SPDX-License-Identifier: LGPL-2.1-or-later
/* registers.c - from a thread's core image to DWARF's registers. See registers.h. */
#include "unwind/registers.h"

#include <string.h>

#include "checkpoint/checkpoint.h"
#include "util/endian.h"
#include "util/error.h"

static void take(const struct arch_layout *layout, const struct arch_regs *regs, const char *name,
		 size_t number, struct frame_regs *out)
{
	size_t i = arch_reg_index(layout, name);

	if (i == layout->nr_regs || !regs->known[i] || layout->reg[i]->bits > 64)
		return;
	out->value[number] = endian_get(regs->bytes + layout->off[i], layout->reg[i]->bits / 8,
					layout->arch->big_endian);
	out->known[number] = true;
}

enum crit_status frame_regs_of_thread(struct crit_thread *thread, const struct cpu *cpu,
				      struct frame_regs *out, struct crit_error *err)
{
	const struct arch_regs *regs;
	const struct arch_layout *layout;
	enum crit_status status = thread_regs(thread, &regs, err);

	memset(out, 0, sizeof(*out));
	if (status)
		return status;
	layout = thread->task->layout;
	for (size_t i = 0; i < cpu->nr_regs; i++)
		if (cpu->names[i])
			take(layout, regs, cpu->names[i], i, out);
	if (layout->arch->pc)
		take(layout, regs, layout->arch->pc, cpu->pc, out);
	return CRIT_OK;
}

enum crit_status expr_word(const struct expr_context *in, uint64_t vaddr, uint64_t *out,
			   struct crit_error *err)
{
	uint8_t bytes[8];
	enum crit_status status = stack_memory_read(in->memory, vaddr, bytes, in->word_size, err);

	if (!status)
		*out = endian_get(bytes, in->word_size, in->big_endian);
	return status;
}
