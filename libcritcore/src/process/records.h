/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * records.h - reading whole images that describe a process, and storage for what is made of them.
 * Everything lives in one arena, with the decoded messages.
 */
#ifndef CRIT_PROCESS_RECORDS_H
#define CRIT_PROCESS_RECORDS_H

#include "checkpoint/checkpoint.h"

/** @p nr zeroed elements; NULL when memory is out, or none are wanted. */
void *records_alloc(struct arena *arena, size_t nr, size_t size);

/**
 * All records of the image NAME, "STEM-ID.img".
 *
 * @param out  [out] An array of @p nr decoded messages; NULL and 0 if there is no such image.
 * @return CRIT_OK; CRIT_CORRUPT, CRIT_OS, CRIT_NO_MEMORY.
 */
enum crit_status records_read(struct crit_task *task, const char *stem, uint32_t id,
			      enum image_magic magic, const ProtobufCMessageDescriptor *desc,
			      struct arena *arena, void ***out, size_t *nr,
			      struct crit_error *err);

#endif
