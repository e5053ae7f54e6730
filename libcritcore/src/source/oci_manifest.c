// SPDX-License-Identifier: LGPL-2.1-or-later
/* oci_manifest.c - the images that a layout has, out of its JSON; see oci.h. */
#include "source/oci.h"
#include "source/source_document.h"
#include "util/array.h"
#include "util/digest.h"

void oci_note(struct oci *oci, const struct crit_error *why)
{
	if (!oci->has_problem)
		oci->problem = *why;
	oci->has_problem = true;
}

/* ---- Descriptors ----------------------------------------------------------------------------- */

struct descriptor {
	const char *media_type, *digest;
	int64_t size;
	bool has_size;
};

static enum crit_status take_descriptor(void *ctx, struct document *doc, const char *name)
{
	struct descriptor *d = ctx;

	if (!strcmp(name, "mediaType"))
		return document_text(doc, &d->media_type);
	if (!strcmp(name, "digest"))
		return document_text(doc, &d->digest);
	if (strcmp(name, "size") != 0)
		return json_skip(&doc->r);
	d->has_size = true;
	return document_int(doc, &d->size);
}

/** Made of the digest's bytes, so nothing that could be a path of somebody's. */
static const char *blob_name(struct oci *oci, const struct digest *digest)
{
	char name[DIGEST_NAME];

	digest_name(digest, name);
	return arena_text(&oci->strings, name, strlen(name));
}

static enum crit_status read_descriptor(struct oci *oci, struct document *doc,
					struct oci_blob *out)
{
	struct descriptor d = { 0 };
	struct digest digest;
	enum crit_status status = document_object(doc, take_descriptor, &d);
	char shown[48];

	if (status)
		return status;
	if (!d.digest)
		return json_fail(&doc->r, "a blob without a digest");
	if (!digest_parse(d.digest, &digest))
		return json_fail_as(&doc->r, CRIT_UNSUPPORTED,
				    "the digest %s: not sha256:HEX or sha512:HEX",
				    json_excerpt(shown, d.digest, strlen(d.digest)));
	if (!d.has_size || d.size < 0)
		return json_fail(&doc->r, "a blob without a size");
	*out = (struct oci_blob){
		.name = blob_name(oci, &digest),
		.media_type = d.media_type,
		.size = (uint64_t)d.size,
	};
	return out->name ? CRIT_OK : error_no_memory(doc->r.err);
}

/* ---- Indexes and manifests ------------------------------------------------------------------- */

/** What one of them had. */
struct part {
	struct oci *oci;
	struct oci_image image;
	bool has_manifests, has_layers, has_annotations;
};

static enum crit_status take_blob(void *ctx, struct document *doc, const char *name)
{
	struct part *p = ctx;
	struct oci *oci = p->oci;
	struct oci_blob blob;
	enum crit_status status = read_descriptor(oci, doc, &blob);

	(void)name;
	// Each one once, or those that lead to each other would have no end.
	for (size_t i = 0; !status && i < oci->nr_blobs; i++)
		if (!strcmp(oci->blobs[i].name, blob.name))
			return CRIT_OK;
	if (!status && oci->nr_blobs == OCI_BLOBS)
		return json_fail(&doc->r, "more than %d images", OCI_BLOBS);
	if (!status && !array_grow(&oci->blobs, oci->nr_blobs, &oci->cap_blobs, sizeof(blob)))
		return error_no_memory(doc->r.err);
	if (!status)
		oci->blobs[oci->nr_blobs++] = blob;
	return status;
}

static enum crit_status add_layer(struct part *p, struct document *doc,
				  const struct oci_blob *blob)
{
	struct oci *oci = p->oci;

	if (oci->nr_layers == OCI_LAYERS)
		return json_fail(&doc->r, "more than %d layers", OCI_LAYERS);
	if (!array_grow(&oci->layers, oci->nr_layers, &oci->cap_layers, sizeof(*blob)))
		return error_no_memory(doc->r.err);
	oci->layers[oci->nr_layers++] = *blob;
	return CRIT_OK;
}

static enum crit_status take_layer(void *ctx, struct document *doc, const char *name)
{
	struct part *p = ctx;
	struct oci_blob blob;
	enum crit_status status = read_descriptor(p->oci, doc, &blob);

	(void)name;
	return status ? status : add_layer(p, doc, &blob);
}

/** Do engines say that of images with a checkpoint only? */
static bool is_of_checkpoint(const char *name)
{
	return !strncmp(name, "org.criu.checkpoint.", 20) ||
	       !strncmp(name, "io.podman.annotations.checkpoint.", 33) ||
	       !strncmp(name, "io.kubernetes.cri-o.annotations.checkpoint.", 43);
}

static enum crit_status take_annotation(void *ctx, struct document *doc, const char *name)
{
	struct part *p = ctx;
	struct oci *oci = p->oci;
	struct archive_annotation *row;

	if (oci->nr_annotations == OCI_ANNOTATIONS)
		return json_fail(&doc->r, "more than %d annotations", OCI_ANNOTATIONS);
	if (!array_grow(&oci->annotations, oci->nr_annotations, &oci->cap_annotations,
			sizeof(*row)))
		return error_no_memory(doc->r.err);
	row = &oci->annotations[oci->nr_annotations++];
	*row = (struct archive_annotation){
		.name = arena_text(&oci->strings, name, strlen(name)),
	};
	p->image.claims |= is_of_checkpoint(name);
	return row->name ? document_text(doc, &row->value) : error_no_memory(doc->r.err);
}

