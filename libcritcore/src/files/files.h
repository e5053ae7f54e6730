/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * files.h - files that tasks map: what the images say of them, and their bytes.
 *
 *	files.c    files.img, reg-files.img, remap-fpath.img    which files there are
 *	memfd.c    memfd.img                those that are shared memory
 *	places.c   -                        where they are looked for on this machine
 *	lookup.c   -                        found there, and verified to be the same
 *	checksum.c -                        its checksum, where one is recorded
 *	ghost.c    ghost-file-N.img         the contents of a file that had no name any more
 *	contents.c -                        where a byte of a file is, and reading it
 */
#ifndef CRIT_FILES_FILES_H
#define CRIT_FILES_FILES_H

#include <sys/stat.h>

#include "image/image.h"
#include "pages/origin.h"
#include "util/elfid.h"
#include "util/window.h"

/* Processes may map thousands of files; descriptors are for the few in use. */
enum { MAX_OPEN_FILES = 32 };

/** How a file is kept that had no name any more. */
enum remap {
	REMAP_NONE,
	REMAP_LINKED, /* under another name, that of another record */
	REMAP_GHOST,  /* in an image of its own */
	REMAP_OTHER,  /* not at all */
};

/** Bytes of a ghost file that stand in a row in its image. */
struct ghost_chunk {
	uint64_t start, end; /* in the file */
	uint64_t off;	     /* of start in the image */
};

/** A ghost-file image. Read when the first file that is kept in it is looked up. */
struct ghost {
	uint32_t id; /* remap_file_path_entry.remap_id */
	bool loaded, sound;
	char name[32];
	char *problem; /* why it is not sound, one line */
	struct member first; /* the image as it was when it was read */
	uint64_t size; /* of the file */
	struct ghost_chunk *chunks; /* by offset; zeros between them */
	size_t nr_chunks;
};

/** A file of files.img that some task maps, and what was found for it here. */
struct mapped_file {
	struct crit_file pub;
	uint8_t build_id[ELFID_MAX];
	uint32_t checksum_config, checksum_parameter; /* as recorded */
	bool regular;	/* has a name worth looking up */
	enum remap remap;
	uint32_t remap_id;
	struct ghost *ghost; /* of REMAP_GHOST */
	bool own_mounts; /* mapped by a task in a mount namespace of its own */
	bool memfd;	/* it is one */
	uint64_t memfd_inode; /* in memfd.img */
	bool zeros;	/* /dev/zero: a private mapping of it is anonymous memory */
	bool looked_up;
	struct stat local; /* of what its bytes are read from: how that is known again */
	int fd;		/* open for a while after a use, else -1 */
	struct member *image; /* of a ghost: likewise, else NULL */
	uint64_t listed_by; /* the last crit_checkpoint.nr_listings that has it */
	char *path;	/* pub.path; NULL: it has none */
	char *local_path;
	uint8_t local_build_id[ELFID_MAX];
};

/** Where files.img describes a file; decoded when somebody asks. */
struct file_ref {
	uint32_t id;
	enum remap remap;
	uint32_t remap_id;
	struct record at; /* its place; no data */
	struct mapped_file *file;
};

/** A record of memfd.img. */
struct memfd {
	uint64_t inode_id, size; /* size in bytes */
	uint32_t shmid;		 /* pagemap-shmem-<shmid>.img has the contents */
	char *name;		 /* without "memfd:" */
};

struct offered_file {
	char *path;
	uint64_t size;
	uint8_t build_id[ELFID_MAX];
	size_t build_id_len;
};

/** All files of a checkpoint. */
struct files {
	struct source *src;	/* borrowed */
	bool big_endian;	/* crit_checkpoint_info.big_endian */
	int64_t written;	/* crit_checkpoint_info.written */
	bool loaded;
	struct crit_error failed; /* why it cannot be; status CRIT_OK: was not tried, or it can */
	bool old;		/* reg-files.img, before CRIU 3.4 */
	struct image *img;	/* NULL: there is none */
	struct file_ref *refs;	/* by id */
	size_t nr_refs;
	uint64_t nr_listings;	/* how often a task's files were listed */
	struct ghost *ghosts;	/* by id */
	size_t nr_ghosts;
	struct memfd *memfds;	/* by inode_id */
	size_t nr_memfds;
	bool memfds_loaded;
	struct mapped_file *open[MAX_OPEN_FILES]; /* a ring */
	struct window window; /* onto one of them, for large reads */
	size_t next_open;

