// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The pages of random chains against a model that is too simple to be wrong: for each level an
 * array with what its pagemap says of each page. Levels cut their runs their own way, are raw or in
 * LZ4 blocks, have holes, are cut short, damaged or not there.
 *
 *	test_pages_model [SEED [ROUNDS]]
 */
#include "pages_folder.h"

#include <lz4.h>

enum { NR_PAGES = 40, MAX_LEVELS_HERE = 5, BASE = 0x10000, QUESTIONS = 24 };

/** What a level says of a page. */
struct page {
	enum { ABSENT, RAW, BLOCK, ELSEWHERE, LAZY, BOTH, STRANGE } kind; /* raw blocks: RAW */
	uint64_t off;	    /* RAW: in the pages image; BLOCK: of its block */
	uint32_t block_len; /* BLOCK: bytes there */
	uint8_t bytes[PAGE];
};

struct level_model {
	bool has_map, has_pages;
	size_t known_to; /* pages before it are known; SIZE_MAX: all */
	struct page pages[NR_PAGES];
	struct buf image;
	bool hole[4 * NR_PAGES]; /* of each page of the image */
};

static struct level_model levels[MAX_LEVELS_HERE];
static size_t nr_levels;
static uint64_t state, seed = 20240229, rounds = 3000;

static uint64_t dice(uint64_t sides)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 11) % sides;
}

/* ---- Making a chain ------------------------------------------------------------------------- */

static void fill(uint8_t *bytes)
{
	uint64_t kind = dice(4), word = dice(UINT64_MAX);

	memset(bytes, kind ? (int)word : 0, PAGE);
	for (size_t i = 0; kind == 3 && i < PAGE; i += 8) {
		word = word * 6364136223846793005u + 1442695040888963407u;
		memcpy(bytes + i, &word, sizeof(word));
	}
	for (size_t i = 0; kind == 2 && i < PAGE; i += 64)
		bytes[i] = (uint8_t)dice(256);
}

static void add_raw(struct level_model *l, size_t first, size_t nr, bool aligned)
{
	static const uint8_t zeros[PAGE];

	if (aligned)
		buf_add(&l->image, zeros, -l->image.len % PAGE);
	for (size_t i = first; i < first + nr; i++) {
		fill(l->pages[i].bytes);
		l->pages[i].off = l->image.len;
		buf_add(&l->image, l->pages[i].bytes, PAGE);
	}
}

/** One block of @p nr pages. @return its size. */
static uint32_t add_block(struct level_model *l, size_t first, size_t nr)
{
	static uint8_t plain[4 * PAGE], packed[4 * PAGE];
	bool zeros = true;
	int len;

	for (size_t i = 0; i < nr; i++) {
		fill(l->pages[first + i].bytes);
		memcpy(plain + i * PAGE, l->pages[first + i].bytes, PAGE);
	}
	for (size_t i = 0; i < nr * PAGE; i++)
		zeros &= !plain[i];
	len = LZ4_compress_default((char *)plain, (char *)packed, (int)(nr * PAGE),
				   (int)(nr * PAGE) - 1);
	if (zeros && dice(3))
		len = 0;
	else if (len <= 0)
		len = (int)(nr * PAGE);
	for (size_t i = 0; i < nr; i++) {
		bool raw = len == (int)(nr * PAGE);

		l->pages[first + i].kind = raw ? RAW : BLOCK;
		l->pages[first + i].off = l->image.len + (raw ? i * PAGE : 0);
		l->pages[first + i].block_len = (uint32_t)len;
	}
	buf_add(&l->image, len < (int)(nr * PAGE) ? packed : plain, (size_t)len);
	return (uint32_t)len;
}

static void add_blocks(struct level_model *l, struct buf *map, size_t first, size_t nr,
		       uint32_t flags)
{
	uint32_t sizes[NR_PAGES], block_pages = 1u << dice(3);
	size_t nr_blocks = 0;

	for (size_t done = 0; done < nr; done += block_pages) {
		size_t part = nr - done < block_pages ? nr - done : block_pages;

		sizes[nr_blocks++] = add_block(l, first + done, part);
	}
	map_add(map, BASE + first * PAGE, nr, flags, sizes, nr_blocks, block_pages);
}

