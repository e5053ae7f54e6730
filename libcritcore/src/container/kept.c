// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * kept.c - what else engines keep of a container, and which files there are at all: logs (ctr.log,
 * container.log), dump.log, /dev/shm as a tar file.
 *
 *	deleted.files  [ PATH, ... ]			what the container deleted from its root
 *	bind.mounts    [ { "source", "destination",	CRI-O's mounts from outside
 *			   "file_type", "permissions" }, ... ]
 */
#include <stdlib.h>

#include "container/container.h"
#include "util/array.h"

enum { MAX_FILES = 4096 };

static enum crit_status read_list(struct holder *h, struct source *outside, const char *name,
				  document_fn fn, struct crit_error *err)
{
	struct document doc;
	enum crit_status status = source_open_document(outside, name, DOCUMENT_MAX, &h->strings,
						       &doc, err);

	if (status)
		return status;
	status = document_list(&doc, fn, h);
	document_close(&doc);
	return status;
}

static enum crit_status take_deleted(void *ctx, struct document *doc, const char *name)
{
	struct holder *h = ctx;
	struct crit_container *c = &h->pub;
	const char *path = NULL;
	enum crit_status status = document_text(doc, &path);

	(void)name;
	if (status || !path)
		return status;
	if (!array_grow(&c->deleted, c->nr_deleted, &h->cap_deleted, sizeof(*c->deleted)))
		return error_no_memory(doc->r.err);
	c->deleted[c->nr_deleted++] = path;
	return CRIT_OK;
}

enum crit_status container_read_deleted(struct holder *h, struct source *outside,
					struct crit_error *err)
{
	return read_list(h, outside, "deleted.files", take_deleted, err);
}

static enum crit_status take_permissions(struct document *doc, struct crit_container_bind *bind)
{
	int64_t number = 0;
	enum crit_status status = document_int(doc, &number);

	if (!status && (number < 0 || number > UINT32_MAX))
		return json_fail(&doc->r, "no permissions");
	bind->has_permissions = !status;
	if (!status)
		bind->permissions = (uint32_t)number;
	return status;
}

static enum crit_status take_bind_member(void *ctx, struct document *doc, const char *name)
{
	struct crit_container_bind *bind = ctx;

	if (!strcmp(name, "source"))
		return document_text(doc, &bind->source);
	if (!strcmp(name, "destination"))
		return document_text(doc, &bind->destination);
	if (!strcmp(name, "file_type"))
		return document_text(doc, &bind->file_type);
	return strcmp(name, "permissions") ? json_skip(&doc->r)
					   : take_permissions(doc, bind);
}

static enum crit_status take_bind(void *ctx, struct document *doc, const char *name)
{
	struct holder *h = ctx;
	struct crit_container *c = &h->pub;

	(void)name;
	if (!array_grow(&c->binds, c->nr_binds, &h->cap_binds, sizeof(*c->binds)))
		return error_no_memory(doc->r.err);
	c->binds[c->nr_binds] = (struct crit_container_bind){ 0 };
	return document_object(doc, take_bind_member, &c->binds[c->nr_binds++]);
}

enum crit_status container_read_binds(struct holder *h, struct source *outside,
				      struct crit_error *err)
{
	return read_list(h, outside, "bind.mounts", take_bind, err);
}

/* ---- Files ---------------------------------------------------------------------------------- */

struct listing {
	struct holder *h;
	struct source *outside;
	bool failed; /* memory is out */
	bool is_cut; /* there are more */
};

static bool add_file(void *ctx, const char *name)
{
	struct listing *l = ctx;
	struct crit_container *c = &l->h->pub;
	struct crit_container_file *file;
	struct member *m;

	if (source_open_member(l->outside, name, &m, NULL))
		return true; // a folder, a link
	l->is_cut = c->nr_files == MAX_FILES;
	if (l->is_cut) {
		member_close(m);
		return false;
	}
	l->failed = !array_grow(&c->files, c->nr_files, &l->h->cap_files, sizeof(*file));
	if (!l->failed) {
		file = &c->files[c->nr_files];
		file->name = arena_text(&l->h->strings, name, strlen(name));
		file->len = m->size;
		l->failed = !file->name;
		c->nr_files += !l->failed;
	}
	member_close(m);
	return !l->failed;
}

static int compare(const void *a, const void *b)
{
	const struct crit_container_file *fa = a, *fb = b;

	return strcmp(fa->name, fb->name);
}

enum crit_status container_list_files(struct holder *h, struct source *outside,
				      struct crit_error *err)
{
	struct listing l = { .h = h, .outside = outside };
	enum crit_status status = source_each(outside, add_file, &l, err);

	if (h->pub.nr_files)
		qsort(h->pub.files, h->pub.nr_files, sizeof(*h->pub.files), compare);
	if (l.is_cut)
		return error_set(err, CRIT_UNSUPPORTED, "more than %d files beside the images; "
				 "not all are listed", MAX_FILES);
	return l.failed ? error_no_memory(err) : status;
}
