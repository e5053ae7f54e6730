/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * container.h - what engines put beside the images, and which file says what:
 *
 *	config.c   config.dump     Podman's record of the container; CRI-O and containerd write
 *				   the fields of it that restoring needs
 *		   spec.dump	   the OCI runtime's: annotations (name, pod, engine), mounts
 *		   status	   containerd's: when the container was created
 *	network.c  network.status  addresses: Podman's since 4, or the results of CNI plugins
 *	kept.c	   deleted.files   what it deleted; CRI-O's bind.mounts; which files there are
 *	sizes.c	   -		   how long the images and rootfs-diff.tar are
 *	image.c	   -		   the annotations of the container image that the checkpoint is in
 *	list.c	   -		   many of them
 *
 * Every one of these files may be missing, and is hostile.
 */
#ifndef CRIT_CONTAINER_CONTAINER_H
#define CRIT_CONTAINER_CONTAINER_H

#include "critcore.h"
#include "source/source_document.h"

/** A container that is being read. */
struct holder {
	struct crit_container pub; /* first: it is what users have */
	struct arena strings;
	size_t cap_networks, cap_annotations, cap_mounts, cap_binds, cap_deleted, cap_files;
};

/**
 * The folder around a folder with images, when it is that of a container.
 * @return NULL: it is not, or there is no telling. source_close() it.
 */
struct source *container_outside(const struct source *images);

/** crit_container_read() of a source that is open already, which stays the caller's.
 *  @param path  What it is called. */
enum crit_status container_read_source(struct source *images, const char *path,
				       struct crit_container **out, struct crit_error *err);

/* config.c, network.c, kept.c: faults leave what was read before them.
 * @return also CRIT_NOT_FOUND */
enum crit_status container_read_config(struct holder *h, struct source *outside,
				       struct crit_error *err);
enum crit_status container_read_spec(struct holder *h, struct source *outside,
				     struct crit_error *err);
enum crit_status container_read_status(struct holder *h, struct source *outside,
				       struct crit_error *err);
enum crit_status container_read_network(struct holder *h, struct source *outside,
					struct crit_error *err);
enum crit_status container_read_deleted(struct holder *h, struct source *outside,
					struct crit_error *err);
enum crit_status container_read_binds(struct holder *h, struct source *outside,
				      struct crit_error *err);
/** @return also CRIT_OS; CRIT_UNSUPPORTED: there are more than anybody lists. */
enum crit_status container_list_files(struct holder *h, struct source *outside,
				      struct crit_error *err);
/** What the annotations say of the engine, the pod, and so on. */
enum crit_status container_use_annotations(struct holder *h, struct crit_error *err);

/* image.c */
/** After everything else: it adds what is not known yet. */
enum crit_status container_read_image(struct holder *h, const struct source *images,
				      struct crit_error *err);

/* sizes.c */
/** @param outside  May be NULL. */
enum crit_status container_read_sizes(struct holder *h, struct source *images,
				      struct source *outside, struct crit_error *err);

#endif
