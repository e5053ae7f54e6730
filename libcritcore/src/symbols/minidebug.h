/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* minidebug.h - the symbols that distributions leave in stripped programs: .gnu_debugdata. */
#ifndef CRIT_SYMBOLS_MINIDEBUG_H
#define CRIT_SYMBOLS_MINIDEBUG_H

#include "symbols/elf_file.h"

/** Unpack the small ELF file in a file's .gnu_debugdata; false if it has none, or a damaged one. */
bool minidebug_open(const struct elf_file *file, struct elf_file *out);

#endif
