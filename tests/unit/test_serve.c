// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * crit_serve() against the made-up process of serve_process.h, as a client sees it: a request goes
 * in at one end of a socket pair, the reply comes out.
 */
#include "rsp_client.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "checkpoint/debug.h"
#include "critcore.h"
#include "serve_process.h"
#include "target/packet.h"

/* ---- the client --------------------------------------------------------------------------- */

struct client {
	int fd, server_fd;
	unsigned int flags;
	pthread_t thread;
	enum crit_status status;
	struct buf reply;
};

static struct crit_task *stand_in; /* asked for between a request and its reply only */
static int nr_asked;

static struct crit_task *ask_instead(void *ctx)
{
	assert_ptr_equal(ctx, &nr_asked);
	assert_false(locked);
	nr_asked++;
	return stand_in;
}

static void done_with(void *ctx)
{
	assert_ptr_equal(ctx, &nr_asked);
	assert_false(locked);
	nr_asked--;
}

static void *run_server(void *arg)
{
	struct client *c = arg;
	const struct crit_serve_options options = { c->flags, ask_instead, done_with, &nr_asked };

	c->status = crit_serve_with(&the_task, c->server_fd, c->server_fd, &options, NULL);
	close(c->server_fd);
	return NULL;
}

/* Escaped but without runs: those are for replies only. */
static void send_packet(struct client *c, const char *payload, size_t len)
{
	struct buf wire = { 0 };
	uint8_t sum = 0;

	buf_add_byte(&wire, '$');
	for (size_t i = 0; i < len; i++) {
		if (payload[i] && strchr("#$}*", payload[i]))
			buf_printf(&wire, "}%c", payload[i] ^ 0x20);
		else
			buf_add_byte(&wire, (uint8_t)payload[i]);
	}
	for (size_t i = 1; i < wire.len; i++)
		sum += wire.data[i];
	buf_printf(&wire, "#%02x", sum);
	assert_int_equal(write(c->fd, wire.data, wire.len), (ssize_t)wire.len);
	buf_deinit(&wire);
}

/* The next packet, without what stands between packets. */
static const char *receive(struct client *c)
{
	struct buf wire = { 0 };
	uint8_t byte = 0;

	while (wire.len < 3 || wire.data[wire.len - 3] != '#') {
		assert_int_equal(read(c->fd, &byte, 1), 1);
		if (wire.len || byte == '$')
			buf_add_byte(&wire, byte);
	}
	rsp_decode(wire.data, wire.len, &c->reply);
	buf_deinit(&wire);
	return (const char *)c->reply.data;
}

static const char *ask(struct client *c, const char *payload)
{
	send_packet(c, payload, strlen(payload));
	return receive(c);
}

static void expect(struct client *c, const char *payload, const char *reply)
{
	assert_string_equal(ask(c, payload), reply);
}

static void connect_with(struct client *c, unsigned int flags)
{
	int fd[2];

	memset(c, 0, sizeof(*c));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	c->fd = fd[0];
	c->server_fd = fd[1];
	c->flags = flags;
	assert_int_equal(pthread_create(&c->thread, NULL, run_server, c), 0);
	ask(c, "qSupported:multiprocess+");
	expect(c, "QStartNoAckMode", "OK");
}

static void disconnect(struct client *c)
{
	close(c->fd);
	pthread_join(c->thread, NULL);
	assert_int_equal(c->status, CRIT_OK);
	buf_deinit(&c->reply);
}

static int setup(void **state)
{
	static struct client client;
	int fd = mkstemp(library_path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "library", 7), 7);
	close(fd);
	connect_with(&client, 0);
	*state = &client;
	return 0;
}

static int teardown(void **state)
{
	disconnect(*state);
	unlink(library_path);
	strcpy(library_path + strlen(library_path) - 6, "XXXXXX");
	return 0;
}

/* ---- session ------------------------------------------------------------------------------ */

static void test_supported(void **state)
{
	const char *reply = ask(*state, "qSupported:multiprocess+;xmlRegisters=i386");

	assert_non_null(strstr(reply, "PacketSize=10000;"));
	assert_non_null(strstr(reply, ";multiprocess+"));
	assert_null(strstr(reply, "exec-file"));
	assert_null(strstr(reply, "QNonStop"));
	assert_null(strstr(reply, "memory-map"));
}

