// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * needle.c - see needle.h. Two bytes of the needle that are rare in memory are compared at 64
 * places at a time; what is left is compared as a whole.
 *
 *	bytes    . . . . . . . . . . . . . . . . . . . .
 *	needle       h t t p : / /
 *	                   ^ ^         both fit: compare all of it
 *
 * That is quick for memory as it is, and slow for memory that was made to fit both bytes
 * everywhere. There, and on machines that probe.c cannot help, needles without wildcards go to
 * memmem(), which needs no more than linear time.
 */
#include "search/needle.h"

#include <stdlib.h>
#include <string.h>

#include "util/error.h"

enum { MAX_WORK_FACTOR = 16 }; /* bytes compared in vain for each byte of memory */

/** Roughly how many bytes of memory are this one: pointers, counters, text and code. */
static unsigned int frequency(uint8_t byte)
{
	static const char common_text[] = " etaoinsrldcumpf_";

	if (!byte)
		return 40;
	if (byte == 0xff || byte == 0x55 || byte == 0x7f || byte == 0x48)
		return 20;
	if (byte <= 0x10 || memchr(common_text, byte, sizeof(common_text) - 1))
		return 10;
	if ((byte & 0x0f) == 0 || (byte & 0x0f) == 8)
		return 6;
	return byte < 0x80 ? 4 : 2;
}

/** Every bit that does not count doubles what fits. */
static unsigned int commonness(const struct needle *n, size_t i)
{
	return frequency(n->value[i]) << (8 - __builtin_popcount(n->mask[i]));
}

static void set_probe(struct needle *n, int which, size_t at)
{
	n->probe.off[which] = at;
	n->probe.value[which] = n->value[at];
	n->probe.mask[which] = n->mask[at];
}

/* The second one should be another byte: of two equal ones the second tells little. */
static void choose_probe(struct needle *n)
{
	unsigned int best = UINT32_MAX, second = UINT32_MAX;
	size_t first = 0;

	for (size_t i = 0; i < n->len; i++)
		if (n->mask[i] && commonness(n, i) < best) {
			best = commonness(n, i);
			first = i;
		}
	set_probe(n, 0, first);
	set_probe(n, 1, first);
	for (size_t i = 0; i < n->len; i++) {
		unsigned int rank = commonness(n, i) * (n->value[i] == n->value[first] ? 4 : 1);

		if (i != first && n->mask[i] && rank < second) {
			second = rank;
			set_probe(n, 1, i);
		}
	}
}

enum crit_status needle_init(struct needle *out, const uint8_t *value, const uint8_t *mask,
			     size_t len, struct crit_error *err)
{
	struct needle n = { .len = len, .exact = true, .zeros = true };
	bool any = false;

	n.value = malloc(len);
	n.mask = malloc(len);
	if (!n.value || !n.mask) {
		needle_deinit(&n);
		return error_no_memory(err);
	}
	for (size_t i = 0; i < len; i++) {
		n.mask[i] = mask ? mask[i] : 0xff;
		n.value[i] = value[i] & n.mask[i];
		n.exact = n.exact && n.mask[i] == 0xff;
		n.zeros = n.zeros && !n.value[i];
		any = any || n.mask[i];
	}
	if (!any) {
		needle_deinit(&n);
		return error_set(err, CRIT_INVALID, "the pattern fits everywhere");
	}
	choose_probe(&n);
	*out = n;
	return CRIT_OK;
}

void needle_deinit(struct needle *needle)
{
	free(needle->value);
	free(needle->mask);
	memset(needle, 0, sizeof(*needle));
}

static bool fits(const struct needle *n, const uint8_t *at)
{
	if (n->exact)
		return !memcmp(at, n->value, n->len);
	for (size_t i = 0; i < n->len; i++)
		if ((at[i] & n->mask[i]) != n->value[i])
			return false;
	return true;
}

static bool allowed(struct lattice lattice, size_t at)
{
	return lattice.align == 1 || (lattice.base + at) % lattice.align == 0;
}

static size_t find_with_memmem(const struct needle *n, const uint8_t *bytes, size_t len,
			       size_t from, struct lattice lattice)
{
	while (from < len) {
		const uint8_t *hit = memmem(bytes + from, len - from, n->value, n->len);

		if (!hit)
			return SIZE_MAX;
		if (allowed(lattice, (size_t)(hit - bytes)))
			return (size_t)(hit - bytes);
		from = (size_t)(hit - bytes) + 1;
	}
	return SIZE_MAX;
}

static size_t find_one_by_one(const struct needle *n, const uint8_t *bytes, size_t len,
			      size_t from, struct lattice lattice)
{
	const struct probe *p = &n->probe;

	for (size_t i = from; i <= len && n->len <= len - i; i++)
		if ((bytes[i + p->off[0]] & p->mask[0]) == p->value[0] && allowed(lattice, i) &&
		    fits(n, bytes + i))
			return i;
	return SIZE_MAX;
}

/** Which places of a block are allowed, as bits, when align divides its length; else all. */
static uint64_t lattice_bits(struct lattice lattice)
{
	uint64_t bits = 0;

	if (lattice.align == 1 || PROBE_BLOCK % lattice.align)
		return UINT64_MAX;
	for (uint64_t i = (0 - lattice.base) % lattice.align; i < PROBE_BLOCK; i += lattice.align)
		bits |= (uint64_t)1 << i;
	return bits;
}

static size_t find_with_probe(const struct needle *n, const uint8_t *bytes, size_t len,
			      struct lattice lattice)
{
	size_t at = 0, work = 0, end = len < n->len ? 0 : len - n->len + 1;
	uint64_t bits, places = lattice_bits(lattice);

	for (; (bits = probe_next(&n->probe, bytes, &at, end)); at += PROBE_BLOCK) {
		for (bits &= places; bits; bits &= bits - 1) {
			size_t i = at + (size_t)__builtin_ctzll(bits);

			if (allowed(lattice, i) && fits(n, bytes + i))
				return i;
			work += n->len;
		}
		if (n->exact && work / MAX_WORK_FACTOR > at + PROBE_BLOCK)
			return find_with_memmem(n, bytes, len, at + PROBE_BLOCK, lattice);
	}
	return find_one_by_one(n, bytes, len, at, lattice);
}

size_t needle_find(const struct needle *n, const uint8_t *bytes, size_t len, struct lattice lattice)
{
	if (probe_works())
		return find_with_probe(n, bytes, len, lattice);
	if (n->exact)
		return find_with_memmem(n, bytes, len, 0, lattice);
	return find_one_by_one(n, bytes, len, 0, lattice);
}
