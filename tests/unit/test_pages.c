// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The edges of src/pages: sizes of the index, blocks that the cache has no room for, more files
 * than may be open, and files and folders that change while they are open. What is ordinary is in
 * test_pages_model.c.
 */
#include "pages_folder.h"

#include <lz4.h>
#include <sys/resource.h>

static const uint64_t base = 0x10000;

static void write_map(const char *top, size_t level, struct buf *map)
{
	folder_file(top, level, "pagemap-5.img", map->data, map->len);
	buf_deinit(map);
}

/** A level with one run of raw pages; every byte of page N is first + N. */
static void make_plain_level(const char *top, size_t level, uint64_t vaddr, size_t nr_pages,
			     uint8_t first)
{
	uint8_t *bytes = malloc(nr_pages * PAGE);
	struct buf map = { 0 };

	for (size_t i = 0; i < nr_pages; i++)
		memset(bytes + i * PAGE, (int)(first + i), PAGE);
	map_begin(&map, 1);
	map_add(&map, vaddr, nr_pages, PAGE_PRESENT, NULL, 0, 0);
	write_map(top, level, &map);
	folder_file(top, level, "pages-1.img", bytes, nr_pages * PAGE);
	free(bytes);
}

static enum crit_status read_bytes(struct opened *o, uint64_t pos, size_t len, void *buf)
{
	struct crit_origin at;
	size_t nread;

	assert_true(locate(o, pos, len, &at));
	if (at.kind != CRIT_ORIGIN_IMAGE)
		return CRIT_NOT_DUMPED;
	return page_store_read(o->store, pos, &at, buf, len, &nread, NULL);
}

static uint8_t byte_at(struct opened *o, uint64_t pos)
{
	uint8_t byte;

	assert_int_equal(read_bytes(o, pos, 1, &byte), CRIT_OK);
	return byte;
}

/* ---- The index ------------------------------------------------------------------------------ */

/** Run N is one page, behind it are two that were never written. */
static void check_run(struct opened *o, size_t nr, size_t i)
{
	uint64_t start = base + 3 * i * PAGE;
	struct crit_origin at;

	assert_true(locate(o, start, UINT64_MAX, &at));
	assert_int_equal(at.off, i * PAGE);
	assert_int_equal(at.len, PAGE);
	assert_true(locate(o, start + PAGE - 1, UINT64_MAX, &at));
	assert_int_equal(at.off, i * PAGE + PAGE - 1);
	assert_int_equal(at.len, 1);
	assert_false(locate(o, start + PAGE, UINT64_MAX, &at));
	assert_int_equal(at.len, i + 1 < nr ? 2 * PAGE : UINT64_MAX);
	assert_false(locate(o, start - 1, UINT64_MAX, &at));
	assert_int_equal(at.len, 1);
}

static void test_index(void **state)
{
	static const size_t sizes[] = { 0,  1,	2,   7,	  8,   9,    15,   16,	 17,
					63, 64, 65, 511, 512, 513, 4095, 4097, 100000 };

	(void)state;
	for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
		size_t nr = sizes[k];
		struct buf map = { 0 };
		struct crit_origin at;
		struct opened o;
		char top[64];

		folder_make(top);
		folder_level(top, 0, false);
		map_begin(&map, 1);
		for (size_t i = 0; i < nr; i++)
			map_add(&map, base + 3 * i * PAGE, 1, PAGE_PRESENT, NULL, 0, 0);
		write_map(top, 0, &map);
		folder_file(top, 0, "pages-1.img", "", 0);
		open_store(&o, top);
		assert_false(locate(&o, 0, UINT64_MAX, &at));
		assert_int_equal(at.len, nr ? base : UINT64_MAX);
		// Not one after the other: the last answer is a hint.
		for (size_t i = 0; i < nr; i++)
			check_run(&o, nr, i * 7919 % nr);
		close_store(&o);
		folder_remove(top, 1);
	}
}

/* ---- LZ4 blocks ----------------------------------------------------------------------------- */

