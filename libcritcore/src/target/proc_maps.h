/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* proc_maps.h - a task's mappings as the text of /proc/PID/maps. */
#ifndef CRIT_TARGET_PROC_MAPS_H
#define CRIT_TARGET_PROC_MAPS_H

#include "critcore.h"
#include "util/buf.h"

/** Append one line per mapping. */
void proc_maps_build(struct crit_task *task, struct buf *out);

#endif