static void test_session(void **state)
{
	struct client *c = *state;

	expect(c, "?", "T00thread:p2a.2a;");
	expect(c, "qAttached:2a", "1");
	expect(c, "qAttached", "1");
	expect(c, "qAttached:7", "E03");
	expect(c, "qSymbol::", "OK");
	expect(c, "vCont?", "vCont;c;C;s;S;t");
	expect(c, "vMustReplyEmpty", "");
	expect(c, "qTStatus", "");
	expect(c, "Z0,1000,1", "OK");
	expect(c, "z0,1000,1", "OK");
	expect(c, "Z1,1000,1", "");
	expect(c, "qXfer:nothing:read::0,100", "");
	expect(c, "m1000", "E01");
	expect(c, "D;7", "E03"); // and the connection stays
	expect(c, "qC", "QCp2a.2a");
}

static void test_plain_thread_ids(void **state)
{
	struct client *c = *state;

	ask(c, "qSupported:swbreak+");
	expect(c, "?", "T00thread:2a;");
	expect(c, "qC", "QC2a");
	expect(c, "Hg2b", "OK");
	expect(c, "qC", "QC2b");
	expect(c, "qfThreadInfo", "m2a,2b");
	assert_non_null(strstr(ask(c, "qXfer:threads:read::0,1000"), "id=\"2a\""));
}

static void test_cannot_run(void **state)
{
	static const char *const requests[] = { "vCont;c", "vCont;s:p2a.2b;c", "c", "s", "C0b" };
	static const char text[] = "This is a checkpoint of process 42; it cannot run. "
				   "Restore it with `criu restore`.\n";
	struct client *c = *state;

	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		const char *reply = ask(c, requests[i]);

		assert_int_equal(c->reply.len, 1 + 2 * strlen(text));
		assert_int_equal(reply[0], 'O');
		for (size_t j = 0; j < strlen(text); j++) {
			char digits[3];

			snprintf(digits, sizeof(digits), "%02x", text[j]);
			assert_memory_equal(reply + 1 + 2 * j, digits, 2);
		}
		assert_string_equal(receive(c),
				    i == 1 ? "T00thread:p2a.2b;" : "T00thread:p2a.2a;");
	}
}

static void expect_end(struct client *c, const char *request, const char *reply)
{
	char byte;

	connect_with(c, 0);
	send_packet(c, request, strlen(request));
	if (reply)
		assert_string_equal(receive(c), reply);
	assert_int_equal(read(c->fd, &byte, 1), 0);
	disconnect(c);
}

static void test_ends(void **state)
{
	struct client c;

	(void)state;
	expect_end(&c, "D", "OK");
	expect_end(&c, "D;2a", "OK");
	expect_end(&c, "vKill;2a", "OK");
	expect_end(&c, "k", NULL);
}

static void test_bad_bytes(void **state)
{
	struct client *c = *state;
	char *wire = malloc(3 * PACKET_MAX);

	assert_non_null(wire);
	assert_int_equal(write(c->fd, "$qC#00", 6), 6); // the sum is b4
	assert_string_equal(receive(c), "E01");
	memset(wire, 'a', 3 * PACKET_MAX);
	wire[0] = '$';
	memcpy(wire + 3 * PACKET_MAX - 3, "#84", 3); // (3 * PACKET_MAX - 4) times 0x61
	for (size_t done = 0; done < 3 * PACKET_MAX;)
		done += (size_t)write(c->fd, wire + done, 3 * PACKET_MAX - done);
	assert_string_equal(receive(c), "E01");
	free(wire);
	expect(c, "qC", "QCp2a.2a");
}

static void test_zombie(void **state)
{
	struct crit_task zombie;
	struct crit_error err;

	(void)state;
	assert_int_equal(crit_serve(&zombie, -1, -1, 0, &err), CRIT_NOT_DUMPED);
	assert_string_equal(err.message, "task 7: a zombie has no memory");
	assert_int_equal(crit_serve(&the_task, -1, -1, 0, &err), CRIT_OS);
	assert_int_equal(err.os_errno, 9 /* EBADF */);
}

