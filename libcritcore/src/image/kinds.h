/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kinds.h - the kinds of image: which magic, which message, what follows the message.
 */
#ifndef CRIT_IMAGE_KINDS_H
#define CRIT_IMAGE_KINDS_H

#include "image/schema.h"

enum {
	/* In bytes of message. The longest that is thought of: a run of 512 GiB whose pages are
	 * compressed one by one. */
	IMAGE_MAX_RECORD = 256 * 1024 * 1024,
};

/** Which magic stands before the kind's own. */
enum image_framing {
	FRAMING_COMMON,	 /* IMG_COMMON: everything since CRIU 1.7 */
	FRAMING_SERVICE, /* IMG_SERVICE: statistics and caches */
	FRAMING_NONE,	 /* nothing: inventory.img, and every image before ("V1.0") */
};

/** Bytes behind a message that belong to it; the forms are in FORMAT.md. */
enum image_payload {
	PAYLOAD_NONE,
	PAYLOAD_PIPE,	/* pipe_data_entry.bytes */
	PAYLOAD_QUEUE,	/* sk_packet_entry.length */
	PAYLOAD_TCP,	/* tcp_stream_entry: inq_len, outq_len */
	PAYLOAD_BPFMAP, /* bpfmap_data_entry: keys_bytes + values_bytes */
	PAYLOAD_SEM,	/* ipc_sem_entry: nsems */
	PAYLOAD_MSG,	/* ipc_msg_entry: qnum messages */
	PAYLOAD_SHM,	/* ipc_shm_entry: size, unless in_pagemaps */
	PAYLOAD_GHOST,	/* ghost_file_entry, ghost_chunk_entry: the file's bytes */
};

struct image_kind {
	uint32_t magic;
	const char *name; /* CRIU's, without the _MAGIC */
	const struct schema_message *message; /* of every record; NULL: no records */
	const struct schema_message *head;    /* of the first one, when it differs */
	enum image_payload payload;
	enum image_framing framing;	      /* of today's images */
};

/** NULL: CRIU does not use the number. */
const struct image_kind *image_kind_find(uint32_t magic);
/** How an image begins. */
struct image_head {
	enum image_framing framing;
	bool big_endian; /* as are all sizes and payloads in it */
	uint32_t magic;	 /* of the kind */
	const struct image_kind *kind; /* NULL: no image of CRIU's, or a raw one */
	size_t len;	 /* bytes of the head, 4 or 8; 0: there are too few of them */
};

/** Look at the first bytes of a file; eight are enough. */
void image_head_parse(const void *data, size_t len, struct image_head *out);

/** By CRIU's name; the two framing magics and kinds without records are not found. */
const struct image_kind *image_kind_named(const char *name, size_t len);

/**
 * What a file without a magic is, by its name ("pages-1.img" -> "page contents"). These images are
 * written by other programs or are plain bytes.
 * @return NULL: CRIU has no such raw image.
 */
const char *image_raw_kind(const char *name);

#endif
