/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * critcore.h - read CRIU checkpoints: processes, registers, memory, files. The parts are in the
 * folder beside it; include this one.
 *
 * Threads   One checkpoint serves one thread at a time; different checkpoints are independent,
 *           also when they were opened from the same directory. Nothing is printed, and the process
 *           is never ended. The one thing that belongs to the whole process is a handler for
 *           SIGBUS, which stands while large pieces of images are mapped, and passes on what is not
 *           about them; where that cannot be, they are read without it.
 * Lifetime  The checkpoint owns everything. A pointer that is *returned* (or a pointer inside a
 *           struct the caller passed) is borrowed and lives until crit_checkpoint_close(). What
 *           comes through a `**out` belongs to the caller; its comment names the partner.
 * Errors    Functions that can fail return enum crit_status and fill an optional struct crit_error
 *           (NULL is fine everywhere). Results are written on success only, unless said otherwise.
 * Safety    Images are hostile input. They are opened read-only, only regular files are opened, and
 *           none is changed but by crit_checkpoint_compress() and crit_checkpoint_decompress(). An
 *           image that is cut short while it is open gives an error.
 * Units     Lengths, offsets and addresses are in bytes, ranges are [start, end), page counts say
 *           "pages" and mean the task's own page size.
 *
 * Glossary  image: one file of a checkpoint. record: one message in an image. task: a process.
 *           mapping: a VMA. run: adjacent pages of a pagemap. pid: as it was *inside* the
 *           checkpointed pid namespace.
 */
#ifndef CRITCORE_H
#define CRITCORE_H

#include "critcore/base.h"
#include "critcore/checkpoint.h"
#include "critcore/task.h"
#include "critcore/process.h"
#include "critcore/files.h"
#include "critcore/memory.h"
#include "critcore/tls.h"
#include "critcore/io.h"
#include "critcore/report.h"
#include "critcore/container.h"
#include "critcore/stats.h"
#include "critcore/search.h"
#include "critcore/dump.h"
#include "critcore/core.h"
#include "critcore/inspect.h"
#include "critcore/diff.h"
#include "critcore/stacks.h"
#include "critcore/explore.h"
#include "critcore/serve.h"
#include "critcore/image.h"
#include "critcore/compress.h"
#include "critcore/cache.h"
#include "critcore/check.h"

#endif
