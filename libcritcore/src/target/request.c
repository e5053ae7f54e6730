// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Requests of the gdb remote protocol, as gdb's manual gives them ("Packets", "General Query
 * Packets", "Host I/O Packets"):
 *
 *	request   = name [ arguments ]			one row of the table below
 *	number    = 1 to 16 hex digits
 *	thread-id = id | 'p' id [ '.' id ]		no '.': all threads of the process
 *	id        = number | "-1"			0: any, -1: all
 *	path      = { digit digit }			in hex
 *
 * A parser takes what follows the name and says whether it was well formed. Arguments of things a
 * checkpoint never does (the bytes of a write, the address of a `c`) are not looked at.
 */
#include "target/request.h"

#include <string.h>

#include "target/hex.h"

struct cursor {
	const uint8_t *at, *end;
};

static size_t left(const struct cursor *in)
{
	return (size_t)(in->end - in->at);
}

static bool at_end(const struct cursor *in)
{
	return in->at == in->end;
}

static bool take_char(struct cursor *in, char c)
{
	if (at_end(in) || *in->at != (uint8_t)c)
		return false;
	in->at++;
	return true;
}

static bool take_number(struct cursor *in, uint64_t *out)
{
	const uint8_t *start = in->at;
	uint64_t value = 0;

	while (!at_end(in) && hex_digit(*in->at) >= 0) {
		if (value >> 60)
			return false;
		value = value << 4 | (uint64_t)hex_digit(*in->at++);
	}
	*out = value;
	return in->at > start;
}

/* Two numbers with a character between them. */
static bool take_pair(struct cursor *in, uint64_t *first, char between, uint64_t *second)
{
	return take_number(in, first) && take_char(in, between) && take_number(in, second);
}

static bool take_id(struct cursor *in, int64_t *out)
{
	bool negative = take_char(in, '-');
	uint64_t value;

	if (!take_number(in, &value) || value > INT64_MAX || (negative && value != 1))
		return false;
	*out = negative ? THREAD_ALL : (int64_t)value;
	return true;
}

static bool take_thread(struct cursor *in, struct thread_id *out)
{
	out->pid = THREAD_ANY;
	if (!take_char(in, 'p'))
		return take_id(in, &out->tid);
	out->tid = THREAD_ALL;
	return take_id(in, &out->pid) && (!take_char(in, '.') || take_id(in, &out->tid));
}

/* A path in hex up to the end, or up to a character that is not hex. */
static bool take_path(struct cursor *in, char out[REQUEST_MAX_PATH])
{
	const uint8_t *start = in->at;

	while (!at_end(in) && hex_digit(*in->at) >= 0)
		in->at++;
	size_t nr_digits = (size_t)(in->at - start), len = nr_digits / 2;
	if (len >= REQUEST_MAX_PATH || !hex_decode(start, nr_digits, (uint8_t *)out))
		return false;
	out[len] = '\0';
	return len && strlen(out) == len;
}

static bool parse_nothing(struct cursor *in, struct request *out)
{
	(void)in;
	(void)out;
	return true;
}

static bool is_word(const uint8_t *word, size_t len, const char *s)
{
	return strlen(s) == len && memcmp(word, s, len) == 0;
}

static bool parse_supported(struct cursor *in, struct request *out)
{
	out->supported.multiprocess = false;
	out->supported.error_message = false;
	if (at_end(in))
		return true;
	if (!take_char(in, ':'))
		return false;
	while (!at_end(in)) {
		const uint8_t *stop = memchr(in->at, ';', left(in));
		size_t len = stop ? (size_t)(stop - in->at) : left(in);

		if (is_word(in->at, len, "multiprocess+"))
			out->supported.multiprocess = true;
		if (is_word(in->at, len, "error-message+"))
			out->supported.error_message = true;
		in->at = stop ? stop + 1 : in->end;
	}
	return true;
}

/* [SEPARATOR PID] */
static bool parse_optional_pid(struct cursor *in, struct request *out, char separator)
{
	out->process.named = !at_end(in);
	out->process.pid = THREAD_ANY;
	return at_end(in) || (take_char(in, separator) && take_id(in, &out->process.pid));
}

static bool parse_attached(struct cursor *in, struct request *out)
{
	return parse_optional_pid(in, out, ':');
}

static bool parse_detach(struct cursor *in, struct request *out)
{
	return parse_optional_pid(in, out, ';');
}

static bool parse_pid(struct cursor *in, struct request *out)
{
	out->process.named = true;
	return take_id(in, &out->process.pid);
}

