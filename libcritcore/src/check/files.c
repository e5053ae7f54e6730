// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * files.c - files.img: each open file once, described as what it is; and what is needed besides.
 * Before CRIU 3.4 each type had an image of its own; load.c makes them look the same.
 */
#include <stddef.h>

#include "check/check.h"
#include "fdtable.pb-c.h"

/* Where the description of a type is in a file_entry; its first field is the id again. */
static const struct {
	int type;
	size_t field;
	const char *name;
} bodies[] = {
#define BODY(type, field) { CRIU__FD_TYPES__##type, offsetof(Criu__FileEntry, field), #field }
	BODY(REG, reg),	      BODY(INETSK, isk),   BODY(NS, nsf),	BODY(PACKETSK, psk),
	BODY(NETLINKSK, nlsk), BODY(EVENTFD, efd), BODY(EVENTPOLL, epfd), BODY(SIGNALFD, sgfd),
	BODY(TUNF, tunf),     BODY(TIMERFD, tfd),  BODY(INOTIFY, ify),	BODY(FANOTIFY, ffy),
	BODY(EXT, ext),	      BODY(UNIXSK, usk),   BODY(FIFO, fifo),	BODY(PIPE, pipe),
	BODY(TTY, tty),	      BODY(MEMFD, memfd),  BODY(BPFMAP, bpf),	BODY(PIDFD, pidfd),
#undef BODY
};

static void check_body(struct check *c, const struct item *at, const Criu__FileEntry *e)
{
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		const void *body = *(void *const *)((const char *)e + bodies[i].field);
		uint32_t id;

		if (bodies[i].type != (int)e->type)
			continue;
		if (!body) {
			found(c, RULE_FILE_BODY, at, bodies[i].name,
			      "the file is of this type, but the field is not there");
			return;
		}
		id = *(const uint32_t *)((const char *)body + sizeof(ProtobufCMessage));
		if (id != e->id)
			found(c, RULE_FILE_BODY, at, bodies[i].name,
			      "id %u in a file with id %u", id, e->id);
		return;
	}
	found(c, RULE_FILE_BODY, at, "type", "no open file is of type %d", (int)e->type);
}

const void *file_body(const struct item *item, int type)
{
	const Criu__FileEntry *e = item->msg;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		if (bodies[i].type == type && type == (int)e->type)
			return *(void *const *)((const char *)e + bodies[i].field);
	return NULL;
}

/** Without mount namespaces of their own all files are on mounts of whoever restores. */
static void check_mount(struct check *c, const struct item *at, const char *field, int32_t mnt_id)
{
	if (c->mounts.nr && mnt_id >= 0 && !keys_find(&c->mounts, 0, (uint32_t)mnt_id))
		found(c, RULE_FILE_MOUNT, at, field, "no mount has id %d", mnt_id);
}

static void check_mounts_of_files(struct check *c, const struct item *at)
{
	const Criu__RegFileEntry *reg = file_body(at, CRIU__FD_TYPES__REG);
	const Criu__UnixSkEntry *usk = file_body(at, CRIU__FD_TYPES__UNIXSK);

	if (reg && reg->has_mnt_id)
		check_mount(c, at, "reg.mnt_id", reg->mnt_id);
	if (usk && usk->has_mnt_id)
		check_mount(c, at, "usk.mnt_id", usk->mnt_id);
}

static void check_outside(struct check *c, const struct item *at)
{
	const Criu__RegFileEntry *reg = file_body(at, CRIU__FD_TYPES__REG);

	if (reg && reg->ext)
		found(c, RULE_NEEDS_OPTION, at, "reg.ext",
		      "needs --inherit-fd fd[N]:%s: the file is supplied from outside", reg->name);
	if (((const Criu__FileEntry *)at->msg)->type == CRIU__FD_TYPES__EXT)
		found(c, RULE_NEEDS_PLUGIN, at, "ext", "the file is brought back by a plugin");
}

void check_files(struct check *c)
{
	const struct items *set = &c->sets[SET_FILES];
	const struct key *key = NULL;

	if (!set->nr && c->sets[SET_FDINFO].nr && !source_has(c->src, "files.img"))
		found_image(c, RULE_IMAGE_MISSING, NULL, "files.img", "there is no such file");
	while ((key = keys_next_double(&c->files, key ? (size_t)(key - c->files.keys) + 1 : 0)))
		found(c, RULE_FILE_ID, key->item, "id", "a file of this type has id %llu already",
		      (unsigned long long)key->number);
	for (size_t i = 0; i < set->nr && goes_on(c); i++) {
		check_body(c, &set->items[i], set->items[i].msg);
		check_mounts_of_files(c, &set->items[i]);
		check_outside(c, &set->items[i]);
	}
}