/* ---- threads and registers ---------------------------------------------------------------- */

static void test_threads(void **state)
{
	struct client *c = *state;

	expect(c, "qfThreadInfo", "mp2a.2a,p2a.2b");
	expect(c, "qsThreadInfo", "l");
	expect(c, "Hgp0.0", "OK"); // any: stay
	expect(c, "qC", "QCp2a.2a");
	expect(c, "Hgp2a.2b", "OK");
	expect(c, "Hgp0.0", "OK");
	expect(c, "Hc-1", "OK");
	expect(c, "Hcp2a.2a", "OK");
	expect(c, "qC", "QCp2a.2b");
	expect(c, "Hgp2a.2c", "E03");
	expect(c, "Hgp7.2a", "E03");
	expect(c, "Tp2a.2b", "OK");
	expect(c, "Tp2a.10000002b", "E03"); // 2b in the low 32 bits
	expect(c, "qThreadExtraInfo,p2a.2a", "6d61696e202872756e6e696e6729"); // main (running)
	expect(c, "qGetTLSAddr:p2a.2b,10,1000", "7f0002b010");
	expect(c, "qGetTLSAddr:p2a.2a,0,1000", "7f0002a000");
	expect(c, "qGetTLSAddr:p2a.2a,0,1001", "E.no ?link map");
	expect(c, "qGetTLSAddr:p2a.2c,0,1000", "E03");
}

/* Only a static program's list is known to be empty, unless code of another file is mapped. */
static void test_libraries(void **state)
{
	static const char ask_list[] = "qXfer:libraries-svr4:read::0,1000";
	struct client *c = *state;

	assert_null(strstr(ask(c, "qSupported"), "libraries-svr4"));
	expect(c, ask_list, "");
	is_static = true;
	assert_non_null(strstr(ask(c, "qSupported"), ";qXfer:libraries-svr4:read+"));
	expect(c, ask_list, "l<library-list-svr4 version=\"1.0\"/>");
	code_of = "/bin/main";
	expect(c, ask_list, "l<library-list-svr4 version=\"1.0\"/>");
	code_of = "/lib/libnss_files.so.2";
	expect(c, ask_list, "");
	code_of = NULL;
	is_static = false;
}

/* Paths are absolute; what is not there is left out, as the sysroot here, and the parents
 * from the first one on that is gone. */
static void test_checkpoint(void **state)
{
	struct client *c = *state;
	char wanted[200];

	assert_int_equal(stat("/dev", &places), 0);
	snprintf(wanted, sizeof(wanted), "device:%llx;inode:%llx;trust:1;path:2f646576;parent:2f;",
		 (unsigned long long)places.st_dev, (unsigned long long)places.st_ino);
	const char *reply = ask(c, "qCritcore.Checkpoint");
	assert_memory_equal(reply, "boot:", 5);
	assert_string_equal(strchr(reply, ';') + 1, wanted);
}

static void test_lldb(void **state)
{
	struct client *c = *state;

	expect(c, "qHostInfo", "ostype:linux;endian:little;ptrsize:8;vm-page-size:4096;");
	expect(c, "qProcessInfo",
	       "pid:2a;parent-pid:0;ostype:linux;endian:little;ptrsize:8;");
	expect(c, "qMemoryRegionInfo:0", "start:0;size:1000;");
	expect(c, "qMemoryRegionInfo:1000", "start:1000;size:2000;permissions:rx;name:613f;");
	expect(c, "qMemoryRegionInfo:2fff", "start:1000;size:2000;permissions:rx;name:613f;");
	expect(c, "qMemoryRegionInfo:3000", "start:3000;size:2000;");
	expect(c, "qMemoryRegionInfo:5000", "start:5000;size:1000001000;permissions:rw;");
	expect(c, "qMemoryRegionInfo:1000006000", "start:1000006000;size:ffffffefffffa000;");
	expect(c, "qMemoryRegionInfo:ffffffffffffffff",
	       "start:1000006000;size:ffffffefffffa000;");
	expect(c, "qThreadStopInfo2a", "T00thread:p2a.2a;hexname:6d61696e;reason:none;");
	expect(c, "qThreadStopInfo2c", "E03");
	expect(c, "jThreadsInfo",
	       "[{\"tid\":42,\"name\":\"main\",\"reason\":\"none\"},"
	       "{\"tid\":43,\"name\":\"<&\\\"????\303\251>\",\"reason\":\"none\"}]");
}

