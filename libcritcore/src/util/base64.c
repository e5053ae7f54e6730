// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * base64.c - see base64.h.
 *
 * Payloads of images are gigabytes of it, so on x86 sixteen characters are done at once where the
 * CPU has SSSE3 (all since 2006 do); the plain loops finish what is left, and are all there is
 * elsewhere.
 */
#include "util/base64.h"

#if defined(__x86_64__) || defined(__i386__)
#include <tmmintrin.h>
#define HAVE_VECTORS 1
#define VECTORS __attribute__((target("ssse3")))
#endif

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum {
	SPACE = 0x40,
	PAD = 0x41,
	BAD = 0xff,
};

#define X BAD
#define S SPACE
static const uint8_t values[256] = {
	X, X, X, X, X, X, X, X, X, S, S, X, X, S, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, S, X, X, X, X, X, X, X, X, X, X, 62, X, X, X, 63, 52, 53, 54, 55, 56, 57, 58, 59, 60,
	61, X, X, X, PAD, X, X, X, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,
	19, 20, 21, 22, 23, 24, 25, X, X, X, X, X, X, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36,
	37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
};
#undef X
#undef S

#ifdef HAVE_VECTORS
/** Six bits in each byte to characters: how far a value's character is from it depends on which of
 *  the five ranges of the alphabet it is in. */
VECTORS static inline __m128i to_characters(__m128i six)
{
	const __m128i offsets = _mm_setr_epi8('a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
					      '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
					      '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0);
	// 0: a to z; 1 to 12: the twelve values from 52 on; 13: A to Z.
	__m128i range = _mm_subs_epu8(six, _mm_set1_epi8(51));
	__m128i upper = _mm_cmplt_epi8(six, _mm_set1_epi8(26));

	range = _mm_or_si128(range, _mm_and_si128(upper, _mm_set1_epi8(13)));
	return _mm_add_epi8(six, _mm_shuffle_epi8(offsets, range));
}

/** Twelve bytes at a time; sixteen are read. @return bytes done. */
VECTORS static size_t encode_vectors(const uint8_t *data, size_t len, char *to)
{
	// Three bytes b0 b1 b2 as b1 b0 b2 b1: two 16-bit halves with two values in each.
	const __m128i spread = _mm_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
	size_t done = 0;

	for (; len - done >= 16; done += 12, to += 16) {
		__m128i in = _mm_loadu_si128((const __m128i *)(const void *)(data + done));
		__m128i high, low;

		in = _mm_shuffle_epi8(in, spread);
		// Multiplying shifts each half by its own distance.
		high = _mm_mulhi_epu16(_mm_and_si128(in, _mm_set1_epi32(0x0fc0fc00)),
				       _mm_set1_epi32(0x04000040));
		low = _mm_mullo_epi16(_mm_and_si128(in, _mm_set1_epi32(0x003f03f0)),
				      _mm_set1_epi32(0x01000010));
		_mm_storeu_si128((__m128i *)(void *)to, to_characters(_mm_or_si128(high, low)));
	}
	return done;
}

/**
 * Characters to six bits in each byte. @return a bit for each one that is not of the alphabet.
 *
 * The upper half of a character says how far its value is from it, but for '+' and '/', which share
 * one; and it says which lower halves there are:
 *
 *	2: b, f    3: 0 to 9    4, 6: 1 to f    5, 7: 0 to a    others: none
 */
VECTORS static inline unsigned from_characters(__m128i in, __m128i *six)
{
	// A bit for each of these five rows; in `wrong` set where the lower half is not in the row.
	const __m128i row = _mm_setr_epi8(16, 16, 1, 2, 4, 8, 4, 8, 16, 16, 16, 16, 16, 16, 16, 16);
	const __m128i wrong = _mm_setr_epi8(16 | 4 | 1, 16 | 1, 16 | 1, 16 | 1, 16 | 1, 16 | 1,
					    16 | 1, 16 | 1, 16 | 1, 16 | 1, 16 | 2 | 1, 16 | 8 | 2,
					    16 | 8 | 2 | 1, 16 | 8 | 2 | 1, 16 | 8 | 2 | 1,
					    16 | 8 | 2);
	const __m128i offsets = _mm_setr_epi8(0, 63 - '/', 62 - '+', 52 - '0', 0 - 'A', 0 - 'A',
					      26 - 'a', 26 - 'a', 0, 0, 0, 0, 0, 0, 0, 0);
	const __m128i half = _mm_set1_epi8(0x0f);
	__m128i upper = _mm_and_si128(_mm_srli_epi32(in, 4), half);
	__m128i bad = _mm_and_si128(_mm_shuffle_epi8(row, upper),
				    _mm_shuffle_epi8(wrong, _mm_and_si128(in, half)));
	// Minus one for '/': its place in the table is 1.
	__m128i place = _mm_add_epi8(upper, _mm_cmpeq_epi8(in, _mm_set1_epi8('/')));

	*six = _mm_add_epi8(in, _mm_shuffle_epi8(offsets, place));
	return (unsigned)_mm_movemask_epi8(_mm_cmpgt_epi8(bad, _mm_setzero_si128()));
}

/** Sixteen characters at a time, up to the first group of four that has one of no meaning; sixteen
 *  bytes are written for twelve. @return characters done, a multiple of four. */
VECTORS static size_t decode_vectors(const char *text, size_t len, uint8_t *to)
{
	const __m128i gather = _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12,
					     -1, -1, -1, -1);
	size_t done = 0;

	for (; len - done >= 16; done += 16, to += 12) {
		__m128i in = _mm_loadu_si128((const __m128i *)(const void *)(text + done));
		unsigned bad = from_characters(in, &in);

		in = _mm_maddubs_epi16(in, _mm_set1_epi32(0x01400140));	// pairs to 12 bits
		in = _mm_madd_epi16(in, _mm_set1_epi32(0x00011000));	// pairs of them to 24
		_mm_storeu_si128((__m128i *)(void *)to, _mm_shuffle_epi8(in, gather));
		if (bad)
			return done + ((size_t)__builtin_ctz(bad) & ~(size_t)3);
	}
	return done;
}

