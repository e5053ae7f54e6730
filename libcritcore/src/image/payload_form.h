/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * payload_form.h - which fields of a message say how much follows it: the one place for both
 * directions. Field numbers as in proto/; lengths in bytes.
 */
#ifndef CRIT_IMAGE_PAYLOAD_FORM_H
#define CRIT_IMAGE_PAYLOAD_FORM_H

#include "image/kinds.h"
#include "image/wire.h"

enum {
	PIPE_BYTES = 2,
	QUEUE_LENGTH = 2,
	TCP_INQ_LEN = 1,
	TCP_OUTQ_LEN = 3,
	BPFMAP_KEYS = 2,
	BPFMAP_VALUES = 3,
	SEM_NSEMS = 2,
	MSG_QNUM = 3,
	MSG_MSIZE = 2, /* of each ipc_msg */
	SHM_SIZE = 2,
	SHM_IN_PAGEMAPS = 3,
	GHOST_CHUNKS = 9, /* of the head */
	CHUNK_LEN = 1,

	SEM_ALIGN = 8, /* payloads are padded to whole ones */
	MSG_ALIGN = 8,
	SHM_ALIGN = 4,
};

/** Bytes of a payload that is one run of them, without padding; 0 for the kinds that are not. For a
 *  TCP stream both queues together; for a ghost file a chunk's. */
static inline uint64_t payload_run_len(enum image_payload kind, const uint8_t *msg, size_t len)
{
	switch (kind) {
	case PAYLOAD_PIPE:
		return (uint32_t)wire_get_uint(msg, len, PIPE_BYTES, 0);
	case PAYLOAD_QUEUE:
		return (uint32_t)wire_get_uint(msg, len, QUEUE_LENGTH, 0);
	case PAYLOAD_TCP:
		return (uint64_t)(uint32_t)wire_get_uint(msg, len, TCP_INQ_LEN, 0) +
		       (uint32_t)wire_get_uint(msg, len, TCP_OUTQ_LEN, 0);
	case PAYLOAD_BPFMAP:
		return (uint64_t)(uint32_t)wire_get_uint(msg, len, BPFMAP_KEYS, 0) +
		       (uint32_t)wire_get_uint(msg, len, BPFMAP_VALUES, 0);
	case PAYLOAD_SHM:
		return wire_get_uint(msg, len, SHM_IN_PAGEMAPS, 0)
			       ? 0
			       : wire_get_uint(msg, len, SHM_SIZE, 0);
	case PAYLOAD_GHOST:
		return wire_get_uint(msg, len, CHUNK_LEN, 0);
	default:
		return 0;
	}
}

/** Bytes that fill @p len up to whole units of @p align. */
static inline unsigned payload_pad(uint64_t len, unsigned align)
{
	return (unsigned)(-len & (align - 1));
}

#endif