static void add_run(struct level_model *l, struct buf *map, size_t first, size_t nr)
{
	static const uint32_t flags_of[] = { 0, PAGE_PRESENT, PAGE_PRESENT, PAGE_PARENT, PAGE_LAZY,
					     PAGE_PRESENT | PAGE_PARENT, 1 << 7 };
	static const int kinds[] = { ABSENT, RAW, RAW, RAW, BLOCK, BLOCK, BLOCK, ELSEWHERE,
				     ELSEWHERE, ELSEWHERE, LAZY, BOTH, STRANGE };
	int kind = kinds[dice(sizeof(kinds) / sizeof(kinds[0]))];
	uint32_t flags = flags_of[kind];

	if (kind != ABSENT && flags & PAGE_PRESENT && !dice(4))
		flags |= PAGE_LAZY;
	if (kind == RAW && !dice(4))
		flags |= PAGE_ALIGNED;
	for (size_t i = first; i < first + nr; i++)
		l->pages[i].kind = kind;
	if (kind == RAW || kind == BOTH)
		add_raw(l, first, nr, flags & PAGE_ALIGNED);
	if (kind == BLOCK)
		add_blocks(l, map, first, nr, flags);
	else if (kind != ABSENT)
		map_add(map, BASE + first * PAGE, nr, flags, NULL, 0, 0);
	if (kind != ABSENT)
		l->known_to = first + nr;
}

/** Holes, an end that comes too early, or no file at all. */
static void write_image(struct level_model *l, const char *top, size_t level)
{
	char path[128];
	int fd;

	l->has_pages = dice(20) != 0;
	if (!l->has_pages)
		return;
	if (!dice(8) && l->image.len)
		l->image.len = dice(l->image.len);
	folder_file(top, level, "pages-1.img", l->image.data, l->image.len);
	path_in(path, top, level, "pages-1.img");
	fd = open(path, O_RDWR | O_CLOEXEC);
	for (size_t i = 0; i < l->image.len / PAGE; i++)
		l->hole[i] = !dice(12) && !fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
						      (off_t)(i * PAGE), PAGE);
	close(fd);
}

static void make_level(const char *top, size_t level)
{
	struct level_model *l = &levels[level];
	struct buf map = { 0 };
	size_t nr;

	buf_deinit(&l->image);
	memset(l, 0, sizeof(*l));
	folder_level(top, level, level + 1 < nr_levels);
	map_begin(&map, 1);
	for (size_t at = dice(3); at < NR_PAGES; at += nr) {
		nr = 1 + dice(9);
		nr = nr < NR_PAGES - at ? nr : NR_PAGES - at;
		add_run(l, &map, at, nr);
	}
	if (dice(6))
		l->known_to = SIZE_MAX;
	else // it goes back: nothing is known from where it was on
		map_add(&map, 0, 0, PAGE_PRESENT, NULL, 0, 1);
	l->has_map = !level || dice(8);
	if (l->has_map)
		folder_file(top, level, "pagemap-5.img", map.data, map.len);
	write_image(l, top, level);
	buf_deinit(&map);
}

/* ---- The model ------------------------------------------------------------------------------ */

/** What must be said of a place. */
struct answer {
	bool covered; /* false: never written */
	enum crit_origin_kind kind;
	enum crit_why why;
	size_t level;
	const uint8_t *bytes; /* NULL: none */
	size_t len;	      /* the same holds of so many bytes from there on, at least */
};

static struct answer missing(enum crit_why why)
{
	return (struct answer){ .covered = true, .kind = CRIT_ORIGIN_UNAVAILABLE, .why = why };
}

/** What stands in the pages image from @p off on: @p len bytes at least, or why not. */
static enum crit_why look(const struct level_model *l, uint64_t off, size_t len)
{
	if (!l->has_pages)
		return CRIT_WHY_NO_PAGES;
	if (off + len > l->image.len)
		return CRIT_WHY_PAGES_SHORT;
	for (uint64_t i = off / PAGE; i <= (off + len - 1) / PAGE; i++)
		if (l->hole[i])
			return CRIT_WHY_PUNCHED;
	return CRIT_WHY_NONE;
}

static struct answer of_page(const struct level_model *l, const struct page *page, size_t skip)
{
	uint64_t off = page->off + (page->kind == RAW ? skip : 0);
	struct answer a = { .covered = true, .kind = CRIT_ORIGIN_IMAGE, .bytes = page->bytes + skip,
			    .level = (size_t)(l - levels), .len = PAGE - skip };

	if (page->kind == BLOCK && !page->block_len) {
		a.kind = CRIT_ORIGIN_ZERO;
		return a;
	}
	a.why = look(l, off, page->kind == BLOCK ? page->block_len : 1);
	if (page->kind == RAW && a.len > PAGE - off % PAGE)
		a.len = PAGE - off % PAGE; // there may be a hole behind
	if (page->kind == RAW && off < l->image.len && a.len > l->image.len - off)
		a.len = l->image.len - off;
	if (a.why) {
		a.kind = CRIT_ORIGIN_UNAVAILABLE;
		a.bytes = NULL;
	}
	return a;
}

