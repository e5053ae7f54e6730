// SPDX-License-Identifier: LGPL-2.1-or-later
/* oci.c - which layer of an image has the checkpoint; see oci.h. */
#include "source/oci.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OCI_STRINGS = 64 << 20 };

bool oci_is(const struct source *layout)
{
	if (source_has(layout, "inventory.img") || source_has(layout, "checkpoint"))
		return false;
	// Directories may have a manifest.json of anybody.
	return source_has(layout, "oci-layout") ||
	       (source_is_archive(layout) && source_has(layout, "manifest.json"));
}

struct search {
	struct oci oci;
	const char *path;
	struct archive_options options;
	uint64_t spent; /* the limit is for all layers together */
	struct archive *found;	      /* the layer with the checkpoint; NULL: none yet */
	const struct oci_blob *layer; /* likewise */
	const struct oci_image *image; /* that the layer belongs to */
	bool is_several;
	size_t nr_looked; /* layers */
};

/* ---- A layer --------------------------------------------------------------------------------- */

static enum crit_status open_part(struct search *s, const struct member *m, struct archive **out,
				  struct crit_error *err)
{
	struct archive_part part = {
		.path = s->path,
		.len = m->size,
		.outer = s->oci.layout->archive,
		.dev = s->oci.layout->dev,
		.ino = s->oci.layout->ino,
	};
	enum crit_status status;
	char *label;

	if (!member_in_file(m, 0, m->size, &part.fd, &part.start))
		return error_set(err, CRIT_UNSUPPORTED, "%s: %s: a layer with holes", s->path,
				 m->name);
	if (asprintf(&label, "%s/%s", s->path, m->name) < 0)
		return error_no_memory(err);
	part.label = label;
	status = archive_open_part(&part, &s->options, out, err);
	free(label);
	return status;
}

static enum crit_status open_layer(struct search *s, const struct oci_blob *layer,
				   struct archive **out, struct crit_error *err)
{
	struct member *m;
	enum crit_status status = source_open_member(s->oci.layout, layer->name, &m, err);

	if (status)
		return error_prefix(err, status, "%s: a layer: ", s->path);
	if (layer->size != UINT64_MAX && m->size != layer->size)
		status = error_set(err, CRIT_CORRUPT,
				   "%s/%s: a layer of %llu bytes where %llu were announced",
				   s->path, layer->name, (unsigned long long)m->size,
				   (unsigned long long)layer->size);
	else
		status = open_part(s, m, out, err);
	member_close(m);
	return status;
}

static bool has_checkpoint(const struct archive *layer)
{
	char *folder = NULL;
	enum crit_status status = packed_find_checkpoint(layer, &folder, NULL);

	free(folder);
	return !status || status == CRIT_INVALID; // there are even several
}

/** Other things than layers are kept in images, too: signatures, programs. */
static bool is_layer(const struct oci_blob *blob)
{
	return !blob->media_type || strstr(blob->media_type, "layer") ||
	       strstr(blob->media_type, "tar");
}

/** Would it delete or replace something of the folder `checkpoint` in a layer below? */
static bool hides_checkpoint(const struct archive *layer)
{
	return archive_find(layer, ".wh.checkpoint") || archive_find(layer, ".wh..wh..opq") ||
	       archive_has_folder(layer, "checkpoint");
}

/** What was found to be without a checkpoint, for this image or another one. */
static void mark_looked(struct search *s, const struct oci_blob *layer, bool hides)
{
	s->nr_looked++;
	for (size_t i = 0; i < s->oci.nr_layers; i++) {
		struct oci_blob *same = &s->oci.layers[i];

		if (strcmp(same->name, layer->name) != 0)
			continue;
		same->is_looked = true;
		same->hides = hides;
	}
}

/** @param found  [out] NULL: it has none. */
static enum crit_status look_in_layer(struct search *s, const struct oci_blob *layer,
				      struct archive **found, struct crit_error *err)
{
	struct crit_error why = { 0 };
	enum crit_status status;

	*found = NULL;
	if (layer->is_looked)
		return CRIT_OK;
	status = open_layer(s, layer, found, &why);
	if (status == CRIT_INVALID && layer->media_type)
		error_set(&why, status, "%s/%s: %.100s, which is no archive", s->path, layer->name,
			  layer->media_type);
	if (status == CRIT_INVALID && !is_layer(layer)) {
		oci_note(&s->oci, &why);
		status = CRIT_OK;
	} else if (status) {
		if (err)
			*err = why;
		return status;
	}
	if (*found && has_checkpoint(*found))
		return CRIT_OK;
	mark_looked(s, layer, *found && hides_checkpoint(*found));
	archive_put(*found);
	*found = NULL;
	return CRIT_OK;
}

