// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * crit_mem_dump() over a made-up process, whose byte at A is (A >> 12) + A where there is one:
 *
 *	0x1000 - 0x2000		bytes
 *	0x2000 - 0x3000		zeros, never written
 *	0x3000 - 0x5000		not there, asked for page by page
 *	0x5000 - 0x6000		not mapped
 *	0x6000 - 0x7000		bytes
 *	0x7000 - 0x8000		fails to be read
 *	0x8000 - 0x9000		bytes
 *	0x9000 - 0xb000		fails to be read, with other words for each page
 *	0xb000 - 0xc000		bytes
 *	0xc000 - 0x10000	an LZ4 block that fails
 *	0x10000 - 0x10000010000	zeros (1 TiB)
 *	behind it		not mapped
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/error.h"
#include "util/output.h"

enum { PAGE = 0x1000, BLOCK = 0xc000, BLOCK_END = 0x10000 };

struct crit_task {
	unsigned int nr_failures;
};

static const uint64_t zeros_end = 0x10000010000;
static struct crit_task task;

bool levels_have_image(struct crit_task *t, const char *path); // checkpoint/checkpoint.h
bool levels_have_image(struct crit_task *t, const char *path)
{
	(void)t;
	(void)path;
	return false;
}

enum crit_status crit_task_load(struct crit_task *t, struct crit_error *err)
{
	(void)t, (void)err;
	return CRIT_OK;
}

uint32_t crit_task_page_size(struct crit_task *t)
{
	(void)t;
	return PAGE;
}

static bool fails(uint64_t vaddr)
{
	return vaddr >> 12 == 7 || vaddr >> 12 == 9 || vaddr >> 12 == 0xa ||
	       (vaddr >= BLOCK && vaddr < BLOCK_END);
}

enum crit_status crit_mem_locate(struct crit_task *t, uint64_t vaddr, struct crit_origin *out,
				 struct crit_error *err)
{
	uint64_t end = (vaddr | (PAGE - 1)) + 1;

	(void)t, (void)err;
	memset(out, 0, sizeof(*out));
	out->vaddr = vaddr;
	out->kind = CRIT_ORIGIN_IMAGE;
	if (vaddr >= zeros_end) {
		out->kind = CRIT_ORIGIN_UNMAPPED;
		end = 0;
	} else if (vaddr >= BLOCK_END) {
		out->kind = CRIT_ORIGIN_ZERO;
		end = zeros_end;
	} else if (vaddr >= BLOCK) {
		end = BLOCK_END;
		out->block_len = 7;
		out->block_mem_len = BLOCK_END - BLOCK;
		out->block_pos = (uint32_t)(vaddr - BLOCK);
	} else if (vaddr >= 0x6000) {
		end = BLOCK;
	} else if (vaddr >= 0x3000) {
		out->kind = vaddr < 0x5000 ? CRIT_ORIGIN_UNAVAILABLE : CRIT_ORIGIN_UNMAPPED;
		out->why = vaddr < 0x5000 ? CRIT_WHY_GUARD : CRIT_WHY_NONE;
	} else if (vaddr >= 0x2000) {
		out->kind = CRIT_ORIGIN_ZERO;
	}
	out->len = end - vaddr;
	return CRIT_OK;
}

static uint8_t byte_at(uint64_t vaddr)
{
	return (uint8_t)((vaddr >> 12) + vaddr);
}

enum crit_status crit_mem_read(struct crit_task *t, uint64_t vaddr, size_t len, void *buf,
			       size_t *nread, struct crit_error *err)
{
	uint8_t *to = buf;

	for (*nread = 0; *nread < len; ++*nread, vaddr++) {
		if (fails(vaddr)) {
			t->nr_failures++;
			return error_at(err, CRIT_CORRUPT, "pages-1.img", vaddr, "damaged");
		}
		to[*nread] = byte_at(vaddr);
	}
	return CRIT_OK;
}

/* ---- what comes out ------------------------------------------------------------------------ */

struct result {
	char *text;
	size_t len;
	char gaps[1024];
	uint64_t stop_at; /* 0: go on */
};

static bool take(void *ctx, const void *data, size_t len)
{
	struct result *r = ctx;

	r->text = realloc(r->text, r->len + len + 1);
	memcpy(r->text + r->len, data, len);
	r->len += len;
	r->text[r->len] = '\0';
	return true;
}