static struct answer ask(size_t index, size_t skip)
{
	for (size_t i = 0; i < nr_levels; i++) {
		const struct level_model *l = &levels[i];
		const struct page *page = &l->pages[index];

		if (!l->has_map)
			return missing(CRIT_WHY_PARENT_PAGE);
		switch (page->kind) {
		case ABSENT:
			if (index >= l->known_to)
				return missing(CRIT_WHY_BAD_PAGEMAP);
			return i ? missing(CRIT_WHY_PARENT_PAGE) : (struct answer){ 0 };
		case RAW:
		case BLOCK:
			return of_page(l, page, skip);
		case LAZY:
			return missing(CRIT_WHY_LAZY);
		case BOTH:
			return missing(CRIT_WHY_CONTRADICTION);
		case STRANGE:
			return missing(CRIT_WHY_UNKNOWN);
		case ELSEWHERE:
			break;
		}
	}
	return missing(CRIT_WHY_PARENT);
}

/* ---- Comparing ------------------------------------------------------------------------------ */

static void require(bool holds, const char *what, uint64_t round, uint64_t pos)
{
	if (!holds)
		fail_msg("%s at 0x%llx: seed %llu, round %llu", what, (unsigned long long)pos,
			 (unsigned long long)seed, (unsigned long long)round);
}

static struct answer ask_at(uint64_t pos, uint64_t most)
{
	struct answer a = ask((size_t)(pos - BASE) / PAGE, (size_t)pos % PAGE);

	if (!a.len)
		a.len = PAGE - (size_t)pos % PAGE;
	if (a.len > most)
		a.len = (size_t)most;
	return a;
}

static void compare_read(struct opened *o, const struct crit_origin *at, size_t max,
			 uint64_t round)
{
	static uint8_t bytes[NR_PAGES * PAGE];
	uint64_t pos = at->vaddr;
	struct crit_error err = { 0 };
	size_t nread = 0, part;

	require(!page_store_read(o->store, pos, at, bytes, max, &nread, &err), err.message, round,
		pos);
	require(nread && nread <= max, "the length read", round, pos);
	for (size_t done = 0; done < nread; done += part) {
		struct answer a = ask_at(pos + done, nread - done);

		part = a.len;
		require(a.bytes && !memcmp(a.bytes, bytes + done, part), "wrong bytes", round,
			pos + done);
	}
}

static void compare(struct opened *o, uint64_t pos, uint64_t round)
{
	uint64_t end = BASE + NR_PAGES * PAGE;
	struct crit_origin at;
	bool covered = locate(o, pos, end - pos, &at);

	require(at.len && at.len <= end - pos, "length", round, pos);
	for (uint64_t done = 0; done < at.len;) {
		struct answer a = ask_at(pos + done, at.len - done);

		require(covered == a.covered, "covered", round, pos + done);
		require(!covered || (at.kind == a.kind && at.why == a.why), "kind or reason",
			round, pos + done);
		require(!a.bytes || at.level == a.level, "level", round, pos + done);
		done += a.len;
	}
	if (covered && at.kind == CRIT_ORIGIN_IMAGE)
		compare_read(o, &at, 1 + dice(dice(4) ? 3 * PAGE : end - pos), round);
}

static void run_round(uint64_t round)
{
	struct opened o;
	char top[64];

	folder_make(top);
	nr_levels = 1 + dice(MAX_LEVELS_HERE);
	for (size_t i = 0; i < nr_levels; i++)
		make_level(top, i);
	open_store(&o, top);
	for (size_t i = 0; i < QUESTIONS; i++)
		compare(&o, BASE + dice(NR_PAGES * PAGE), round);
	for (size_t i = 0; i < NR_PAGES; i++)
		compare(&o, BASE + i * PAGE, round);
	close_store(&o);
	folder_remove(top, nr_levels);
}

static void test_random_chains(void **unused)
{
	(void)unused;
	for (uint64_t i = 0; i < rounds; i++) {
		state = (seed + i) * 0x9e3779b97f4a7c15u | 1;
		run_round(i);
	}
	for (size_t i = 0; i < MAX_LEVELS_HERE; i++)
		buf_deinit(&levels[i].image);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_random_chains) };

	if (argc > 1)
		seed = strtoull(argv[1], NULL, 0);
	if (argc > 2)
		rounds = strtoull(argv[2], NULL, 0);
	printf("seed %llu, %llu rounds\n", (unsigned long long)seed, (unsigned long long)rounds);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
