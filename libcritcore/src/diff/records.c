// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * records.c - what images say of an open file besides its offset and flags, field by field,
 * whatever kind it is of: the counter of an eventfd, the files of an epoll, what an inotify
 * watches, the time a timerfd has left, who is told by a signal. Fields have CRIU's names
 * ("counter", "tfd[2].events").
 */
#include <stdio.h>
#include <string.h>

#include <protobuf-c/protobuf-c.h>

#include "diff/diff.h"
#include "fds/fds.h"
#include "util/arena.h"

enum { MAX_DEPTH = 4, PATH_TEXT = 128 };

/* Compared elsewhere; or numbers that a dump gives its records, and other names of the same
 * file. */
static const char *const left_out[] = {
	"id",	  "type",     "flags",	 "pos",	    "name",	 "path",	"opts",
	"mnt_id", "ns_id",    "pipe_id", "regf_id", "inode_id",	 "tty_info_id", "ino",
	"i_ino",  "inode",    "dev",	 "s_dev",   "f_handle",	 "ie",		"me",
	"ext",	  "uflags",
};

struct walk {
	struct diff *d;
	const struct crit_difference *of;
	bool socket; /* most of it is compared as a socket */
};

static bool is_left_out(const struct walk *w, const char *name, int depth)
{
	if (w->socket && !depth)
		return strcmp(name, "fown") && strcmp(name, "file_perms");
	for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
		if (!strcmp(name, left_out[i]))
			return true;
	return false;
}

/* ---- One value ------------------------------------------------------------------------------ */

static const char *number_format(const ProtobufCFieldDescriptor *f)
{
	if (strstr(f->name, "mask") || strstr(f->name, "flags") || !strcmp(f->name, "events"))
		return "0x%llx";
	return !strcmp(f->name, "mode") ? "0%llo" : "%lld";
}

/** Of any type that is a number. @return false: it is none. */
static bool number_of(const ProtobufCFieldDescriptor *f, const void *at, uint64_t *out)
{
	switch (f->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_ENUM:
		*out = (uint64_t)(int64_t)*(const int32_t *)at;
		return true;
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		*out = *(const uint32_t *)at;
		return true;
	case PROTOBUF_C_TYPE_BOOL:
		*out = *(const protobuf_c_boolean *)at;
		return true;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		*out = *(const uint64_t *)at;
		return true;
	default:
		return false;
	}
}

static size_t size_of(const ProtobufCFieldDescriptor *f)
{
	switch (f->type) {
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		return 8;
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return sizeof(void *);
	case PROTOBUF_C_TYPE_BOOL:
		return sizeof(protobuf_c_boolean);
	default:
		return 4;
	}
}

static void compare_messages(const struct walk *w, const char *path,
			     const ProtobufCMessage *const m[2], int depth);

/** @param at  The value in either, or NULL: not there. */
static void compare_values(const struct walk *w, const ProtobufCFieldDescriptor *f,
			   const char *path, const void *const at[2], int depth)
{
	uint64_t number[2] = { 0, 0 };

	if (f->type == PROTOBUF_C_TYPE_MESSAGE) {
		const ProtobufCMessage *m[2];

		for (int s = OLD; s <= NEW; s++)
			m[s] = at[s] ? *(ProtobufCMessage *const *)at[s] : NULL;
		if (m[OLD] && m[NEW])
			compare_messages(w, path, m, depth + 1);
	} else if (f->type == PROTOBUF_C_TYPE_STRING) {
		diff_text(w->d, w->of, path, at[OLD] ? *(char *const *)at[OLD] : NULL,
			  at[NEW] ? *(char *const *)at[NEW] : NULL);
	} else {
		for (int s = OLD; s <= NEW; s++)
			if (at[s] && !number_of(f, at[s], &number[s]))
				return;
		diff_maybe(w->d, w->of, path, number_format(f), at[OLD], number[OLD], at[NEW],
			   number[NEW]);
	}
}

/* ---- Messages ------------------------------------------------------------------------------- */

static size_t count_of(const ProtobufCFieldDescriptor *f, const ProtobufCMessage *m)
{
	return *(const size_t *)((const uint8_t *)m + f->quantifier_offset);
}

