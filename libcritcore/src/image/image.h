/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image.h - one image file as a sequence of records.
 *
 *	image   = [ common ] magic { record }
 *	common  = u32 IMG_COMMON | IMG_SERVICE           absent before CRIU 1.7 and in inventory.img
 *	magic   = u32                                    which kind; see kinds.c
 *	record  = i32 size, size bytes of protobuf [, payload that belongs to the kind ]
 *
 * All three are in the byte order of the machine that dumped, which is found from the magic. The
 * messages themselves are described in proto/. This layer knows no process.
 */
#ifndef CRIT_IMAGE_H
#define CRIT_IMAGE_H

#include <protobuf-c/protobuf-c.h>

#include "source/source.h"
#include "util/arena.h"

/** Image kinds, in the order of the table in kinds.c. */
enum image_magic {
	IMG_COMMON = 0x54564319,
	IMG_SERVICE = 0x55105940,
	IMG_INVENTORY = 0x58313116,
	IMG_PSTREE = 0x50273030,
	IMG_FDINFO = 0x56213732,
	IMG_PAGEMAP = 0x56084025,
	IMG_CORE = 0x55053847,
	IMG_IDS = 0x54432030,
	IMG_PIPES = 0x56513555,
	IMG_FIFO = 0x58364939,
	IMG_SIGACT = 0x55344201,
	IMG_UNIXSK = 0x54373943,
	IMG_INETSK = 0x56443851,
	IMG_PACKETSK = 0x60454618,
	IMG_ITIMERS = 0x57464056,
	IMG_POSIX_TIMERS = 0x52603957,
	IMG_SK_QUEUES = 0x56264026,
	IMG_UTSNS = 0x54473203,
	IMG_CREDS = 0x54023547,
	IMG_IPCNS_SHM = 0x46283044,
	IMG_IPCNS_MSG = 0x55453737,
	IMG_IPCNS_SEM = 0x59573019,
	IMG_REG_FILES = 0x50363636,
	IMG_EXT_FILES = 0x59255641,
	IMG_FS = 0x51403912,
	IMG_MM = 0x57492820,
	IMG_REMAP_FPATH = 0x59133954,
	IMG_GHOST_FILE = 0x52583605,
	IMG_TCP_STREAM = 0x51465506,
	IMG_EVENTFD_FILE = 0x44523722,
	IMG_EVENTPOLL_FILE = 0x45023858,
	IMG_SIGNALFD = 0x57323820,
	IMG_INOTIFY_FILE = 0x48424431,
	IMG_MNTS = 0x55563928,
	IMG_NETDEV = 0x57373951,
	IMG_TTY_FILES = 0x59433025,
	IMG_TTY_INFO = 0x59453036,
	IMG_RLIMIT = 0x57113925,
	IMG_FANOTIFY_FILE = 0x55096122,
	IMG_SIGNAL = 0x59255647,
	IMG_NETLINK_SK = 0x58005614,
	IMG_NS_FILES = 0x61394011,
	IMG_TUNFILE = 0x57143751,
	IMG_TIMERFD = 0x50493712,
	IMG_USERNS = 0x55474906,
	IMG_STATS = 0x57093306,
	IMG_SECCOMP = 0x64413049,
	IMG_FILES = 0x56303138,
	IMG_MEMFD_INODE = 0x48453499,
	IMG_TIMENS = 0x43114433,
	IMG_PIDNS = 0x61157326,
};

/** CRIU's name for a magic ("PAGEMAP"), NULL for a number it does not use. */
const char *image_kind_name(uint32_t magic);

struct image;

/**
 * Open a member as an image of one kind.
 * @return CRIT_OK; CRIT_CORRUPT: another kind, or no image; or as source_open_member().
 */
enum crit_status image_open(struct source *src, const char *name, enum image_magic magic,
			    struct image **out, struct crit_error *err);
/** NULL is fine. */
void image_close(struct image *img);

const char *image_name(const struct image *img);
bool image_big_endian(const struct image *img);
int64_t image_mtime(const struct image *img);
/** Of the file, in bytes. */
uint64_t image_len(const struct image *img);

/** A record's undecoded bytes. */
struct record {
	const uint8_t *data; /* in the image's own storage, until the next call for the image */
	size_t len;
	uint64_t off; /* of the size field in the file */
	size_t index; /* from 0 */
};

/** Read the next record.
 *  @return CRIT_OK; CRIT_NOT_FOUND at the end; CRIT_CORRUPT; CRIT_OS; CRIT_NO_MEMORY. */
enum crit_status image_next(struct image *img, struct record *out, struct crit_error *err);

/** Step over the payload behind the record that image_next() gave last.
 *  @return CRIT_OK; CRIT_CORRUPT: the file ends before. */
enum crit_status image_skip(struct image *img, uint64_t len, struct crit_error *err);

/** Go back to a record that image_next() gave; only its off and index are used. */
void image_seek(struct image *img, const struct record *rec);

/**
 * Decode a record.
 *
 * @param arena  Owns the message. Reset or freed by the caller.
 * @param out    [out] The message, of the type @p desc describes.
 * @return CRIT_OK; CRIT_CORRUPT: not such a message; CRIT_NO_MEMORY.
 */
enum crit_status record_decode(const struct record *rec, const char *image,
			       const ProtobufCMessageDescriptor *desc, struct arena *arena,
			       void *out, struct crit_error *err);

/** image_next() and record_decode(); at the end CRIT_NOT_FOUND. */
enum crit_status image_next_message(struct image *img, const ProtobufCMessageDescriptor *desc,
				    struct arena *arena, void *out, struct crit_error *err);

/** Read the one record of a single-record image. @return also CRIT_CORRUPT: it has none. */
enum crit_status image_read_single(struct source *src, const char *name, enum image_magic magic,
				   const ProtobufCMessageDescriptor *desc, struct arena *arena,
				   void *out, struct crit_error *err);

/** How much memory a message of @p len bytes may take when decoded. */
size_t image_decode_limit(size_t len);

#endif