static void test_siginfo(void **state)
{
	struct client *c = *state;

	expect(c, "qXfer:siginfo:read::0,80", "lsig#info");
	expect(c, "qXfer:siginfo:read::4,2", "min");
	expect(c, "qXfer:siginfo:read:x:0,80", "E00");
	expect(c, "Hgp2a.2b", "OK");
	expect(c, "qXfer:siginfo:read::0,80", "E.no signal waits for thread 43");
}

static void test_threads_xml(void **state)
{
	expect(*state, "qXfer:threads:read::0,1000",
	       "l<?xml version=\"1.0\"?>\n<threads>\n"
	       "  <thread id=\"p2a.2a\" name=\"main\">running</thread>\n"
	       "  <thread id=\"p2a.2b\" name=\"&lt;&amp;&quot;?""???\xc3\xa9&gt;\"/>\n"
	       //  a control character, no UTF-8, two bytes of a C1 control; then an e acute
	       "</threads>\n");
	expect(*state, "qXfer:threads:read:x:0,1000", "E00");
}

static void test_registers(void **state)
{
	struct client *c = *state;

	expect(c, "g", "50432e2exxxxxxxx"); // "PC..", fl is not known, v0 is not in a short g
	expect(c, "p0", "50432e2e");
	expect(c, "p1", "xxxxxxxx");
	expect(c, "p2", "7630");
	expect(c, "p3", "E16");
	expect(c, "pffffffffffffffff", "E16");
	expect(c, "Hgp2a.2b", "OK"); // its core image is missing
	expect(c, "g", "xxxxxxxxxxxxxxxx");
	expect(c, "p0", "xxxxxxxx");
	expect(c, "P0=00000000", "E.a checkpoint cannot be changed");
	expect(c, "G00", "E.a checkpoint cannot be changed");
}

static void test_target_xml(void **state)
{
	static const char xml[] =
		"l<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target>\n"
		"  <architecture>test</architecture>\n  <osabi>GNU/Linux</osabi>\n"
		"  <feature name=\"core\">\n"
		"    <vector id=\"v2u8\" type=\"uint8\" count=\"2\"/>\n"
		"    <union id=\"vec\">\n      <field name=\"u8\" type=\"v2u8\"/>\n    </union>\n"
		"    <flags id=\"flags\" size=\"4\">\n"
		"      <field name=\"CF\" start=\"0\" end=\"0\" type=\"bool\"/>\n"
		"      <field name=\"IOPL\" start=\"12\" end=\"13\"/>\n    </flags>\n"
		"    <reg name=\"pc\" bitsize=\"32\" type=\"code_ptr\" regnum=\"0\"/>\n"
		"    <reg name=\"fl\" bitsize=\"32\" type=\"flags\" regnum=\"1\" "
		"group=\"general\"/>\n"
		"  </feature>\n"
		"  <feature name=\"vector\">\n";

	assert_memory_equal(ask(*state, "qXfer:features:read:target.xml:0,4000"), xml,
			    sizeof(xml) - 1);
	assert_non_null(strstr(ask(*state, "qXfer:features:read:target.xml:0,4000"),
			       "<reg name=\"v0\" bitsize=\"16\" type=\"vec\" regnum=\"2\"/>"));
	expect(*state, "qXfer:features:read:other.xml:0,4000", "E00");
}

static void test_object_pieces(void **state)
{
	struct client *c = *state;

	expect(c, "qXfer:auxv:read::0,1000", "lauxv#$*}");
	expect(c, "qXfer:auxv:read::0,4", "mauxv");
	expect(c, "qXfer:auxv:read::4,4", "l#$*}");
	expect(c, "qXfer:auxv:read::7,ffffffffffffffff", "l}");
	expect(c, "qXfer:auxv:read::8,4", "l");
	expect(c, "qXfer:auxv:read::ffffffffffffffff,4", "l");
	expect(c, "qXfer:auxv:read::0,0", "m");
	expect(c, "qXfer:exec-file:read:2a:0,100", "");
}

