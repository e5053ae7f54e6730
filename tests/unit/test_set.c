// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * crit_image_set(): one field changes, every other byte stays. Images are written out in hex, so
 * that forms no writer would choose can be seen to survive.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "critcore.h"
#include "util/buf.h"

#define HEAD   "19435654 " /* the first magic */
#define RLIMIT HEAD "25391157 "

static bool collect(void *ctx, const void *data, size_t len)
{
	buf_add(ctx, data, len);
	return true;
}

static void from_hex(const char *hex, struct buf *out)
{
	unsigned value, nr = 0, byte = 0;

	buf_clear(out);
	for (; *hex; hex++) {
		if (*hex == ' ')
			continue;
		value = (unsigned)(*hex <= '9' ? *hex - '0' : *hex - 'a' + 10);
		byte = byte << 4 | value;
		if (++nr % 2 == 0)
			buf_add_byte(out, (uint8_t)byte);
	}
}

static enum crit_status set(const char *image, const char *path, const char *value, struct buf *to,
			    struct crit_error *err)
{
	struct buf bytes = { 0 };
	struct crit_input *in;
	struct crit_output *out;
	enum crit_status status;

	memset(err, 0, sizeof(*err));
	from_hex(image, &bytes);
	buf_clear(to);
	assert_int_equal(crit_input_from_memory(bytes.data, bytes.len, "t", &in, NULL), CRIT_OK);
	assert_int_equal(crit_output_from_function(collect, to, &out, NULL), CRIT_OK);
	status = crit_image_set(in, out, path, value, err);
	crit_output_close(out);
	crit_input_close(in);
	buf_deinit(&bytes);
	return status;
}

static void assert_set(const char *before, const char *path, const char *value, const char *after)
{
	struct buf found = { 0 }, wanted = { 0 };
	struct crit_error err;

	if (set(before, path, value, &found, &err))
		fail_msg("%s = %s: %s", path, value, err.message);
	from_hex(after, &wanted);
	assert_int_equal(found.len, wanted.len);
	assert_memory_equal(found.data, wanted.data, wanted.len);
	buf_deinit(&found);
	buf_deinit(&wanted);
}

static void assert_refused(const char *image, const char *path, const char *value,
			   enum crit_status status, const char *message)
{
	struct buf found = { 0 };
	struct crit_error err;

	assert_int_equal(set(image, path, value, &found, &err), status);
	assert_string_equal(err.message, message);
	buf_deinit(&found);
}

static void test_numbers(void **state)
{
	(void)state;
	assert_set(RLIMIT "04000000 0801 1002", "entries[0].cur", "300",
		   RLIMIT "05000000 08ac02 1002");
	assert_set(RLIMIT "04000000 0801 1002 04000000 0803 1004 ffff", "entries[1].max", "\"0x7\"",
		   RLIMIT "04000000 0801 1002 04000000 0803 1007 ffff");
	// Out of order, idle bytes, an unknown field, the same field twice: the last one counts.
	assert_set(RLIMIT "0d000000 108200 4801 0801 08818000 5801", "entries[0].cur", "7",
		   RLIMIT "0b000000 108200 4801 0801 0807 5801");
	// Big-endian framing.
	assert_set("54564319 57113925 00000004 0801 1002", "entries[0].cur", "300",
		   "54564319 57113925 00000005 08ac02 1002");
	// One that is not there goes where its number belongs.
	assert_set(RLIMIT "02000000 1002", "entries[0].cur", "1", RLIMIT "04000000 0801 1002");
	assert_set(RLIMIT "04000000 0801 4801", "entries[0].max", "1",
		   RLIMIT "06000000 0801 1001 4801");
	assert_set(RLIMIT "00000000", "entries[0].max", "1", RLIMIT "02000000 1001");
}

#define SECCOMP HEAD "49304164 "

static void test_messages(void **state)
{
	static const char two[] = SECCOMP "0c000000 0a03 0a0161 0a05 0a0162 1007";

	(void)state;
	assert_set(two, "entries[0].seccomp_filters[1].prev", "300",
		   SECCOMP "0d000000 0a03 0a0161 0a06 0a0162 10ac02");
	assert_set(two, "entries[0].seccomp_filters[0].filter", "\"eHl6\"",
		   SECCOMP "0e000000 0a05 0a0378797a 0a05 0a0162 1007");
	assert_set(two, "entries[0].seccomp_filters[0]", "{\"filter\": \"\"}",
		   SECCOMP "0b000000 0a02 0a00 0a05 0a0162 1007");
	assert_set(two, "entries[0].seccomp_filters[2]", "{\"filter\": \"\"}",
		   SECCOMP "10000000 0a03 0a0161 0a05 0a0162 1007 0a02 0a00");
	assert_set(two, "entries[0].seccomp_filters", "[{\"filter\": \"\"}]",
		   SECCOMP "04000000 0a02 0a00");
	// A length with an idle byte stays when it still is right.
	assert_set(SECCOMP "07000000 0a8400 0a00 1007", "entries[0].seccomp_filters[0].prev", "8",
		   SECCOMP "07000000 0a8400 0a00 1008");
	assert_refused(two, "entries[0].seccomp_filters[1].nope", "1", CRIT_NOT_FOUND,
		       "t: entries[0].seccomp_filters[1].nope: \"nope\" is no field of "
		       "seccomp_filter");
	assert_refused(two, "entries[0].seccomp_filters[2].prev", "1", CRIT_NOT_FOUND,
		       "t: entries[0].seccomp_filters[2].prev: there is no such "
		       "\"seccomp_filters\"");
	assert_refused(two, "entries[0].seccomp_filters[3]", "{\"filter\": \"\"}", CRIT_NOT_FOUND,
		       "t: entries[0].seccomp_filters[3]: there are 2");
	assert_refused(
		two, "entries[0].seccomp_filters.prev", "1", CRIT_INVALID,
		"t: entries[0].seccomp_filters.prev: which \"seccomp_filters\"? It is a list");
	assert_refused(two, "entries[0].seccomp_filters[0]", "{}", CRIT_CORRUPT,
		       "value: line 1, column 2: entries[0].seccomp_filters[0]: the required field "
		       "\"filter\" is missing");
	assert_refused(two, "entries[0].seccomp_filters[1].prev[0]", "1", CRIT_INVALID,
		       "t: entries[0].seccomp_filters[1].prev[0]: \"prev\" is no list");
	assert_refused(two, "entries[0].seccomp_filters[1].prev.x", "1", CRIT_NOT_FOUND,
		       "t: entries[0].seccomp_filters[1].prev.x: \"prev\" has nothing inside");
}

