/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * object.h - a program or library that processes map: its ELF file, and what belongs to it.
 *
 * Addresses in here are the file's own ("file addresses"): what its program headers and symbols
 * say. A process adds a bias to them, where it was loaded.
 */
#ifndef CRIT_SYMBOLS_OBJECT_H
#define CRIT_SYMBOLS_OBJECT_H

#include "symbols/elf_file.h"
#include "symbols/names.h"
#include "symbols/symtab.h"

struct object {
	uint32_t file_id;  /* crit_file.id; of the vdso its address in memory */
	char *path;	   /* as it was in the checkpoint; "[vdso]" */
	struct elf_file file;	/* .elf NULL: it is not here */
	struct elf_file debug, mini;
	int root_fd;	   /* of the sysroot, borrowed; -1: none */
	bool found_debug, found_symbols, found_eh, found_frames; /* looked for */
	struct symtab symbols;
	struct names names; /* of symbols, and of what debug information calls so */
	Dwarf *dwarf;	   /* of debug or file; NULL: none */
	Dwarf_CFI *eh;	   /* .eh_frame */
	Dwarf_CFI *frames; /* .debug_frame; belongs to dwarf */
};

/** @param fd  Of the file, taken; -1: it is not here. @return NULL when memory is out. */
struct object *object_create(uint32_t file_id, const char *path, int fd, int root_fd);
/** NULL is fine. */
void object_destroy(struct object *object);

/** The file address that is mapped where byte @p off of the file is; false: none is. */
bool object_vaddr(const struct object *object, uint64_t off, uint64_t *vaddr);
/** The function at a file address, NULL if it is not known. */
const struct symbol *object_symbol(struct object *object, uint64_t vaddr);
/** The address of a function by name; false if there is none. */
bool object_function(struct object *object, const char *name, uint64_t *vaddr);
/** How to unwind, by what C++ exceptions use, and by debug information; NULL: it has none. */
Dwarf_CFI *object_eh(struct object *object);
Dwarf_CFI *object_debug_frames(struct object *object);
/** Debug information; NULL: there is none. */
Dwarf *object_dwarf(struct object *object);

#endif