static void note_gap(void *ctx, const struct crit_dump_gap *gap)
{
	struct result *r = ctx;
	size_t used = strlen(r->gaps);

	snprintf(r->gaps + used, sizeof(r->gaps) - used, "%llx-%llx %s\n",
		 (unsigned long long)gap->start, (unsigned long long)gap->end, gap->why);
}

static bool keep_going(void *ctx, uint64_t done, uint64_t total)
{
	const struct result *r = ctx;

	assert_true(done <= total);
	return !r->stop_at || done < r->stop_at;
}

static enum crit_status dump(uint64_t start, uint64_t end, struct crit_dump_options options,
			     struct result *r, uint64_t *missing)
{
	struct crit_output *out;
	enum crit_status status;

	options.gap = note_gap;
	options.keep_going = keep_going;
	options.ctx = r;
	assert_int_equal(crit_output_from_function(take, r, &out, NULL), CRIT_OK);
	status = crit_mem_dump(&task, start, end, out, &options, missing, NULL);
	crit_output_close(out);
	return status;
}

static const char all_gaps[] = "3000-5000 a guard page has no contents\n"
			       "5000-6000 not mapped\n"
			       "7000-8000 pages-1.img: damaged at byte 28672\n"
			       "9000-b000 pages-1.img: damaged at byte 36864\n"
			       "c000-10000 pages-1.img: damaged at byte 49152\n";

static bool is_missing(uint64_t vaddr)
{
	return fails(vaddr) || (vaddr >= 0x3000 && vaddr < 0x6000);
}

static void test_raw(void **state)
{
	(void)state;
	for (int fill = 0; fill < 256; fill += 0x5a) {
		struct crit_dump_options options = { .fill = (uint8_t)fill };
		struct result r = { 0 };
		uint64_t missing;

		assert_int_equal(dump(0x1ffe, 0x11000, options, &r, &missing), CRIT_OK);
		assert_int_equal(r.len, 0x11000 - 0x1ffe);
		for (uint64_t at = 0x1ffe; at < 0x11000; at++) {
			bool zero = (at >= 0x2000 && at < 0x3000) || at >= BLOCK_END;
			uint8_t wanted = is_missing(at) ? fill : zero ? 0 : byte_at(at);

			assert_int_equal((uint8_t)r.text[at - 0x1ffe], wanted);
		}
		assert_int_equal(missing, 0x3000 + 0x3000 + 0x4000);
		assert_string_equal(r.gaps, all_gaps);
		free(r.text);
	}
}

/* A block is asked for once, not once for each of its pages. */
static void test_failing_block(void **state)
{
	struct result r = { 0 };
	uint64_t missing;

	(void)state;
	task.nr_failures = 0;
	assert_int_equal(dump(0xd004, 0x10010, (struct crit_dump_options){ 0 }, &r, &missing), 0);
	assert_int_equal(task.nr_failures, 1);
	assert_int_equal(missing, 0x10000 - 0xd004);
	assert_int_equal(r.len, 0x10010 - 0xd004);
	free(r.text);
}

static void test_hex(void **state)
{
	struct crit_dump_options options = { .hex = true };
	struct result r = { 0 };
	uint64_t missing;

	(void)state;
	// Huge ranges of the same take no time.
	assert_int_equal(dump(0x1ffa, zeros_end + 0x100000000003, options, &r, &missing), CRIT_OK);
	strstr(r.text, "000000000000600a")[0] = '\0'; // the end is looked at below
	assert_string_equal(
		r.text,
		"0000000000001ffa  fb fc fd fe ff 00 00 00  00 00 00 00 00 00 00 00  "
		"|................|\n"
		"000000000000200a  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  "
		"|................|\n"
		"*\n"
		"0000000000002ffa  00 00 00 00 00 00 ?? ??  ?? ?? ?? ?? ?? ?? ?? ??  "
		"|......??????????|\n"
		"000000000000300a  ?? ?? ?? ?? ?? ?? ?? ??  ?? ?? ?? ?? ?? ?? ?? ??  "
		"|????????????????|\n"
		"*\n"
		"0000000000005ffa  ?? ?? ?? ?? ?? ?? 06 07  08 09 0a 0b 0c 0d 0e 0f  "
		"|??????..........|\n");
	assert_int_equal(missing, 0x3000 + 0x3000 + 0x4000 + 0x100000000003);
	free(r.text);
}

