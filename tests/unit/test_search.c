// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Searching a made-up process. The functions a scan asks of the layers below are defined here;
 * memory is a list of parts, and what should be found in it is worked out in the most
 * simple-minded way, or by one call of PCRE2 over all of a stretch.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pcre2.h>

#include "critcore.h"
#include "search/scan.h"
#include "util/error.h"

/* ---- the made-up process ------------------------------------------------------------------ */

enum { MAX_PARTS = 64, WINDOW = 256 * 1024, MAX_HITS = 1 << 20 };

/* Adjacent parts are told as different origins, as two runs of a pagemap are. */
struct part {
	enum crit_origin_kind kind;
	uint64_t vaddr, len;
	const uint8_t *bytes; /* of CRIT_ORIGIN_IMAGE */
	bool damaged;	      /* reading fails */
};

static struct part parts[MAX_PARTS];
static size_t nr_parts;
static uint64_t nr_read; /* bytes */

static void begin(void)
{
	nr_parts = 0;
	nr_read = 0;
}

static void add(enum crit_origin_kind kind, uint64_t vaddr, uint64_t len, const void *bytes)
{
	assert_true(nr_parts < MAX_PARTS);
	parts[nr_parts++] = (struct part){ kind, vaddr, len, bytes, false };
}

enum crit_status crit_mem_locate(struct crit_task *task, uint64_t vaddr, struct crit_origin *out,
				 struct crit_error *err)
{
	(void)task, (void)err;
	*out = (struct crit_origin){ .vaddr = vaddr, .len = 0 - vaddr };
	for (size_t i = nr_parts; i-- > 0;) {
		const struct part *p = &parts[i];

		if (vaddr < p->vaddr)
			out->len = p->vaddr - vaddr;
		else if (vaddr - p->vaddr < p->len) {
			out->kind = p->kind;
			out->len = p->len - (vaddr - p->vaddr);
			out->mapping = i;
			break;
		}
	}
	return CRIT_OK;
}

/* Stops where a part cannot be read, after what could be. */
enum crit_status crit_mem_read(struct crit_task *task, uint64_t vaddr, size_t len, void *buf,
			       size_t *nread, struct crit_error *err)
{
	for (*nread = 0; *nread < len;) {
		struct crit_origin at;
		size_t part = len - *nread;

		crit_mem_locate(task, vaddr + *nread, &at, err);
		if (at.kind != CRIT_ORIGIN_IMAGE && at.kind != CRIT_ORIGIN_ZERO)
			return CRIT_NOT_DUMPED;
		const struct part *p = &parts[at.mapping];
		if (p->damaged)
			return CRIT_CORRUPT;
		if (at.len < part)
			part = (size_t)at.len;
		if (p->bytes)
			memcpy((char *)buf + *nread, p->bytes + (at.vaddr - p->vaddr), part);
		else
			memset((char *)buf + *nread, 0, part);
		*nread += part;
		nr_read += part;
	}
	return CRIT_OK;
}

/* ---- searching ---------------------------------------------------------------------------- */

struct hits {
	size_t nr, stop_after;
	uint64_t vaddr[MAX_HITS], len[MAX_HITS];
};

static struct hits got, want;

static void note_hit(struct hits *hits, uint64_t vaddr, uint64_t len)
{
	assert_true(hits->nr < MAX_HITS);
	hits->vaddr[hits->nr] = vaddr;
	hits->len[hits->nr++] = len;
}

static bool found(void *ctx, uint64_t vaddr, uint64_t len)
{
	struct hits *hits = ctx;

	note_hit(hits, vaddr, len);
	return hits->nr != hits->stop_after;
}

static struct crit_pattern *make(enum crit_pattern_kind kind, const void *text, size_t len)
{
	struct crit_pattern *pattern;
	struct crit_error err;

	if (crit_pattern_new(kind, text, len, NULL, &pattern, &err))
		fail_msg("%s", err.message);
	return pattern;
}

static enum crit_status scan_with(const struct crit_pattern *pattern, struct scan scan)
{
	scan.pattern = pattern;
	if (!scan.last)
		scan.last = UINT64_MAX;
	scan.found = found;
	scan.ctx = &got;
	got.nr = 0;
	return scan_run(&scan, NULL);
}