#define CREDS HEAD "47350254 "

static void test_lists(void **state)
{
	(void)state;
	assert_set(CREDS "04000000 4801 4802", "entries[0].cap_inh[1]", "300",
		   CREDS "05000000 4801 48ac02");
	assert_set(CREDS "04000000 4801 5002", "entries[0].cap_inh[1]", "3",
		   CREDS "06000000 4801 4803 5002");
}

/** Readers take packed lists also where the schema says nothing of it. */
static void test_packed(void **state)
{
	(void)state;
	assert_set(CREDS "06000000 4a020102 4803", "entries[0].cap_inh[1]", "300",
		   CREDS "07000000 4a0301ac02 4803");
	assert_set(CREDS "06000000 4a020102 4803", "entries[0].cap_inh[2]", "9",
		   CREDS "06000000 4a020102 4809");
	assert_set(CREDS "06000000 4803 4a020102", "entries[0].cap_inh[3]", "9",
		   CREDS "07000000 4803 4a03010209");
	assert_set(CREDS "06000000 4a020102 4803", "entries[0].cap_inh", "[7]",
		   CREDS "02000000 4807");
}

#define QUEUES HEAD "26402656 "

/** Records in front are skipped with what follows them. */
static void test_payloads(void **state)
{
	static const char queues[] = QUEUES "04000000 0801 1003 616263 04000000 0802 1001 78";

	(void)state;
	assert_set(queues, "entries[1].id_for", "300",
		   QUEUES "04000000 0801 1003 616263 05000000 08ac02 1001 78");
	assert_refused(queues, "entries[1].length", "2", CRIT_INVALID,
		       "t: entries[1].length: it says how much follows the message, which stays as "
		       "it is");
	assert_refused(
		queues, "entries[1].extra", "\"\"", CRIT_UNSUPPORTED,
		"t: entries[1].extra: what follows a message is changed by decode and encode");
	assert_refused(queues, "entries[2].id_for", "2", CRIT_NOT_FOUND,
		       "t: entries[2].id_for: there are 2 records");
	assert_refused(QUEUES "04000000 0801 1003 6162", "entries[1].id_for", "2", CRIT_CORRUPT,
		       "t: the file ends before the record that is meant at byte 18");
}

static void test_faults(void **state)
{
	static const char image[] = RLIMIT "04000000 0801 1002";

	(void)state;
	assert_refused(image, "entries", "1", CRIT_INVALID,
		       "entries: a path begins with entries[0]");
	assert_refused(image, "entries[x].cur", "1", CRIT_INVALID,
		       "entries[x].cur: a path begins with entries[0]");
	assert_refused(image, "entries[0]", "1", CRIT_INVALID,
		       "entries[0]: a path names a field: entries[0].tc.comm");
	assert_refused(image, "entries[0].", "1", CRIT_INVALID,
		       "entries[0].: a path is like entries[0].tc.comm");
	assert_refused(image, "entries[0]cur", "1", CRIT_INVALID,
		       "entries[0]cur: a path is like entries[0].tc.comm");
	assert_refused(image, "entries[0].cur", "-1", CRIT_CORRUPT,
		       "value: line 1, column 1: entries[0].cur: -1 does not fit into uint64");
	assert_refused(image, "entries[0].cur", "1 2", CRIT_CORRUPT,
		       "value: line 1, column 3: entries[0].cur: expected nothing more, found 2");
	assert_refused(image, "entries[0].cur", "", CRIT_CORRUPT,
		       "value: line 1, column 1: entries[0].cur: expected a number, found the end");
	assert_refused(RLIMIT "03000000 0801 10", "entries[0].cur", "1", CRIT_CORRUPT,
		       "t: entries[0].cur: the rlimit_entry is no sound message");
	assert_refused(RLIMIT "09000000 0801", "entries[0].cur", "1", CRIT_CORRUPT,
		       "t: the file ends before the record that is meant at byte 8");
	assert_refused("00000000", "entries[0].cur", "1", CRIT_CORRUPT,
		       "t: not an image with records: magic 0x0 at byte 0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),  cmocka_unit_test(test_messages),
		cmocka_unit_test(test_lists),    cmocka_unit_test(test_packed),
		cmocka_unit_test(test_payloads), cmocka_unit_test(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