	char *sysroot;		/* NULL: this machine's root */
	int root_fd;		/* of sysroot, else -1 */
	bool trust;		/* crit_checkpoint_set_trust_files() */
	struct offered_file *offered;
	size_t nr_offered;
};

void files_init(struct files *files, struct source *src);
void files_deinit(struct files *files);
/** As crit_checkpoint_set_sysroot() and crit_checkpoint_offer_file(). */
enum crit_status files_set_sysroot(struct files *files, const char *sysroot,
				   struct crit_error *err);
enum crit_status files_offer(struct files *files, const char *path, struct crit_error *err);

/** Index the records, once. */
enum crit_status files_load(struct files *files, struct crit_error *err);
/** Needs files_load(). *out is borrowed, NULL if the images do not know the id. */
enum crit_status files_find(struct files *files, uint32_t id, struct mapped_file **out,
			    struct crit_error *err);
/** Had the file with this id no name any more? False if the images do not know it. */
bool files_is_deleted(struct files *files, uint32_t id);
void files_unload(struct files *files);

/** Fill pub, once. */
void file_look_up(struct files *files, struct mapped_file *file);
/** A descriptor of a file with verdict CRIT_FILE_USED. Borrowed until the next call; or -errno,
 *  -ESTALE: it is another file by now. */
int file_open(struct files *files, struct mapped_file *file);
/** Close what the two keep open. */
void file_close(struct mapped_file *file);
/** The image of one with verdict CRIT_FILE_GHOST, likewise: 0 or -errno. */
int file_open_ghost(struct files *files, struct mapped_file *file, const struct member **out);

/** Which bytes of a file its checksum is made of. */
struct checksum_rule {
	uint64_t stride; /* the first byte, and every stride-th from there on */
	uint64_t len;	 /* of the part at the file's beginning that counts */
};

/** @return false: nothing is recorded, in a way that is not known, or it would take too long. */
bool checksum_rule(const struct mapped_file *file, uint64_t size, struct checksum_rule *out);
/** @return 0 or -errno. */
int checksum_file(int fd, const struct checksum_rule *rule, uint32_t *out);

/** Fill ghost->name, and remember the id of one that nobody asked for yet. */
enum crit_status ghost_add(struct files *files, size_t *cap, uint32_t id,
			   struct crit_error *err);
/** After the last ghost_add(): makes ghost_find() possible. */
void ghost_index(struct files *files);
/** The ghost with this id, read; NULL if no remap names it. */
struct ghost *ghost_find(struct files *files, uint32_t id);
void ghosts_free(struct files *files);
/** Where the byte at @p off is. There are zeros up to @p end behind the file's last byte. */
void ghost_locate(const struct ghost *ghost, uint64_t off, uint64_t end, struct crit_origin *out);

/**
 * Where the byte at @p off of a mapped file is. Looks the file up first.
 *
 * @param page_size  Behind the end come zeros up to the end of the last page, then nothing.
 * @param out        Holds the range asked about; its kind, why, source, off and in_image are set
 *                   and its len is narrowed.
 */
void file_locate(struct files *files, struct mapped_file *file, uint64_t off,
		 uint32_t page_size, struct crit_origin *out);
/** Read bytes that file_locate() said are in kind FILE or IMAGE: @p len from at->off on.
 *  @return CRIT_OK; CRIT_CORRUPT: it was cut short or changed meanwhile; CRIT_OS. */
enum crit_status file_read(struct files *files, struct mapped_file *file,
			   const struct crit_origin *at, void *buf, size_t len,
			   struct crit_error *err);
/** Where the bytes of such an answer are in which file: as member_in_file(); the descriptor is
 *  borrowed until the next call. */
bool file_place(struct files *files, struct mapped_file *file, const struct crit_origin *at,
		int *fd, uint64_t *file_off);

/** What memfd.img says of an inode; *out is NULL if nothing. A damaged image is used as far as it
 *  is understood. @return CRIT_OK; CRIT_NO_MEMORY. */
enum crit_status memfd_find(struct files *files, uint64_t inode_id, const struct memfd **out,
			    struct crit_error *err);
void memfds_free(struct files *files);

#endif
