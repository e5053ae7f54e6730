// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * JSON to images: what follows a message ("extra"), and members that start with '_'. Ordinary
 * members are in test_encode.c.
 */
#include "encode_json.h"

static void test_payloads(void **state)
{
	(void)state;
	assert_record("PIPES_DATA", "{\"pipe_id\": 1, \"bytes\": 3, \"extra\": \"YWJj\\n\"}",
		      "0801 1003 616263");
	assert_record("PIPES_DATA", "{\"extra\": \"YWJj\\n\", \"bytes\": 3, \"pipe_id\": 1}",
		      "0801 1003 616263");
	assert_record("PIPES_DATA", "{\"pipe_id\": 1, \"bytes\": 0}", "0801 1000");
	assert_record("SK_QUEUES", "{\"id_for\": 1, \"length\": 1, \"extra\": \"YQ==\"}",
		      "0801 1001 61");
	assert_record("BPFMAP_DATA",
		      "{\"map_id\": 1, \"keys_bytes\": 1, \"values_bytes\": 2, "
		      "\"count\": 1, \"extra\": \"YWJj\"}",
		      "0801 1001 1802 2001 616263");
	assert_record("GHOST_FILE", "{\"uid\": 0, \"gid\": 0, \"mode\": 1, \"extra\": \"YWJj\"}",
		      "0800 1000 1801 616263");
	assert_record("GHOST_FILE",
		      "{\"uid\": 0, \"gid\": 0, \"mode\": 1, \"chunks\": true}, "
		      "{\"len\": 3, \"off\": 0, \"extra\": \"YWJj\"}",
		      "0800 1000 1801 4801 04000000 0803 1000 616263");
	assert_refused("GHOST_FILE", "{\"uid\": 0, \"gid\": 0, \"mode\": 1}, {\"len\": 0}",
		       "entries[1]: a ghost file without \"chunks\" has one entry");
	assert_refused("PIPES_DATA", "{\"pipe_id\": 1, \"bytes\": 3}",
		       "entries[0]: \"extra\" is missing: the message says 3 bytes");
	assert_refused("PIPES_DATA", "{\"pipe_id\": 1, \"bytes\": 2, \"extra\": \"YWJj\"}",
		       "entries[0]: \"extra\" has 3 bytes, the message says 2");
	assert_refused("PIPES_DATA", "{\"pipe_id\": 1, \"bytes\": 2, \"extra\": \"... <2B>\"}",
		       "entries[0].extra: a payload that was left out when this was printed");
}

#define TCP(in, out)                                                                               \
	"{\"inq_len\": " in ", \"inq_seq\": 0, \"outq_len\": " out ", \"outq_seq\": 0, "           \
	"\"opt_mask\": \"0x0\", \"snd_wscale\": 0, \"mss_clamp\": 0, \"extra\": "
#define TCP_HEX(in, out) "08" in " 1000 18" out " 2000 2800 3000 3800 "
#define DESC                                                                                       \
	"\"desc\": {\"key\": 0, \"uid\": 0, \"gid\": 0, \"cuid\": 0, \"cgid\": 0, "                \
	"\"mode\": 0, \"id\": 0}, "
#define DESC_HEX "0a0e 0800 1000 1800 2000 2800 3000 3800 "

