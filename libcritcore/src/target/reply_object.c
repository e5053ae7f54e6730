// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * qXfer, named objects read piece by piece:
 *
 *	reply = 'm' bytes	there is more behind them
 *	      | 'l' bytes	these are the last ones
 *
 * gdb asks for 4096 bytes at a time. An object we do not have gets an empty reply, an annex it
 * does not have "E00".
 */
#include "target/server.h"

#include <errno.h>
#include <string.h>

#include "checkpoint/debug.h"
#include "target/hex.h"
#include "target/osdata.h"
#include "target/tdesc.h"

/* Bytes of an object, owned by the server or the checkpoint. */
struct span {
	const void *data;
	size_t len;
};

static bool is_text(const char *s, size_t len, const char *text)
{
	return strlen(text) == len && memcmp(s, text, len) == 0;
}

static bool span_of_buf(struct server *s, const struct buf *b, struct span *out)
{
	if (b->failed)
		reply_error(s, ENOMEM);
	*out = (struct span){ b->data, b->len };
	return !b->failed;
}

static bool get_features(struct server *s, const struct request *req, struct span *out)
{
	if (!is_text(req->object.annex, req->object.annex_len, "target.xml")) {
		reply_error(s, 0);
		return false;
	}
	if (!s->target_xml.len)
		tdesc_build(task_layout(s->task), &s->target_xml);
	return span_of_buf(s, &s->target_xml, out);
}

static bool get_threads(struct server *s, const struct request *req, struct span *out)
{
	if (req->object.annex_len) {
		reply_error(s, 0);
		return false;
	}
	if (!s->threads_xml.len)
		threads_build_xml(s->task, s->multiprocess, &s->threads_xml);
	return span_of_buf(s, &s->threads_xml, out);
}

static bool get_auxv(struct server *s, const struct request *req, struct span *out)
{
	struct crit_error err;

	if (req->object.annex_len) {
		reply_error(s, 0);
		return false;
	}
	if (crit_task_auxv(s->task, &out->data, &out->len, &err) == CRIT_OK)
		return true;
	reply_error_text(s, err.message);
	return false;
}

/* Of the selected thread. Where no signal waits there is none, and gdb says so. */
static bool get_siginfo(struct server *s, const struct request *req, struct span *out)
{
	struct crit_error err;

	if (req->object.annex_len) {
		reply_error(s, 0);
		return false;
	}
	if (crit_thread_siginfo(s->thread, s->siginfo, &out->len, &err) == CRIT_OK) {
		out->data = s->siginfo;
		return true;
	}
	reply_error_text(s, err.message);
	return false;
}

/* The annex is a process id in hex, or nothing. */
static bool is_our_annex(const struct server *s, const struct request *req)
{
	uint64_t pid = 0;

	for (size_t i = 0; i < req->object.annex_len; i++) {
		int digit = hex_digit((uint8_t)req->object.annex[i]);

		if (digit < 0 || pid > UINT32_MAX)
			return false;
		pid = pid << 4 | (uint64_t)digit;
	}
	return !req->object.annex_len || pid == s->pid;
}

/* The name of an executable that is not the process's would make gdb show wrong symbols without a
 * word, so gdb learns it only when the file was found and fits. */
static bool get_exec_file(struct server *s, const struct request *req, struct span *out)
{
	struct crit_file exe;

	if (!(s->options.flags & CRIT_SERVE_EXEC_FILE))
		return false;
	if (!is_our_annex(s, req)) {
		reply_error(s, 0);
		return false;
	}
	if (crit_task_exe(s->task, &exe, NULL) != CRIT_OK ||
	    (exe.verdict != CRIT_FILE_USED && exe.verdict != CRIT_FILE_GHOST)) {
		reply_error(s, ENOENT);
		return false;
	}
	*out = (struct span){ exe.path, strlen(exe.path) };
	return true;
}

/* The table asked for last stays: gdb comes for it piece by piece. */
static bool get_osdata(struct server *s, const struct request *req, struct span *out)
{
	const char *type = req->object.annex;
	size_t len = req->object.annex_len;
	int status;

	if (!s->osdata_xml.len || !is_text(type, len, s->osdata_type)) {
		buf_clear(&s->osdata_xml);
		status = len < sizeof(s->osdata_type) ?
				 osdata_build(s->task, type, len, &s->osdata_xml) :
				 -ENOENT;
		if (status) {
			buf_clear(&s->osdata_xml);
			reply_error(s, -status);
			return false;
		}
		memcpy(s->osdata_type, type, len);
		s->osdata_type[len] = '\0';
	}
	return span_of_buf(s, &s->osdata_xml, out);
}

/* Announced for programs without libraries only: else gdb finds out anew, for every thread in which
 * it looks for thread-local variables, that there are none. Other lists it reads well by itself. */
static bool get_libraries(struct server *s, const struct request *req, struct span *out)
{
	static const char none[] = "<library-list-svr4 version=\"1.0\"/>";

	(void)req;
	if (!server_has_no_libraries(s))
		return false;
	*out = (struct span){ none, strlen(none) };
	return true;
}

/* A getter that returns false has left its reply, if any. */
static const struct object {
	const char *name;
	bool (*get)(struct server *s, const struct request *req, struct span *out);
} objects[] = {
	{ "features", get_features },
	{ "threads", get_threads },
	{ "auxv", get_auxv },
	{ "siginfo", get_siginfo },
	{ "exec-file", get_exec_file },
	{ "osdata", get_osdata },
	{ "libraries-svr4", get_libraries },
};

static void add_piece(struct server *s, const struct span *whole, uint64_t off, uint64_t len)
{
	if (off > whole->len)
		off = whole->len;
	uint64_t rest = whole->len - off;

	if (len > PACKET_MAX - 1)
		len = PACKET_MAX - 1;
	if (len > rest)
		len = rest;
	buf_add_byte(&s->reply, len < rest ? 'm' : 'l');
	buf_add(&s->reply, (const uint8_t *)whole->data + off, (size_t)len);
}

void reply_read_object(struct server *s, const struct request *req)
{
	struct span whole;

	for (size_t i = 0; i < sizeof(objects) / sizeof(*objects); i++) {
		if (!is_text(req->object.name, req->object.name_len, objects[i].name))
			continue;
		if (objects[i].get(s, req, &whole))
			add_piece(s, &whole, req->object.off, req->object.len);
		return;
	}
}