static void search(enum crit_pattern_kind kind, const char *text, struct scan scan)
{
	struct crit_pattern *pattern = make(kind, text, strlen(text));

	assert_int_equal(scan_with(pattern, scan), CRIT_OK);
	crit_pattern_free(pattern);
}

static void expect_same(const char *what)
{
	for (size_t i = 0; i < got.nr && i < want.nr; i++)
		if (got.vaddr[i] != want.vaddr[i] || got.len[i] != want.len[i])
			fail_msg("%s: match %zu is %#llx+%llu, not %#llx+%llu", what, i,
				 (unsigned long long)got.vaddr[i], (unsigned long long)got.len[i],
				 (unsigned long long)want.vaddr[i],
				 (unsigned long long)want.len[i]);
	if (got.nr != want.nr)
		fail_msg("%s: %zu matches, not %zu", what, got.nr, want.nr);
}

/** The matches are at these addresses; 0 ends them. */
static void expect(const char *what, ...)
{
	va_list ap;
	uint64_t vaddr;
	size_t i = 0;

	va_start(ap, what);
	for (; (vaddr = va_arg(ap, uint64_t)); i++)
		if (i >= got.nr || got.vaddr[i] != vaddr)
			fail_msg("%s: match %zu of %zu is at %#llx, not at %#llx", what, i, got.nr,
				 (unsigned long long)(i < got.nr ? got.vaddr[i] : 0),
				 (unsigned long long)vaddr);
	va_end(ap);
	if (i != got.nr)
		fail_msg("%s: match %zu at %#llx is too many", what, i,
			 (unsigned long long)got.vaddr[i]);
}

#define AT(vaddr) ((uint64_t)(vaddr))
#define NO_MORE ((uint64_t)0)

/* ---- borders ------------------------------------------------------------------------------ */

/* The same bytes, cut in two at every place, the parts side by side and with a hole between. */
static void test_split(void **state)
{
	static const uint8_t bytes[] = "....needle....";

	(void)state;
	for (size_t cut = 1; cut < sizeof(bytes) - 1; cut++) {
		begin();
		add(CRIT_ORIGIN_IMAGE, 0x1000, cut, bytes);
		add(CRIT_ORIGIN_IMAGE, 0x1000 + cut, sizeof(bytes) - cut, bytes + cut);
		search(CRIT_PATTERN_TEXT, "needle", (struct scan){ 0 });
		expect("text", AT(0x1004), NO_MORE);
		search(CRIT_PATTERN_REGEX, "e+[dl]*e", (struct scan){ 0 });
		expect("regex", AT(0x1005), NO_MORE);
		assert_int_equal(got.len[0], 5);
		parts[1].vaddr++;
		search(CRIT_PATTERN_TEXT, "needle", (struct scan){ 0 });
		if (cut <= 4)
			expect("text behind a hole", AT(0x1005), NO_MORE);
		else if (cut >= 10)
			expect("text before a hole", AT(0x1004), NO_MORE);
		else
			expect("text across a hole", NO_MORE);
	}
}

/* A match around the place where the window is moved, at every offset. */
static void test_window_border(void **state)
{
	uint8_t *bytes = malloc(2 * WINDOW);

	(void)state;
	for (size_t at = WINDOW - 20; at <= WINDOW + 20; at++) {
		memset(bytes, '.', 2 * WINDOW);
		memcpy(bytes + at, "needle", 6);
		begin();
		add(CRIT_ORIGIN_IMAGE, 0x10000, 2 * WINDOW, bytes);
		search(CRIT_PATTERN_TEXT, "needle", (struct scan){ 0 });
		expect("text", AT(0x10000 + at), NO_MORE);
		search(CRIT_PATTERN_HEX, "6e ?? ?5 64", (struct scan){ 0 });
		expect("hex", AT(0x10000 + at), NO_MORE);
		search(CRIT_PATTERN_REGEX, "(?<=\\.)\\bne+[^.]*\\b", (struct scan){ 0 });
		expect("regex", AT(0x10000 + at), NO_MORE);
	}
	free(bytes);
}