enum { BLOCK_LEN = 4 * 1024 * 1024, NR_BLOCKS = 12 };

/** Every byte of block N is N + 1. */
static void make_large_blocks(const char *top)
{
	uint8_t *plain = malloc(BLOCK_LEN), *packed = malloc(BLOCK_LEN);
	struct buf map = { 0 }, image = { 0 };
	uint32_t sizes[NR_BLOCKS];

	for (int i = 0; i < NR_BLOCKS; i++) {
		memset(plain, i + 1, BLOCK_LEN);
		sizes[i] = (uint32_t)LZ4_compress_default((char *)plain, (char *)packed, BLOCK_LEN,
							  BLOCK_LEN);
		buf_add(&image, packed, sizes[i]);
	}
	map_begin(&map, 1);
	map_add(&map, base, NR_BLOCKS * BLOCK_LEN / PAGE, PAGE_PRESENT, sizes, NR_BLOCKS,
		BLOCK_LEN / PAGE);
	write_map(top, 0, &map);
	folder_file(top, 0, "pages-1.img", image.data, image.len);
	buf_deinit(&image);
	free(plain);
	free(packed);
}

static void test_cache(void **state)
{
	struct opened o;
	char top[64];

	(void)state;
	folder_make(top);
	folder_level(top, 0, false);
	make_large_blocks(top);
	open_store(&o, top);
	for (uint64_t i = 0; i < 5 * NR_BLOCKS; i++) {
		uint64_t block = i * 5 % NR_BLOCKS;

		assert_int_equal(byte_at(&o, base + block * BLOCK_LEN + i * 70001 % BLOCK_LEN),
				 block + 1);
		assert_int_equal(byte_at(&o, base + 7), 1); // the one that is used most stays
		assert_true(o.chain.cache.len <= BLOCK_CACHE_LEN);
		assert_non_null(block_cache_find(&o.chain.cache, o.chain.open[0], 0));
	}
	close_store(&o);
	folder_remove(top, 1);
}

/* ---- Many files ----------------------------------------------------------------------------- */

/** Level N has page N, in bytes of N % 251, and those behind it are in the parent. */
static void make_deep_chain(char top[64], size_t nr)
{
	uint8_t bytes[PAGE];

	folder_make(top);
	for (size_t i = 0; i < nr; i++) {
		struct buf map = { 0 };

		folder_level(top, i, i + 1 < nr);
		map_begin(&map, 1);
		map_add(&map, base + i * PAGE, 1, PAGE_PRESENT, NULL, 0, 0);
		if (i + 1 < nr)
			map_add(&map, base + (i + 1) * PAGE, nr - i - 1, PAGE_PARENT, NULL, 0, 0);
		write_map(top, i, &map);
		memset(bytes, (int)(i % 251), PAGE);
		folder_file(top, i, "pages-1.img", bytes, PAGE);
	}
}

static void test_deep_chain(void **state)
{
	enum { NR = 1000 };
	struct rlimit before, few;
	struct crit_origin at;
	struct opened o;
	char top[64];

	(void)state;
	make_deep_chain(top, NR);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = 64;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	open_store(&o, top);
	assert_null(page_store_problem(o.store));
	assert_int_equal(o.chain.nr_levels, NR);
	for (size_t i = 0; i < 2 * NR; i++) {
		size_t page = i < NR ? i : i * 7919 % NR;

		assert_int_equal(byte_at(&o, base + page * PAGE + i), page % 251);
		assert_true(locate(&o, base + page * PAGE, PAGE, &at));
		assert_int_equal(at.level, page);
	}
	close_store(&o);
	setrlimit(RLIMIT_NOFILE, &before);
	folder_remove(top, NR);
}

