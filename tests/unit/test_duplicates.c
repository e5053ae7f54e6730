// SPDX-License-Identifier: LGPL-2.1-or-later
/* test_duplicates.c - pages with the same contents: exact while they are few, estimated beyond. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "stats/duplicates.h"

enum { PAGE = 64, MANY = 50000 };

static void put(struct duplicates *d, uint64_t what, uint32_t owner)
{
	uint8_t page[PAGE] = { 0 };

	// Where a weak sum would lose it: the topmost bits of words of one lane.
	memcpy(page + 1, &what, sizeof(what));
	page[7] = page[39] = what & 1 ? 0x80 : 0;
	assert_true(duplicates_add(d, page, PAGE, PAGE, owner));
}

static void count_few(void **state)
{
	struct crit_duplicates out = { 0 };
	struct duplicates *d = duplicates_new(&out, 1 << 16);

	(void)state;
	put(d, 0, 1); // nothing but zeros
	for (uint64_t i = 1; i <= 1000; i++)
		put(d, i, 1);
	for (uint64_t i = 1; i <= 10; i++)
		put(d, i, 1);
	for (uint64_t i = 1; i <= 100; i++)
		put(d, i, 2);
	duplicates_finish(d);
	duplicates_free(d);
	assert_int_equal(out.nr_pages, 1111);
	assert_int_equal(out.nr_zero, 1);
	assert_int_equal(out.nr_distinct, 1000);
	assert_int_equal(out.nr_same, 10);
	assert_int_equal(out.nr_across, 100);
	assert_false(out.estimated);
}

/** Pages that differ in two bits that a plain product would let cancel. */
static void tell_apart(void **state)
{
	struct crit_duplicates out = { 0 };
	struct duplicates *d = duplicates_new(&out, 1 << 16);
	uint8_t page[PAGE] = { 1 };

	(void)state;
	assert_true(duplicates_add(d, page, PAGE, PAGE, 1));
	page[7] = page[39] = 0x80;
	assert_true(duplicates_add(d, page, PAGE, PAGE, 1));
	duplicates_finish(d);
	duplicates_free(d);
	assert_int_equal(out.nr_distinct, 2);
}

static void estimate_many(void **state)
{
	struct crit_duplicates out = { 0 };
	struct duplicates *d = duplicates_new(&out, 1 << 12);

	(void)state;
	for (uint64_t i = 1; i <= MANY; i++)
		put(d, i, 1);
	for (uint64_t i = 1; i <= MANY / 2; i++)
		put(d, i, 2);
	duplicates_finish(d);
	duplicates_free(d);
	assert_true(out.estimated);
	assert_int_equal(out.nr_pages, MANY + MANY / 2);
	assert_in_range(out.nr_distinct, MANY * 9 / 10, MANY * 11 / 10);
	assert_in_range(out.nr_across, MANY / 2 * 85 / 100, MANY / 2 * 115 / 100);
	assert_int_equal(out.nr_same, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(count_few),
		cmocka_unit_test(tell_apart),
		cmocka_unit_test(estimate_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