/** Of two members with one name two programs could take different ones. */
static enum crit_status once(struct document *doc, const char *name, bool *seen)
{
	if (*seen)
		return json_fail(&doc->r, "more than one member %s", name);
	*seen = true;
	return CRIT_OK;
}

static enum crit_status take_part(void *ctx, struct document *doc, const char *name)
{
	struct part *p = ctx;
	enum crit_status status;

	if (!strcmp(name, "manifests")) {
		status = once(doc, name, &p->has_manifests);
		return status ? status : document_list(doc, take_blob, p);
	}
	if (!strcmp(name, "layers")) {
		status = once(doc, name, &p->has_layers);
		return status ? status : document_list(doc, take_layer, p);
	}
	if (strcmp(name, "annotations") != 0)
		return json_skip(&doc->r);
	status = once(doc, name, &p->has_annotations);
	return status ? status : document_object(doc, take_annotation, p);
}

static struct part begin_part(struct oci *oci)
{
	return (struct part){
		.oci = oci,
		.image = { .first_layer = oci->nr_layers,
			   .first_annotation = oci->nr_annotations },
	};
}

/** Take the layers and annotations that were read for those of an image. */
static enum crit_status end_part(struct part *p, struct crit_error *err)
{
	struct oci *oci = p->oci;

	p->image.nr_layers = oci->nr_layers - p->image.first_layer;
	p->image.nr_annotations = oci->nr_annotations - p->image.first_annotation;
	if (!array_grow(&oci->images, oci->nr_images, &oci->cap_images, sizeof(p->image)))
		return error_no_memory(err);
	oci->images[oci->nr_images++] = p->image;
	return CRIT_OK;
}

/* ---- All of them ----------------------------------------------------------------------------- */

/** @param size  That it must have. */
static enum crit_status check_size(struct oci *oci, const char *name, uint64_t size,
				   struct crit_error *err)
{
	struct member *m;
	enum crit_status status = source_open_member(oci->layout, name, &m, err);

	if (status)
		return status;
	oci->document_bytes += m->size < OCI_DOCUMENT ? m->size : 0;
	if (size != UINT64_MAX && m->size != size)
		status = error_set(err, CRIT_CORRUPT, "%s: %llu bytes where %llu were announced",
				   name, (unsigned long long)m->size, (unsigned long long)size);
	else if (oci->document_bytes > OCI_DOCUMENTS)
		status = error_set(err, CRIT_CORRUPT, "%s: more indexes than anybody needs", name);
	member_close(m);
	return status;
}

/** @param fn  Takes the outermost value. */
static enum crit_status read_document(struct oci *oci, const struct oci_blob *blob,
				      document_fn fn, struct crit_error *err)
{
	struct document doc;
	struct part p = begin_part(oci);
	enum crit_status status = check_size(oci, blob->name, blob->size, err);

	if (!status)
		status = source_open_document(oci->layout, blob->name, OCI_DOCUMENT,
					      &oci->strings, &doc, err);
	if (status)
		return status;
	status = fn(&p, &doc, "");
	if (!status && !p.has_layers && !p.has_manifests)
		status = error_set(err, CRIT_UNSUPPORTED, "%s: neither an index nor a manifest",
				   blob->name);
	document_close(&doc);
	return status || !p.has_layers ? status : end_part(&p, err);
}

static enum crit_status take_document(void *ctx, struct document *doc, const char *name)
{
	(void)name;
	return document_object(doc, take_part, ctx);
}

static enum crit_status read_index(struct oci *oci, struct crit_error *err)
{
	const struct oci_blob top = { .name = "index.json", .size = UINT64_MAX };
	enum crit_status status = read_document(oci, &top, take_document, err);

	for (size_t i = 0; !status && i < oci->nr_blobs; i++) {
		struct oci_blob blob = oci->blobs[i]; // the array grows
		struct crit_error why = { 0 };

		if (!read_document(oci, &blob, take_document, &why))
			continue;
		oci_note(oci, &why);
		if (why.status == CRIT_NO_MEMORY)
			status = error_no_memory(err);
	}
	return status;
}

/* ---- manifest.json --------------------------------------------------------------------------- */

static enum crit_status take_layer_name(void *ctx, struct document *doc, const char *name)
{
	struct oci_blob blob = { .size = UINT64_MAX };
	enum crit_status status = document_text(doc, &blob.name);

	(void)name;
	if (!status && (!blob.name || !*blob.name))
		return json_fail(&doc->r, "a layer without a name");
	return status ? status : add_layer(ctx, doc, &blob);
}

static enum crit_status take_saved(void *ctx, struct document *doc, const char *name)
{
	return strcmp(name, "Layers") ? json_skip(&doc->r)
				      : document_list(doc, take_layer_name, ctx);
}

static enum crit_status take_saved_image(void *ctx, struct document *doc, const char *name)
{
	struct oci *oci = ((struct part *)ctx)->oci;
	struct part p = begin_part(oci);
	enum crit_status status = document_object(doc, take_saved, &p);

	(void)name;
	if (!status && oci->nr_images == OCI_BLOBS)
		return json_fail(&doc->r, "more than %d images", OCI_BLOBS);
	return status ? status : end_part(&p, doc->r.err);
}

static enum crit_status take_saved_images(void *ctx, struct document *doc, const char *name)
{
	struct part *p = ctx;

	(void)name;
	p->has_manifests = true;
	return document_list(doc, take_saved_image, ctx);
}

enum crit_status oci_read(struct oci *oci, struct crit_error *err)
{
	const struct oci_blob saved = { .name = "manifest.json", .size = UINT64_MAX };

	if (source_has(oci->layout, "oci-layout"))
		return read_index(oci, err);
	return read_document(oci, &saved, take_saved_images, err);
}
