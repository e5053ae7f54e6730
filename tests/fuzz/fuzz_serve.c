// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fuzz_serve.c - a checkpoint from one input (checkpoint_folder.h), each process of it served to a
 * client that asks what gdb and lldb ask, and then what the input's file `requests` says, a packet
 * for each line of it. Each request must get one reply, framed as the protocol says, and XML must
 * be text. Thread-local storage, which debuggers reach through the same server, is asked for here,
 * too.
 */
#include <ctype.h>
#include <sys/mman.h>

#include "checkpoint_folder.h"
#include "critcore.h"
#include "target/packet.h"
#include "util/buf.h"

enum {
	MAX_THREADS = 4, /* asked about in a task */
	MAX_MODULES = 8,
	MAX_WIRE = 1 << 16, /* bytes of requests from the input */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- Requests -------------------------------------------------------------------------------- */

/* %1$x is the process, %2$x a thread, both in hex. */
static const char *const of_process[] = {
	"qSupported:multiprocess+;error-message+;xmlRegisters=i386",
	"QStartNoAckMode",
	"?",
	"qC",
	"qAttached:%1$x",
	"qfThreadInfo",
	"qsThreadInfo",
	"qXfer:threads:read::0,ffff",
	"qXfer:features:read:target.xml:0,ffff",
	"qXfer:auxv:read::0,1000",
	"qXfer:exec-file:read:%1$x:0,1000",
	"qXfer:osdata:read::0,ffff",
	"qXfer:osdata:read:files:0,ffff",
	"qXfer:osdata:read:files:10,20",
	"qXfer:osdata:read:msg:0,ffff",
	"qXfer:osdata:read:processes:0,ffff",
	"qXfer:osdata:read:procgroups:0,ffff",
	"qXfer:osdata:read:semaphores:0,ffff",
	"qXfer:osdata:read:shm:0,ffff",
	"qXfer:osdata:read:sockets:0,ffff",
	"qXfer:osdata:read:threads:0,ffff",
	"qXfer:osdata:read:nothing:0,ffff",
	"qHostInfo",
	"qProcessInfo",
	"jThreadsInfo",
	"qMemoryRegionInfo:0",
	"qMemoryRegionInfo:10000",
	"qMemoryRegionInfo:ffffffffffffffff",
	"m10000,40",
	"m10ff0,2000",
	"x21000,1000",
	"mffffffffffffff00,1000",
	"qSearch:memory:0;ffffffffffffffff;CCCC",
	"vCont?",
	"vFile:setfs:0",
};

static const char *const of_thread[] = {
	"Hgp%1$x.%2$x",
	"g",
	"p0",
	"p10",
	"p7f",
	"Tp%1$x.%2$x",
	"qThreadExtraInfo,p%1$x.%2$x",
	"qThreadStopInfo%2$x",
	"qXfer:siginfo:read::0,1000",
	"qGetTLSAddr:p%1$x.%2$x,10,0",
	"qGetTLSAddr:p%1$x.%2$x,10,10000",
};

/* Names in /proc/PID and in its task/TID. */
static const char *const proc_names[] = {
	"maps",	   "smaps", "stat", "status", "limits", "cmdline", "environ", "comm", "auxv",
	"exe",	   "cwd",   "root", "fd/0",   "fd/1",	"fd/5",	   "fd/7",    "mem",
};

struct session {
	struct buf wire;
	size_t nr; /* requests in it */
};

static void add_request(struct session *s, const void *payload, size_t len)
{
	packet_encode(&s->wire, payload, len);
	s->nr++;
}

__attribute__((format(printf, 2, 0))) static void add_format(struct session *s, const char *format,
							     uint32_t pid, uint32_t tid)
{
	char text[200];
	int len = snprintf(text, sizeof(text), format, pid, tid);

	add_request(s, text, (size_t)len);
}

/** Open a file, look at it, and close it; or read it as a link. */
static void add_file(struct session *s, const char *path)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < 2; i++) {
		buf_clear(&text);
		buf_add_str(&text, i ? "vFile:readlink:" : "vFile:open:");
		for (const char *at = path; *at; at++)
			buf_printf(&text, "%02x", (uint8_t)*at);
		if (!i)
			buf_add_str(&text, ",0,1c0");
		add_request(s, text.data, text.len);
	}
	buf_deinit(&text);
	add_request(s, "vFile:pread:0,ffff,0", 20);
	add_request(s, "vFile:pread:0,40,7fff0", 22);
	add_request(s, "vFile:fstat:0", 13);
	add_request(s, "vFile:close:0", 13);
}

static void add_known(struct session *s, struct crit_task *task, uint32_t pid)
{
	struct crit_mapping mapping;
	struct crit_thread *thread;
	char path[64];

	for (size_t i = 0; i < sizeof(of_process) / sizeof(*of_process); i++)
		add_format(s, of_process[i], pid, pid);
	for (size_t t = 0; t < MAX_THREADS && (thread = crit_thread_at(task, t)); t++)
		for (size_t i = 0; i < sizeof(of_thread) / sizeof(*of_thread); i++)
			add_format(s, of_thread[i], pid, crit_thread_tid(thread));
	for (size_t i = 0; i < sizeof(proc_names) / sizeof(*proc_names); i++) {
		snprintf(path, sizeof(path), "/proc/%u/%s", pid, proc_names[i]);
		add_file(s, path);
		snprintf(path, sizeof(path), "/proc/%u/task/%u/%s", pid, pid, proc_names[i]);
		add_file(s, path);
	}
	for (size_t i = 0; i < 8 && crit_mapping_at(task, i, &mapping); i++)
		if (mapping.path && strlen(mapping.path) < 100)
			add_file(s, mapping.path);
}

