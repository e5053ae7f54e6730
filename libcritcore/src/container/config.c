// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * config.c - config.dump, spec.dump and status.
 *
 *	config.dump  { "id", "name", "rootfsImageName", "rootfsImageID", "rootfsImage", "runtime",
 *		       "createdTime", "checkpointedTime", ... }
 *	spec.dump    { "annotations": { NAME: VALUE, ... },
 *		       "mounts": [ { "destination", "type", "source", ... }, ... ], ... }
 *	status	     { "CreatedAt": nanoseconds since 1970, ... }
 */
#include "container/container.h"

#include <time.h>

#include "util/array.h"
#include "util/buf.h"

/** A member whose value is a text, and where in struct crit_container that goes. */
struct text_row {
	const char *name;
	size_t at;
};

#define TEXT(name, field) { name, offsetof(struct crit_container, field) }

static const struct text_row config_rows[] = {
	TEXT("id", id),		       TEXT("name", name),
	TEXT("rootfsImageName", image), TEXT("runtime", runtime),
	TEXT("rootfsImageID", image_id), TEXT("createdTime", created),
	TEXT("checkpointedTime", checkpointed),
};

static enum crit_status take_config(void *ctx, struct document *doc, const char *name)
{
	struct holder *h = ctx;

	for (size_t i = 0; i < sizeof(config_rows) / sizeof(config_rows[0]); i++)
		if (!strcmp(name, config_rows[i].name))
			return document_text(doc, (const char **)((char *)&h->pub +
								  config_rows[i].at));
	if (!strcmp(name, "rootfsImage") && !h->pub.image_id) // CRI-O's
		return document_text(doc, &h->pub.image_id);
	return json_skip(&doc->r);
}

/** Without fractions of a second; NULL of Go's zero time, which stands for none, and when memory is
 *  out. */
static const char *tidy_time(struct holder *h, const char *text)
{
	size_t len = text ? strlen(text) : 0, dot = text ? strcspn(text, ".") : 0;
	size_t rest = dot < len ? dot + 1 + strspn(text + dot + 1, "0123456789") : len;
	char *copy;

	if (!len || !strncmp(text, "0001-01-01T", 11))
		return NULL;
	copy = arena_alloc(&h->strings, len + 1);
	if (copy) {
		memcpy(copy, text, dot);
		memcpy(copy + dot, text + rest, len - rest + 1);
	}
	return copy;
}

static enum crit_status read_object(struct holder *h, struct source *outside, const char *name,
				    document_fn fn, struct crit_error *err)
{
	struct document doc;
	enum crit_status status = source_open_document(outside, name, DOCUMENT_MAX,
						       &h->strings, &doc, err);

	if (status)
		return status;
	status = document_object(&doc, fn, h);
	document_close(&doc);
	return status;
}

enum crit_status container_read_config(struct holder *h, struct source *outside,
				       struct crit_error *err)
{
	enum crit_status status = read_object(h, outside, "config.dump", take_config, err);

	h->pub.created = tidy_time(h, h->pub.created);
	h->pub.checkpointed = tidy_time(h, h->pub.checkpointed);
	return status;
}

/* ---- spec.dump ------------------------------------------------------------------------------ */

static enum crit_status take_annotation(void *ctx, struct document *doc, const char *name)
{
	struct holder *h = ctx;
	struct crit_container *c = &h->pub;
	struct crit_container_annotation *row;
	size_t len = strlen(name);
	char *copy = arena_alloc(&h->strings, len + 1);

	if (!copy || !array_grow(&c->annotations, c->nr_annotations, &h->cap_annotations,
				 sizeof(*c->annotations)))
		return error_no_memory(doc->r.err);
	memcpy(copy, name, len + 1);
	row = &c->annotations[c->nr_annotations++];
	*row = (struct crit_container_annotation){ .name = copy };
	return document_text(doc, &row->value);
}

/** A mount that is being read. */
struct mounting {
	struct crit_container_mount *mount;
	struct buf options; /* one behind the other, with commas */
};

static enum crit_status take_option(void *ctx, struct document *doc, const char *name)
{
	struct mounting *m = ctx;
	const char *option = NULL;
	enum crit_status status = document_text(doc, &option);

	(void)name;
	if (status || !option)
		return status;
	if (m->options.len)
		buf_add_byte(&m->options, ',');
	buf_add_str(&m->options, option);
	return m->options.failed ? error_no_memory(doc->r.err) : CRIT_OK;
}

static enum crit_status take_mount_member(void *ctx, struct document *doc, const char *name)
{
	struct mounting *m = ctx;
	struct crit_container_mount *mount = m->mount;

	if (!strcmp(name, "destination"))
		return document_text(doc, &mount->destination);
	if (!strcmp(name, "type"))
		return document_text(doc, &mount->type);
	if (!strcmp(name, "source"))
		return document_text(doc, &mount->source);
	return strcmp(name, "options") ? json_skip(&doc->r)
				       : document_list(doc, take_option, m);
}