static void test_osdata(void **state)
{
	struct client *c = *state;

	expect(c, "qXfer:osdata:read:files:0,6", "mtable ");
	expect(c, "qXfer:osdata:read:files:6,100", "lfiles 1"); // the same one
	expect(c, "qXfer:osdata:read::0,100", "ltable  2");
	expect(c, "qXfer:osdata:read:none:0,100", "E05");
	expect(c, "qXfer:osdata:read:none:0,100", "E05");
	expect(c, "qXfer:osdata:read:files:0,100", "ltable files 3");
	expect(c, "qXfer:osdata:read:a-name-that-is-too-long:0,100", "E02");
	assert_non_null(strstr(ask(c, "qSupported"), ";qXfer:osdata:read+"));
}

static void test_exec_file(void **state)
{
	struct client c;

	(void)state;
	connect_with(&c, CRIT_SERVE_EXEC_FILE);
	assert_non_null(strstr(ask(&c, "qSupported"), ";qXfer:exec-file:read+"));
	expect(&c, "qXfer:exec-file:read:2a:0,100", "l/bin/main");
	expect(&c, "qXfer:exec-file:read::0,100", "l/bin/main");
	expect(&c, "qXfer:exec-file:read:7:0,100", "E00");
	expect(&c, "qXfer:exec-file:read:10000002a:0,100", "E00");
	disconnect(&c);
}

/* ---- memory ------------------------------------------------------------------------------- */

static void test_memory(void **state)
{
	struct client *c = *state;

	expect(c, "m2ffa,4", "33346162");
	expect(c, "m2ffa,100", "333461626364"); // as far as it goes
	expect(c, "m3000,4", "E0e");
	expect(c, "m5000,4", "E0e");
	expect(c, "mfffffffffffffffe,100", "ffff"); // not round the corner
	expect(c, "x2ffc,100", "babcd");
	expect(c, "x3000,4", "E0e");
	expect(c, "x2ffc,0", "b");
	ask(c, "m6000,ffffffffffffffff");
	assert_int_equal(c->reply.len, PACKET_MAX);
	ask(c, "x6000,ffffffffffffffff");
	assert_int_equal(c->reply.len, PACKET_MAX);
	ask(c, "qSupported:multiprocess+;error-message+");
	expect(c, "m3000,4", "E.no mapping ?here");
	expect(c, "M1000,1:00", "E.a checkpoint cannot be changed");
}

static const char *search(struct client *c, const char *range, const char *pattern, size_t len)
{
	char payload[128];
	size_t prefix = (size_t)snprintf(payload, sizeof(payload), "qSearch:memory:%s;", range);

	memcpy(payload + prefix, pattern, len);
	send_packet(c, payload, prefix + len);
	return receive(c);
}

static void test_search(void **state)
{
	static const char everything[] = "0;ffffffffffffffff";
	struct client *c = *state;

	assert_string_equal(search(c, everything, "1234", 4), "1,2ff8");
	assert_string_equal(search(c, everything, "d", 1), "1,2fff");
	assert_string_equal(search(c, "1000;1ffb", "1234", 4), "0"); // ends inside it
	assert_string_equal(search(c, "1000;1ffc", "1234", 4), "1,2ff8");
	assert_string_equal(search(c, "2ff9;1000", "1234", 4), "0"); // begins inside it
	assert_string_equal(search(c, "0;0", "1234", 4), "0");
	// Not across the hole, though "d" and zeros stand on its two sides.
	assert_string_equal(search(c, everything, "d\0", 2), "0");
	assert_string_equal(search(c, everything, "\0\0\0", 3), "1,6000");
	assert_string_equal(search(c, "7000;100", "\0\0", 2), "1,7000");
	// 64 GiB of zeros and 16 EiB of nothing on the way.
	assert_string_equal(search(c, everything, "\xff\xff\xff", 3), "1,fffffffffffff000");
	assert_string_equal(search(c, everything, "\0\0\xff", 3), "0");
	assert_string_equal(search(c, everything, "nowhere", 7), "0");
	assert_string_equal(search(c, "fffffffffffffff0;ffff", "\xff", 1), "1,fffffffffffffff0");
}

