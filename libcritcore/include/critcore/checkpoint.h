/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* checkpoint.h - checkpoints: opening one, and where its parts are. A part of critcore.h. */
#ifndef CRITCORE_CHECKPOINT_H
#define CRITCORE_CHECKPOINT_H

#include "critcore/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct crit_checkpoint;
struct crit_task;
struct crit_thread;

struct crit_checkpoint_info {
	const char *path;	/* as given to crit_checkpoint_open() */
	uint32_t img_version;	/* 1: first framing, 2: today's, 3: compressed pages (CRIU 4.3) */
	bool compressed;	/* pages may be LZ4-compressed */
	bool has_parent;	/* an incremental dump: a `parent` link exists */
	bool big_endian;	/* byte order of the machine that dumped */
	int64_t written;	/* when inventory.img was last written, seconds since 1970; a copy
				   that did not keep times says when it was copied */
	size_t nr_tasks;	/* processes in the tree, dead ones included */
};

/**
 * Open a checkpoint. Reads inventory.img and pstree.img and nothing else.
 *
 * @param path  A directory holding *.img files, or an archive (tar; gzip, bzip2, xz, zstd, LZ4)
 *              with such a folder in it; ARCHIVE/FOLDER names one of several, "-" an archive on
 *              standard input. A plain tar is read where it lies, a compressed one is unpacked once
 *              into a private cache: docs/archives.md. Not NULL.
 * @param out   [out] The checkpoint; release it with crit_checkpoint_close().
 * @param err   [out] Details on failure. May be NULL.
 * @return CRIT_OK; CRIT_NOT_FOUND: no such file, or no checkpoint in it; CRIT_CORRUPT;
 *         CRIT_INVALID: neither a directory nor an archive; CRIT_UNSUPPORTED: an img_version of the
 *         future; CRIT_NO_MEMORY, also when an archive is beyond the limit; CRIT_OS.
 */
CRIT_API enum crit_status crit_checkpoint_open(const char *path, struct crit_checkpoint **out,
					       struct crit_error *err);

/** How a checkpoint is opened. All zero is as crit_checkpoint_open() does it. */
struct crit_open_options {
	crit_keep_going_fn keep_going; /* while an archive is unpacked; may be NULL */
	void *ctx;		       /* for keep_going */
	/** Bytes that a compressed archive may have when unpacked; 0: $CRITCORE_UNPACK_LIMIT, in
	 *  GiB; else 64 GiB, 8 GiB for what was packed more tightly than 1000 to 1. */
	uint64_t unpack_limit;
	/** Directories or archives, with a NULL behind: the checkpoint that this one builds on,
	 *  that which that one builds on, and so on, instead of where their `parent` links lead.
	 *  NULL: follow the links; they are followed behind the last one, too. */
	const char *const *parents;
};

/** @param options  May be NULL; nothing of it is used after the call.
 *  @return as crit_checkpoint_open(); CRIT_INTERRUPTED: keep_going() said so. */
CRIT_API enum crit_status crit_checkpoint_open_with(const char *path,
						    const struct crit_open_options *options,
						    struct crit_checkpoint **out,
						    struct crit_error *err);

/** Release a checkpoint and all that was borrowed from it. NULL is fine. */
CRIT_API void crit_checkpoint_close(struct crit_checkpoint *ckpt);

/**
 * Take turns: between the two nobody else does. crit_serve() does so for each request, so that
 * several tasks of one checkpoint can be served at once, each in a thread of its own; whatever else
 * such a program asks of the checkpoint stands between these two. Not recursive.
 */
CRIT_API void crit_checkpoint_lock(struct crit_checkpoint *ckpt);
CRIT_API void crit_checkpoint_unlock(struct crit_checkpoint *ckpt);

CRIT_API void crit_checkpoint_info(const struct crit_checkpoint *ckpt,
				   struct crit_checkpoint_info *out);

/**
 * Say where the checkpointed processes' file names are looked up: PATH/usr/bin/foo instead of
 * /usr/bin/foo. With a sysroot no file outside it is ever opened, whatever its symbolic links say.
 * Call it before the first memory or file question: what was looked up stays looked up.
 *
 * @param sysroot  Copied. NULL or "" means the root of this machine.
 */
CRIT_API enum crit_status crit_checkpoint_set_sysroot(struct crit_checkpoint *ckpt,
						      const char *sysroot, struct crit_error *err);

/**
 * Offer a local file as a copy of whichever mapped file of the checkpoint has the same build-id
 * and size, under whatever name. It is only taken where both agree; offering a wrong file is no
 * error and changes nothing. Same timing as crit_checkpoint_set_sysroot().
 *
 * @param path  Copied.
 * @return CRIT_OK; CRIT_NOT_FOUND, CRIT_INVALID (not a regular file), CRIT_NO_MEMORY, CRIT_OS.
 */
CRIT_API enum crit_status crit_checkpoint_offer_file(struct crit_checkpoint *ckpt,
						     const char *path, struct crit_error *err);

/**
 * Use mapped files even when their size or build-id differs from the checkpoint's. Off by default:
 * the bytes of a different build are not the process's. Same timing as
 * crit_checkpoint_set_sysroot().
 */
CRIT_API void crit_checkpoint_set_trust_files(struct crit_checkpoint *ckpt, bool trust);

/**
 * Name a second folder with pages: a dump through a page server leaves pagemap and pages images on
 * the machine of the server. What the checkpoint's own folder does not have is looked for there,
 * and in the parents of that folder. Call it before the first task is loaded.
 *
 * @param path  A directory; opened at once.
 * @return CRIT_OK; CRIT_NOT_FOUND, CRIT_INVALID (not a directory), CRIT_OS, CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_checkpoint_set_pages_dir(struct crit_checkpoint *ckpt,
							const char *path, struct crit_error *err);

/** One checkpoint of an incremental chain. */
struct crit_level {
	const char *path;    /* level 0: as given; parents: absolute, without links */
	const char *problem; /* NULL, or why the chain ends here although there is a `parent` link,
				in one line: "the parent link leads to ../1, which is not there" */
	bool in_pages_dir;   /* of the folder of crit_checkpoint_set_pages_dir(), or its parents */
};

/** How many levels there are: this checkpoint, its parent, and so on, then likewise those of the
 *  second folder. Follows the `parent` links at the first call. crit_origin.level is an index. */
CRIT_API size_t crit_level_count(struct crit_checkpoint *ckpt);
/** False past the end. */
CRIT_API bool crit_level_at(struct crit_checkpoint *ckpt, size_t index, struct crit_level *out);

#ifdef __cplusplus
}
#endif

#endif
