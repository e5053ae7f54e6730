/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * arch.h - what differs from CPU to CPU, as tables.
 *
 * One file per CPU fills one `struct arch`; arch.c lists them. To add a CPU: write arch/CPU.c with
 * its feature and register rows and a load function, add the row to the list in arch.c, add a case
 * to tests/. Nothing else knows CPUs by name.
 *
 * A register's *index* is its place in the concatenation of the features, which is also gdb's
 * register number in the target description built from these rows (src/target/tdesc.c).
 */
#ifndef CRIT_ARCH_H
#define CRIT_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/calls.h"
#include "task.pb-c.h"

enum {
	ARCH_MAX_REGS = 320,
	ARCH_MAX_BYTES = 4096, /* all registers of a thread, one after the other */
	ARCH_MAX_FEATURES = 24,
};

/** One register as gdb sees it, and where the image keeps it, in the CPU file's own terms. */
struct arch_reg {
	const char *name;
	uint16_t bits;
	const char *type;  /* gdb's type name: predefined, or the id of a type of the feature */
	const char *group; /* gdb's register group, or NULL */
	uint16_t part;	   /* which piece of the image; the CPU file's own enum */
	uint16_t off;	   /* where in that piece */
};

struct arch_field {
	const char *name;
	const char *type;   /* of a union's member; NULL in flags */
	uint8_t start, end; /* bits, both inclusive; flags only */
};

/** A type that gdb must be told about before registers can use it. */
struct arch_type {
	const char *id;
	enum arch_type_kind { ARCH_VECTOR, ARCH_UNION, ARCH_FLAGS } kind;
	const char *elem;		 /* VECTOR: element type */
	uint16_t count;			 /* VECTOR: elements. FLAGS: size in bytes */
	const struct arch_field *fields; /* UNION, FLAGS: ended by a NULL name */
};

/** What the rest of the images tells of a process that its core images do not. */
struct arch_space {
	uint64_t end; /* of the highest mapping */
	bool has_hwcap;
	uint64_t hwcap; /* AT_HWCAP of its auxiliary vector */
};

/** A set of registers that comes and goes together: a gdb feature. */
struct arch_feature {
	const char *name; /* "org.gnu.gdb.i386.core" */
	const struct arch_type *types; /* ended by a NULL id; NULL if none */
	const struct arch_reg *regs;
	size_t nr_regs;
	/* Does the image have it? NULL: always. */
	bool (*present)(const Criu__CoreEntry *core);
	/* Does the process have it? NULL: yes. Only those at the end of the list may ask. */
	bool (*in_space)(const struct arch_space *space);
};

/** Registers of one thread: bytes, and which of them are known; laid out as its layout says. */
struct arch_regs {
	uint8_t *bytes; /* layout.nr_bytes */
	bool *known;	/* layout.nr_regs; in the same allocation */
	bool has_thread_pointer;
	uint64_t thread_pointer; /* what the CPU finds thread-local storage by */
	struct arch_call call;	 /* the system call it was in */
};

struct arch_note;

/** A CPU in one byte order. */
struct arch {
	const char *gdb_name;  /* <architecture> of the target description */
	const char *osabi;
	uint16_t elf_machine;  /* e_machine of its programs */
	uint32_t elf_flags;    /* their usual e_flags */
	bool short_ids;	       /* the kernel's old user ids, of core files, have 16 bits */
	uint8_t word_size;     /* of a pointer, in bytes */
	bool big_endian;
	bool auxv_packed;      /* the saved auxv has two words in each 64-bit value, not one */
	uint32_t page_size;    /* when the images do not say */
	const struct arch_feature *features; /* ended by a NULL name */
	size_t nr_short; /* registers from the first that a short `g` reply holds: what bt needs */
	const char *pc, *sp; /* names of the registers with these roles */
	const struct arch_note *notes; /* of core files; see notes.h */
	/* Does this core image, out of images in this byte order, belong to the CPU? */
	bool (*match)(const Criu__CoreEntry *core, bool big_endian);
	/* Write a register's bytes, in the task's byte order; false if the image does not have
	 * it. */
	bool (*get)(const struct arch *arch, const Criu__CoreEntry *core,
		    const struct arch_reg *reg, uint8_t *out);
	/* Change what was got of a register after what is known of the process; NULL: nothing. */
	void (*settle)(const struct arch *arch, const struct arch_space *space,
		       const struct arch_reg *reg, uint8_t *bytes, bool *known);
	/* The thread pointer; false if the image does not have it. NULL: not known for this CPU. */
	bool (*thread_pointer)(const Criu__CoreEntry *core, uint64_t *out);
};

/** The registers one task has: the features present in its leader's core image, laid out. */
struct arch_layout {
	const struct arch *arch;
	bool present[ARCH_MAX_FEATURES];
	size_t nr_regs;
	size_t nr_bytes;
	const struct arch_reg *reg[ARCH_MAX_REGS];
	uint16_t off[ARCH_MAX_REGS]; /* of each in arch_regs.bytes */
};

/**
 * The CPU of a core image; NULL if we have no table for it.
 *
 * @param big_endian  How the images are framed, which is the byte order of the machine that dumped.
 */
const struct arch *arch_find(const Criu__CoreEntry *core, bool big_endian);
/** Lay out the features that @p core has. */
void arch_layout_init(struct arch_layout *layout, const struct arch *arch,
		      const Criu__CoreEntry *core);
/** Drop the features at the end that the process turns out not to have. */
void arch_layout_settle(struct arch_layout *layout, const struct arch_space *space);
/** Take the registers of @p core; those without a value stay unknown. False when memory is out. */
bool arch_regs_init(struct arch_regs *regs, const struct arch_layout *layout,
		    const Criu__CoreEntry *core);
/** Finish registers when the layout is settled. Calling it again changes nothing. */
void arch_regs_settle(struct arch_regs *regs, const struct arch_layout *layout,
		      const struct arch_space *space);
/** Fine on zeroed storage. */
void arch_regs_deinit(struct arch_regs *regs);
/** The index of a register by name, layout->nr_regs if there is none. */
size_t arch_reg_index(const struct arch_layout *layout, const char *name);

#endif
