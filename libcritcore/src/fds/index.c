// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * index.c - where each open file is described. Since CRIU 3.4 all are in files.img; before, each
 * kind had an image of its own, with the messages that files.img has as fields. A checkpoint may
 * have a hundred thousand: only the places are kept.
 */
#include <stdlib.h>

#include "fds/fds.h"
#include "image/wire.h"
#include "util/array.h"

struct row {
	const char *image;
	enum image_magic magic;
	int type; /* of all its records; -1: they say it */
	const ProtobufCMessageDescriptor *message;
	size_t field; /* of Criu__FileEntry */
};

#define OLD(name, magic, type, message, field)                                                     \
	{ name, magic, CRIU__FD_TYPES__##type, &criu__##message##__descriptor,                     \
	  offsetof(Criu__FileEntry, field) }

static const struct row rows[] = {
	{ "files.img", IMG_FILES, -1, &criu__file_entry__descriptor, 0 },
	OLD("reg-files.img", IMG_REG_FILES, REG, reg_file_entry, reg),
	OLD("pipes.img", IMG_PIPES, PIPE, pipe_entry, pipe),
	OLD("fifo.img", IMG_FIFO, FIFO, fifo_entry, fifo),
	OLD("unixsk.img", IMG_UNIXSK, UNIXSK, unix_sk_entry, usk),
	OLD("inetsk.img", IMG_INETSK, INETSK, inet_sk_entry, isk),
	OLD("packetsk.img", IMG_PACKETSK, PACKETSK, packet_sock_entry, psk),
	OLD("netlinksk.img", IMG_NETLINK_SK, NETLINKSK, netlink_sk_entry, nlsk),
	OLD("eventfd.img", IMG_EVENTFD_FILE, EVENTFD, eventfd_file_entry, efd),
	OLD("eventpoll.img", IMG_EVENTPOLL_FILE, EVENTPOLL, eventpoll_file_entry, epfd),
	OLD("signalfd.img", IMG_SIGNALFD, SIGNALFD, signalfd_entry, sgfd),
	OLD("timerfd.img", IMG_TIMERFD, TIMERFD, timerfd_entry, tfd),
	OLD("inotify.img", IMG_INOTIFY_FILE, INOTIFY, inotify_file_entry, ify),
	OLD("fanotify.img", IMG_FANOTIFY_FILE, FANOTIFY, fanotify_file_entry, ffy),
	OLD("tty.img", IMG_TTY_FILES, TTY, tty_file_entry, tty),
	OLD("ns-files.img", IMG_NS_FILES, NS, ns_file_entry, nsf),
	OLD("tunfile.img", IMG_TUNFILE, TUNF, tunfile_entry, tunf),
	OLD("ext-files.img", IMG_EXT_FILES, EXT, ext_file_entry, ext),
};

_Static_assert(sizeof(rows) / sizeof(rows[0]) == MAX_OPEN_IMAGES, "one image for each row");

/** The message of a record as a file_entry: it is one, or it is put into one. */
static enum crit_status as_file_entry(const struct row *row, void *msg, struct arena *arena,
				      const Criu__FileEntry **out, struct crit_error *err)
{
	Criu__FileEntry *entry;

	if (row->type < 0) {
		*out = msg;
		return CRIT_OK;
	}
	entry = arena_alloc(arena, sizeof(*entry));
	if (!entry)
		return error_no_memory(err);
	criu__file_entry__init(entry);
	entry->type = (Criu__FdTypes)row->type;
	entry->id = *(uint32_t *)((char *)msg + sizeof(ProtobufCMessage)); // their first field
	*(void **)((char *)entry + row->field) = msg;
	*out = entry;
	return CRIT_OK;
}

static enum crit_status decode_record(struct open_files *all, unsigned int image,
				      const struct record *rec, struct arena *arena,
				      const Criu__FileEntry **out, struct crit_error *err)
{
	enum crit_status status;
	void *msg;

	arena_reset(arena, image_decode_limit(rec->len) + sizeof(Criu__FileEntry));
	status = record_decode(rec, image_name(all->img[image]), rows[image].message, arena, &msg,
			       err);
	return status ? status : as_file_entry(&rows[image], msg, arena, out, err);
}

enum { ENTRY_TYPE = 1, ENTRY_ID = 2 }; /* numbers of fields of file_entry */

/** Type and id of a record. @param sound  It was decoded before: a look is enough. */
static enum crit_status take_key(struct open_files *all, bool sound, const struct record *rec,
				 struct arena *arena, struct open_file *file,
				 struct crit_error *err)
{
	const Criu__FileEntry *entry;
	enum crit_status status;