/* ---- files -------------------------------------------------------------------------------- */

static const char *ask_path(struct client *c, const char *verb, const char *path, const char *rest)
{
	char payload[512];
	size_t len = (size_t)snprintf(payload, sizeof(payload), "vFile:%s:", verb);

	for (; *path; path++)
		len += (size_t)snprintf(payload + len, sizeof(payload) - len, "%02x",
					(unsigned char)*path);
	snprintf(payload + len, sizeof(payload) - len, "%s", rest);
	return ask(c, payload);
}

static void test_maps(void **state)
{
	struct client *c = *state;

	expect(c, "vFile:setfs:0", "F0");
	expect(c, "vFile:setfs:2a", "F0");
	expect(c, "vFile:setfs:7", "F-1,2");
	assert_string_equal(ask_path(c, "open", "/proc/42/task/43/maps", ",0,1c0"), "F0");
	expect(c, "vFile:pread:0,1000,0", "Fa;maps of 43");
	expect(c, "vFile:pread:0,4,3", "F4;s of");
	expect(c, "vFile:pread:0,4,1000", "F0;");
	assert_string_equal(ask_path(c, "open", "/proc/42/maps", ",0,1c0"), "F1");
	expect(c, "vFile:pread:1,1000,0", "F9;maps of 0");
	expect(c, "vFile:pread:0,1000,0", "Fa;maps of 43");
	ask(c, "vFile:fstat:0");
	assert_memory_equal(c->reply.data + 4 + 8, "\0\0\x81\x24", 4); // a regular file, 0444
	assert_memory_equal(c->reply.data + 4 + 28, "\0\0\0\0\0\0\0\x0a", 8); // its size
	expect(c, "vFile:close:0", "F0");
	expect(c, "vFile:close:0", "F-1,9");
	expect(c, "vFile:pread:0,4,0", "F-1,9");
	expect(c, "vFile:fstat:ffffffffffffffff", "F-1,9");
}

static void test_paths(void **state)
{
	static const struct {
		const char *path, *reply;
	} cases[] = {
		{ "/proc/42/maps", "F0" },
		{ "/proc/42/exe", "F0" },
		{ "/proc/42", "F-1,2" },
		{ "/proc/42maps", "F-1,2" },
		{ "/usr/lib/libz.so.1.2.13", "F0" },
		{ "/lib64/libz.so.1", "F0" }, // as the dynamic linker calls it
		{ "/bin/main", "F0" },
		{ "/lib/libz.so.2", "F-1,2" },
		{ "/usr/lib/debug/usr/lib/libz.so.1.2.13", "F-1,2" },
		{ "/usr/lib/.debug/libz.so.1.2.13", "F-1,2" },
		{ "/usr/lib/libm.so.6", "F-1,2" },  // another build
		{ "/usr/lib/libgone.so", "F-1,2" }, // not found
		{ "/c/libtwice.so", "F-1,2" },	    // which one?
		{ "/b/libtwice.so", "F0" },
		{ "/proc/43/maps", "F-1,2" },
		{ "/proc/42/task/44/maps", "F-1,2" },
		{ "/proc/42/mem", "F-1,2" },
		{ "/proc/042949672960042/maps", "F-1,2" },
		{ "/proc/self/maps", "F-1,2" },
		{ "/etc/passwd", "F-1,2" },
		{ "/proc/42/maps/../../../etc/passwd", "F-1,2" },
		{ "main", "F-1,2" },
	};
	struct client *c = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_string_equal(ask_path(c, "open", cases[i].path, ",0,0"), cases[i].reply);
		ask(c, "vFile:close:0");
	}
	assert_string_equal(ask_path(c, "open", "/bin/main", ",1,0"), "F-1,1e"); // to write
	assert_string_equal(ask_path(c, "readlink", "/proc/42/exe", ""), "F9;/bin/main");
	assert_string_equal(ask_path(c, "readlink", "/bin/main", ""), "F-1,2");
}

