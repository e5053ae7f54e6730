// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * json.c - what engines recorded, with the names that `checkpointctl inspect --format json` has.
 * What is not recorded is left out, as there, but for the first few members: those are null.
 */
#include <stdlib.h>
#include <string.h>

#include "inspect/inspect.h"

static void put_some(struct json_writer *w, const char *key, const char *text)
{
	if (text)
		json_writer_text(w, key, text);
}

/** The name as it stands between quotes; NULL: memory is out. */
static char *escaped(const char *name)
{
	char *quoted = crit_json_quote(name, strlen(name));

	if (quoted)
		quoted[strlen(quoted) - 1] = '\0';
	return quoted;
}

void inspect_json_named(struct json_writer *w, const char *name, const char *value)
{
	char *key = escaped(name);

	if (key)
		json_writer_text(w, key + 1, value);
	free(key);
}

static void put_layer(struct json_writer *w, const struct crit_container *c)
{
	if (!c->is_layer)
		return;
	json_writer_object(w, "layer");
	json_writer_text(w, "digest", c->layer);
	json_writer_bool(w, "verified", c->layer_verified);
	json_writer_end(w);
}

static void put_sizes(struct json_writer *w, const struct crit_container *c)
{
	json_writer_object(w, "checkpoint_size");
	json_writer_uint(w, "total_size", c->len);
	json_writer_uint(w, "memory_pages_size", c->pages_len);
	if (c->gpu_pages_len)
		json_writer_uint(w, "amd_gpu_memory_pages_size", c->gpu_pages_len);
	if (c->has_rootfs_diff)
		json_writer_uint(w, "root_fs_diff_size", c->rootfs_diff_len);
	json_writer_end(w);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static void put_interface(struct json_writer *w, const struct crit_container_network *n)
{
	char *key = escaped(n->interface ? n->interface : "?");

	if (!key)
		return;
	json_writer_object(w, key + 1);
	put_some(w, "ip", n->ip);
	put_some(w, "mac", n->mac);
	put_some(w, "gateway", n->gateway);
	json_writer_end(w);
	free(key);
}

/** Rows of one network are side by side; the first address of an interface stands for it. */
static void put_networks(struct json_writer *w, const struct crit_container *c)
{
	const struct crit_container_network *n = c->networks;

	if (!c->nr_networks)
		return;
	json_writer_list(w, "networks");
	for (size_t i = 0; i < c->nr_networks;) {
		size_t first = i;

		json_writer_object(w, NULL);
		json_writer_text(w, "name", n[i].network);
		json_writer_object(w, "interfaces");
		for (; i < c->nr_networks && same_text(n[i].network, n[first].network); i++)
			if (i == first || !same_text(n[i].interface, n[i - 1].interface))
				put_interface(w, &n[i]);
		json_writer_end(w);
		json_writer_end(w);
	}
	json_writer_end(w);
}

static void put_stats(struct inspect *in)
{
	struct json_writer *w = in->json;

	if (!in->options->stats || !in->dump.nr)
		return;
	json_writer_object(w, "statistics");
	for (size_t i = 0; i < in->dump.nr; i++)
		if (in->dump.values[i].recorded)
			json_writer_uint(w, in->dump.values[i].name, in->dump.values[i].value);
	json_writer_end(w);
}

static void put_files(struct json_writer *w, const struct crit_container *c)
{
	if (c->nr_deleted) {
		json_writer_list(w, "deleted_files");
		for (size_t i = 0; i < c->nr_deleted; i++)
			json_writer_text(w, NULL, c->deleted[i]);
		json_writer_end(w);
	}
	if (!c->nr_files)
		return;
	json_writer_object(w, "files");
	for (size_t i = 0; i < c->nr_files; i++) {
		char *key = escaped(c->files[i].name);

		if (key)
			json_writer_uint(w, key + 1, c->files[i].len);
		free(key);
	}
	json_writer_end(w);
}

static void put_metadata(struct inspect *in)
{
	const struct crit_container *c = in->container;
	struct json_writer *w = in->json;

	if (!in->options->metadata)
		return;
	json_writer_object(w, "metadata");
	put_some(w, "pod_name", c->pod);
	put_some(w, "kubernetes_namespace", c->pod_namespace);
	if (c->nr_annotations) {
		json_writer_object(w, "annotations");
		for (size_t i = 0; i < c->nr_annotations; i++)
			inspect_json_named(w, c->annotations[i].name, c->annotations[i].value);
		json_writer_end(w);
	}
	put_files(w, c);
	json_writer_end(w);
}

static void put_binds(struct json_writer *w, const struct crit_container *c)
{
	if (!c->nr_binds)
		return;
	json_writer_list(w, "bind_mounts");
	for (size_t i = 0; i < c->nr_binds; i++) {
		json_writer_object(w, NULL);
		json_writer_text(w, "source", c->binds[i].source);
		json_writer_text(w, "destination", c->binds[i].destination);
		json_writer_text(w, "file_type", c->binds[i].file_type);
		if (c->binds[i].has_permissions)
			json_writer_uint(w, "permissions", c->binds[i].permissions);
		json_writer_end(w);
	}
	json_writer_end(w);
}

static void put_mounts(struct inspect *in)
{
	const struct crit_container *c = in->container;
	struct json_writer *w = in->json;

	if (!in->options->mounts)
		return;
	json_writer_list(w, "mounts");
	for (size_t i = 0; i < c->nr_mounts; i++) {
		json_writer_object(w, NULL);
		json_writer_text(w, "destination", c->mounts[i].destination);
		json_writer_text(w, "type", c->mounts[i].type);
		json_writer_text(w, "source", c->mounts[i].source);
		put_some(w, "options", c->mounts[i].options);
		json_writer_end(w);
	}
	json_writer_end(w);
	put_binds(w, c);
}

void inspect_json(struct inspect *in)
{
	const struct crit_container *c = in->container;
	struct json_writer *w = in->json;

	json_writer_object(w, NULL);
	json_writer_text(w, "path", c->path);
	json_writer_text(w, "container_name", c->name);
	json_writer_text(w, "image", c->image);
	json_writer_text(w, "id", c->id);
	json_writer_text(w, "runtime", c->runtime);
	json_writer_text(w, "created", c->created);
	put_some(w, "checkpointed", c->checkpointed);
	json_writer_text(w, "engine", c->engine);
	put_some(w, "ip", c->ip);
	put_some(w, "mac", c->mac);
	put_networks(w, c);
	put_layer(w, c);
	put_sizes(w, c);
	put_stats(in);
	put_metadata(in);
	if (in->ckpt)
		inspect_json_inside(in);
	put_mounts(in);
	json_writer_end(w);
}
