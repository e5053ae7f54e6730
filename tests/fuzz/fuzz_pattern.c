// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzz harness: a pattern, and memory to look for it in, which has a hole in its middle. Where the
 * pattern was found is compared with the memory as far as that is simple.
 *
 *	input = { u8 kind and options, u8 length of the pattern, pattern, memory }
 *
 *	clang -fsanitize=fuzzer,address,undefined ... fuzz_pattern.c
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "search/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { START = 0x1000, HOLE = 0x100 };

static const uint8_t *memory;
static size_t memory_len;

/* The first half, a hole, the second half. */
enum crit_status crit_mem_locate(struct crit_task *task, uint64_t vaddr, struct crit_origin *out,
				 struct crit_error *err)
{
	uint64_t half = START + memory_len / 2, end = START + HOLE + memory_len;

	(void)task, (void)err;
	*out = (struct crit_origin){ .kind = CRIT_ORIGIN_IMAGE, .vaddr = vaddr };
	if (vaddr < START || (vaddr >= half && vaddr < half + HOLE) || vaddr >= end)
		out->kind = CRIT_ORIGIN_UNMAPPED;
	out->len = (vaddr < START	  ? START :
		    vaddr < half	  ? half :
		    vaddr < half + HOLE ? half + HOLE :
		    vaddr < end	  ? end :
					    0) - vaddr;
	return CRIT_OK;
}

enum crit_status crit_mem_read(struct crit_task *task, uint64_t vaddr, size_t len, void *buf,
			       size_t *nread, struct crit_error *err)
{
	struct crit_origin at;
	size_t off;

	crit_mem_locate(task, vaddr, &at, err);
	if (at.kind == CRIT_ORIGIN_UNMAPPED || len > at.len)
		abort();
	off = (size_t)(vaddr - START);
	memcpy(buf, memory + (off < memory_len / 2 ? off : off - HOLE), len);
	*nread = len;
	return CRIT_OK;
}

static bool found(void *ctx, uint64_t vaddr, uint64_t len)
{
	const struct crit_pattern *pattern = ctx;
	size_t off = (size_t)(vaddr - START);

	if (off >= memory_len / 2)
		off -= HOLE;
	if (!len || off > memory_len || len > memory_len - off)
		abort();
	for (size_t i = 0; i < pattern->needle.len; i++)
		if ((memory[off + i] & pattern->needle.mask[i]) != pattern->needle.value[i])
			abort();
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct crit_pattern_options options = { 0 };
	struct crit_pattern *pattern;
	struct scan scan = { .last = UINT64_MAX, .found = found };

	if (size < 2 || data[1] > size - 2)
		return 0;
	options.ignore_case = data[0] & 4;
	options.utf16 = data[0] & 8;
	options.big_endian = data[0] & 16;
	scan.overlapping = data[0] & 32;
	scan.align = data[0] & 64 ? 4 : 1;
	if (crit_pattern_new(data[0] & 3, data + 2, data[1], &options, &pattern, NULL))
		return 0;
	memory = data + 2 + data[1];
	memory_len = size - 2 - data[1];
	scan.pattern = pattern;
	scan.ctx = pattern;
	scan_run(&scan, NULL);
	crit_pattern_free(pattern);
	return 0;
}