static bool parse_thread(struct cursor *in, struct request *out)
{
	return take_thread(in, &out->thread);
}

/* OPERATION THREAD; the operations differ in what they prepare ('g': looking, 'c': running), and
 * here nothing runs: only 'g' selects. */
static bool parse_select(struct cursor *in, struct request *out)
{
	if (take_char(in, 'g'))
		return take_thread(in, &out->thread);
	if (at_end(in))
		return false;
	in->at++;
	if (!take_thread(in, &out->thread))
		return false;
	out->thread = (struct thread_id){ THREAD_ANY, THREAD_ANY };
	return true;
}

/* ACTION [':' THREAD] { ';' ACTION [':' THREAD] }: only the first one's thread is of interest. */
static bool parse_vcont(struct cursor *in, struct request *out)
{
	out->thread = (struct thread_id){ THREAD_ANY, THREAD_ANY };
	while (!at_end(in) && *in->at != ':' && *in->at != ';')
		in->at++;
	if (take_char(in, ':') && !take_thread(in, &out->thread))
		return false;
	if (!at_end(in) && *in->at != ';')
		return false;
	in->at = in->end;
	return true;
}

/* The older c, s, C, S: run the selected thread. */
static bool parse_run(struct cursor *in, struct request *out)
{
	out->thread = (struct thread_id){ THREAD_ANY, THREAD_ANY };
	in->at = in->end;
	return true;
}

static bool parse_ignored(struct cursor *in, struct request *out)
{
	(void)out;
	in->at = in->end;
	return true;
}

static bool parse_regnum(struct cursor *in, struct request *out)
{
	return take_number(in, &out->regnum);
}

static bool parse_memory(struct cursor *in, struct request *out)
{
	return take_pair(in, &out->memory.vaddr, ',', &out->memory.len);
}

/* THREAD ',' OFFSET ',' LINKMAP */
static bool parse_tls(struct cursor *in, struct request *out)
{
	return take_thread(in, &out->tls.thread) && take_char(in, ',') &&
	       take_pair(in, &out->tls.offset, ',', &out->tls.link_map);
}

static bool parse_vaddr(struct cursor *in, struct request *out)
{
	return take_number(in, &out->memory.vaddr);
}

/* ADDRESS ';' LENGTH ';' PATTERN, the pattern in binary */
static bool parse_search(struct cursor *in, struct request *out)
{
	if (!take_pair(in, &out->search.vaddr, ';', &out->search.len) || !take_char(in, ';'))
		return false;
	out->search.pattern = in->at;
	out->search.pattern_len = left(in);
	in->at = in->end;
	return out->search.pattern_len > 0;
}

/* The text up to the next colon. */
static bool take_field(struct cursor *in, const char **out, size_t *len)
{
	const uint8_t *colon = memchr(in->at, ':', left(in));

	if (!colon)
		return false;
	*out = (const char *)in->at;
	*len = (size_t)(colon - in->at);
	in->at = colon + 1;
	return true;
}

/* NAME ':' "read" ':' ANNEX ':' OFFSET ',' LENGTH. Writing is a request we do not know. */
static bool parse_object(struct cursor *in, struct request *out)
{
	const char *verb;
	size_t verb_len;

	if (!take_field(in, &out->object.name, &out->object.name_len) ||
	    !take_field(in, &verb, &verb_len))
		return false;
	if (!is_word((const uint8_t *)verb, verb_len, "read")) {
		out->kind = REQUEST_UNKNOWN;
		return parse_ignored(in, out);
	}
	return take_field(in, &out->object.annex, &out->object.annex_len) &&
	       take_pair(in, &out->object.off, ',', &out->object.len);
}

/* PATH ',' FLAGS ',' MODE */
static bool parse_file_open(struct cursor *in, struct request *out)
{
	uint64_t mode;

	return take_path(in, out->file.path) && take_char(in, ',') &&
	       take_pair(in, &out->file.flags, ',', &mode);
}

static bool parse_file_path(struct cursor *in, struct request *out)
{
	return take_path(in, out->file.path);
}

static bool parse_file_handle(struct cursor *in, struct request *out)
{
	return take_number(in, &out->file.handle);
}

/* HANDLE ',' COUNT ',' OFFSET */
static bool parse_file_read(struct cursor *in, struct request *out)
{
	return take_number(in, &out->file.handle) && take_char(in, ',') &&
	       take_pair(in, &out->file.len, ',', &out->file.off);
}