static void test_gaps(void **state)
{
	static const uint8_t bytes[] = "abcabcabc";

	(void)state;
	begin();
	add(CRIT_ORIGIN_IMAGE, 0x1000, 4, bytes);
	add(CRIT_ORIGIN_UNAVAILABLE, 0x1004, 1, NULL);
	add(CRIT_ORIGIN_IMAGE, 0x1005, 4, bytes + 5);
	search(CRIT_PATTERN_TEXT, "abc", (struct scan){ 0 });
	expect("text", AT(0x1000), AT(0x1006), NO_MORE);
	search(CRIT_PATTERN_REGEX, "^.", (struct scan){ 0 });
	expect("beginnings", AT(0x1000), AT(0x1005), NO_MORE);
	search(CRIT_PATTERN_REGEX, ".$", (struct scan){ 0 });
	expect("ends", AT(0x1003), AT(0x1008), NO_MORE);
	// Damaged in the middle: a gap, and nothing worse.
	parts[1] = (struct part){ CRIT_ORIGIN_IMAGE, 0x1004, 1, bytes, true };
	search(CRIT_PATTERN_TEXT, "abc", (struct scan){ 0 });
	expect("damage", AT(0x1000), AT(0x1006), NO_MORE);
	// At the top of the address space.
	begin();
	add(CRIT_ORIGIN_IMAGE, 0 - AT(9), 9, bytes);
	search(CRIT_PATTERN_TEXT, "abc", (struct scan){ 0 });
	expect("top", 0 - AT(9), 0 - AT(6), 0 - AT(3), NO_MORE);
}

static void test_ranges(void **state)
{
	static const uint8_t bytes[] = "aaaaaaaa";

	(void)state;
	begin();
	add(CRIT_ORIGIN_IMAGE, 0x1000, 8, bytes);
	search(CRIT_PATTERN_TEXT, "aaa", (struct scan){ 0 });
	expect("one after the other", AT(0x1000), AT(0x1003), NO_MORE);
	search(CRIT_PATTERN_TEXT, "aaa", (struct scan){ .overlapping = true, .start = 0x1003 });
	expect("overlapping", AT(0x1003), AT(0x1004), AT(0x1005), NO_MORE);
	search(CRIT_PATTERN_TEXT, "aaa", (struct scan){ .start = 0x1001, .last = 0x1004 });
	expect("range", AT(0x1001), NO_MORE);
	search(CRIT_PATTERN_TEXT, "aaa", (struct scan){ .start = 0x1001, .last = 0x1002 });
	expect("short range", NO_MORE);
	search(CRIT_PATTERN_TEXT, "a", (struct scan){ .align = 3 });
	expect("aligned", AT(0x1002), AT(0x1005), NO_MORE);
	search(CRIT_PATTERN_REGEX, "a{2}", (struct scan){ .align = 4 });
	expect("aligned regex", AT(0x1000), AT(0x1004), NO_MORE);
	got.stop_after = 2;
	search(CRIT_PATTERN_TEXT, "a", (struct scan){ 0 });
	expect("stopped", AT(0x1000), AT(0x1001), NO_MORE);
	got.stop_after = 0;
}

/* ---- zeros -------------------------------------------------------------------------------- */

static void test_zeros(void **state)
{
	static const uint8_t left[] = { 'x', 'y', 0 }, right[] = { 0, 0, 'z' };
	const uint64_t tebi = AT(1) << 40;

	(void)state;
	begin();
	add(CRIT_ORIGIN_IMAGE, 0x1000, 3, left);
	add(CRIT_ORIGIN_ZERO, 0x1003, tebi, NULL);
	add(CRIT_ORIGIN_IMAGE, 0x1003 + tebi, 3, right);
	search(CRIT_PATTERN_HEX, "79 00 00 00", (struct scan){ 0 });
	expect("into zeros", AT(0x1001), NO_MORE);
	search(CRIT_PATTERN_HEX, "00 00 00 00 7?", (struct scan){ 0 });
	expect("out of zeros", tebi + 0x1001, NO_MORE);
	search(CRIT_PATTERN_TEXT, "z", (struct scan){ 0 });
	expect("behind zeros", tebi + 0x1005, NO_MORE);
	search(CRIT_PATTERN_REGEX, "y\\0{30}", (struct scan){ 0 });
	expect("regex into zeros", AT(0x1001), NO_MORE);
	search(CRIT_PATTERN_REGEX, "(?<=\\0\\0\\0)z", (struct scan){ 0 });
	expect("regex with zeros before", tebi + 0x1005, NO_MORE);
	search(CRIT_PATTERN_REGEX, "(?s)y.*z", (struct scan){ 0 });
	expect("regex across zeros", NO_MORE);
	// No beginning or end of anything in the middle.
	search(CRIT_PATTERN_REGEX, "^[^x]|\\0$", (struct scan){ 0 });
	expect("beginnings and ends", NO_MORE);
	assert_true(nr_read < 8 * 1024 * 1024);
	got.stop_after = 2;
	search(CRIT_PATTERN_INTEGER, "0", (struct scan){ .align = 4096 });
	expect("zeros themselves", AT(0x2000), AT(0x3000), NO_MORE);
	got.stop_after = 0;
}

