/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * inspect.h - a container's checkpoint as a tree: what its engine recorded, and what is inside. A
 * part of critcore.h.
 */
#ifndef CRITCORE_INSPECT_H
#define CRITCORE_INSPECT_H

#include "critcore/container.h"

#ifdef __cplusplus
extern "C" {
#endif

/** All zero: who the container was, and sizes. */
struct crit_inspect_options {
	bool stats;	/* what CRIU counted while dumping */
	bool metadata;	/* pod, namespace and annotations of Kubernetes */
	bool mounts;
	bool processes; /* the process tree; the next four are about each process of it */
	bool cmdline, env, files, sockets;
	uint32_t pid;	/* only this process and what is below it; 0: all */
	/** What could not be read, as one line; the rest is. May be NULL. */
	void (*problem)(void *ctx, const struct crit_error *why);
	void *ctx;
	/** How archives are opened, and what the checkpoints build on. May be NULL. */
	const struct crit_open_options *open;
};

/**
 * Write what is known of some checkpoints: as trees, or as a JSON list with the names that
 * checkpointctl has.
 *
 * @param paths  As crit_container_read(). One that cannot be read is a problem.
 * @return CRIT_OK, also with problems; CRIT_INTERRUPTED; CRIT_OS: writing failed; CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_inspect_write(const char *const *paths, size_t nr_paths,
					     const struct crit_inspect_options *options,
					     const struct crit_report_options *how,
					     struct crit_output *out, struct crit_error *err);

#ifdef __cplusplus
}
#endif

#endif
