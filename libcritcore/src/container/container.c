// SPDX-License-Identifier: LGPL-2.1-or-later
/* container.c - finding what is around the images, and reading all of it. */
#include "container/container.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	MAX_PROBLEMS = 8, /* there are fewer files */
	MAX_STRINGS = 64 * 1024 * 1024, /* bytes of all texts */
};

/** What @p path names, seen from inside and from outside. */
struct place {
	struct source *images, *outside; /* outside: NULL if there is nothing around the images */
	char *images_path;
};

static void place_close(struct place *place)
{
	source_close(place->images);
	source_close(place->outside);
	free(place->images_path);
}

/* As Podman calls the folder with the images of a dump, and of a pre-dump. */
static const char *const folders[] = { "checkpoint", "pre-checkpoint" };

enum { NR_FOLDERS = sizeof(folders) / sizeof(folders[0]) };

/** Is one of these below @p path the folder with the images? */
static bool has_inside(const char *path, const struct source *images)
{
	bool same = false;

	for (size_t i = 0; i < NR_FOLDERS && !same; i++) {
		struct source *inside = NULL;
		char *folder = NULL;

		if (asprintf(&folder, "%s/%s", path, folders[i]) < 0)
			return false;
		same = !source_open(folder, &inside, NULL) && source_same(inside, images);
		source_close(inside);
		free(folder);
	}
	return same;
}

struct source *container_outside(const struct source *images)
{
	struct source *out = NULL;
	char *path = NULL;

	if (source_is_archive(images))
		return source_open_outside(images);
	if (asprintf(&path, "%s/..", source_path(images)) < 0)
		return NULL;
	if (!has_inside(path, images) || source_open(path, &out, NULL))
		out = NULL;
	free(path);
	return out;
}

/** From a container's directory to the folder with the images, if it is one. */
static enum crit_status enter_folder(const char *path, struct place *place, struct crit_error *err)
{
	for (size_t i = 0; i < NR_FOLDERS; i++) {
		char *inside = NULL;

		if (source_is_archive(place->images) ||
		    source_has(place->images, "inventory.img") ||
		    !source_has(place->images, folders[i]))
			continue;
		if (asprintf(&inside, "%s/%s", path, folders[i]) < 0)
			return error_no_memory(err);
		free(place->images_path);
		place->images_path = inside;
		source_close(place->images);
		place->images = NULL;
		return source_open(inside, &place->images, err);
	}
	return CRIT_OK;
}

static enum crit_status open_images(const char *path, const struct crit_open_options *options,
				    struct place *out, struct crit_error *err)
{
	const struct source_options how = {
		.archive = { .keep_going = options->keep_going,
			     .ctx = options->ctx,
			     .limit = options->unpack_limit },
	};
	enum crit_status status = source_open_with(path, &how, &out->images, err);

	if (status)
		return status;
	out->images_path = strdup(path);
	if (!out->images_path)
		return error_no_memory(err);
	status = enter_folder(path, out, err);
	if (status)
		return status;
	if (!source_has(out->images, "inventory.img"))
		return error_set(err, CRIT_NOT_FOUND, "%s: no checkpoint here (no inventory.img)",
				 path);
	out->outside = container_outside(out->images);
	return CRIT_OK;
}

/* ---- Reading -------------------------------------------------------------------------------- */

static enum crit_status note_problem(struct holder *h, const struct crit_error *why,
				     struct crit_error *err)
{
	struct crit_container *c = &h->pub;

	if (why->status == CRIT_NO_MEMORY && !why->has_off) {
		if (err)
			*err = *why;
		return CRIT_NO_MEMORY;
	}
	if (c->nr_problems == MAX_PROBLEMS)
		return CRIT_OK;
	c->problems[c->nr_problems] = strdup(why->message);
	return c->problems[c->nr_problems++] ? CRIT_OK : error_no_memory(err);
}

static enum crit_status read_outside(struct holder *h, struct source *outside,
				     struct crit_error *err)
{
	static enum crit_status (*const files[])(struct holder *, struct source *,
						 struct crit_error *) = {
		container_read_config, container_read_spec, container_read_status,
		container_read_network, container_read_deleted, container_read_binds,
	};
	struct crit_container *c = &h->pub;
	enum crit_status status;
	struct crit_error why;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		status = files[i](h, outside, &why);
		c->is_container |= status != CRIT_NOT_FOUND;
		if (status && status != CRIT_NOT_FOUND && note_problem(h, &why, err))
			return CRIT_NO_MEMORY;
	}
	if (container_use_annotations(h, &why) && note_problem(h, &why, err))
		return CRIT_NO_MEMORY;
	if (container_list_files(h, outside, &why) && note_problem(h, &why, err))
		return CRIT_NO_MEMORY;
	for (size_t i = 0; i < c->nr_networks && !c->ip; i++) {
		c->ip = c->networks[i].ip;
		c->mac = c->networks[i].mac;
	}
	return CRIT_OK;
}

static const char *keep(struct holder *h, const char *text)
{
	size_t len = strlen(text);
	char *copy = arena_alloc(&h->strings, len + 1);

	return copy ? memcpy(copy, text, len + 1) : NULL;
}

static enum crit_status fill(struct holder *h, const char *path, const struct place *place,
			     struct crit_error *err)
{
	struct crit_container *c = &h->pub;
	enum crit_status status = CRIT_OK;

	c->problems = calloc(MAX_PROBLEMS, sizeof(*c->problems));
	c->path = keep(h, path);
	c->checkpoint_path = keep(h, place->images_path);
	c->is_archive = source_is_archive(place->images);
	if (!c->problems || !c->path || !c->checkpoint_path)
		return error_no_memory(err);
	if (place->outside)
		status = read_outside(h, place->outside, err);
	if (!status)
		status = container_read_image(h, place->images, err);
	return status ? status : container_read_sizes(h, place->images, place->outside, err);
}

static enum crit_status read_place(const char *path, const struct place *place,
				   struct crit_container **out, struct crit_error *err)
{
	struct holder *h = calloc(1, sizeof(*h));
	enum crit_status status;

	if (!h)
		return error_no_memory(err);
	arena_init(&h->strings, MAX_STRINGS);
	status = fill(h, path, place, err);
	if (status)
		crit_container_free(&h->pub);
	else
		*out = &h->pub;
	return status;
}

enum crit_status container_read_source(struct source *images, const char *path,
				       struct crit_container **out, struct crit_error *err)
{
	struct place place = { images, container_outside(images), (char *)path };
	enum crit_status status = read_place(path, &place, out, err);

	source_close(place.outside);
	return status;
}

enum crit_status crit_container_read_with(const char *path,
					  const struct crit_open_options *options,
					  struct crit_container **out, struct crit_error *err)
{
	static const struct crit_open_options none;
	struct place place = { 0 };
	enum crit_status status = open_images(path, options ? options : &none, &place, err);

	if (!status)
		status = read_place(path, &place, out, err);
	place_close(&place);
	return status;
}

enum crit_status crit_container_read(const char *path, struct crit_container **out,
				     struct crit_error *err)
{
	return crit_container_read_with(path, NULL, out, err);
}

void crit_container_free(struct crit_container *container)
{
	struct holder *h = (struct holder *)container;

	if (!h)
		return;
	for (size_t i = 0; i < container->nr_problems; i++)
		free(container->problems[i]);
	free(container->problems);
	free(container->networks);
	free(container->annotations);
	free(container->image_annotations);
	free(container->mounts);
	free(container->binds);
	free(container->deleted);
	free(container->files);
	arena_deinit(&h->strings);
	free(h);
}