static void test_hex_end(void **state)
{
	struct crit_dump_options options = { .hex = true };
	struct result r = { 0 };
	uint64_t missing;

	(void)state;
	assert_int_equal(dump(0xbff8, zeros_end + 3, options, &r, &missing), CRIT_OK);
	assert_string_equal(
		r.text,
		"000000000000bff8  03 04 05 06 07 08 09 0a  ?? ?? ?? ?? ?? ?? ?? ??  "
		"|........????????|\n"
		"000000000000c008  ?? ?? ?? ?? ?? ?? ?? ??  ?? ?? ?? ?? ?? ?? ?? ??  "
		"|????????????????|\n"
		"*\n"
		"000000000000fff8  ?? ?? ?? ?? ?? ?? ?? ??  00 00 00 00 00 00 00 00  "
		"|????????........|\n"
		"0000000000010008  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  "
		"|................|\n"
		"*\n"
		"000001000000fff8  00 00 00 00 00 00 00 00  ?? ?? ??                 "
		"|........???|\n"
		"0000010000010003\n");
	free(r.text);
}

/* Zeros and bytes that are not there look alike in the bytes, not in the text. */
static void test_hex_star_is_exact(void **state)
{
	struct crit_dump_options options = { .hex = true };
	struct result r = { 0 };
	uint64_t missing;

	(void)state;
	assert_int_equal(dump(0x2fe0, 0x3020, options, &r, &missing), CRIT_OK);
	assert_string_equal(
		r.text,
		"0000000000002fe0  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  "
		"|................|\n"
		"*\n"
		"0000000000003000  ?? ?? ?? ?? ?? ?? ?? ??  ?? ?? ?? ?? ?? ?? ?? ??  "
		"|????????????????|\n"
		"*\n"
		"0000000000003020\n");
	free(r.text);
}

static void test_stopped(void **state)
{
	struct result r = { .stop_at = 0x2000 };
	uint64_t missing = 77;

	(void)state;
	assert_int_equal(dump(0x1000, 0x11000, (struct crit_dump_options){ 0 }, &r, &missing),
			 CRIT_INTERRUPTED);
	assert_int_equal(missing, 77);
	free(r.text);
	r = (struct result){ .stop_at = 64 << 20 };
	// It can be stopped inside of a long range, too.
	assert_int_equal(dump(BLOCK_END, zeros_end, (struct crit_dump_options){ 0 }, &r, &missing),
			 CRIT_INTERRUPTED);
	assert_int_equal(r.len, 64 << 20);
	free(r.text);
	assert_int_equal(dump(5, 5, (struct crit_dump_options){ 0 }, &r, &missing), CRIT_INVALID);
	assert_int_equal(dump(5, 4, (struct crit_dump_options){ 0 }, &r, &missing), CRIT_INVALID);
}

/* ---- files --------------------------------------------------------------------------------- */

static char folder[] = "/tmp/critcore-dump-XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[2][64];
	static int which;

	which = !which;
	snprintf(path[which], sizeof(path[which]), "%s/%s", folder, name);
	return path[which];
}

static char *read_text(const char *name)
{
	static char text[4096];
	int fd = open(in_folder(name), O_RDONLY);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	close(fd);
	text[len < 0 ? 0 : len] = '\0';
	return len < 0 ? NULL : text;
}

static void test_holes(void **state)
{
	uint64_t missing;
	struct stat st;

	(void)state;
	assert_int_equal(crit_mem_dump_file(&task, 0x1000, 0x100000000, in_folder("big"), NULL,
					    false, &missing, NULL),
			 CRIT_OK);
	assert_int_equal(stat(in_folder("big"), &st), 0);
	assert_int_equal(st.st_size, 0x100000000 - 0x1000);
	assert_true(st.st_blocks * 512 < 1 << 20);
	unlink(in_folder("big"));
	unlink(in_folder("big.missing"));
}

