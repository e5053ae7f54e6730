/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notes.h - registers as the notes of an ELF core file have them.
 *
 * A note is a struct of the kernel's (a "regset"). A CPU file says for each which registers stand
 * where, by gdb's names; what gdb has no register for is put there by the note's `fill`. The first
 * note of a CPU is its general registers, which are inside NT_PRSTATUS; all others stand alone. One
 * that the images have not got is left out, rather than made of zeros: it is there when the
 * registers of its first slot are known.
 */
#ifndef CRIT_ARCH_NOTES_H
#define CRIT_ARCH_NOTES_H

#include "arch/arch.h"

enum { ARCH_NOTE_MAX = 4096 }; /* bytes of one */

/** Registers that follow each other both in the layout and in the note. */
struct arch_slot {
	const char *reg; /* the first of them */
	uint8_t nr;
	uint16_t off;  /* of the first */
	uint8_t room;  /* bytes for each: a narrower register is the low part of it, a wider one
			  loses its upper bytes */
	uint8_t step;  /* bytes from one to the next */
};

struct arch_note {
	const char *owner;  /* "CORE", "LINUX" */
	uint32_t type;	    /* NT_* */
	uint16_t len;	    /* bytes of it */
	const struct arch_slot *slots; /* ended by a NULL reg; NULL: fill does it all */
	/* Add what no register has, and change the length if need be. NULL: nothing to add.
	 * @return false: the image has not got it. */
	bool (*fill)(const struct arch *arch, const Criu__CoreEntry *core, uint8_t *desc,
		     size_t *len);
};

/* Notes are ended by a NULL owner. */
#define ARCH_SLOT(reg, off, room) { reg, 1, off, room, room }
#define ARCH_SLOTS(reg, nr, off, room) { reg, nr, off, room, room }
#define ARCH_NO_SLOT { NULL, 0, 0, 0, 0 }
#define ARCH_NO_NOTE { NULL, 0, 0, NULL, NULL }

/**
 * What a note holds.
 *
 * @param core  The thread's core image; used by notes with a `fill` only.
 * @param desc  Receives the bytes, ARCH_NOTE_MAX at most, in the task's byte order.
 * @return how many; 0: the images have not got it.
 */
size_t arch_note_make(const struct arch_note *note, const struct arch_layout *layout,
		      const struct arch_regs *regs, const Criu__CoreEntry *core,
		      uint8_t desc[ARCH_NOTE_MAX]);

#endif