static void compare_repeated(const struct walk *w, const ProtobufCFieldDescriptor *f,
			     const char *path, const ProtobufCMessage *const m[2], int depth)
{
	size_t nr[2] = { count_of(f, m[OLD]), count_of(f, m[NEW]) };
	char name[PATH_TEXT];

	if (nr[OLD] != nr[NEW]) { // which of them came or went is not known
		diff_number(w->d, w->of, path, "%llu of them", nr[OLD], nr[NEW]);
		return;
	}
	for (size_t i = 0; i < nr[NEW] && diff_goes_on(w->d); i++) {
		const void *at[2];

		for (int s = OLD; s <= NEW; s++)
			at[s] = *(uint8_t *const *)((const uint8_t *)m[s] + f->offset) +
				i * size_of(f);
		snprintf(name, sizeof(name), "%.80s[%zu]", path, i);
		compare_values(w, f, name, at, depth);
	}
}

/** Where a field's value is; NULL: it is not there. */
static const void *value_of(const ProtobufCFieldDescriptor *f, const ProtobufCMessage *m)
{
	const uint8_t *at = (const uint8_t *)m + f->offset;

	if (f->type == PROTOBUF_C_TYPE_MESSAGE || f->type == PROTOBUF_C_TYPE_STRING)
		return *(void *const *)at ? at : NULL;
	if (f->label != PROTOBUF_C_LABEL_OPTIONAL)
		return at;
	return *(const protobuf_c_boolean *)((const uint8_t *)m + f->quantifier_offset) ? at : NULL;
}

static void compare_messages(const struct walk *w, const char *path,
			     const ProtobufCMessage *const m[2], int depth)
{
	const ProtobufCMessageDescriptor *descriptor = m[NEW]->descriptor;
	char name[PATH_TEXT];

	for (unsigned int i = 0; depth < MAX_DEPTH && i < descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &descriptor->fields[i];

		snprintf(name, sizeof(name), "%.80s%s%.40s", path, *path ? "." : "", f->name);
		if (is_left_out(w, f->name, depth) || f->type == PROTOBUF_C_TYPE_BYTES)
			continue;
		if (f->label == PROTOBUF_C_LABEL_REPEATED)
			compare_repeated(w, f, name, m, depth);
		else
			compare_values(w, f, name,
				       (const void *[2]){ value_of(f, m[OLD]),
							  value_of(f, m[NEW]) },
				       depth);
	}
}

static bool is_socket(const ProtobufCMessage *m)
{
	return m->descriptor == &criu__inet_sk_entry__descriptor ||
	       m->descriptor == &criu__unix_sk_entry__descriptor ||
	       m->descriptor == &criu__netlink_sk_entry__descriptor ||
	       m->descriptor == &criu__packet_sock_entry__descriptor;
}

/** The part of both that tells of their kind. */
static void compare_kinds(struct walk *w, const Criu__FileEntry *const entries[2])
{
	const ProtobufCMessageDescriptor *descriptor = &criu__file_entry__descriptor;

	for (unsigned int i = 0; i < descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &descriptor->fields[i];
		const ProtobufCMessage *m[2];

		if (f->type != PROTOBUF_C_TYPE_MESSAGE)
			continue;
		for (int s = OLD; s <= NEW; s++)
			m[s] = *(ProtobufCMessage *const *)((const uint8_t *)entries[s] +
							    f->offset);
		if (!m[OLD] || !m[NEW])
			continue;
		w->socket = is_socket(m[NEW]);
		compare_messages(w, "", m, 0);
	}
}

void diff_records(struct diff *d, const struct crit_difference *of, const size_t index[2])
{
	struct walk walk = { d, of, false };
	const Criu__FileEntry *entries[2];
	enum crit_status status = CRIT_OK;
	struct arena arenas[2]; // decoding a record drops the one before

	arena_init(&arenas[OLD], 0);
	arena_init(&arenas[NEW], 0);
	for (int s = OLD; s <= NEW && !status; s++)
		status = fd_record(d->sides[s].task, index[s], &arenas[s], &entries[s], NULL);
	if (!status)
		compare_kinds(&walk, entries);
	arena_deinit(&arenas[OLD]);
	arena_deinit(&arenas[NEW]);
}