	if (sound) {
		file->type = (int)wire_get_uint(rec->data, rec->len, ENTRY_TYPE, 0);
		file->id = (uint32_t)wire_get_uint(rec->data, rec->len, ENTRY_ID, 0);
		return CRIT_OK;
	}
	status = decode_record(all, file->image, rec, arena, &entry, err);
	if (status)
		return status;
	file->type = entry->type;
	file->id = entry->id;
	return CRIT_OK;
}

static enum crit_status index_image(struct open_files *all, unsigned int image, size_t *cap,
				    struct arena *arena, struct crit_error *err)
{
	// That image was read for the files that are mapped, record by record.
	bool sound = !image && !files_load(&all->ckpt->files, NULL);
	enum crit_status status;
	struct record rec;

	while (!(status = image_next(all->img[image], &rec, err))) {
		struct open_file *file;

		if (!array_grow(&all->files, all->nr_files, cap, sizeof(*all->files)))
			return error_no_memory(err);
		file = &all->files[all->nr_files];
		*file = (struct open_file){ .image = image };
		status = take_key(all, sound, &rec, arena, file, err);
		if (status)
			return status;
		file->at.off = rec.off;
		file->at.index = rec.index;
		all->nr_files++;
	}
	return status == CRIT_NOT_FOUND ? CRIT_OK : status;
}

static int compare_files(const void *a, const void *b)
{
	const struct open_file *fa = a, *fb = b;

	if (fa->type != fb->type)
		return fa->type < fb->type ? -1 : 1;
	return (fa->id > fb->id) - (fa->id < fb->id);
}

static enum crit_status index_all(struct open_files *all, struct crit_error *err)
{
	// Old images beside a files.img are leftovers.
	unsigned int first = source_has(all->ckpt->src, rows[0].image) ? 0 : 1;
	unsigned int end = first ? MAX_OPEN_IMAGES : 1;
	enum crit_status status = CRIT_OK;
	struct arena arena;
	size_t cap = 0;

	arena_init(&arena, 0);
	for (unsigned int i = first; i < end && !status; i++) {
		status = image_open(all->ckpt->src, rows[i].image, rows[i].magic, &all->img[i],
				    err);
		if (status == CRIT_NOT_FOUND)
			status = CRIT_OK;
		else if (!status)
			status = index_image(all, i, &cap, &arena, err);
	}
	arena_deinit(&arena);
	if (!status && all->nr_files)
		qsort(all->files, all->nr_files, sizeof(*all->files), compare_files);
	return status;
}

static void open_files_free(void *data)
{
	struct open_files *all = data;

	for (unsigned int i = 0; i < MAX_OPEN_IMAGES; i++)
		image_close(all->img[i]);
	for (size_t i = 0; all->tables && i < all->ckpt->nr_tasks; i++)
		free(all->tables[i].entries);
	free(all->tables);
	free(all->files);
	free(all->queues);
	free(all->ptys);
	arena_deinit(&all->strings);
	free(all);
}

/** A thousand processes ask for the same damaged image: it is read once. */
static enum crit_status refused(const struct open_files *all, struct crit_error *err)
{
	if (all->failed.status && err)
		*err = all->failed;
	return all->failed.status;
}

enum crit_status open_files_get(struct crit_checkpoint *ckpt, struct open_files **out,
				struct crit_error *err)
{
	struct open_files *all = ckpt->open_files.data;
	enum crit_status status;

	*out = all;
	if (all)
		return refused(all, err);
	all = calloc(1, sizeof(*all));
	if (!all)
		return error_no_memory(err);
	all->ckpt = ckpt;
	arena_init(&all->strings, SIZE_MAX / 2); // each text is made once, of a record's size
	all->tables = calloc(ckpt->nr_tasks + 1, sizeof(*all->tables));
	status = all->tables ? index_all(all, &all->failed) : error_no_memory(&all->failed);
	// With an offset it is an image that asks for too much.
	if (status == CRIT_NO_MEMORY && !all->failed.has_off) {
		open_files_free(all);
		return error_no_memory(err);
	}
	all->failed.status = status; // what was no failure may have left something there
	ckpt->open_files = (struct attachment){ all, open_files_free };
	*out = all;
	return refused(all, err);
}

struct open_file *open_file_find(struct open_files *all, int type, uint32_t id)
{
	struct open_file key = { .type = type, .id = id };

	if (!all->nr_files)
		return NULL;
	return bsearch(&key, all->files, all->nr_files, sizeof(key), compare_files);
}

enum crit_status open_file_decode(struct open_files *all, const struct open_file *file,
				  struct arena *arena, const Criu__FileEntry **out,
				  struct crit_error *err)
{
	struct image *img = all->img[file->image];
	struct record rec;
	enum crit_status status;

	image_seek(img, &file->at);
	status = image_next(img, &rec, err);
	return status ? status : decode_record(all, file->image, &rec, arena, out, err);
}
