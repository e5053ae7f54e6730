// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * crit_mem_view() over a made-up process. The functions it asks are defined here; all of its memory
 * is in one file, whose byte N is N % 251:
 *
 *	0x10000 - 0x12000	at 0x123
 *	0x12000 - 0x13000	at 0x2123: the next bytes
 *	0x13000 - 0x14000	at 0x5000: not the next ones
 *	0x14000 - 0x15000	zeros, never written
 *	0x15000 - 0x16000	an LZ4 block
 *	0x16000 - 0x17000	not there
 *	0x17000 - 0x18000	at 0x3000
 *	0x18000 - 0x19000	at 0x4000, but in the file of that name of the parent
 *	0x19000 - 0x1a000	at 0x7800: the file ends at 0x8000
 *	behind it		not mapped, up to the top page, which is at 0x1000
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory/memory.h"

enum { FILE_LEN = 0x8000 };

static const uint64_t top_page = (uint64_t)-0x1000;
static const struct crit_origin memory[] = {
	{ .kind = CRIT_ORIGIN_IMAGE, .vaddr = 0x10000, .len = 0x2000, .off = 0x123 },
	{ .kind = CRIT_ORIGIN_IMAGE, .vaddr = 0x12000, .len = 0x1000, .off = 0x2123 },
	{ .kind = CRIT_ORIGIN_IMAGE, .vaddr = 0x13000, .len = 0x1000, .off = 0x5000 },
	{ .kind = CRIT_ORIGIN_ZERO, .vaddr = 0x14000, .len = 0x1000 },
	{ .kind = CRIT_ORIGIN_IMAGE, .vaddr = 0x15000, .len = 0x1000, .block_len = 9 },
	{ .kind = CRIT_ORIGIN_UNAVAILABLE, .why = CRIT_WHY_LAZY, .vaddr = 0x16000, .len = 0x1000 },
	{ .kind = CRIT_ORIGIN_IMAGE, .vaddr = 0x17000, .len = 0x1000, .off = 0x3000 },
	{ .kind = CRIT_ORIGIN_IMAGE, .vaddr = 0x18000, .len = 0x1000, .off = 0x4000, .level = 1 },
	{ .kind = CRIT_ORIGIN_FILE, .vaddr = 0x19000, .len = 0x1000, .off = 0x7800 },
	{ .kind = CRIT_ORIGIN_UNMAPPED, .vaddr = 0x1a000, .len = (uint64_t)-0x1b000 },
	{ .kind = CRIT_ORIGIN_IMAGE, .vaddr = (uint64_t)-0x1000, .len = 0x1000, .off = 0x1000 },
};
static struct crit_task task;
static int file_fd;

enum crit_status crit_mem_locate(struct crit_task *of, uint64_t vaddr, struct crit_origin *out,
				 struct crit_error *err)
{
	(void)of, (void)err;
	for (size_t i = 0; i < sizeof(memory) / sizeof(memory[0]); i++) {
		uint64_t skip = vaddr - memory[i].vaddr;

		if (vaddr < memory[i].vaddr || skip >= memory[i].len)
			continue;
		*out = memory[i];
		out->vaddr = vaddr;
		out->len -= skip;
		out->off += skip;
		out->source = out->kind == CRIT_ORIGIN_ZERO ? NULL : "pages-1.img";
		return CRIT_OK;
	}
	fail_msg("0x%llx is outside of the made-up memory", (unsigned long long)vaddr);
	return CRIT_INVALID;
}

bool mem_origin_file(struct crit_task *of, const struct crit_origin *at, int *fd, uint64_t *off)
{
	(void)of;
	*fd = file_fd;
	*off = at->off;
	return file_fd >= 0;
}

static int set_up(void **state)
{
	char name[] = "/tmp/critcore-view-XXXXXX";
	uint8_t bytes[FILE_LEN];

	(void)state;
	for (size_t i = 0; i < FILE_LEN; i++)
		bytes[i] = (uint8_t)(i % 251);
	file_fd = mkstemp(name);
	return file_fd < 0 || unlink(name) || write(file_fd, bytes, FILE_LEN) != FILE_LEN;
}

