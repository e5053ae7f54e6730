/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * symtab.h - which function is at an address, by the symbol tables of an ELF file and of what
 * belongs to it. Which of several names an address has is gdb's choice.
 */
#ifndef CRIT_SYMBOLS_SYMTAB_H
#define CRIT_SYMBOLS_SYMTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/elf_file.h"

struct symbol {
	uint64_t vaddr, size; /* in the file's own addresses; size 0: not known */
	const char *name;     /* in the file's string table */
	uint8_t source;	      /* enum symtab_source */
};

struct symtab {
	struct symbol *symbols; /* by vaddr, source and name: of one address the last wins */
	size_t nr, cap;
	bool thumb; /* bit 0 of an address says which instructions there are, as on arm */
};

enum symtab_source { SYMTAB_DEBUG, SYMTAB_MINI, SYMTAB_OWN };

/** Add the functions of a file's table of type @p section_type; @p file must outlive the table.
 *  Nothing is added where there is none, or when memory is out. */
void symtab_add(struct symtab *table, const struct elf_file *file, uint32_t section_type,
		enum symtab_source source);
/** After the last symtab_add(). */
void symtab_sort(struct symtab *table);
void symtab_deinit(struct symtab *table);
/** The function at @p vaddr, NULL if it is not known. */
const struct symbol *symtab_find(const struct symtab *table, uint64_t vaddr);
/** The address of a function by name; false if there is none. */
bool symtab_address(const struct symtab *table, const char *name, uint64_t *vaddr);

#endif
