/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vma_status.h - what vma_entry.status says of a mapping. */
#ifndef CRIT_IMAGE_VMA_STATUS_H
#define CRIT_IMAGE_VMA_STATUS_H

#include <stdbool.h>
#include <stdint.h>

/* CRIU's image.h. */
enum vma_status {
	VMA_REGULAR = 1 << 0,
	VMA_STACK = 1 << 1,
	VMA_VSYSCALL = 1 << 2,
	VMA_VDSO = 1 << 3,
	VMA_HEAP = 1 << 5,
	VMA_FILE_PRIVATE = 1 << 6,
	VMA_FILE_SHARED = 1 << 7,
	VMA_ANON_SHARED = 1 << 8,
	VMA_ANON_PRIVATE = 1 << 9,
	VMA_SYSVIPC = 1 << 10,
	VMA_SOCKET = 1 << 11,
	VMA_VVAR = 1 << 12,
	VMA_AIORING = 1 << 13,
	VMA_MEMFD = 1 << 14,
	VMA_SHSTK = 1 << 15,
	VMA_GUARD = 1 << 16,
	VMA_EXT_PLUGIN = 1 << 27,
};

/** Which mappings have their pages in pagemap-PID.img: CRIU's vma_entry_is_private(). */
static inline bool vma_has_own_pages(uint32_t status)
{
	if (status & (VMA_SHSTK | VMA_AIORING))
		return true;
	return (status & VMA_REGULAR) && (status & (VMA_ANON_PRIVATE | VMA_FILE_PRIVATE));
}

#endif