/* In somebody's file there are no holes where its old bytes would be seen through. */
static void test_no_holes(void **state)
{
	static const struct {
		int flags;
		off_t at;
		const char *bytes;
		size_t len;
	} cases[] = {
		{ O_RDWR, 1, "o\0\0\0\0file", 9 },
		{ O_RDWR, 7, "old fil\0\0\0\0", 11 },
		{ O_RDWR, 9, "old file\0\0\0\0\0", 13 },
		//        ^ behind the end: a hole, but of the right length
		{ O_RDWR | O_APPEND, 0, "old file\0\0\0\0", 12 },
	};
	uint64_t missing;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct crit_output *out;
		int fd = open(in_folder("old"), O_RDWR | O_CREAT | O_TRUNC, 0600);

		assert_int_equal(write(fd, i ? "old file" : "old__file", i ? 8 : 9), i ? 8 : 9);
		close(fd);
		fd = open(in_folder("old"), cases[i].flags);
		lseek(fd, cases[i].at, SEEK_SET);
		assert_int_equal(crit_output_from_fd(fd, &out, NULL), CRIT_OK);
		assert_int_equal(crit_mem_dump(&task, 0x2000, 0x2004, out, NULL, &missing, NULL),
				 CRIT_OK);
		crit_output_close(out);
		close(fd);
		assert_memory_equal(read_text("old"), cases[i].bytes, cases[i].len + 1);
	}
	unlink(in_folder("old"));
}

static void test_list(void **state)
{
	uint64_t missing;

	(void)state;
	assert_int_equal(crit_mem_dump_file(&task, 0x2ffc, 0x6004, in_folder("a"), NULL, false,
					    &missing, NULL),
			 CRIT_OK);
	assert_int_equal(missing, 0x3000);
	assert_string_equal(read_text("a.missing"), "0x3000 0x5000 a guard page has no contents\n"
						    "0x5000 0x6000 not mapped\n");
	assert_int_equal(crit_mem_dump_file(&task, 0x2ffc, 0x5001, in_folder("a"), NULL, true,
					    &missing, NULL),
			 CRIT_OK);
	assert_string_equal(
		read_text("a.missing"),
		"{\"start\": 12288, \"end\": 20480, \"why\": \"a guard page has no contents\"}\n"
		"{\"start\": 20480, \"end\": 20481, \"why\": \"not mapped\"}\n");
	// Nothing is missing: the old list goes.
	assert_int_equal(crit_mem_dump_file(&task, 0x2ffc, 0x3000, in_folder("a"), NULL, false,
					    &missing, NULL),
			 CRIT_OK);
	assert_int_equal(missing, 0);
	assert_null(read_text("a.missing"));
	unlink(in_folder("a"));
}

/* A dump that is stopped leaves the old file and the old list. */
static void test_stopped_file(void **state)
{
	struct result r = { .stop_at = 0x4000 };
	struct crit_dump_options options = { .keep_going = keep_going, .ctx = &r };
	uint64_t missing;
	int fd = open(in_folder("a"), O_RDWR | O_CREAT, 0600);

	(void)state;
	assert_int_equal(write(fd, "old", 3), 3);
	close(fd);
	assert_int_equal(crit_mem_dump_file(&task, 0x2ffc, 0x9004, in_folder("a"), &options, false,
					    &missing, NULL),
			 CRIT_INTERRUPTED);
	assert_string_equal(read_text("a"), "old");
	assert_null(read_text("a.missing"));
	unlink(in_folder("a"));
}

static void test_failing_list(void **state)
{
	struct crit_error err;
	uint64_t missing;

	(void)state;
	// A directory is where the list should be.
	assert_int_equal(mkdir(in_folder("a.missing"), 0700), 0);
	assert_int_equal(crit_mem_dump_file(&task, 0x2ffc, 0x6004, in_folder("a"), NULL, false,
					    &missing, &err),
			 CRIT_INVALID);
	assert_non_null(strstr(err.message, "a.missing: a directory"));
	assert_null(read_text("a"));
	rmdir(in_folder("a.missing"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_raw),
		cmocka_unit_test(test_failing_block),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_hex_end),
		cmocka_unit_test(test_hex_star_is_exact),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_holes),
		cmocka_unit_test(test_no_holes),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_stopped_file),
		cmocka_unit_test(test_failing_list),
	};
	int nr_failed;

	if (!mkdtemp(folder))
		return 1;
	nr_failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(folder);
	return nr_failed;
}
