// SPDX-License-Identifier: LGPL-2.1-or-later
/* notes.c - see notes.h. */
#include "arch/notes.h"

#include <string.h>

/** One register into its room, by significance. */
static void put(const struct arch_layout *layout, const struct arch_regs *regs, size_t index,
		const struct arch_slot *slot, uint8_t *to)
{
	const uint8_t *from = regs->bytes + layout->off[index];
	size_t size = layout->reg[index]->bits / 8;
	size_t part = size < slot->room ? size : slot->room;

	if (layout->arch->big_endian)
		memcpy(to + slot->room - part, from + size - part, part);
	else
		memcpy(to, from, part);
}

/** @return whether all of them are known; the others are left alone. */
static bool put_slot(const struct arch_layout *layout, const struct arch_regs *regs,
		     const struct arch_slot *slot, uint8_t *desc)
{
	size_t first = arch_reg_index(layout, slot->reg);
	bool all = true;

	for (size_t i = 0; i < slot->nr; i++) {
		if (first + i >= layout->nr_regs || !regs->known[first + i])
			all = false;
		else
			put(layout, regs, first + i, slot, desc + slot->off + i * slot->step);
	}
	return all;
}

size_t arch_note_make(const struct arch_note *note, const struct arch_layout *layout,
		      const struct arch_regs *regs, const Criu__CoreEntry *core,
		      uint8_t desc[ARCH_NOTE_MAX])
{
	size_t len = note->len;
	bool known = true;

	memset(desc, 0, ARCH_NOTE_MAX);
	for (const struct arch_slot *slot = note->slots; slot && slot->reg; slot++)
		if (!put_slot(layout, regs, slot, desc) && slot == note->slots)
			known = false;
	if (!known || (note->fill && (!core || !note->fill(layout->arch, core, desc, &len))))
		return 0;
	return len;
}