/** Whatever the input wants; nothing that ends the session before its end. */
static void add_input(struct session *s)
{
	static char text[MAX_WIRE];
	int fd = openat(disk.dir, "requests", O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? 0 : read(fd, text, sizeof(text));

	for (ssize_t at = 0, end; at < len; at = end + 1) {
		const char *newline = memchr(text + at, '\n', (size_t)(len - at));

		end = newline ? newline - text : len;
		if (end > at && !strchr("kDv", text[at]))
			add_request(s, text + at, (size_t)(end - at));
		else if (end - at > 6 && !memcmp(text + at, "vFile:", 6))
			add_request(s, text + at, (size_t)(end - at));
	}
	if (fd >= 0)
		close(fd);
}

/* ---- Replies --------------------------------------------------------------------------------- */

struct replies {
	const uint8_t *at, *end;
};

/** The next reply, without its frame and its runs. False at the end. */
static bool take_reply(struct replies *in, struct buf *out)
{
	uint8_t sum = 0;
	char digits[3];

	while (in->at < in->end && *in->at == '+')
		in->at++;
	if (in->at == in->end)
		return false;
	require(*in->at == '$');
	buf_clear(out);
	for (in->at++; in->at < in->end && *in->at != '#'; in->at++) {
		sum += *in->at;
		if (*in->at != '*') {
			buf_add_byte(out, *in->at);
			continue;
		}
		require(out->len && ++in->at < in->end && *in->at >= 32 && *in->at < 127);
		sum += *in->at;
		for (int n = *in->at - 29; n; n--)
			buf_add_byte(out, out->data[out->len - 1]);
	}
	snprintf(digits, sizeof(digits), "%02x", sum);
	require(in->end - in->at >= 3 && !memcmp(in->at + 1, digits, 2));
	in->at += 3;
	return true;
}

/** What a parser of XML takes, and what does not steer a terminal. */
static void check_xml(const struct buf *reply)
{
	for (size_t i = 1; i < reply->len; i++)
		require(reply->data[i] >= 0x20 || isspace(reply->data[i]));
}

static void check_replies(const struct buf *wire, size_t nr)
{
	struct replies in = { wire->data, wire->data + wire->len };
	struct buf reply = { 0 };
	size_t found = 0;

	while (take_reply(&in, &reply)) {
		// What is printed on the client's side comes before the reply.
		found += reply.len < 3 || reply.data[0] != 'O';
		if (reply.len > 2 && strchr("ml", reply.data[0]) && reply.data[1] == '<')
			check_xml(&reply);
		if (reply.len > 2 && !memcmp(reply.data, "E.", 2))
			check_xml(&reply);
	}
	require(found == nr);
	buf_deinit(&reply);
}

static int memory_file(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	require(fd >= 0);
	return fd;
}

static void serve(struct crit_task *task, const struct session *s)
{
	int in = memory_file("requests"), out = memory_file("replies");
	struct crit_error err = { 0 };
	struct buf wire = { 0 };
	uint8_t piece[4096];
	ssize_t nread;

	require(write(in, s->wire.data, s->wire.len) == (ssize_t)s->wire.len);
	lseek(in, 0, SEEK_SET);
	if (crit_serve(task, in, out, CRIT_SERVE_EXEC_FILE, &err)) {
		require(*err.message && !lseek(out, 0, SEEK_END)); // refused at once
	} else {
		lseek(out, 0, SEEK_SET);
		while ((nread = read(out, piece, sizeof(piece))) > 0)
			buf_add(&wire, piece, (size_t)nread);
		check_replies(&wire, s->nr);
	}
	buf_deinit(&wire);
	close(in);
	close(out);
}

/* ---- Thread-local storage -------------------------------------------------------------------- */

struct modules {
	struct crit_task *task;
	size_t nr;
};

static bool check_module(void *ctx, const struct crit_tls_module *module)
{
	struct modules *modules = ctx;
	struct crit_thread *thread;

	require(module->number && strlen(module->name) < 4096);
	for (size_t t = 0; t < MAX_THREADS && (thread = crit_thread_at(modules->task, t)); t++) {
		struct crit_error err = { 0 };
		uint64_t first = 77, second = 77;
		enum crit_status status = crit_tls_address(thread, module->link_map, 0, &first,
							   &err);

		require(!status || (*err.message && first == 77));
		require(crit_tls_address(thread, module->link_map, 8, &second, NULL) == status);
		require(status || (uint32_t)(second - first) == 8);
	}
	return ++modules->nr < MAX_MODULES;
}

static void check_tls(struct crit_task *task)
{
	struct modules modules = { .task = task };
	struct crit_error err = { 0 };

	require(!crit_tls_modules(task, check_module, &modules, &err) || *err.message);
}

/* ---- Everything ------------------------------------------------------------------------------ */

static void ask_task(struct crit_task *task)
{
	struct session s = { 0 };
	struct crit_task_info info;

	crit_task_info(task, &info, NULL);
	add_known(&s, task, info.pid);
	add_input(&s);
	serve(task, &s);
	buf_deinit(&s.wire);
	check_tls(task);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct crit_checkpoint *ckpt;
	char name[80];

	if (!*disk.path)
		make_folders();
	update_files(data, size);
	snprintf(name, sizeof(name), "%s/img", disk.path);
	if (crit_checkpoint_open(name, &ckpt, NULL))
		return 0;
	snprintf(name, sizeof(name), "%s/sr", disk.path);
	require(!crit_checkpoint_set_sysroot(ckpt, name, NULL));
	for (size_t i = 0; i < crit_task_count(ckpt) && i < 4; i++)
		ask_task(crit_task_at(ckpt, i));
	crit_checkpoint_close(ckpt);
	return 0;
}
