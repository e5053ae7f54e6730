// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * probe.c - see probe.h. SSE2 is there on every x86-64; with AVX2, which is asked for when the
 * program runs, memory is looked through more than twice as fast. Other machines do without.
 */
#include "search/probe.h"

#ifdef __x86_64__

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

bool probe_works(void)
{
	return true;
}

/* ---- SSE2 ----------------------------------------------------------------------------------- */

static inline __m128i compare_16(const struct probe *p, int which, const uint8_t *bytes)
{
	__m128i data = _mm_loadu_si128((const __m128i *)(bytes + p->off[which]));

	return _mm_cmpeq_epi8(_mm_and_si128(data, _mm_set1_epi8((char)p->mask[which])),
			      _mm_set1_epi8((char)p->value[which]));
}

static uint64_t next_sse2(const struct probe *probe, const uint8_t *bytes, size_t *at, size_t end)
{
	const struct probe p = *probe;
	size_t i;

	for (i = *at; i + PROBE_BLOCK <= end; i += PROBE_BLOCK) {
		__m128i fit[4];

		for (int k = 0; k < 4; k++)
			fit[k] = _mm_and_si128(compare_16(&p, 0, bytes + i + 16 * k),
					       compare_16(&p, 1, bytes + i + 16 * k));
		if (!_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(fit[0], fit[1]),
						    _mm_or_si128(fit[2], fit[3]))))
			continue;
		*at = i;
		return (uint64_t)(uint32_t)_mm_movemask_epi8(fit[0]) |
		       (uint64_t)(uint32_t)_mm_movemask_epi8(fit[1]) << 16 |
		       (uint64_t)(uint32_t)_mm_movemask_epi8(fit[2]) << 32 |
		       (uint64_t)(uint32_t)_mm_movemask_epi8(fit[3]) << 48;
	}
	*at = i;
	return 0;
}

/* ---- AVX2 ----------------------------------------------------------------------------------- */

AVX2 static inline __m256i compare_32(const struct probe *p, int which, const uint8_t *bytes)
{
	__m256i data = _mm256_loadu_si256((const __m256i *)(bytes + p->off[which]));

	return _mm256_cmpeq_epi8(
		_mm256_and_si256(data, _mm256_set1_epi8((char)p->mask[which])),
		_mm256_set1_epi8((char)p->value[which]));
}

AVX2 static uint64_t next_avx2(const struct probe *probe, const uint8_t *bytes, size_t *at,
			       size_t end)
{
	const struct probe p = *probe;
	size_t i;

	for (i = *at; i + PROBE_BLOCK <= end; i += PROBE_BLOCK) {
		__m256i low = _mm256_and_si256(compare_32(&p, 0, bytes + i),
					       compare_32(&p, 1, bytes + i));
		__m256i high = _mm256_and_si256(compare_32(&p, 0, bytes + i + 32),
						compare_32(&p, 1, bytes + i + 32));

		if (_mm256_testz_si256(low, low) && _mm256_testz_si256(high, high))
			continue;
		*at = i;
		return (uint64_t)(uint32_t)_mm256_movemask_epi8(low) |
		       (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
	}
	*at = i;
	return 0;
}

uint64_t probe_next(const struct probe *probe, const uint8_t *bytes, size_t *at, size_t end)
{
	if (__builtin_cpu_supports("avx2"))
		return next_avx2(probe, bytes, at, end);
	return next_sse2(probe, bytes, at, end);
}

#else

bool probe_works(void)
{
	return false;
}

uint64_t probe_next(const struct probe *probe, const uint8_t *bytes, size_t *at, size_t end)
{
	(void)probe, (void)bytes;
	*at = end;
	return 0;
}

#endif
