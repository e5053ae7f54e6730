// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Compressing and decompressing: the same bytes come back, whatever form the records have; and
 * when something fails, nothing has changed. The layout itself is compared with crit's in
 * tests/live/compress.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "image/wire.h"
#include "util/buf.h"
#include "util/endian.h"

enum { PAGE = 4096, INVENTORY = 0x58313116, COMMON = 0x54564319, PAGEMAP = 0x56084025 };

static const char *const names[] = { "inventory.img", "pagemap-5.img", "pages-1.img" };
enum { NR_NAMES = 3 };

/* A checkpoint in a folder of its own, and its images as they were. */
struct fixture {
	char dir[64];
	struct buf images[NR_NAMES];
	bool big_endian;
};

static void add_u32(const struct fixture *f, struct buf *b, uint32_t value)
{
	uint8_t bytes[4];

	endian_put(bytes, 4, f->big_endian, value);
	buf_add(b, bytes, 4);
}

static void add_record(const struct fixture *f, struct buf *b, const void *data, size_t len)
{
	add_u32(f, b, (uint32_t)len);
	buf_add(b, data, len);
}

#define ADD_RECORD(f, b, text) add_record(f, b, text, sizeof(text) - 1)

static void add_entry(struct fixture *f, uint64_t vaddr, uint64_t flags, uint64_t nr_pages)
{
	struct buf b = { 0 };

	wire_add_uint(&b, 1, vaddr);
	wire_add_uint(&b, 2, 0);
	wire_add_uint(&b, 4, flags);
	wire_add_uint(&b, 5, nr_pages);
	add_record(f, &f->images[1], b.data, b.len);
	buf_deinit(&b);
}

/** Pages of a kind: 'z' zeros, 'r' random, else filled with the letter. */
static void add_pages(struct fixture *f, const char *kinds)
{
	static uint32_t state = 1;
	uint8_t page[PAGE];

	for (; *kinds; kinds++) {
		memset(page, *kinds == 'z' ? 0 : *kinds, sizeof(page));
		for (size_t i = 0; *kinds == 'r' && i < PAGE; i++)
			page[i] = (uint8_t)((state = state * 1664525 + 1013904223) >> 24);
		buf_add(&f->images[2], page, sizeof(page));
	}
}

static void path_of(const struct fixture *f, const char *name, char out[128])
{
	snprintf(out, 128, "%s/%s", f->dir, name);
}

static void write_file(const struct fixture *f, const char *name, const struct buf *b)
{
	char path[128];
	FILE *file;

	path_of(f, name, path);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(b->data, 1, b->len, file), b->len);
	assert_int_equal(fclose(file), 0);
}

static void write_all(const struct fixture *f)
{
	for (size_t i = 0; i < NR_NAMES; i++)
		write_file(f, names[i], &f->images[i]);
}

static void check_file(const struct fixture *f, const char *name, const struct buf *want)
{
	uint8_t *data = malloc(want->len + 1);
	char path[128];
	FILE *file;

	path_of(f, name, path);
	file = fopen(path, "rb");
	assert_non_null(file);
	assert_int_equal(fread(data, 1, want->len + 1, file), want->len);
	assert_memory_equal(data, want->data, want->len);
	fclose(file);
	free(data);
}

/** Everything is as it was, and nothing else is there. */
static void check_unchanged(const struct fixture *f)
{
	DIR *dir = opendir(f->dir);
	size_t nr = 0;

	for (size_t i = 0; i < NR_NAMES; i++)
		check_file(f, names[i], &f->images[i]);
	while (readdir(dir))
		nr++;
	closedir(dir);
	assert_int_equal(nr, NR_NAMES + 2);
}