static enum crit_status take_mount(void *ctx, struct document *doc, const char *name)
{
	struct holder *h = ctx;
	struct crit_container *c = &h->pub;
	struct mounting m = { 0 };
	enum crit_status status;

	(void)name;
	if (!array_grow(&c->mounts, c->nr_mounts, &h->cap_mounts, sizeof(*c->mounts)))
		return error_no_memory(doc->r.err);
	c->mounts[c->nr_mounts] = (struct crit_container_mount){ 0 };
	m.mount = &c->mounts[c->nr_mounts++];
	status = document_object(doc, take_mount_member, &m);
	if (m.options.len) {
		m.mount->options = arena_text(&h->strings, (const char *)m.options.data,
					      m.options.len);
		if (!status && !m.mount->options)
			status = error_no_memory(doc->r.err);
	}
	buf_deinit(&m.options);
	return status;
}

static enum crit_status take_spec(void *ctx, struct document *doc, const char *name)
{
	if (!strcmp(name, "annotations"))
		return document_object(doc, take_annotation, ctx);
	if (!strcmp(name, "mounts"))
		return document_list(doc, take_mount, ctx);
	return json_skip(&doc->r);
}

enum crit_status container_read_spec(struct holder *h, struct source *outside,
				     struct crit_error *err)
{
	return read_object(h, outside, "spec.dump", take_spec, err);
}

/** The last one of this name counts, as in any JSON object; NULL: there is none. */
static const char *annotation(const struct crit_container *c, const char *name)
{
	for (size_t i = c->nr_annotations; i--;)
		if (!strcmp(c->annotations[i].name, name))
			return c->annotations[i].value;
	return NULL;
}

static enum crit_status take_metadata(void *ctx, struct document *doc, const char *name)
{
	struct holder *h = ctx;

	return !strcmp(name, "name") ? document_text(doc, &h->pub.name) : json_skip(&doc->r);
}

/** CRI-O keeps the name as JSON in an annotation: {"name":"counter","attempt":0}. */
static enum crit_status use_crio(struct holder *h, struct crit_error *err)
{
	static const char name[] = "io.kubernetes.cri-o.Metadata";
	struct crit_container *c = &h->pub;
	const char *metadata = annotation(c, name), *created;
	enum crit_status status = CRIT_OK;
	struct document doc;

	c->engine = "CRI-O";
	c->pod = annotation(c, "io.kubernetes.pod.name");
	c->pod_namespace = annotation(c, "io.kubernetes.pod.namespace");
	c->ip = annotation(c, "io.kubernetes.cri-o.IP.0");
	created = tidy_time(h, annotation(c, "io.kubernetes.cri-o.Created"));
	if (created)
		c->created = created;
	if (!metadata)
		return CRIT_OK;
	status = document_from_text(metadata, name, &h->strings, &doc, err);
	if (!status)
		status = document_object(&doc, take_metadata, h);
	document_close(&doc);
	return status ? error_prefix(err, status, "spec.dump: ") : CRIT_OK;
}

enum crit_status container_use_annotations(struct holder *h, struct crit_error *err)
{
	struct crit_container *c = &h->pub;
	const char *manager = annotation(c, "io.container.manager");
	const char *name = annotation(c, "io.kubernetes.cri.container-name");

	if (manager && !strcmp(manager, "libpod"))
		c->engine = "Podman";
	else if (manager && !strcmp(manager, "cri-o"))
		return use_crio(h, err);
	else if (manager)
		c->engine = manager;
	if (!manager && name) { // containerd does not say who it is
		c->engine = "containerd";
		c->name = name;
		c->pod = annotation(c, "io.kubernetes.cri.sandbox-name");
		c->pod_namespace = annotation(c, "io.kubernetes.cri.sandbox-namespace");
	}
	return CRIT_OK;
}

/* ---- status --------------------------------------------------------------------------------- */

static enum crit_status take_status(void *ctx, struct document *doc, const char *name)
{
	struct holder *h = ctx;
	int64_t created = 0;
	enum crit_status status;
	struct tm tm;
	time_t seconds;
	char *text;

	if (strcmp(name, "CreatedAt") != 0)
		return json_skip(&doc->r);
	status = document_int(doc, &created);
	if (status || created <= 0 || h->pub.created)
		return status;
	seconds = (time_t)(created / 1000000000);
	text = arena_alloc(&h->strings, 64);
	if (!text)
		return error_no_memory(doc->r.err);
	if (gmtime_r(&seconds, &tm) && strftime(text, 64, "%Y-%m-%dT%H:%M:%SZ", &tm))
		h->pub.created = text;
	return CRIT_OK;
}

enum crit_status container_read_status(struct holder *h, struct source *outside,
				       struct crit_error *err)
{
	return read_object(h, outside, "status", take_status, err);
}