/* Where zeros are too few to step over. */
static void test_few_zeros(void **state)
{
	static const uint8_t one[] = { 1 };

	(void)state;
	for (uint64_t nr = 1; nr < 20; nr++) {
		begin();
		add(CRIT_ORIGIN_IMAGE, 0x1000, 1, one);
		add(CRIT_ORIGIN_ZERO, 0x1001, nr, NULL);
		add(CRIT_ORIGIN_IMAGE, 0x1001 + nr, 1, one);
		search(CRIT_PATTERN_HEX, "01 00 00 00", (struct scan){ 0 });
		nr >= 3 ? expect("after one", AT(0x1000), NO_MORE) : expect("none", NO_MORE);
		search(CRIT_PATTERN_HEX, "01 00 00 00 00 01", (struct scan){ 0 });
		nr == 4 ? expect("between", AT(0x1000), NO_MORE) : expect("none", NO_MORE);
	}
}

/* ---- regular expressions ------------------------------------------------------------------ */

static void refuse_search(const char *text)
{
	struct crit_pattern *pattern = make(CRIT_PATTERN_REGEX, text, strlen(text));

	assert_int_equal(scan_with(pattern, (struct scan){ 0 }), CRIT_INVALID);
	crit_pattern_free(pattern);
}

static void test_long_regex(void **state)
{
	size_t len = 4 * WINDOW;
	uint8_t *bytes = malloc(len);

	(void)state;
	memset(bytes, 'a', len);
	begin();
	add(CRIT_ORIGIN_IMAGE, 0x10000, len, bytes);
	// At most 64 KiB each, one after the other, all of it.
	search(CRIT_PATTERN_REGEX, "a+", (struct scan){ 0 });
	assert_int_equal(got.nr, len / REGEX_MAX);
	for (size_t i = 0; i < got.nr; i++) {
		assert_int_equal(got.vaddr[i], 0x10000 + i * REGEX_MAX);
		assert_int_equal(got.len[i], REGEX_MAX);
	}
	bytes[0] = 'b';
	bytes[REGEX_MAX - 1] = 'c';
	search(CRIT_PATTERN_REGEX, "ba+c", (struct scan){ 0 });
	expect("64 KiB", AT(0x10000), NO_MORE);
	bytes[REGEX_MAX - 1] = 'a';
	bytes[REGEX_MAX] = 'c';
	search(CRIT_PATTERN_REGEX, "ba+c", (struct scan){ 0 });
	expect("more than 64 KiB", NO_MORE);
	// Each of them without an end in sight; and steps without end in one.
	memset(bytes, 'a', len);
	refuse_search("a+b");
	memset(bytes, 'b', len);
	refuse_search("(b|bb)+\\.|b[^b]");
	free(bytes);
}

