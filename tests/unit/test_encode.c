// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * JSON to images: what each type, style and member becomes, byte by byte, and what is refused, with
 * line, column and path. Payloads and members that start with '_' are in test_encode_kept.c.
 */
#include "encode_json.h"

#define RLIMIT_BE "54564319 57113925 "

static void test_framing(void **state)
{
	(void)state;
	assert_image("{\"magic\": \"RLIMIT\", \"entries\": []}", COMMON RLIMIT, "");
	assert_image("{\"magic\": \"STATS\", \"entries\": []}", "40591055 06330957", "");
	assert_image("{\"magic\": \"INVENTORY\", \"entries\": []}", "16313158", "");
	assert_image("{\"magic\":\"RLIMIT\",\"entries\":[{\"cur\":1,\"max\":\"2\"}, "
		     "{\"max\": 128, \"cur\": 0}]}\n",
		     COMMON RLIMIT "04000000 08011002 05000000 0800108001", "");
	assert_image("{\"_framing\": \"none\", \"magic\": \"RLIMIT\", \"entries\": []}", RLIMIT,
		     "");
	assert_image("{\"magic\": \"RLIMIT\", \"_byte_order\": \"big\", \"entries\": [{\"cur\": 1, "
		     "\"max\": 2}]}",
		     RLIMIT_BE "00000004 08011002", "");
	assert_image("{\"magic\": \"RLIMIT\", \"entries\": [], \"_trailing\": \"YWJj\\n\"}",
		     COMMON RLIMIT "616263", "");
	assert_image("{\"_trailing\": \"YWJj\\n\", \"magic\": \"RLIMIT\", \"entries\": [], "
		     "\"_x\": [{\"_y\": null}]}",
		     COMMON RLIMIT "616263", "t: line 1: _x: ignored\n");
}

/** What stands before the records may come behind them. */
static void test_order_of_members(void **state)
{
	(void)state;
	assert_image("{\"entries\": [{\"cur\": 1, \"max\": 2}], \"magic\": \"RLIMIT\"}",
		     COMMON RLIMIT "04000000 08011002", "");
	assert_image("{\n\"entries\": [{\"cur\": 1,\n\"max\": 2}],\n\"_byte_order\": \"big\", "
		     "\"_framing\": \"none\", \"magic\": \"RLIMIT\"}",
		     "57113925 00000004 08011002", "");
}

static void test_order_behind_entries(void **state)
{
	static const char json[] = "{\"magic\": \"RLIMIT\", \"entries\": [], "
				   "\"_byte_order\": \"big\"}";
	struct buf image = { 0 }, heard = { 0 };
	struct crit_error err;

	(void)state;
	assert_int_equal(encode(json, &image, &heard, &err), CRIT_OK);
	assert_memory_equal(image.data, "\x54\x56\x43\x19", 4);
	// A pipe whose magic came in time is written as it is read.
	assert_int_equal(encode_piped(json, &image, &heard, &err), CRIT_CORRUPT);
	assert_string_equal(err.message, "t: line 1, column 51: _byte_order: in a document this "
					 "long it must stand before \"entries\"");
	buf_deinit(&image);
	buf_deinit(&heard);
}

static void test_document_faults(void **state)
{
	static const struct {
		const char *json, *message;
	} cases[] = {
		{ "",
		  "column 1: expected JSON, an object with \"magic\" and \"entries\", found the "
		  "end" },
		{ "[]",
		  "column 1: expected JSON, an object with \"magic\" and \"entries\", found [" },
		{ "{}", "column 2: \"magic\" is missing" },
		{ "{\"magic\": \"CORE\"}", "column 17: \"entries\" is missing" },
		{ "{\"entries\": []}", "column 15: \"magic\" is missing" },
		{ "{\"magic\": \"FOO\", \"entries\": []}",
		  "column 11: magic: \"FOO\" is no kind of image with records" },
		{ "{\"magic\": 1, \"entries\": []}",
		  "column 11: magic: expected a string, found 1" },
		{ "{\"magic\": \"CORE\", \"magic\": \"CORE\"}",
		  "column 19: magic: a second time in one object" },
		{ "{\"magic\": \"CORE\", \"entries\": {}}",
		  "column 30: entries: expected a list, found {" },
		{ "{\"magic\": \"CORE\", \"entries\": [], \"entries\": []}",
		  "column 34: entries: a second time in one object" },
		{ "{\"magic\": \"CORE\", \"entries\": [1]}",
		  "column 31: entries[0]: expected an object, found 1" },
		{ "{\"magic\": \"CORE\", \"foo\": 1}",
		  "column 19: \"foo\" is no member of an image" },
		{ "{\"magic\": \"CORE\", \"entries\": []} x",
		  "column 34: expected nothing more, found x" },
		{ "{\"magic\": \"CORE\", \"_framing\": \"x\", \"entries\": []}",
		  "column 31: _framing: \"x\" is no framing" },
		{ "{\"magic\": \"CORE\", \"_byte_order\": \"x\", \"entries\": []}",
		  "column 34: _byte_order: \"x\" is no byte order: big, little" },
	};
	struct crit_error err;
	char wanted[256];

	(void)state;
	for (size_t i = 0; i < NR(cases); i++) {
		struct buf image = { 0 }, heard = { 0 };

		assert_int_equal(encode(cases[i].json, &image, &heard, &err), CRIT_CORRUPT);
		snprintf(wanted, sizeof(wanted), "t: line 1, %s", cases[i].message);
		assert_string_equal(err.message, wanted);
		buf_deinit(&image);
		buf_deinit(&heard);
	}
}