static void test_structured_payloads(void **state)
{
	(void)state;
	assert_record("TCP_STREAM", TCP("3", "1") "{\"inq\": \"YWJj\", \"outq\": \"ZA==\"}}",
		      TCP_HEX("03", "01") "616263 64");
	assert_record("TCP_STREAM", TCP("3", "1") "{\"out_q\": \"ZA==\", \"in_q\": \"YWJj\"}}",
		      TCP_HEX("03", "01") "616263 64");
	assert_refused("TCP_STREAM", TCP("3", "0") "{\"inq\": \"YWJj\", \"outq\": \"ZA==\"}}",
		       "entries[0]: \"extra\" has 1 sent bytes, the message says 0");
	assert_record("IPCNS_SEM", "{" DESC "\"nsems\": 3, \"extra\": [1, 2, 65535]}",
		      DESC_HEX "1003 0100 0200 ffff 0000");
	assert_record("IPCNS_SEM",
		      "{" DESC "\"nsems\": 3, \"extra\": \"[1,2, 3]\", \"_padding\": "
		      "\"YWI=\"}",
		      DESC_HEX "1003 0100 0200 0300 6162");
	assert_refused("IPCNS_SEM", "{" DESC "\"nsems\": 2, \"extra\": [1]}",
		       "entries[0]: \"extra\" has 1 semaphores, the message says 2");
	assert_refused("IPCNS_SEM", "{" DESC "\"nsems\": 1, \"extra\": [65536]}",
		       "entries[0].extra: 65536 is no value of a semaphore");
	assert_record("IPCNS_MSG",
		      "{" DESC "\"qbytes\": 9, \"qnum\": 2, \"extra\": [{\"mtype\": 7, "
		      "\"msize\": 3, \"_padding\": \"AAAAAAE=\"}, \"YWJj\\n\", "
		      "{\"mtype\": 8, \"msize\": 0}, \"\"]}",
		      DESC_HEX "1009 1802 04000000 0807 1003 616263 0000000001 "
			       "04000000 0808 1000");
	assert_refused("IPCNS_MSG",
		       "{" DESC "\"qbytes\": 9, \"qnum\": 1, \"extra\": [{\"mtype\": 7, "
		       "\"msize\": 3}]}",
		       "entries[0].extra[0]: a message without its text");
	assert_refused("IPCNS_MSG",
		       "{" DESC "\"qbytes\": 9, \"qnum\": 1, \"extra\": [{\"mtype\": 7, "
		       "\"msize\": 3}, \"YWI=\"]}",
		       "entries[0].extra[1]: 2 bytes of text where \"msize\" says 3");
	assert_record("IPCNS_SHM", "{" DESC "\"size\": 3, \"extra\": \"YWJj\"}",
		      DESC_HEX "1003 616263 00");
	assert_record("IPCNS_SHM", "{" DESC "\"size\": 3, \"in_pagemaps\": true, \"extra\": \"\"}",
		      DESC_HEX "1003 1801");
}

static void test_unknown(void **state)
{
	(void)state;
	// In front of what it comes behind: fields are sorted, known ones first.
	assert_record("RLIMIT",
		      "{\"_unknown\": [{\"field\": 1, \"bytes\": \"YWI=\"}, {\"field\": 9, "
		      "\"varint\": 300}, {\"fixed32\": 1, \"field\": 3}, {\"field\": 2, "
		      "\"fixed64\": \"0x2\"}, {\"field\": 4, \"group\": \"CAE=\"}], "
		      "\"max\": 2, \"cur\": 1}",
		      "0801 0a026162 1002 110200000000000000 1d01000000 23080124 48ac02");
	// A value that a required enum does not have.
	assert_record("FDINFO",
		      "{\"id\": 1, \"flags\": 0, \"fd\": 3, \"_unknown\": [{\"field\": 3, "
		      "\"varint\": 99}]}",
		      "0801 1000 1863 2003");
	assert_refused("RLIMIT", "{\"_unknown\": [{\"field\": 0, \"varint\": 1}]}",
		       "entries[0]._unknown[0]: an unknown field needs \"field\" and a value");
	assert_refused("RLIMIT", "{\"_unknown\": [{\"field\": 4, \"group\": \"CA==\"}]}",
		       "entries[0]._unknown[0]: no sound group");
	assert_refused("RLIMIT", "{\"_unknown\": [{\"field\": 536870912, \"varint\": 1}]}",
		       "entries[0]._unknown[0]: 536870912 is no number for this");
	assert_refused("RLIMIT", "{\"_unknown\": [{\"field\": 4, \"fixed32\": 4294967296}]}",
		       "entries[0]._unknown[0]: 4294967296 is no number for this");
	assert_refused("RLIMIT", "{\"_unknown\": [{\"field\": 4, \"float\": 1}]}",
		       "entries[0]._unknown[0]: \"float\" says nothing about an unknown field");
}

