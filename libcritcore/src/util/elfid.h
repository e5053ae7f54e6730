/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* elfid.h - what an ELF file is known by: its GNU build-id, and the CPU that it is for. */
#ifndef CRIT_UTIL_ELFID_H
#define CRIT_UTIL_ELFID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ELFID_MAX = 64 };

/**
 * Read the NT_GNU_BUILD_ID note that the program headers name.
 *
 * @param fd   Of a regular file; its position is not used.
 * @param out  Receives at most ELFID_MAX bytes.
 * @return     Their number; 0: not an ELF file, damaged, or without a build-id.
 */
size_t elfid_read(int fd, uint8_t out[ELFID_MAX]);

/**
 * The CPU that an ELF file is for.
 *
 * @param fd          As above.
 * @param machine     [out] e_machine.
 * @param big_endian  [out]
 * @return False: not an ELF file.
 */
bool elfid_cpu(int fd, uint16_t *machine, bool *big_endian);

#endif