static void begin(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	strcpy(f->dir, "/tmp/critcore-test-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
}

static void headers(struct fixture *f)
{
	add_u32(f, &f->images[0], INVENTORY);
	ADD_RECORD(f, &f->images[0], "\x08\x02\x10\x01");
	add_u32(f, &f->images[1], COMMON);
	add_u32(f, &f->images[1], PAGEMAP);
	ADD_RECORD(f, &f->images[1], "\x08\x01");
}

/** What most tests start from. */
static void begin_simple(struct fixture *f)
{
	begin(f);
	headers(f);
	add_entry(f, 0x10000, 4, 5);
	add_entry(f, 0x20000, 2, 3);
	add_entry(f, 0x30000, 6, 4);
	add_pages(f, "zabrc"
		     "zrza");
	write_all(f);
}

static void end(struct fixture *f)
{
	DIR *dir = opendir(f->dir);
	struct dirent *entry;

	while ((entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	assert_int_equal(rmdir(f->dir), 0);
	for (size_t i = 0; i < NR_NAMES; i++)
		buf_deinit(&f->images[i]);
}

static void there_and_back(struct fixture *f, uint32_t block_len, unsigned nr_threads)
{
	struct crit_compress_options options = { .in_place = true, .block_len = block_len,
						 .nr_threads = nr_threads };
	enum crit_compress_outcome outcome;
	struct crit_error err;

	if (crit_checkpoint_compress(f->dir, &options, &outcome, &err))
		fail_msg("%s", err.message);
	assert_int_equal(outcome, CRIT_COMPRESS_DONE);
	if (crit_checkpoint_decompress(f->dir, &options, &outcome, &err))
		fail_msg("%s", err.message);
	assert_int_equal(outcome, CRIT_COMPRESS_DONE);
	check_unchanged(f);
}

static void test_there_and_back(void **state)
{
	static const uint32_t lens[] = { 0, 4096, 8192, 65536, 4 * 1024 * 1024 };
	struct fixture f;

	(void)state;
	begin_simple(&f);
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
		there_and_back(&f, lens[i], 1);
	end(&f);
}

/* Many jobs, many threads, blocks that do not divide the entries. */
static void test_threads(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	headers(&f);
	for (unsigned i = 0; i < 300; i++) {
		add_entry(&f, 0x100000 + i * 0x20000ull, 6, 4 + i % 3);
		add_pages(&f, &"rzzabr"[2 - i % 3]);
	}
	add_entry(&f, 0x100000000, 6, 1000);
	for (unsigned i = 0; i < 100; i++)
		add_pages(&f, "azbzrrcdez");
	write_all(&f);
	there_and_back(&f, 0, 8);
	there_and_back(&f, 16384, 3);
	there_and_back(&f, 1 << 20, 2);
	end(&f);
}

static void test_big_endian(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	f.big_endian = true;
	headers(&f);
	add_entry(&f, 0x10000, 6, 2);
	add_pages(&f, "ra");
	write_all(&f);
	there_and_back(&f, 0, 0);
	end(&f);
}

/* Records that no canonical writer makes: what is odd about them stays. */
static void test_odd_records(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	add_u32(&f, &f.images[0], INVENTORY);
	// img_version twice, the second with an idle byte; compress: 0 and a size; field 100
	ADD_RECORD(&f, &f.images[0],
		   "\x08\x03\x10\x01\x08\x82\x00\x78\x00\x80\x01\x05\xa0\x06\x07");
	add_u32(&f, &f.images[1], COMMON);
	add_u32(&f, &f.images[1], PAGEMAP);
	ADD_RECORD(&f, &f.images[1], "\x10\x07\x08\x01");
	// no flags at all, raw first
	ADD_RECORD(&f, &f.images[1], "\x08\x80\x80\x04\x10\x02");
	// flags in front with an idle byte in key and value, field 9 behind
	ADD_RECORD(&f, &f.images[1], "\xa0\x00\x84\x00\x08\x80\x80\x08\x10\x00\x28\x01\x4a\x01x");
	// field 9, then flags twice: the last counts
	ADD_RECORD(&f, &f.images[1], "\x08\x80\x80\x0c\x10\x00\x28\x01\x4a\x01x\x20\x01\x20\x06");
	add_pages(&f, "ra"
		      "r"
		      "r");
	write_all(&f);
	there_and_back(&f, 0, 1);
	there_and_back(&f, 8192, 1);
	end(&f);
}

/* What the last call before the images change does to them. */
struct meddler {
	const struct fixture *f;
	const char *name;
	bool go_on;
	unsigned calls, at;
};

static bool meddle(void *ctx, uint64_t done, uint64_t total)
{
	struct meddler *m = ctx;
	struct buf other = { .data = (uint8_t *)"other", .len = 5 };
	char path[128];

	assert_true(done <= total);
	if (m->calls++ != m->at)
		return true;
	if (m->name) {
		path_of(m->f, m->name, path);
		unlink(path);
		write_file(m->f, m->name, &other);
	}
	return m->go_on;
}

static enum crit_status compress_with(struct meddler *m, bool in_place, struct crit_error *err)
{
	struct crit_compress_options options = { .in_place = in_place, .keep_going = meddle,
						 .ctx = m };

	return crit_checkpoint_compress(m->f->dir, &options, NULL, err);
}

static void test_interrupted(void **state)
{
	struct crit_error err;
	struct fixture f;

	(void)state;
	begin_simple(&f);
	for (unsigned i = 0; i < 4; i++) {
		struct meddler m = { .f = &f, .at = i / 2 };

		assert_int_equal(compress_with(&m, i % 2, &err), CRIT_INTERRUPTED);
		check_unchanged(&f);
	}
	end(&f);
}

/* Somebody replaces an image while we work: his stays, and so do the others. */
static void test_replaced_meanwhile(void **state)
{
	struct buf other = { .data = (uint8_t *)"other", .len = 5 };
	struct crit_error err;

	(void)state;
	for (unsigned i = 0; i < 2 * NR_NAMES; i++) {
		struct fixture f;
		struct meddler m = { .f = &f, .name = names[i / 2], .go_on = true, .at = 1 };

		begin_simple(&f);
		assert_int_equal(compress_with(&m, i % 2, &err), CRIT_OS);
		assert_non_null(strstr(err.message, "somebody"));
		buf_deinit(&f.images[i / 2]);
		buf_add(&f.images[i / 2], other.data, other.len);
		check_unchanged(&f);
		end(&f);
	}
}

/* The name for the step between is taken at the last moment, when inventory.img has changed. */
static void test_undone(void **state)
{
	static const char taken[] = "pages-4294967294.img";
	char path[128];

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct crit_error err;
		struct fixture f;
		struct meddler m = { .f = &f, .name = taken, .go_on = true, .at = 1 };

		begin_simple(&f);
		assert_int_equal(compress_with(&m, i, &err), CRIT_OS);
		assert_non_null(strstr(err.message, taken));
		path_of(&f, taken, path);
		assert_int_equal(unlink(path), 0);
		check_unchanged(&f);
		end(&f);
	}
}

/* Whoever has a parent may need a CRIU that knows compressed ones. */
static void test_parent(void **state)
{
	struct crit_compress_options options = { .in_place = true };
	struct fixture f;

	(void)state;
	begin(&f);
	headers(&f);
	add_entry(&f, 0x10000, 4, 1);
	add_entry(&f, 0x20000, 1, 3);
	add_pages(&f, "a");
	write_all(&f);
	assert_int_equal(crit_checkpoint_compress(f.dir, &options, NULL, NULL), CRIT_OK);
	assert_int_equal(crit_checkpoint_decompress(f.dir, &options, NULL, NULL), CRIT_OK);
	f.images[0].data[9] = 3; // img_version
	check_unchanged(&f);
	end(&f);
}

static void test_backups(void **state)
{
	struct timespec times[2] = { { 1000000000, 5 }, { 1100000000, 7 } };
	struct stat old[NR_NAMES], st;
	char path[128], value[8];
	struct crit_error err;
	bool has_xattr;
	struct fixture f;

	(void)state;
	begin_simple(&f);
	for (size_t i = 0; i < NR_NAMES; i++) {
		path_of(&f, names[i], path);
		chmod(path, 0640);
		has_xattr = !setxattr(path, "user.test", "value", 5, 0);
		utimensat(AT_FDCWD, path, times, 0);
		assert_int_equal(stat(path, &old[i]), 0);
	}
	if (crit_checkpoint_compress(f.dir, NULL, NULL, &err))
		fail_msg("%s", err.message);
	for (size_t i = 0; i < NR_NAMES; i++) {
		path_of(&f, names[i], path);
		assert_int_equal(stat(path, &st), 0);
		assert_true(st.st_ino != old[i].st_ino);
		assert_int_equal(st.st_mode, old[i].st_mode);
		assert_int_equal(st.st_mtim.tv_sec, times[1].tv_sec);
		assert_int_equal(st.st_mtim.tv_nsec, times[1].tv_nsec);
		assert_int_equal(st.st_atim.tv_sec, times[0].tv_sec);
		assert_int_equal(getxattr(path, "user.test", value, sizeof(value)),
				 has_xattr ? 5 : -1);
		strcat(path, ".bak");
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_ino, old[i].st_ino);
	}
	assert_int_equal(crit_checkpoint_decompress(f.dir, NULL, NULL, &err), CRIT_INVALID);
	end(&f);
}

static void test_wrong_options(void **state)
{
	static const struct crit_compress_options cases[] = {
		{ .block_len = 2048 },	  { .block_len = 12288 },	{ .block_len = 8 << 20 },
		{ .acceleration = 65538 },
	};
	struct crit_error err;
	struct fixture f;

	(void)state;
	begin_simple(&f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(crit_checkpoint_compress(f.dir, &cases[i], NULL, &err),
				 CRIT_INVALID);
	check_unchanged(&f);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_big_endian),
		cmocka_unit_test(test_odd_records),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_replaced_meanwhile),
		cmocka_unit_test(test_undone),
		cmocka_unit_test(test_parent),
		cmocka_unit_test(test_backups),
		cmocka_unit_test(test_wrong_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