/* A name stands for the whole packet when nothing may follow it, so that "qC" is not taken for the
 * beginning of "qCRC:...". */
static const struct row {
	const char *name;
	enum request_kind kind;
	bool (*parse)(struct cursor *in, struct request *out);
} rows[] = {
	{ "m", REQUEST_READ_HEX, parse_memory },
	{ "x", REQUEST_READ_BINARY, parse_memory },
	{ "p", REQUEST_READ_REGISTER, parse_regnum },
	{ "g", REQUEST_READ_REGISTERS, parse_nothing },
	{ "H", REQUEST_SELECT_THREAD, parse_select },
	{ "T", REQUEST_THREAD_ALIVE, parse_thread },
	{ "qGetTLSAddr:", REQUEST_TLS_ADDRESS, parse_tls },
	{ "qSearch:memory:", REQUEST_SEARCH, parse_search },
	{ "qXfer:", REQUEST_READ_OBJECT, parse_object },
	{ "vFile:pread:", REQUEST_FILE_READ, parse_file_read },
	{ "vFile:open:", REQUEST_FILE_OPEN, parse_file_open },
	{ "vFile:close:", REQUEST_FILE_CLOSE, parse_file_handle },
	{ "vFile:fstat:", REQUEST_FILE_STAT, parse_file_handle },
	{ "vFile:setfs:", REQUEST_FILE_ROOT, parse_pid },
	{ "vFile:readlink:", REQUEST_FILE_READLINK, parse_file_path },
	{ "qSupported", REQUEST_SUPPORTED, parse_supported },
	{ "QStartNoAckMode", REQUEST_NO_ACK, parse_nothing },
	{ "?", REQUEST_STOP_REASON, parse_nothing },
	{ "qAttached", REQUEST_ATTACHED, parse_attached },
	{ "qSymbol:", REQUEST_SYMBOLS, parse_ignored },
	{ "qC", REQUEST_CURRENT_THREAD, parse_nothing },
	{ "qfThreadInfo", REQUEST_FIRST_THREADS, parse_nothing },
	{ "qsThreadInfo", REQUEST_NEXT_THREADS, parse_nothing },
	{ "qHostInfo", REQUEST_HOST_INFO, parse_nothing },
	{ "qProcessInfo", REQUEST_PROCESS_INFO, parse_nothing },
	{ "qMemoryRegionInfo:", REQUEST_MEMORY_REGION, parse_vaddr },
	{ "qThreadStopInfo", REQUEST_THREAD_STOP, parse_thread },
	{ "jThreadsInfo", REQUEST_THREADS_JSON, parse_nothing },
	{ "qCritcore.Checkpoint", REQUEST_CHECKPOINT, parse_nothing },
	{ "qThreadExtraInfo,", REQUEST_THREAD_TEXT, parse_thread },
	{ "vCont?", REQUEST_RUN_ACTIONS, parse_nothing },
	{ "vCont;", REQUEST_RUN, parse_vcont },
	{ "c", REQUEST_RUN, parse_run },
	{ "s", REQUEST_RUN, parse_run },
	{ "C", REQUEST_RUN, parse_run },
	{ "S", REQUEST_RUN, parse_run },
	{ "Z0,", REQUEST_BREAKPOINT, parse_ignored },
	{ "z0,", REQUEST_BREAKPOINT, parse_ignored },
	{ "G", REQUEST_WRITE_REGISTER, parse_ignored },
	{ "P", REQUEST_WRITE_REGISTER, parse_ignored },
	{ "M", REQUEST_WRITE_MEMORY, parse_ignored },
	{ "X", REQUEST_WRITE_MEMORY, parse_ignored },
	{ "D", REQUEST_DETACH, parse_detach },
	{ "vKill;", REQUEST_DETACH, parse_pid },
	{ "k", REQUEST_KILL, parse_nothing },
};

static const struct row *find_row(const uint8_t *payload, size_t len)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t name_len = strlen(rows[i].name);

		if (rows[i].parse == parse_nothing && name_len != len)
			continue;
		if (name_len <= len && memcmp(payload, rows[i].name, name_len) == 0)
			return &rows[i];
	}
	return NULL;
}

void request_parse(const uint8_t *payload, size_t len, struct request *out)
{
	const struct row *row = find_row(payload, len);

	out->kind = REQUEST_UNKNOWN;
	if (!row)
		return;
	struct cursor in = { payload + strlen(row->name), payload + len };
	out->kind = row->kind;
	if (!row->parse(&in, out) || !at_end(&in))
		out->kind = REQUEST_BAD;
}