/** Integers in all the forms they are printed in. */
static void test_numbers(void **state)
{
	static const struct {
		const char *value, *hex; /* of a uint64 */
	} cases[] = {
		{ "0", "00" },
		{ "\"0x1f\"", "1f" },
		{ "\"0o17\"", "0f" },
		{ "\"0b101\"", "05" },
		{ "\" 42 \"", "2a" },
		{ "18446744073709551615", "ffffffffffffffffff01" },
		{ "\"18446744073709551615\"", "ffffffffffffffffff01" },
	};
	char entry[128], hex[128];

	(void)state;
	for (size_t i = 0; i < NR(cases); i++) {
		snprintf(entry, sizeof(entry), "{\"cur\": %s, \"max\": 1}", cases[i].value);
		snprintf(hex, sizeof(hex), "08%s1001", cases[i].hex);
		assert_record("RLIMIT", entry, hex);
	}
	assert_refused("RLIMIT", "{\"cur\": -1, \"max\": 1}",
		       "entries[0].cur: -1 does not fit into uint64");
	assert_refused("RLIMIT", "{\"cur\": \"010\", \"max\": 1}",
		       "entries[0].cur: \"010\" is no number");
	assert_refused("RLIMIT", "{\"cur\": \"\", \"max\": 1}",
		       "entries[0].cur: \"\" is no number");
	assert_refused("RLIMIT", "{\"cur\": \"0x\", \"max\": 1}",
		       "entries[0].cur: \"0x\" is no number");
	assert_refused("RLIMIT", "{\"cur\": \"0x1ffffffffffffffff\", \"max\": 1}",
		       "entries[0].cur: \"0x1ffffffffffffffff\" is no number");
	assert_refused("RLIMIT", "{\"cur\": null, \"max\": 1}",
		       "entries[0].cur: expected a number, found null");
	assert_refused("RLIMIT", "{\"cur\": [1], \"max\": 1}",
		       "entries[0].cur: expected a number, found [1");
	assert_refused("RLIMIT", "{\"cur\": 1.0, \"max\": 1}",
		       "entries[0].cur: a number with a fraction or an exponent");
}

#define VMA(prot, flags, fd)                                                                       \
	"{\"start\": \"0x1000\", \"end\": 8192, \"pgoff\": 0, \"shmid\": 0, "                      \
	"\"prot\": " prot ", \"flags\": " flags ", \"status\": 0, \"fd\": " fd "}"

static void test_styles(void **state)
{
	(void)state;
	assert_record("VMAS", VMA("\"PROT_READ | PROT_EXEC\"", "\"MAP_SHARED | 0x10\"", "-1"),
		      "088020 10 8040 1800 2000 2805 3011 3800 4001");
	assert_record("VMAS", VMA("\"\"", "\"2|MAP_ANON\"", "\"-0x1\""),
		      "088020 10 8040 1800 2000 2800 3022 3800 4001");
	assert_record("VMAS", VMA("7", "\"0x22\"", "\"0x-1\""),
		      "088020 10 8040 1800 2000 2807 3022 3800 4001");
	assert_refused("VMAS", VMA("\"PROT_FOO\"", "1", "1"),
		       "entries[0].prot: \"PROT_FOO\" is no number and no names of flags");
	assert_refused("VMAS", VMA("\"PROT_READ | \"", "1", "1"),
		       "entries[0].prot: \"PROT_READ | \" is no number and no names of flags");
	assert_refused("VMAS", VMA("\"0xffffffff | 1\"", "1", "1"),
		       "entries[0].prot: 4294967296 does not fit into uint32");
	assert_refused("VMAS", VMA("1", "1", "9223372036854775808"),
		       "entries[0].fd: 9223372036854775808 does not fit into sint64");
	assert_record("GHOST_FILE",
		      "{\"uid\": 0, \"gid\": 0, \"mode\": 1, \"dev\": \"8:1\", "
		      "\"rdev\": \"4:300\"}",
		      "0800 1000 1801 208180 8004 30ac88 40");
	assert_refused("GHOST_FILE", "{\"uid\": 0, \"gid\": 0, \"mode\": 1, \"rdev\": \"4096:1\"}",
		       "entries[0].rdev: 17592186044417 does not fit into uint32");
	assert_refused("GHOST_FILE",
		       "{\"uid\": 0, \"gid\": 0, \"mode\": 1, \"dev\": \"8:1048576\"}",
		       "entries[0].dev: \"8:1048576\" is no number");
}

