/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * elf_file.h - an ELF file held open for libelf and libdw.
 *
 * Files of a process and debug files can be large, so they are mapped, in a region that survives
 * being cut short (util/guard.h); libelf is what reads them. Where they cannot be mapped it reads.
 */
#ifndef CRIT_SYMBOLS_ELF_FILE_H
#define CRIT_SYMBOLS_ELF_FILE_H

#include <elfutils/libdw.h>
#include <gelf.h>

#include "util/elfid.h"
#include "util/guard.h"

struct elf_file {
	Elf *elf;		/* NULL: there is none */
	struct guarded *region; /* where it is mapped; NULL: it is not */
	void *data;		/* memory of ours that it is in; NULL: none */
	int fd;			/* -1: none */
};

/** @param fd  Of a regular file, taken; closed when it fails. @return false: it is not ELF. */
bool elf_file_open(struct elf_file *file, int fd);
/** @param data  malloc()ed, taken; freed when it fails. */
bool elf_file_from_memory(struct elf_file *file, void *data, size_t len);
void elf_file_close(struct elf_file *file);

/** The section with this name, or of this type when @p name is NULL; NULL if there is none. */
Elf_Scn *elf_file_section(const struct elf_file *file, const char *name, uint32_t type);
/** The contents of a section that has some in the file; NULL if it has not. */
Elf_Data *elf_file_contents(const struct elf_file *file, const char *name);

#endif
