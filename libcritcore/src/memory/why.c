// SPDX-License-Identifier: LGPL-2.1-or-later
/* why.c - reasons why bytes are not there, in words. */
#include "memory/memory.h"

const char *crit_why_text(enum crit_why why)
{
	static const char *const texts[] = {
		[CRIT_WHY_NONE] = "available",
		[CRIT_WHY_PARENT] = "in the parent checkpoint, which is not there",
		[CRIT_WHY_PARENT_PAGE] = "in the parent checkpoint, which does not have it",
		[CRIT_WHY_LAZY] = "left with the page server",
		[CRIT_WHY_PUNCHED] = ("a hole in the pages image: punched out by deduplication, or "
				      "made of zeros by a copy"),
		[CRIT_WHY_NO_PAGEMAP] = "the pagemap image is missing",
		[CRIT_WHY_BAD_PAGEMAP] = "the pagemap image is damaged",
		[CRIT_WHY_NO_PAGES] = "the pages image is missing",
		[CRIT_WHY_PAGES_UNREADABLE] = "the pages image cannot be opened",
		[CRIT_WHY_PAGES_SHORT] = "the pages image ends before it",
		[CRIT_WHY_CONTRADICTION] = "said to be both here and in the parent checkpoint",
		[CRIT_WHY_FILE_MISSING] = "not in the images, and the mapped file is not here",
		[CRIT_WHY_FILE_UNREADABLE] =
			"not in the images, and the mapped file cannot be read",
		[CRIT_WHY_FILE_DIFFERS] =
			"not in the images, and the mapped file here is a different one",
		[CRIT_WHY_FILE_UNVERIFIED] =
			"not in the images, which do not say how to know the mapped file",
		[CRIT_WHY_FILE_NAMESPACE] =
			"not in the images, and the mapped file is one of a container",
		[CRIT_WHY_FILE_DELETED] = "of a deleted file, which the images do not have",
		[CRIT_WHY_FILE_UNKNOWN] =
			"not in the images, which do not say what file is mapped",
		[CRIT_WHY_PAST_EOF] = "beyond the end of the mapped file",
		[CRIT_WHY_VVAR] = "kernel data (vvar), never dumped",
		[CRIT_WHY_VSYSCALL] = "the kernel's vsyscall page, never dumped",
		[CRIT_WHY_DROPPABLE] = "droppable memory, not dumped",
		[CRIT_WHY_GUARD] = "a guard page has no contents",
		[CRIT_WHY_DEVICE] = "a mapping of a device or socket, never dumped",
		[CRIT_WHY_PLUGIN] = "kept by a CRIU plugin",
		[CRIT_WHY_UNKNOWN] = "kept in a way this version does not know",
	};

	if ((size_t)why >= sizeof(texts) / sizeof(texts[0]))
		return "unavailable";
	return texts[why];
}

enum crit_status mem_no_bytes(const struct crit_origin *at, struct crit_error *err)
{
	if (at->kind == CRIT_ORIGIN_UNMAPPED)
		return error_set(err, CRIT_UNMAPPED, "0x%llx: not mapped",
				 (unsigned long long)at->vaddr);
	return error_set(err, CRIT_NOT_DUMPED, "0x%llx: %s", (unsigned long long)at->vaddr,
			 crit_why_text(at->why));
}