static void test_types(void **state)
{
	(void)state;
	// An enum by name and by number, a text.
	assert_record("FDINFO",
		      "{\"id\": 1, \"flags\": 0, \"type\": \"PIPE\", \"fd\": 3, "
		      "\"xattr_security_selinux\": \"a\\u00e9\"}",
		      "0801 1000 1802 2003 2a03 61c3a9");
	assert_record("FDINFO", "{\"fd\": 3, \"id\": 1, \"flags\": 0, \"type\": 77}",
		      "0801 1000 184d 2003");
	assert_refused("FDINFO", "{\"id\": 1, \"flags\": 0, \"type\": \"PIP\", \"fd\": 3}",
		       "entries[0].type: \"PIP\" is no value of fd_types");
	assert_refused("FDINFO", "{\"id\": 1, \"flags\": 0, \"type\": true, \"fd\": 3}",
		       "entries[0].type: expected a name, found true");
	// bool, a message, a packed list.
	assert_record("PAGEMAP",
		      "{\"pages_id\": 1}, {\"vaddr\": \"0x1000\", \"compat_nr_pages\": 0, "
		      "\"in_parent\": true, \"blocks\": {\"block_sizes\": [1, 300], "
		      "\"total_payload_size\": 301, \"pages_per_block\": 1}}",
		      "0801 13000000 088020 1000 1801 320a 0a03 01ac02 10ad02 1801");
	assert_record("PAGEMAP",
		      "{\"pages_id\": 1}, {\"vaddr\": 0, \"compat_nr_pages\": 0, "
		      "\"in_parent\": 0, \"blocks\": {\"block_sizes\": [], "
		      "\"total_payload_size\": 0, \"pages_per_block\": 1}}",
		      "0801 0c000000 0800 1000 1800 3204 1000 1801");
	assert_refused("PAGEMAP", "{\"pages_id\": 1}, {\"vaddr\": 0, \"in_parent\": 2}",
		       "entries[1].in_parent: 2 does not fit into bool");
	assert_refused("PAGEMAP", "{\"pages_id\": 1}, {\"vaddr\": 0, \"in_parent\": \"true\"}",
		       "entries[1].in_parent: expected true or false, found a string");
	// bytes, in a list of messages.
	assert_record("SECCOMP",
		      "{\"seccomp_filters\": [{\"filter\": \"AAECAw==\\n\"}, "
		      "{\"filter\": \"\"}]}",
		      "0a06 0a0400010203 0a02 0a00");
	assert_record("SECCOMP", "{}", "");
	assert_record("SECCOMP", "{\"seccomp_filters\": []}", "");
	assert_refused(
		"SECCOMP", "{\"seccomp_filters\": [{\"filter\": \"\"}, {\"filter\": 1}]}",
		"entries[0].seccomp_filters[1].filter: expected a string of base64, found 1");
	assert_refused("SECCOMP", "{\"seccomp_filters\": {}}",
		       "entries[0].seccomp_filters: expected a list, found {");
	assert_refused("UTSNS", "{\"nodename\": 1}",
		       "entries[0].nodename: expected a string, found 1");
}

/** A message of more than 127 bytes has a length of two. */
static void test_long_message(void **state)
{
	enum { LEN = 132 };
	char base64[LEN / 3 * 4 + 1], zeros[2 * LEN + 1], entry[512], hex[512];

	(void)state;
	memset(base64, 'A', sizeof(base64) - 1);
	memset(zeros, '0', sizeof(zeros) - 1);
	base64[sizeof(base64) - 1] = zeros[sizeof(zeros) - 1] = '\0';
	snprintf(entry, sizeof(entry), "{\"seccomp_filters\": [{\"prev\": 1, \"filter\": \"%s\"}]}",
		 base64);
	snprintf(hex, sizeof(hex), "0a8901 0a8401 %s 1001", zeros);
	assert_record("SECCOMP", entry, hex);
}