static int tear_down(void **state)
{
	(void)state;
	return file_fd >= 0 && close(file_fd);
}

static void test_in_a_row(void **state)
{
	static const struct {
		uint64_t vaddr;
		size_t len;
		uint64_t off;
	} cases[] = {
		{ 0x10000, 1, 0x123 },
		{ 0x10005, 0x1ffb, 0x128 },
		{ 0x11ffe, 4, 0x2121 },
		//      ^ over the border of two runs
		{ 0x10000, 0x3000, 0x123 },
		{ 0x13000, 0x1000, 0x5000 },
		{ 0x17ff0, 0x10, 0x3ff0 },
		{ 0x19000, 0x800, 0x7800 },
		{ (uint64_t)-2, 2, 0x1ffe },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct crit_view *view;
		const uint8_t *bytes;

		assert_int_equal(crit_mem_view(&task, cases[i].vaddr, cases[i].len, &view, NULL),
				 CRIT_OK);
		assert_int_equal(crit_view_len(view), cases[i].len);
		bytes = crit_view_data(view);
		for (size_t k = 0; k < cases[i].len; k++)
			assert_int_equal(bytes[k], (cases[i].off + k) % 251);
		assert_true(crit_view_intact(view));
		crit_view_close(view);
	}
	crit_view_close(NULL);
}

static void test_refused(void **state)
{
	static const struct {
		uint64_t vaddr;
		size_t len;
		enum crit_status status;
		const char *message;
	} cases[] = {
		{ 0x10000, 0, CRIT_INVALID, "a view of 0 bytes" },
		{ 0x12fff, 2, CRIT_UNSUPPORTED, "0x13000: not next to the bytes before" },
		{ 0x14000, 1, CRIT_UNSUPPORTED, "0x14000: zeros that no file holds" },
		{ 0x15010, 1, CRIT_UNSUPPORTED, "0x15010: compressed" },
		{ 0x16001, 1, CRIT_NOT_DUMPED, "0x16001: left with the page server" },
		{ 0x17fff, 2, CRIT_UNSUPPORTED, "0x18000: not next to the bytes before" },
		//         ^ at the next offset, but of another file
		{ 0x19fff, 2, CRIT_UNMAPPED, "0x1a000: not mapped" },
		{ (uint64_t)-1, 2, CRIT_UNMAPPED, "the address space ends" },
		{ 0x19000, 0x801, CRIT_CORRUPT, "pages-1.img: the file ends at byte 32768" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct crit_view *view = NULL;
		struct crit_error err;

		assert_int_equal(crit_mem_view(&task, cases[i].vaddr, cases[i].len, &view, &err),
				 cases[i].status);
		assert_string_equal(err.message, cases[i].message);
		assert_int_equal(err.status, cases[i].status);
		assert_null(view);
	}
}

static void test_cannot_be_had(void **state)
{
	struct crit_view *view = NULL;
	int fd = file_fd;

	(void)state;
	file_fd = -1;
	assert_int_equal(crit_mem_view(&task, top_page, 8, &view, NULL), CRIT_UNSUPPORTED);
	file_fd = fd;
	assert_null(view);
}

static void test_cut_short(void **state)
{
	struct crit_view *view;
	const volatile uint8_t *bytes;

	(void)state;
	assert_int_equal(crit_mem_view(&task, 0x10000, 0x3000, &view, NULL), CRIT_OK);
	bytes = crit_view_data(view);
	assert_int_equal(ftruncate(file_fd, 0x1000), 0);
	assert_int_equal(bytes[0], 0x123 % 251);
	assert_int_equal(bytes[0x2fff], 0);
	assert_false(crit_view_intact(view));
	crit_view_close(view);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_in_a_row, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cannot_be_had, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cut_short, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