static bool have_vectors(void)
{
	return __builtin_cpu_supports("ssse3");
}
#endif

char *base64_encode(const uint8_t *data, size_t len, char *to)
{
#ifdef HAVE_VECTORS
	size_t done = have_vectors() ? encode_vectors(data, len, to) : 0;

	data += done;
	len -= done;
	to += done / 3 * 4;
#endif
	for (; len >= 3; data += 3, len -= 3, to += 4) {
		uint32_t v = (uint32_t)data[0] << 16 | (uint32_t)data[1] << 8 | data[2];

		to[0] = alphabet[v >> 18];
		to[1] = alphabet[v >> 12 & 63];
		to[2] = alphabet[v >> 6 & 63];
		to[3] = alphabet[v & 63];
	}
	if (len) {
		uint32_t v = (uint32_t)data[0] << 16 | (len > 1 ? (uint32_t)data[1] << 8 : 0);

		to[0] = alphabet[v >> 18];
		to[1] = alphabet[v >> 12 & 63];
		to[2] = len > 1 ? alphabet[v >> 6 & 63] : '=';
		to[3] = '=';
		to += 4;
	}
	return to;
}

/** Whole groups without white space or padding, as long as there are such. @return groups. */
static size_t decode_groups(const char *text, size_t len, uint8_t *to)
{
	size_t i = 0;

#ifdef HAVE_VECTORS
	if (have_vectors())
		i = decode_vectors(text, len, to) / 4;
#endif
	for (; len - 4 * i >= 4; i++) {
		const uint8_t *t = (const uint8_t *)text + 4 * i;
		uint32_t a = values[t[0]], b = values[t[1]], c = values[t[2]], d = values[t[3]];
		uint32_t v = a << 18 | b << 12 | c << 6 | d;

		if ((a | b | c | d) & 0xc0)
			break;
		to[3 * i] = (uint8_t)(v >> 16);
		to[3 * i + 1] = (uint8_t)(v >> 8);
		to[3 * i + 2] = (uint8_t)v;
	}
	return i;
}

/** A group is full. @return bytes it had. */
static size_t end_group(struct base64_decoder *d, uint8_t *to)
{
	size_t nr = 3 - d->pads;

	for (size_t i = 0; i < nr; i++)
		to[i] = (uint8_t)(d->bits >> (16 - 8 * i));
	d->bits = 0;
	d->nr = 0;
	return nr;
}

size_t base64_decode(struct base64_decoder *d, const char *text, size_t len, uint8_t *to,
		     size_t *to_len)
{
	size_t i = 0, n = 0;

	while (i < len) {
		uint8_t value;

		if (!d->nr && !d->pads) {
			size_t groups = decode_groups(text + i, len - i, to + n);

			i += 4 * groups;
			n += 3 * groups;
			if (i == len)
				break;
		}
		value = values[(uint8_t)text[i]];
		if (value == SPACE) {
			i++;
			continue;
		}
		// Nothing follows '=' but '=', which ends the text; the first two are no '='.
		if (value == BAD || (value == PAD ? d->nr < 2 : d->pads > 0))
			break;
		d->pads += value == PAD;
		d->bits = d->bits << 6 | (value == PAD ? 0 : value);
		i++;
		if (++d->nr == 4)
			n += end_group(d, to + n);
	}
	*to_len = n;
	return i;
}