static void test_members(void **state)
{
	(void)state;
	assert_refused("RLIMIT", "{\"cur\": 1}",
		       "entries[0]: the required field \"max\" is missing");
	assert_refused("RLIMIT", "{\"cur\": 1, \"max\": 1}, {\"max\": 1}",
		       "entries[1]: the required field \"cur\" is missing");
	assert_refused("RLIMIT", "{\"cur\": 1, \"foo\": 1}",
		       "entries[0]: \"foo\" is no field of rlimit_entry");
	assert_refused("RLIMIT", "{\"cur\": 1, \"cur\": 1}",
		       "entries[0].cur: a second time in one object");
	assert_refused("TIMENS", "{\"monotonic\": {\"tv_sec\": 1}, \"boottime\": {}}",
		       "entries[0].monotonic: the required field \"tv_nsec\" is missing");
	assert_refused("RLIMIT", "{\"cur\": 1, \"max\": 1, \"extra\": \"\"}",
		       "entries[0].extra: nothing follows a message of RLIMIT");
}

static void test_ip(void **state)
{
	static const char entry[] =
		"{\"type\": \"SIT\", \"ifindex\": 1, \"mtu\": 1, \"flags\": 1, "
		"\"name\": \"s\", \"sit\": {\"local\": [\"1.2.3.4\"], \"remote\": "
		"[\"::1\"], \"rd_prefix\": [5, \"0x6\"]}}";
	struct buf image = { 0 }, heard = { 0 };
	struct crit_error err = { 0 };
	char json[1024], hex[1024];

	(void)state;
	snprintf(json, sizeof(json), "{\"magic\": \"NETDEV\", \"entries\": [%s]}", entry);
	assert_int_equal(encode(json, &image, &heard, &err), CRIT_OK);
	to_hex(&image, hex, sizeof(hex));
	// The words of a little-endian machine: its memory holds network order.
	assert_non_null(strstr(hex, "1081848c20"
				    "180018001800188080800870057006"));
	buf_clear(&image);
	snprintf(json, sizeof(json),
		 "{\"magic\": \"NETDEV\", \"_byte_order\": \"big\", \"entries\": [%s]}", entry);
	assert_int_equal(encode(json, &image, &heard, &err), CRIT_OK);
	to_hex(&image, hex, sizeof(hex));
	assert_non_null(strstr(hex, "1084868808"
				    "180018001800180170057006"));
	buf_deinit(&image);
	buf_deinit(&heard);
}

static void test_lines(void **state)
{
	static const char json[] =
		"{\n    \"magic\": \"FDINFO\",\n    \"entries\": [\n        {\n"
		"            \"id\": 1,\n            \"flags\": 4294967296\n        }\n    ]\n}\n";
	struct buf image = { 0 }, heard = { 0 };
	struct crit_error err;

	(void)state;
	assert_int_equal(encode(json, &image, &heard, &err), CRIT_CORRUPT);
	assert_string_equal(err.message,
			    "t: line 6, column 22: entries[0].flags: 4294967296 does not "
			    "fit into uint32");
	assert_string_equal(err.image, "t");
	assert_int_equal(err.off, strstr(json, "4294967296") - json);
	buf_deinit(&image);
	buf_deinit(&heard);
}

static void test_depth(void **state)
{
	struct buf json = { 0 }, image = { 0 }, heard = { 0 };
	struct crit_error err;

	(void)state;
	buf_add_str(&json, "{\"magic\": \"CGROUP\", \"entries\": [{\"controllers\": [{\"dirs\": [");
	for (int i = 0; i < 200; i++)
		buf_add_str(&json, "{\"children\": [");
	for (int i = 0; i < 203; i++)
		buf_add_str(&json, "]}");
	buf_add_byte(&json, '\0');
	assert_int_equal(encode((char *)json.data, &image, &heard, &err), CRIT_CORRUPT);
	assert_non_null(strstr(err.message, ".children[0]: messages are nested too deep"));
	buf_deinit(&json);
	buf_deinit(&image);
	buf_deinit(&heard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_framing),
		cmocka_unit_test(test_order_of_members),
		cmocka_unit_test(test_order_behind_entries),
		cmocka_unit_test(test_document_faults),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_styles),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_long_message),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_ip),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