/* A file that was closed to make room for others, and is another one when it is opened again. */
static void test_replaced(void **state)
{
	enum { NR = MAX_OPEN_PAGES + 2 };
	static const uint8_t others[PAGE] = "others";
	char top[64], from[128], to[128];
	struct opened o;
	uint8_t byte;

	(void)state;
	make_deep_chain(top, NR);
	open_store(&o, top);
	for (size_t i = 0; i < NR; i++)
		assert_int_equal(byte_at(&o, base + i * PAGE), i);
	folder_file(top, 0, "new", others, PAGE);
	path_in(from, top, 0, "new");
	path_in(to, top, 0, "pages-1.img");
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(read_bytes(&o, base, 1, &byte), CRIT_OS);
	// One that is open stays what it was.
	path_in(to, top, NR - 1, "pages-1.img");
	folder_file(top, 0, "new", others, PAGE);
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(byte_at(&o, base + (NR - 1) * PAGE), NR - 1);
	close_store(&o);
	folder_remove(top, NR);
}

/* The folder of a parent becomes another one before its pages are looked at. */
static void test_other_folder(void **state)
{
	char top[64], from[128], to[128];
	struct crit_origin at;
	struct opened o;

	(void)state;
	make_deep_chain(top, 3);
	open_store(&o, top);
	assert_int_equal(byte_at(&o, base + 2 * PAGE), 2);
	path_in(from, top, 1, "");
	path_in(to, top, 8, "");
	assert_int_equal(rename(from, to), 0);
	folder_level(top, 1, true);
	make_plain_level(top, 1, base, 3, 0x70);
	assert_true(locate(&o, base + PAGE, PAGE, &at));
	assert_int_equal(at.kind, CRIT_ORIGIN_UNAVAILABLE);
	assert_int_equal(at.why, CRIT_WHY_PAGES_UNREADABLE);
	assert_int_equal(byte_at(&o, base), 0);
	assert_int_equal(byte_at(&o, base + 2 * PAGE), 2); // it is open
	close_store(&o);
	folder_remove(top, 9);
}

/* ---- Holes ---------------------------------------------------------------------------------- */

/* One page is punched out of a file that has as many blocks as bytes, because some are behind its
 * end. Those that describe where its pieces are (ext4: a block for more than four) do the same. */
static void test_hole_in_full_file(void **state)
{
	enum { NR = 16 };
	char top[64], path[128];
	struct crit_origin at;
	struct opened o;
	int fd;

	(void)state;
	folder_make(top);
	folder_level(top, 0, false);
	make_plain_level(top, 0, base, NR, 1);
	path_in(path, top, 0, "pages-1.img");
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fallocate(fd, FALLOC_FL_KEEP_SIZE, NR * PAGE, NR * PAGE) ||
	    fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 5 * PAGE, PAGE))
		skip();
	close(fd);
	open_store(&o, top);
	assert_true(locate(&o, base + 5 * PAGE, PAGE, &at));
	assert_int_equal(at.kind, CRIT_ORIGIN_UNAVAILABLE);
	assert_int_equal(at.why, CRIT_WHY_PUNCHED);
	assert_int_equal(byte_at(&o, base + 4 * PAGE), 5);
	assert_int_equal(byte_at(&o, base + 6 * PAGE), 7);
	close_store(&o);
	folder_remove(top, 1);
}

/* Somebody deduplicates while the file is open: the page that goes must not turn into zeros. */
static void test_punched_while_open(void **state)
{
	enum { NR = 64 };
	static const size_t lens[] = { 1, 100, PAGE, 3 * PAGE, 40 * PAGE };
	static const struct timespec long_ago[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	uint8_t *bytes = malloc(NR * PAGE);

	(void)state;
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		struct opened o;
		char top[64], path[128];
		int fd;

		folder_make(top);
		folder_level(top, 0, false);
		make_plain_level(top, 0, base, NR, 1);
		path_in(path, top, 0, "pages-1.img");
		assert_int_equal(utimensat(AT_FDCWD, path, long_ago, 0), 0);
		open_store(&o, top);
		assert_int_equal(read_bytes(&o, base, NR * PAGE, bytes), CRIT_OK);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 5 * PAGE, PAGE))
			skip();
		close(fd);
		assert_int_equal(read_bytes(&o, base + (lens[i] > PAGE ? 3 : 5) * PAGE, lens[i],
					    bytes), CRIT_CORRUPT);
		assert_int_not_equal(read_bytes(&o, base + 5 * PAGE, 1, bytes), CRIT_OK);
		assert_int_equal(byte_at(&o, base + 6 * PAGE), 7);
		close_store(&o);
		folder_remove(top, 1);
	}
	free(bytes);
}