static void test_file_contents(void **state)
{
	struct client *c = *state;

	assert_string_equal(ask_path(c, "open", "/lib/libz.so.1", ",0,0"), "F0");
	expect(c, "vFile:pread:0,100,0", "F7;library");
	expect(c, "vFile:pread:0,2,3", "F2;ra");
	expect(c, "vFile:pread:0,2,ffffffffffffffff", "F-1,16");
	ask(c, "vFile:fstat:0");
	assert_int_equal(c->reply.len, 4 + 64);
	assert_memory_equal(c->reply.data, "F40;", 4);
	assert_memory_equal(c->reply.data + 4 + 8, "\0\0\x81\x80", 4); // a regular file, 0600
	assert_memory_equal(c->reply.data + 4 + 28, "\0\0\0\0\0\0\0\x07", 8); // its size
}

static void test_ghost(void **state)
{
	struct client *c = *state;

	assert_string_equal(ask_path(c, "open", "/lib/libghost.so", ",0,0"), "F0");
	expect(c, "vFile:pread:0,100,0", "F5;ghost");
	expect(c, "vFile:pread:0,2,3", "F2;st");
	expect(c, "vFile:pread:0,2,5", "F0;");
	ask(c, "vFile:fstat:0");
	assert_memory_equal(c->reply.data + 4 + 8, "\0\0\x81\x24", 4); // a regular file, 0444
	assert_memory_equal(c->reply.data + 4 + 28, "\0\0\0\0\0\0\0\x05", 8); // its size
	expect(c, "vFile:close:0", "F0");
}

static void test_handles_run_out(void **state)
{
	struct client *c = *state;

	for (int i = 0; i < 16; i++)
		assert_int_equal(*ask_path(c, "open", "/bin/main", ",0,0"), 'F');
	assert_string_equal(ask_path(c, "open", "/bin/main", ",0,0"), "F-1,18");
	expect(c, "vFile:close:5", "F0");
	assert_string_equal(ask_path(c, "open", "/bin/main", ",0,0"), "F5");
}

/* Contents come from the other task, what there is from our own. */
static void test_instead(void **state)
{
	struct client *c = *state;

	stand_in = &other_task;
	expect(c, "m2ffa,4", "77777777");
	expect(c, "x2ffc,2", "bww");
	expect(c, "Hgp2a.2b", "OK");
	expect(c, "g", "E03"); // it has no such thread
	expect(c, "p0", "E03");
	expect(c, "m2ffa,4", "77777777"); // but memory
	expect(c, "T2b", "OK");
	stand_in = NULL;
	expect(c, "qC", "QCp2a.2b"); // which is still the selected one
	expect(c, "m2ffa,4", "33346162");
	assert_int_equal(nr_asked, 0);
}

/* The local file has become something else since it was verified. */
#define SERVER_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVER_TEST(test_supported),
		SERVER_TEST(test_session),
		SERVER_TEST(test_plain_thread_ids),
		SERVER_TEST(test_cannot_run),
		cmocka_unit_test(test_ends),
		SERVER_TEST(test_bad_bytes),
		cmocka_unit_test(test_zombie),
		SERVER_TEST(test_threads),
		SERVER_TEST(test_threads_xml),
		SERVER_TEST(test_siginfo),
		SERVER_TEST(test_lldb),
		SERVER_TEST(test_checkpoint),
		SERVER_TEST(test_libraries),
		SERVER_TEST(test_registers),
		SERVER_TEST(test_target_xml),
		SERVER_TEST(test_object_pieces),
		SERVER_TEST(test_osdata),
		cmocka_unit_test(test_exec_file),
		SERVER_TEST(test_memory),
		SERVER_TEST(test_instead),
		SERVER_TEST(test_search),
		SERVER_TEST(test_maps),
		SERVER_TEST(test_paths),
		SERVER_TEST(test_file_contents),
		SERVER_TEST(test_ghost),
		SERVER_TEST(test_handles_run_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
