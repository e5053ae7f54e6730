/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* debugfile.h - finding the separate debug file of a stripped program or library. */
#ifndef CRIT_SYMBOLS_DEBUGFILE_H
#define CRIT_SYMBOLS_DEBUGFILE_H

#include "symbols/elf_file.h"

/**
 * Open the debug file that belongs to @p file. It has the same build-id or, where there is none,
 * the checksum that the file's .gnu_debuglink wants.
 *
 * @param path     The file's own name, as it was in the checkpoint.
 * @param root_fd  Of the sysroot, -1: none.
 */
bool debugfile_open(const struct elf_file *file, const char *path, int root_fd,
		    struct elf_file *out);

#endif
