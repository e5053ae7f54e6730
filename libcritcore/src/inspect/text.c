// SPDX-License-Identifier: LGPL-2.1-or-later
/* text.c - what engines recorded, as a tree. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "inspect/inspect.h"

static void put_some(struct tree *t, const char *what, const char *text)
{
	if (text)
		tree_line(t, 1, "%s: %s", what, text);
}

static void put_size(struct tree *t, size_t level, const char *what, uint64_t bytes)
{
	char text[CRIT_SIZE_TEXT_MAX];

	crit_size_text(bytes, text);
	tree_line(t, level, "%s: %s", what, text);
}

static void put_sizes(struct tree *t, const struct crit_container *c)
{
	put_size(t, 1, "Checkpoint size", c->len);
	put_size(t, 2, "Memory pages size", c->pages_len);
	if (c->gpu_pages_len)
		put_size(t, 2, "AMD GPU memory pages size", c->gpu_pages_len);
	if (c->has_rootfs_diff)
		put_size(t, 1, "Root FS diff size", c->rootfs_diff_len);
}

/** Nobody should take a layer for what was pushed only because it could be opened. */
static void put_layer(struct tree *t, const struct crit_container *c)
{
	if (c->is_layer && c->layer)
		tree_line(t, 1, "Layer: %s, digest %sverified", c->layer,
			  c->layer_verified ? "" : "not ");
	else if (c->is_layer)
		tree_line(t, 1, "Layer: no digest recorded");
}

static void put_networks(struct tree *t, const struct crit_container *c)
{
	if (c->nr_networks < 2)
		return;
	tree_line(t, 1, "Networks");
	for (size_t i = 0; i < c->nr_networks; i++) {
		const struct crit_container_network *n = &c->networks[i];

		tree_line(t, 2, "%s, %s: %s, MAC %s, gateway %s", n->network ? n->network : "CNI",
			  n->interface ? n->interface : "?", n->ip ? n->ip : "no address",
			  n->mac ? n->mac : "-", n->gateway ? n->gateway : "-");
	}
}

static void put_stats(struct inspect *in)
{
	if (!in->options->stats || !in->dump.nr)
		return;
	tree_line(in->tree, 1, "CRIU dump statistics");
	for (size_t i = 0; i < in->dump.nr; i++) {
		const struct crit_counter *value = &in->dump.values[i];

		if (value->recorded)
			tree_line(in->tree, 2, "%s: %" PRIu64 "%s", value->name, value->value,
				  value->is_time ? " us" : "");
	}
}

static void put_files(struct tree *t, const struct crit_container *c)
{
	if (c->nr_deleted)
		tree_line(t, 2, "Deleted files");
	for (size_t i = 0; i < c->nr_deleted; i++)
		tree_line(t, 3, "%s", c->deleted[i]);
	if (c->nr_files)
		tree_line(t, 2, "Files beside the images");
	for (size_t i = 0; i < c->nr_files; i++)
		put_size(t, 3, c->files[i].name, c->files[i].len);
}

static void put_metadata(struct inspect *in)
{
	const struct crit_container *c = in->container;

	if (!in->options->metadata ||
	    (!c->pod && !c->pod_namespace && !c->nr_annotations && !c->nr_deleted && !c->nr_files))
		return;
	tree_line(in->tree, 1, "Metadata");
	if (c->pod)
		tree_line(in->tree, 2, "Pod name: %s", c->pod);
	if (c->pod_namespace)
		tree_line(in->tree, 2, "Kubernetes namespace: %s", c->pod_namespace);
	if (c->nr_annotations)
		tree_line(in->tree, 2, "Annotations");
	for (size_t i = 0; i < c->nr_annotations; i++)
		tree_line(in->tree, 3, "%s: %s", c->annotations[i].name,
			  c->annotations[i].value ? c->annotations[i].value : "null");
	put_files(in->tree, c);
}

static void put_mounts(struct inspect *in)
{
	const struct crit_container *c = in->container;

	if (!in->options->mounts || !c->nr_mounts)
		return;
	tree_line(in->tree, 1, "Mounts");
	for (size_t i = 0; i < c->nr_mounts; i++) {
		const struct crit_container_mount *m = &c->mounts[i];

		tree_line(in->tree, 2, "%s: %s from %s%s%s%s",
			  m->destination ? m->destination : "?", m->type ? m->type : "?",
			  m->source ? m->source : "?", m->options ? " (" : "",
			  m->options ? m->options : "", m->options ? ")" : "");
	}
}

static void put_binds(struct inspect *in)
{
	const struct crit_container *c = in->container;

	if (!in->options->mounts || !c->nr_binds)
		return;
	tree_line(in->tree, 1, "Bind mounts from outside");
	for (size_t i = 0; i < c->nr_binds; i++) {
		const struct crit_container_bind *b = &c->binds[i];
		char permissions[32] = "";

		if (b->has_permissions)
			snprintf(permissions, sizeof(permissions), ", permissions %03o",
				 b->permissions);
		tree_line(in->tree, 2, "%s: %s from %s%s", b->destination ? b->destination : "?",
			  b->file_type ? b->file_type : "?", b->source ? b->source : "?",
			  permissions);
	}
}

void inspect_text(struct inspect *in)
{
	const struct crit_container *c = in->container;
	struct tree *t = in->tree;

	tree_line(t, 0, "%s", c->name && *c->name ? c->name : c->path);
	if (c->name && *c->name)
		put_some(t, "Path", c->path);
	put_some(t, "Image", c->image);
	put_some(t, "ID", c->id);
	put_some(t, "Runtime", c->runtime);
	put_some(t, "Created", c->created);
	put_some(t, "Checkpointed", c->checkpointed);
	put_some(t, "Engine", c->engine);
	put_some(t, "IP", c->ip);
	put_some(t, "MAC", c->mac);
	put_networks(t, c);
	put_layer(t, c);
	put_sizes(t, c);
	put_stats(in);
	put_metadata(in);
	if (in->ckpt)
		inspect_text_inside(in);
	put_mounts(in);
	put_binds(in);
}
