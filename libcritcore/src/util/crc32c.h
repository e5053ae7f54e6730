/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* crc32c.h - the checksum of RFC 3720 (Castagnoli's polynomial, reflected). */
#ifndef CRIT_UTIL_CRC32C_H
#define CRIT_UTIL_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/**
 * Go on with a checksum; it is in its final form after every call.
 *
 * @param crc  Of the bytes before; 0: there are none.
 * @return     Of those and of @p len more.
 */
uint32_t crc32c(uint32_t crc, const void *data, size_t len);

/** The same without the CPU's own instruction. */
uint32_t crc32c_by_table(uint32_t crc, const void *data, size_t len);

#endif