/* ---- Images ---------------------------------------------------------------------------------- */

/** Who runs the image does not see the checkpoint as it is in its layer. */
static enum crit_status hidden(const struct search *s, const struct oci_blob *layer,
			       const struct oci_blob *above, struct archive *found,
			       struct crit_error *err)
{
	archive_put(found);
	return error_set(err, CRIT_INVALID,
			 "%s: %s deletes or replaces files of the checkpoint; "
			 "%s/%s has it as it was",
			 s->path, above->name, s->path, layer->name);
}

/** From its uppermost layer down. One that cannot be read ends it: it could be the one. */
static enum crit_status look_in_image(struct search *s, const struct oci_image *image,
				      struct crit_error *err)
{
	const struct oci_blob *above = NULL; // that hides it

	for (size_t i = image->nr_layers; i--;) {
		const struct oci_blob *layer = &s->oci.layers[image->first_layer + i];
		struct archive *found;
		enum crit_status status;

		if (s->layer && !strcmp(s->layer->name, layer->name))
			return CRIT_OK;
		status = look_in_layer(s, layer, &found, err);
		if (status)
			return status;
		if (!found) {
			above = !above && layer->hides ? layer : above;
			continue;
		}
		if (above)
			return hidden(s, layer, above, found, err);
		s->is_several = s->found != NULL;
		if (s->found) {
			archive_put(found);
			return CRIT_OK;
		}
		s->found = found;
		s->layer = layer;
		s->image = image;
		return CRIT_OK;
	}
	return CRIT_OK;
}

/** Is it for the rest of the images, too? */
static bool is_final(enum crit_status status)
{
	return status == CRIT_INTERRUPTED || status == CRIT_NO_MEMORY;
}

static enum crit_status look_in_all(struct search *s, struct crit_error *err)
{
	bool claimed = false;

	for (size_t i = 0; i < s->oci.nr_images; i++)
		claimed |= s->oci.images[i].claims;
	for (size_t i = 0; i < s->oci.nr_images && !s->is_several; i++) {
		struct crit_error why = { 0 };
		enum crit_status status = CRIT_OK;

		if (s->oci.images[i].claims == claimed)
			status = look_in_image(s, &s->oci.images[i], &why);
		if (status)
			oci_note(&s->oci, &why);
		if (is_final(status)) {
			if (err)
				*err = why;
			return status;
		}
	}
	return CRIT_OK;
}

static enum crit_status check_found(const struct search *s, struct crit_error *err)
{
	const struct oci *oci = &s->oci;

	if (s->is_several)
		return error_set(err, CRIT_INVALID,
				 "%s: more than one checkpoint; one of them is %s/%s", s->path,
				 s->path, s->layer->name);
	if (s->found)
		return CRIT_OK;
	if (oci->has_problem) {
		if (err)
			*err = oci->problem;
		return strncmp(oci->problem.message, s->path, strlen(s->path))
			       ? error_prefix(err, oci->problem.status, "%s: ", s->path)
			       : oci->problem.status;
	}
	return error_set(err, CRIT_NOT_FOUND,
			 "%s: no checkpoint in this image (%zu layers without an inventory.img)",
			 s->path, s->nr_looked);
}

enum crit_status oci_open(struct source *layout, const char *path,
			  const struct source_options *options, struct archive **out,
			  struct crit_error *err)
{
	struct search s = { .path = path, .options = options->archive };
	struct oci *oci = &s.oci;
	enum crit_status status;

	s.options.spent = &s.spent;
	oci->layout = layout;
	arena_init(&oci->strings, OCI_STRINGS);
	status = oci_read(oci, err);
	if (status)
		error_prefix(err, status, "%s: ", path);
	if (!status)
		status = look_in_all(&s, err);
	if (!status)
		status = check_found(&s, err);
	if (!status && !archive_annotate(s.found, oci->annotations + s.image->first_annotation,
					 s.image->nr_annotations))
		status = error_no_memory(err);
	if (status)
		archive_put(s.found);
	else
		*out = s.found;
	arena_deinit(&oci->strings);
	free(oci->images);
	free(oci->layers);
	free(oci->blobs);
	free(oci->annotations);
	return status;
}