static void test_regex_options(void **state)
{
	static const uint8_t bytes[] = "One\ntwo\xc3\xa4\xff ONE";
	struct crit_pattern_options options = { .ignore_case = true };
	struct crit_pattern *pattern;

	(void)state;
	begin();
	add(CRIT_ORIGIN_IMAGE, 0x1000, sizeof(bytes) - 1, bytes);
	assert_int_equal(crit_pattern_new(CRIT_PATTERN_REGEX, "\\bone\\b", 7, &options, &pattern,
					  NULL), CRIT_OK);
	assert_int_equal(scan_with(pattern, (struct scan){ 0 }), CRIT_OK);
	expect("case", AT(0x1000), AT(0x100b), NO_MORE);
	crit_pattern_free(pattern);
	search(CRIT_PATTERN_REGEX, "One.two", (struct scan){ 0 });
	expect("a dot is no newline", NO_MORE);
	search(CRIT_PATTERN_REGEX, "(?m)^two...", (struct scan){ 0 });
	expect("lines and bytes", AT(0x1004), NO_MORE);
	search(CRIT_PATTERN_REGEX, "x*", (struct scan){ 0 });
	expect("empty matches", NO_MORE);
	search(CRIT_PATTERN_REGEX, "(?:|One)", (struct scan){ 0 });
	expect("longer than empty", AT(0x1000), NO_MORE);
	search(CRIT_PATTERN_REGEX, "O\\Kn", (struct scan){ 0 });
	expect("moved beginning", AT(0x1001), NO_MORE);
}

/* ---- at random ---------------------------------------------------------------------------- */

static uint64_t random_state = 88172645463325252ull;

static uint64_t rnd(uint64_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state % below;
}

static uint8_t *make_up_memory(size_t len, unsigned int letters)
{
	uint8_t *bytes = malloc(len);
	bool rare = rnd(2);

	// Often the same letter, so that there are long near-matches.
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)("abcdefgh\n"[rnd(rare ? 8 : 2) ? 0 : rnd(letters)]);
	begin();
	for (uint64_t at = 0, part; at < len; at += part) {
		part = rnd(3) ? rnd(100) + 1 : rnd(len) + 1;
		if (part > len - at || nr_parts == MAX_PARTS - 1)
			part = len - at;
		add(rnd(8) ? CRIT_ORIGIN_IMAGE : CRIT_ORIGIN_UNAVAILABLE, 0x10000 + at, part,
		    bytes + at);
	}
	return bytes;
}

/** The stretch without a gap from part @p i on, up to @p *end. */
static size_t next_stretch(size_t i, size_t *end)
{
	while (i < nr_parts && parts[i].kind != CRIT_ORIGIN_IMAGE)
		i++;
	for (*end = i; *end < nr_parts && parts[*end].kind == CRIT_ORIGIN_IMAGE;)
		++*end;
	return i;
}

static bool naive_fits(const struct crit_pattern *p, const uint8_t *at)
{
	for (size_t i = 0; i < p->needle.len; i++)
		if ((at[i] & p->needle.mask[i]) != p->needle.value[i])
			return false;
	return true;
}

static void naive_search(const struct crit_pattern *p, const uint8_t *bytes,
			 const struct scan *scan)
{
	size_t end;

	want.nr = 0;
	for (size_t i = next_stretch(0, &end); i < nr_parts; i = next_stretch(end, &end)) {
		uint64_t at = parts[i].vaddr, stop = parts[end - 1].vaddr + parts[end - 1].len;

		while (at + p->needle.len <= stop)
			if (at % scan->align == 0 && naive_fits(p, bytes + (at - 0x10000))) {
				note_hit(&want, at, p->needle.len);
				at += scan->overlapping ? 1 : p->needle.len;
			} else {
				at++;
			}
	}
}

/** Text or hex bytes with wildcards that are somewhere in memory, more or less. */
static struct crit_pattern *make_up_pattern(const uint8_t *from)
{
	size_t len = rnd(3) ? rnd(4) + 1 : rnd(30) + 1;
	struct crit_pattern_options options = { .ignore_case = rnd(2) };
	struct crit_pattern *pattern;
	char hex[100] = "";

	if (rnd(2)) {
		assert_int_equal(crit_pattern_new(CRIT_PATTERN_TEXT, from, len, &options, &pattern,
						  NULL), CRIT_OK);
		return pattern;
	}
	for (size_t i = 0; i < len; i++)
		if (i && !rnd(4))
			strcpy(hex + 2 * i, rnd(2) ? "??" : "6?");
		else
			sprintf(hex + 2 * i, "%02x", from[i]);
	return make(CRIT_PATTERN_HEX, hex, strlen(hex));
}

