// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * checksum.c - the checksum of a mapped file, for images that record one: fields 12 to 14 of
 * reg_file_entry.
 *
 *	checksum_config  the CRC32C is made of
 *	3                the whole file
 *	4                its first checksum_parameter bytes, or all if it has fewer
 *	5                its first byte and every checksum_parameter-th from there on
 *
 * Released CRIUs have the fields, but write none; versions with proposed patches of 2020 do. Other
 * numbers have no known meaning.
 */
#include "files/files.h"

#include <errno.h>
#include <unistd.h>

#include "util/crc32c.h"

enum { CHECKSUM_FULL = 3, CHECKSUM_FIRST = 4, CHECKSUM_PERIOD = 5, BUFFER = 64 * 1024 };

/* Some seconds; reading a single byte of a page counts as one. */
static const uint64_t max_read = 4ull << 30;

static uint64_t cost(const struct checksum_rule *rule)
{
	return rule->stride < 4096 ? rule->len : rule->len / rule->stride * 4096;
}

bool checksum_rule(const struct mapped_file *file, uint64_t size, struct checksum_rule *out)
{
	uint32_t parameter = file->checksum_parameter;

	out->stride = 1;
	out->len = size;
	if (!file->pub.has_checksum)
		return false;
	switch (file->checksum_config) {
	case CHECKSUM_FULL:
		break;
	case CHECKSUM_FIRST:
		if (parameter < size)
			out->len = parameter;
		break;
	case CHECKSUM_PERIOD:
		out->stride = parameter;
		break;
	default:
		return false;
	}
	return out->stride && out->len && cost(out) <= max_read;
}

/** The bytes that count, moved to the front. @return how many. */
static size_t pick(uint8_t *bytes, size_t len, uint64_t stride)
{
	size_t nr = 0;

	for (uint64_t i = 0; i < len; i += stride)
		bytes[nr++] = bytes[i];
	return nr;
}

int checksum_file(int fd, const struct checksum_rule *rule, uint32_t *out)
{
	size_t window = rule->stride < 4096 ? BUFFER / rule->stride * rule->stride : 1;
	uint8_t bytes[BUFFER];
	uint64_t off = 0;

	*out = 0;
	while (off < rule->len) {
		size_t want = rule->len - off < window ? (size_t)(rule->len - off) : window;
		ssize_t n = pread(fd, bytes, want, (off_t)off);
		uint64_t steps;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ESTALE; // it got shorter
		*out = crc32c(*out, bytes, pick(bytes, (size_t)n, rule->stride));
		steps = ((uint64_t)n + rule->stride - 1) / rule->stride;
		off += steps * rule->stride;
	}
	return 0;
}
