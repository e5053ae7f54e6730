/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * container.h - what container engines (Podman, CRI-O, containerd) put beside the images of a
 * checkpoint. A part of critcore.h.
 */
#ifndef CRITCORE_CONTAINER_H
#define CRITCORE_CONTAINER_H

#include "critcore/report.h"

#ifdef __cplusplus
extern "C" {
#endif

struct crit_open_options; // checkpoint.h

/** An address of the container, as Podman recorded it. What is NULL is not recorded. */
struct crit_container_network {
	const char *network, *interface; /* "podman", "eth0" */
	const char *ip;			 /* with the length of its prefix: "10.88.0.4/16" */
	const char *mac, *gateway;
};

struct crit_container_annotation {
	const char *name, *value;
};

struct crit_container_mount {
	const char *destination, *type, *source;
	const char *options; /* "nosuid,ro"; NULL: none */
};

/** A file or directory that CRI-O mounted over one in the container, as bind.mounts has it. */
struct crit_container_bind {
	const char *source, *destination;
	const char *file_type; /* "file", "directory" */
	bool has_permissions;
	uint32_t permissions;  /* to make the destination with, if it is not there */
};

/** A file beside the images. */
struct crit_container_file {
	const char *name;
	uint64_t len; /* in bytes */
};

/** A checkpoint with what is known of its container. A text that is NULL is not recorded. All of it
 *  was written by others: any bytes. */
struct crit_container {
	const char *path;	     /* as given */
	const char *checkpoint_path; /* for crit_checkpoint_open(): path, or a folder in it */
	bool is_archive;
	bool is_container;	     /* an engine left something beside the images */
	const char *name, *image, *image_id, *id;
	const char *runtime;	     /* "runc", "crun" */
	const char *created, *checkpointed; /* RFC 3339: "2026-11-20T16:04:56Z" */
	const char *engine;	     /* "Podman", "CRI-O", "containerd" */
	const char *ip, *mac;	     /* the first ones of the networks, or as annotated */
	const char *pod, *pod_namespace; /* of Kubernetes */
	struct crit_container_network *networks;
	size_t nr_networks;
	struct crit_container_annotation *annotations; /* in the order of the file */
	size_t nr_annotations;
	struct crit_container_mount *mounts; /* likewise */
	size_t nr_mounts;
	struct crit_container_bind *binds;
	size_t nr_binds;
	const char **deleted; /* files that it deleted from its root, as deleted.files has them */
	size_t nr_deleted;
	struct crit_container_file *files; /* all beside the images, but for folders; by name */
	size_t nr_files;
	struct crit_container_annotation *image_annotations; /* of the container image that the
								checkpoint is in */
	size_t nr_image_annotations;
	bool is_layer;	      /* it is in a container image */
	const char *layer;    /* of that: the digest that the layer claims, "sha256:HEX" */
	bool layer_verified;  /* it has it; false: nobody looked, crit_check() does */
	uint64_t len;	      /* bytes of all images, holes included */
	uint64_t pages_len;   /* of those: memory pages */
	uint64_t gpu_pages_len; /* of those: of AMD GPUs */
	bool has_rootfs_diff;
	uint64_t rootfs_diff_len; /* rootfs-diff.tar: files that the container wrote */
	char **problems;      /* one line on each file that could not be understood */
	size_t nr_problems;
};

/**
 * Read what is beside the images, and the sizes of those. No image is opened.
 *
 * @param path  An archive; a directory with a folder `checkpoint`; the folder with the images; a
 *              container image, as crit_checkpoint_open() takes it.
 * @param out   [out] Release it with crit_container_free().
 * @return CRIT_OK, also when files could not be understood; CRIT_NOT_FOUND: no checkpoint;
 *         CRIT_INVALID: neither a directory nor an archive; CRIT_CORRUPT, CRIT_OS, CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_container_read(const char *path, struct crit_container **out,
					      struct crit_error *err);
/** The same with options; NULL: none. The parents are not used.
 *  @return also CRIT_INTERRUPTED: keep_going() said so. */
CRIT_API enum crit_status crit_container_read_with(const char *path,
						   const struct crit_open_options *options,
						   struct crit_container **out,
						   struct crit_error *err);
/** NULL is fine. */
CRIT_API void crit_container_free(struct crit_container *container);

/** How a listing is made, and what it hears of. */
struct crit_list_callbacks {
	bool (*found)(void *ctx, const struct crit_container *container); /* false: no more */
	/** Something that cannot be listed, as one line; the rest is. May be NULL. */
	void (*problem)(void *ctx, const struct crit_error *why);
	void *ctx;
	/** How archives are opened; the parents are not used. May be NULL. */
	const struct crit_open_options *open;
};

/**
 * Find the checkpoints that some paths name: archives, directories of a container or with images,
 * and of any other directory what is in it (not in folders of folders), by name.
 * @return CRIT_OK, also when it was stopped; CRIT_INTERRUPTED: open->keep_going() said so;
 *         CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_list(const char *const *paths, size_t nr_paths,
				    const struct crit_list_callbacks *callbacks,
				    struct crit_error *err);

/**
 * The same as a table, or as a JSON list.
 * @param callbacks  found is not used.
 */
CRIT_API enum crit_status crit_list_write(const char *const *paths, size_t nr_paths,
					  const struct crit_list_callbacks *callbacks,
					  const struct crit_report_options *how,
					  struct crit_output *out, struct crit_error *err);

#ifdef __cplusplus
}
#endif

#endif