static void test_random_needles(void **state)
{
	static const uint64_t aligns[] = { 1, 1, 2, 3, 4, 8, 16, 64, 100, 128, 4096 };

	(void)state;
	for (int round = 0; round < 400; round++) {
		size_t len = rnd(4) ? rnd(3000) + 100 : WINDOW + rnd(2 * WINDOW);
		uint8_t *bytes = make_up_memory(len, 4);
		struct scan scan = { .align = aligns[rnd(11)], .overlapping = rnd(2) };
		struct crit_pattern *pattern = make_up_pattern(bytes + rnd(len - 40));

		naive_search(pattern, bytes, &scan);
		assert_int_equal(scan_with(pattern, scan), CRIT_OK);
		expect_same("needle");
		crit_pattern_free(pattern);
		free(bytes);
	}
}

static void pcre2_search(pcre2_code *code, const uint8_t *bytes)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	PCRE2_SIZE *at = pcre2_get_ovector_pointer(data);
	size_t end;

	want.nr = 0;
	for (size_t i = next_stretch(0, &end); i < nr_parts; i = next_stretch(end, &end)) {
		uint64_t start = parts[i].vaddr;
		size_t len = (size_t)(parts[end - 1].vaddr + parts[end - 1].len - start), pos = 0;

		while (pcre2_match(code, bytes + (start - 0x10000), len, pos, PCRE2_NOTEMPTY, data,
				   NULL) >= 0) {
			note_hit(&want, start + at[0], at[1] - at[0]);
			pos = at[1];
		}
	}
	pcre2_match_data_free(data);
}

static void test_random_regexes(void **state)
{
	static const char *const regexes[] = {
		"a{20,}b", "\\bb", "b\\b", "(?<=bba)a{2,5}", "(?m)^a.*b$", "b(?=aaa)", "^a", "a$",
		"\\Bb\\B", "[^a]{4,}", "(a+b)\\1", "c.{100}d", "(?m)^.{300,}$", "(?<!a)b+(?!a)",
		"(?s)\n..", "d(?<=bcd)", "a\\z", "\\Ab", "\\n\\Z",
	};

	(void)state;
	for (int round = 0; round < 200; round++) {
		const char *text = regexes[rnd(sizeof(regexes) / sizeof(regexes[0]))];
		size_t len = rnd(2) ? rnd(3000) + 100 : WINDOW / 4 + rnd(WINDOW);
		uint8_t *bytes = make_up_memory(len, 9);
		PCRE2_SIZE off;
		int error;
		pcre2_code *code = pcre2_compile((PCRE2_SPTR)text, strlen(text), 0, &error, &off,
						 NULL);

		assert_non_null(code);
		pcre2_search(code, bytes);
		search(CRIT_PATTERN_REGEX, text, (struct scan){ 0 });
		expect_same(text);
		pcre2_code_free(code);
		free(bytes);
	}
}

/* ---- being stopped ------------------------------------------------------------------------ */

static bool stop_at_once(void *ctx, uint64_t len)
{
	(void)ctx;
	assert_true(len <= 2 * WINDOW);
	return false;
}

static void test_interrupted(void **state)
{
	struct crit_pattern *pattern = make(CRIT_PATTERN_INTEGER, "0", 1);
	struct scan scan = { .pattern = pattern, .last = UINT64_MAX, .found = found, .ctx = &got,
			     .align = 1 << 30, .keep_going = stop_at_once };

	(void)state;
	begin();
	add(CRIT_ORIGIN_ZERO, 0x1000, AT(1) << 40, NULL);
	got.nr = 0;
	assert_int_equal(scan_run(&scan, NULL), CRIT_INTERRUPTED);
	crit_pattern_free(pattern);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),		cmocka_unit_test(test_window_border),
		cmocka_unit_test(test_gaps),		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_zeros),		cmocka_unit_test(test_few_zeros),
		cmocka_unit_test(test_long_regex),	cmocka_unit_test(test_regex_options),
		cmocka_unit_test(test_random_needles),	cmocka_unit_test(test_random_regexes),
		cmocka_unit_test(test_interrupted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
