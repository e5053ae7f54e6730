// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Packet text to typed requests. Every text is parsed at the end of a page with nothing behind it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "target/request.h"

static uint8_t *page;
static size_t page_size;

static int map_page(void **state)
{
	(void)state;
	page_size = (size_t)sysconf(_SC_PAGESIZE);
	page = mmap(NULL, 2 * page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1, 0);
	return page == MAP_FAILED || mprotect(page + page_size, page_size, PROT_NONE);
}

static int unmap_page(void **state)
{
	(void)state;
	return munmap(page, 2 * page_size);
}

static struct request parse_bytes(const void *text, size_t len)
{
	struct request req;
	uint8_t *at = page + page_size - len;

	assert_true(len <= page_size);
	memcpy(at, text, len);
	request_parse(at, len, &req);
	return req;
}

static struct request parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

static void test_kinds(void **state)
{
	static const struct {
		const char *text;
		enum request_kind kind;
	} cases[] = {
		{ "qSupported", REQUEST_SUPPORTED },
		{ "qSupported:multiprocess+;swbreak+", REQUEST_SUPPORTED },
		{ "QStartNoAckMode", REQUEST_NO_ACK },
		{ "?", REQUEST_STOP_REASON },
		{ "qAttached", REQUEST_ATTACHED },
		{ "qAttached:2a", REQUEST_ATTACHED },
		{ "qSymbol::", REQUEST_SYMBOLS },
		{ "qSymbol:0:6d61696e", REQUEST_SYMBOLS },
		{ "D", REQUEST_DETACH },
		{ "D;2a", REQUEST_DETACH },
		{ "vKill;2a", REQUEST_DETACH },
		{ "k", REQUEST_KILL },
		{ "Hgp2a.2b", REQUEST_SELECT_THREAD },
		{ "qC", REQUEST_CURRENT_THREAD },
		{ "Tp2a.2b", REQUEST_THREAD_ALIVE },
		{ "qfThreadInfo", REQUEST_FIRST_THREADS },
		{ "qsThreadInfo", REQUEST_NEXT_THREADS },
		{ "qThreadExtraInfo,p2a.2b", REQUEST_THREAD_TEXT },
		{ "qHostInfo", REQUEST_HOST_INFO },
		{ "qProcessInfo", REQUEST_PROCESS_INFO },
		{ "qMemoryRegionInfo:7ffe9d33cc00", REQUEST_MEMORY_REGION },
		{ "qThreadStopInfo2b", REQUEST_THREAD_STOP },
		{ "jThreadsInfo", REQUEST_THREADS_JSON },
		{ "qCritcore.Checkpoint", REQUEST_CHECKPOINT },
		{ "vCont?", REQUEST_RUN_ACTIONS },
		{ "Z0,1000,1", REQUEST_BREAKPOINT },
		{ "z0,1000,1", REQUEST_BREAKPOINT },
		{ "vCont;c", REQUEST_RUN },
		{ "vCont;C0b:p2a.2b;c", REQUEST_RUN },
		{ "vCont;r1000,2000:p2a.-1", REQUEST_RUN },
		{ "c", REQUEST_RUN },
		{ "s1000", REQUEST_RUN },
		{ "C0b", REQUEST_RUN },
		{ "S0b;1000", REQUEST_RUN },
		{ "g", REQUEST_READ_REGISTERS },
		{ "p1f", REQUEST_READ_REGISTER },
		{ "P10=00", REQUEST_WRITE_REGISTER },
		{ "G0000", REQUEST_WRITE_REGISTER },
		{ "m1000,8", REQUEST_READ_HEX },
		{ "x1000,8", REQUEST_READ_BINARY },
		{ "M1000,1:00", REQUEST_WRITE_MEMORY },
		{ "X1000,0:", REQUEST_WRITE_MEMORY },
		{ "qGetTLSAddr:p2a.2b,10,7ffff0", REQUEST_TLS_ADDRESS },
		{ "qSearch:memory:1000;10;a", REQUEST_SEARCH },
		{ "qXfer:auxv:read::0,1000", REQUEST_READ_OBJECT },
		{ "vFile:setfs:0", REQUEST_FILE_ROOT },
		{ "vFile:open:2f61,0,1c0", REQUEST_FILE_OPEN },
		{ "vFile:pread:1,10,20", REQUEST_FILE_READ },
		{ "vFile:fstat:1", REQUEST_FILE_STAT },
		{ "vFile:close:1", REQUEST_FILE_CLOSE },
		{ "vFile:readlink:2f61", REQUEST_FILE_READLINK },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(parse(cases[i].text).kind, cases[i].kind);
}

static void test_unknown(void **state)
{
	static const char *const texts[] = {
		"", "!", "A", "vMustReplyEmpty", "qTStatus", "qCRC:0,1", "qOffsets", "Z1,1000,1",
		"z1,1000,1", "vCont", "vAttach;2a", "vFile:unlink:2f61", "vFile:pwrite:1,0,a",
		"qXfer:auxv:write::0:a", "QNonStop:1", "gg", "kk", "?x", "qSearch:other:1;1;a",
		"qRcmd,6869", "jThreadsInfo2", "qCritcore", "qHostInfo:", "qProcessInfoPID:1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_int_equal(parse(texts[i]).kind, REQUEST_UNKNOWN);
}

static void test_malformed(void **state)
{
	static const char *const texts[] = {
		"qSupportedmultiprocess+", "qAttached;2a", "qAttached:", "D:2a", "D;", "D;x",
		"vKill;", "H", "Hg", "Hgp", "Hgp1.", "Hgpx", "Hg-2", "Hg1x", "Hg-", "T", "Tp1.1.1",
		"qThreadExtraInfo,", "qMemoryRegionInfo:", "qMemoryRegionInfo:x", "qThreadStopInfo",
		"vCont;c:", "vCont;c:px", "vCont;c:p1.1x", "p", "px", "p1x", "m",
		"m1000", "m1000,", "m,8", "m1000;8", "m1000,8x", "x1000",
		"m11112222333344445,8", // 17 digits
		"qGetTLSAddr:", "qGetTLSAddr:p2a.2b", "qGetTLSAddr:p2a.2b,1", "qGetTLSAddr:1,2,x",
		"qGetTLSAddr:1,2,3,4", "qSearch:memory:", "qSearch:memory:1000;10",
		"qSearch:memory:1000;10;",
		"qSearch:memory:1000,10;a", "qXfer:", "qXfer:auxv", "qXfer:auxv:read",
		"qXfer:auxv:read:", "qXfer:auxv:read::", "qXfer:auxv:read::0",
		"qXfer:auxv:read::0,x", "qXfer:auxv:read::0,1:",
		"vFile:setfs:", "vFile:open:", "vFile:open:2f61",
		"vFile:open:2f6,0,0", "vFile:open:,0,0", "vFile:open:2f00,0,0", "vFile:open:2f61,0",
		"vFile:pread:1,10", "vFile:pread:1", "vFile:fstat:", "vFile:close:-1",
		"vFile:readlink:", "vFile:readlink:2f61,",
		"Tp8000000000000000.1", // not a number of 63 bits
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_int_equal(parse(texts[i]).kind, REQUEST_BAD);
}

/* Each beginning of a sound request is parsed without reading past its end. */
static void test_cut_short(void **state)
{
	static const char *const texts[] = {
		"qSupported:multiprocess+;error-message+", "Hgp2a.-1", "vCont;C0b:p2a.2b;c",
		"qGetTLSAddr:p2a.2b,10,7ff0", "qSearch:memory:1000;10;abc",
		"qXfer:features:read:target.xml:0,fff",
		"vFile:open:2f6162,0,1c0", "vFile:pread:1,10,20", "qThreadExtraInfo,p2a.2b", "D;2a",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		for (size_t len = 0; len <= strlen(texts[i]); len++)
			assert_in_range(parse_bytes(texts[i], len).kind, 0, REQUEST_KINDS - 1);
}

static void test_threads(void **state)
{
	static const struct {
		const char *text;
		int64_t pid, tid;
	} cases[] = {
		{ "T2b", THREAD_ANY, 0x2b },
		{ "T-1", THREAD_ANY, THREAD_ALL },
		{ "T0", THREAD_ANY, THREAD_ANY },
		{ "Tp2a", 0x2a, THREAD_ALL },
		{ "Tp2a.2B", 0x2a, 0x2b },
		{ "Tp0.0", THREAD_ANY, THREAD_ANY },
		{ "Tp-1.-1", THREAD_ALL, THREAD_ALL },
		{ "Hgp2a.2b", 0x2a, 0x2b },
		{ "Hcp2a.2b", THREAD_ANY, THREAD_ANY }, // prepares running, selects nothing
		{ "vCont;s:p2a.2b;c:p2a.-1", 0x2a, 0x2b },
		{ "vCont;c", THREAD_ANY, THREAD_ANY },
		{ "c", THREAD_ANY, THREAD_ANY },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct request req = parse(cases[i].text);

		assert_int_equal(req.thread.pid, cases[i].pid);
		assert_int_equal(req.thread.tid, cases[i].tid);
	}
}

static void test_arguments(void **state)
{
	struct request req;

	(void)state;
	req = parse("qSupported:xmlRegisters=i386;multiprocess+;error-message+");
	assert_true(req.supported.multiprocess && req.supported.error_message);
	req = parse("qSupported:multiprocess-;error-message+x;");
	assert_false(req.supported.multiprocess || req.supported.error_message);

	req = parse("D");
	assert_false(req.process.named);
	req = parse("D;2a");
	assert_true(req.process.named);
	assert_int_equal(req.process.pid, 0x2a);

	req = parse("mffffffffffffffff,1A");
	assert_int_equal(req.memory.vaddr, UINT64_MAX);
	assert_int_equal(req.memory.len, 0x1a);

	req = parse("qGetTLSAddr:p2a.2b,10,fffffffffffffff0");
	assert_int_equal(req.tls.thread.pid, 0x2a);
	assert_int_equal(req.tls.thread.tid, 0x2b);
	assert_int_equal(req.tls.offset, 0x10);
	assert_int_equal(req.tls.link_map, UINT64_MAX - 15);

	req = parse_bytes("qSearch:memory:1000;20;a;\0b", 27);
	assert_int_equal(req.search.vaddr, 0x1000);
	assert_int_equal(req.search.len, 0x20);
	assert_int_equal(req.search.pattern_len, 4);
	assert_memory_equal(req.search.pattern, "a;\0b", 4);

	req = parse("qXfer:features:read:target.xml:ffb,fff");
	assert_int_equal(req.object.name_len, 8);
	assert_memory_equal(req.object.name, "features", 8);
	assert_int_equal(req.object.annex_len, 10);
	assert_memory_equal(req.object.annex, "target.xml", 10);
	assert_int_equal(req.object.off, 0xffb);
	assert_int_equal(req.object.len, 0xfff);

	req = parse("vFile:open:2F6C69622f78,601,1c0");
	assert_string_equal(req.file.path, "/lib/x");
	assert_int_equal(req.file.flags, 0x601);

	req = parse("vFile:pread:f,10,20");
	assert_int_equal(req.file.handle, 15);
	assert_int_equal(req.file.len, 0x10);
	assert_int_equal(req.file.off, 0x20);
}

static void test_long_path(void **state)
{
	static char text[3 * REQUEST_MAX_PATH];
	static const char prefix[] = "vFile:readlink:";
	struct request req;

	(void)state;
	strcpy(text, prefix);
	memset(text + sizeof(prefix) - 1, '6', 2 * (REQUEST_MAX_PATH - 1));
	request_parse((const uint8_t *)text, strlen(text), &req);
	assert_int_equal(req.kind, REQUEST_FILE_READLINK);
	assert_int_equal(strlen(req.file.path), REQUEST_MAX_PATH - 1);
	strcat(text, "66"); // one byte more
	request_parse((const uint8_t *)text, strlen(text), &req);
	assert_int_equal(req.kind, REQUEST_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),	  cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_malformed), cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_threads),	  cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_long_path),
	};

	return cmocka_run_group_tests(tests, map_page, unmap_page);
}
