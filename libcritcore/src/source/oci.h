/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * oci.h - a checkpoint in a container image: an OCI image layout, as a directory or in an archive,
 * or the archive that `docker save` and `podman save` write.
 *
 *	oci-layout	    says what it is
 *	index.json	    the outermost index: of manifests and of further indexes
 *	blobs/sha256/HEX    an index, a manifest, or a layer: an archive, compressed or not
 *
 *	index	   = { "manifests": [ DESCRIPTOR, ... ] }
 *	manifest   = { "layers": [ DESCRIPTOR, ... ], "annotations": { NAME: VALUE, ... } }
 *	DESCRIPTOR = { "mediaType", "digest": "sha256:HEX", "size": bytes, "annotations" }
 *
 *	manifest.json	    of `docker save`: [ { "Layers": [ NAME, ... ], ... }, ... ]
 *
 * Blobs are found by digest and must have the size that their descriptor says, and the digest: an
 * index or manifest and a compressed layer when it is read, a layer that is a plain tar when
 * source_verify() asks for it. All of it is hostile: an index may have any length, and two may name
 * each other until one of them is read.
 */
#ifndef CRIT_SOURCE_OCI_H
#define CRIT_SOURCE_OCI_H

#include "source/source_impl.h"

enum {
	OCI_DOCUMENT = 4 << 20,	  /* bytes of an index or manifest */
	OCI_DOCUMENTS = 64 << 20, /* of all of them */
	OCI_BLOBS = 1024,	  /* indexes and manifests */
	OCI_LAYERS = 4096,	  /* of all images */
	OCI_ANNOTATIONS = 4096,	  /* likewise */
};

/** A member of the layout that another one names. */
struct oci_blob {
	const char *name; /* "blobs/sha256/HEX"; of `docker save` any */
	const char *media_type; /* NULL: not said */
	uint64_t size;	  /* UINT64_MAX: not said */
	bool is_looked;	  /* of a layer: there is no checkpoint in it */
	bool hides;	  /* likewise: and parts of one in a layer below are hidden by it */
};

struct oci_image {
	size_t first_layer, nr_layers; /* the lowest one first */
	size_t first_annotation, nr_annotations;
	bool claims; /* its annotations speak of a checkpoint */
};

struct oci {
	struct source *layout;
	struct arena strings;
	struct oci_image *images;
	size_t nr_images, cap_images;
	struct oci_blob *layers;
	size_t nr_layers, cap_layers;
	struct oci_blob *blobs; /* indexes and manifests that were named */
	size_t nr_blobs, cap_blobs;
	struct archive_annotation *annotations;
	size_t nr_annotations, cap_annotations;
	uint64_t document_bytes; /* read so far */
	struct crit_error problem; /* the first part that could not be read */
	bool has_problem;
};

/** Is it an image? One that has a checkpoint beside is none. */
bool oci_is(const struct source *layout);

/**
 * Find the layer with the checkpoint: of the images whose annotations speak of one, or of all; the
 * uppermost layer that has one.
 *
 * @param layout  Not used after the call.
 * @param path    Its path, as given.
 * @param out     [out] The layer; its path is @p path.
 * @return CRIT_OK; CRIT_NOT_FOUND; CRIT_INVALID: checkpoints in several layers; CRIT_CORRUPT;
 *         CRIT_UNSUPPORTED; CRIT_INTERRUPTED; CRIT_OS; CRIT_NO_MEMORY.
 */
enum crit_status oci_open(struct source *layout, const char *path,
			  const struct source_options *options, struct archive **out,
			  struct crit_error *err);

/* oci_manifest.c */
/** Read indexes and manifests. What of them cannot be read is in @p oci->problem, but for the first
 *  one. */
enum crit_status oci_read(struct oci *oci, struct crit_error *err);
/** Remember it, if it is the first one. */
void oci_note(struct oci *oci, const struct crit_error *why);

#endif