static void test_raw(void **state)
{
	static const char head[] = COMMON RLIMIT;
	char hex[128];

	(void)state;
	// max before cur: 10020801
	snprintf(hex, sizeof(hex), "%s 04000000 10020801", head);
	assert_image("{\"magic\": \"RLIMIT\", \"entries\": [{\"cur\": 1, \"max\": 2, \"_raw\": "
		     "\"EAIIAQ==\\n\"}]}",
		     hex, "");
	assert_image("{\"magic\": \"RLIMIT\", \"entries\": [{\"_raw\": \"EAIIAQ==\"}]}", hex, "");
	snprintf(hex, sizeof(hex), "%s 04000000 08031002", head);
	assert_image("{\"magic\": \"RLIMIT\", \"entries\": [{\"_raw\": \"EAIIAQ==\", \"cur\": 3, "
		     "\"max\": 2}]}",
		     hex,
		     "t: line 1: entries[0]: members were changed, so \"_raw\" does not count\n");
	// No message at all; one whose required field is missing.
	snprintf(hex, sizeof(hex), "%s 01000000 ff 02000000 0801", head);
	assert_image("{\"magic\": \"RLIMIT\", \"entries\": [{\"_raw\": \"/w==\"}, {\"cur\": 1, "
		     "\"_raw\": \"CAE=\"}]}",
		     hex, "");
	assert_refused("RLIMIT", "{\"cur\": 2, \"_raw\": \"CAE=\"}",
		       "entries[0]: the required field \"max\" is missing");
}

static void test_exact_texts(void **state)
{
	static const char head[] = COMMON "03324754";
	char hex[128];

	(void)state;
	snprintf(hex, sizeof(hex), "%s 08000000 0a02 61ff 1202 6263", head);
	assert_image("{\"magic\": \"UTSNS\", \"entries\": [{\"_nodename\": \"Yf8=\", \"nodename\": "
		     "\"a\\ufffd\", \"domainname\": \"bc\"}]}",
		     hex, "");
	snprintf(hex, sizeof(hex), "%s 08000000 0a02 6162 1202 6263", head);
	assert_image(
		"{\"magic\": \"UTSNS\", \"entries\": [{\"nodename\": \"ab\", \"domainname\": "
		"\"bc\", \"_nodename\": \"Yf8=\"}]}",
		hex,
		"t: line 1: entries[0]._nodename: \"nodename\" was changed, so \"_nodename\" does "
		"not count\n");
}

/** Of a list of texts, some of which are not UTF-8. */
static void test_exact_lists(void **state)
{
	(void)state;
	assert_record("CGROUP",
		      "{\"controllers\": [{\"_cnames\": [null, \"/w==\", null, \"/g==\", "
		      "\"eg==\"], \"cnames\": [\"a\", \"\\ufffd\", \"b\", \"\\ufffd\", "
		      "\"c\"]}]}",
		      "120f 0a0161 0a01ff 0a0162 0a01fe 0a0163");
}

/** A payload too long for memory, last and not last in its entry, from memory and from a pipe. */
static void test_long_payload(void **state)
{
	enum { LINES = 300000, LINE = 57 };
	static const char line[] =
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		"AAAAAAAAAAAA\\n";
	struct buf image = { 0 }, heard = { 0 }, json = { 0 };
	struct crit_error err = { 0 };

	(void)state;
	for (int last = 0; last < 2; last++) {
		buf_clear(&json);
		buf_clear(&image);
		buf_add_str(&json, "{\"magic\": \"PIPES_DATA\", \"entries\": [{");
		if (last)
			buf_printf(&json, "\"bytes\": %d, ", LINES * LINE);
		buf_add_str(&json, "\"pipe_id\": 1, \"extra\": \"");
		for (int i = 0; i < LINES; i++)
			buf_add(&json, line, sizeof(line) - 1);
		buf_printf(&json, last ? "\"}]}" : "\", \"bytes\": %d}]}", LINES * LINE);
		buf_add_byte(&json, '\0');
		assert_int_equal(encode((char *)json.data, &image, &heard, &err), CRIT_OK);
		assert_int_equal(image.len, 8 + 4 + 7 + LINES * LINE);
		assert_memory_equal(image.data + 8, "\x07\0\0\0\x08\x01\x10", 7);
	}
	buf_deinit(&json);
	buf_deinit(&image);
	buf_deinit(&heard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_payloads),     cmocka_unit_test(test_structured_payloads),
		cmocka_unit_test(test_unknown),      cmocka_unit_test(test_raw),
		cmocka_unit_test(test_exact_texts),  cmocka_unit_test(test_exact_lists),
		cmocka_unit_test(test_long_payload),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