/* ---- Cut files ------------------------------------------------------------------------------ */

/* Cut between the question where bytes are and reading them: never zeros, never SIGBUS. */
static void test_cut(void **state)
{
	enum { NR = 128 };
	static const struct {
		off_t size;
		uint64_t first; /* byte of the run */
		size_t len;
		enum crit_status status;
	} cases[] = {
		{ NR * PAGE, 0, NR *PAGE, CRIT_OK },
		{ NR * PAGE - 1, 0, NR *PAGE, CRIT_CORRUPT },
		//        ^ the mapping has a zero there, and no fault
		{ NR * PAGE - 1, NR *PAGE - 1, 1, CRIT_CORRUPT },
		{ NR * PAGE / 2, 0, NR *PAGE, CRIT_CORRUPT },
		{ NR * PAGE / 2, 0, NR *PAGE / 2, CRIT_OK },
		{ NR * PAGE / 2, NR *PAGE / 2, NR *PAGE / 2, CRIT_CORRUPT },
		{ 0, 0, NR *PAGE, CRIT_CORRUPT },
		{ 0, 5, 1, CRIT_CORRUPT },
	};
	uint8_t *bytes = malloc(NR * PAGE);

	(void)state;
	assert_true(NR * PAGE / 2 >= WINDOW_FROM);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct opened o;
		char top[64], path[128];

		folder_make(top);
		folder_level(top, 0, false);
		make_plain_level(top, 0, base, NR, 1);
		open_store(&o, top);
		assert_int_equal(read_bytes(&o, base, NR * PAGE, bytes), CRIT_OK);
		path_in(path, top, 0, "pages-1.img");
		assert_int_equal(truncate(path, cases[i].size), 0);
		assert_int_equal(read_bytes(&o, base + cases[i].first, cases[i].len, bytes),
				 cases[i].status);
		for (size_t k = 0; !cases[i].status && k < cases[i].len; k++)
			assert_int_equal(bytes[k], 1 + k / PAGE);
		close_store(&o);
		folder_remove(top, 1);
	}
	free(bytes);
}

/* Small reads often enough that the file is mapped for them; then it is cut. */
static void test_cut_small(void **state)
{
	enum { NR = 64, READS = 10000 };
	char top[64], path[128];
	struct opened o;
	uint8_t bytes[8];

	(void)state;
	folder_make(top);
	folder_level(top, 0, false);
	make_plain_level(top, 0, base, NR, 1);
	open_store(&o, top);
	for (size_t i = 0; i < READS; i++) {
		size_t at = i * 7919 * 8 % (NR * PAGE);

		assert_int_equal(read_bytes(&o, base + at, 8, bytes), CRIT_OK);
		assert_int_equal(bytes[i % 8], 1 + at / PAGE);
	}
	path_in(path, top, 0, "pages-1.img");
	assert_int_equal(truncate(path, NR / 2 * PAGE + 4), 0);
	for (size_t i = 0; i < READS; i++) {
		size_t at = i * 7919 * 8 % (NR * PAGE);
		bool there = at + 8 <= NR / 2 * PAGE + 4;

		assert_int_equal(read_bytes(&o, base + at, 8, bytes),
				 there ? CRIT_OK : CRIT_CORRUPT);
		assert_true(!there || bytes[i % 8] == 1 + at / PAGE);
	}
	close_store(&o);
	folder_remove(top, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_index),	     cmocka_unit_test(test_cache),
		cmocka_unit_test(test_deep_chain),   cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_other_folder), cmocka_unit_test(test_cut),
		cmocka_unit_test(test_cut_small),    cmocka_unit_test(test_hole_in_full_file),
		cmocka_unit_test(test_punched_while_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
