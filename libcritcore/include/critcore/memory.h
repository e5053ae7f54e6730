/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* memory.h - mappings, where every byte comes from, and the bytes. A part of critcore.h. */
#ifndef CRITCORE_MEMORY_H
#define CRITCORE_MEMORY_H

#include "critcore/task.h"

#ifdef __cplusplus
extern "C" {
#endif

enum crit_mapping_kind {
	CRIT_MAP_ANON,	   /* private anonymous, heap and stack included */
	CRIT_MAP_FILE,	   /* private mapping of a file */
	CRIT_MAP_FILE_SHARED,
	CRIT_MAP_ANON_SHARED,
	CRIT_MAP_SYSV,	   /* a System V shared memory segment */
	CRIT_MAP_MEMFD,
	CRIT_MAP_SOCKET,   /* packet socket ring */
	CRIT_MAP_VDSO,
	CRIT_MAP_VVAR,
	CRIT_MAP_VSYSCALL,
	CRIT_MAP_AIO,	   /* asynchronous I/O ring */
	CRIT_MAP_SHADOW_STACK,
	CRIT_MAP_PLUGIN,   /* contents owned by a CRIU plugin (GPU memory) */
	CRIT_MAP_OTHER,
};

/** A short name ("anon", "file", "vdso"); never NULL. Static storage. */
CRIT_API const char *crit_mapping_kind_name(enum crit_mapping_kind kind);

struct crit_mapping {
	uint64_t start, end;	/* addresses; end exclusive */
	uint32_t prot;		/* PROT_READ 1, PROT_WRITE 2, PROT_EXEC 4 */
	uint32_t flags;		/* MAP_* of Linux */
	uint32_t status;	/* CRIU's vma status bits, as recorded */
	uint64_t pgoff;		/* byte offset in the file or shared object */
	uint64_t shmid;		/* as recorded: file id, shared memory id or 0 */
	enum crit_mapping_kind kind;
	bool heap, stack;	/* holds the program break, the initial stack */
	const char *path;	/* of the mapped file; NULL if there is none */
	const char *name;	/* path, or what /proc/PID/maps has instead ("[heap]", "[vdso]");
				   "" if nothing */
	bool deleted;		/* as crit_file.deleted */
};

/** How many mappings, in address order. Loads the task; 0 if that fails. */
CRIT_API size_t crit_mapping_count(struct crit_task *task);
/** False past the end. */
CRIT_API bool crit_mapping_at(struct crit_task *task, size_t index, struct crit_mapping *out);

enum crit_origin_kind {
	CRIT_ORIGIN_UNMAPPED,	 /* no mapping here */
	CRIT_ORIGIN_IMAGE,	 /* bytes of an image of the checkpoint */
	CRIT_ORIGIN_ZERO,	 /* never written: reads as zeros */
	CRIT_ORIGIN_FILE,	 /* bytes of the mapped file on this machine, verified */
	CRIT_ORIGIN_UNAVAILABLE, /* mapped, but not here; see enum crit_why */
};

/** Why bytes are unavailable. */
enum crit_why {
	CRIT_WHY_NONE = 0,
	CRIT_WHY_PARENT,	  /* in a parent checkpoint that is not there; crit_level.problem */
	CRIT_WHY_PARENT_PAGE,	  /* in the parent checkpoint, which does not have it */
	CRIT_WHY_LAZY,		  /* left with the page server (--lazy-pages) */
	CRIT_WHY_PUNCHED,	  /* punched out by deduplication */
	CRIT_WHY_NO_PAGEMAP,	  /* the pagemap image is missing */
	CRIT_WHY_BAD_PAGEMAP,	  /* it is damaged, and what was understood does not say */
	CRIT_WHY_NO_PAGES,	  /* the pages image is missing */
	CRIT_WHY_PAGES_UNREADABLE, /* it cannot be opened, or is no regular file */
	CRIT_WHY_PAGES_SHORT,	  /* the pages image ends before them */
	CRIT_WHY_CONTRADICTION,	  /* both here and in the parent, says the pagemap */
	CRIT_WHY_FILE_MISSING,	  /* the mapped file is not on this machine */
	CRIT_WHY_FILE_UNREADABLE,
	CRIT_WHY_FILE_DIFFERS,	  /* its size, build-id, checksum or time is not the checkpoint's */
	CRIT_WHY_FILE_UNVERIFIED, /* nothing is recorded to know the file by */
	CRIT_WHY_FILE_NAMESPACE,  /* nothing but size and time, and it is a file of a container */
	CRIT_WHY_FILE_DELETED,	  /* kept nowhere, or its ghost image is missing or damaged */
	CRIT_WHY_FILE_UNKNOWN,	  /* the images do not say which file it is */
	CRIT_WHY_PAST_EOF,	  /* beyond the end of the mapped file */
	CRIT_WHY_VVAR,		  /* kernel data, never dumped */
	CRIT_WHY_VSYSCALL,	  /* kernel page, never dumped */
	CRIT_WHY_DROPPABLE,	  /* MAP_DROPPABLE, contents never dumped */
	CRIT_WHY_GUARD,		  /* a guard page has no contents */
	CRIT_WHY_DEVICE,	  /* a mapping of a device or socket */
	CRIT_WHY_PLUGIN,	  /* kept by a CRIU plugin */
	CRIT_WHY_UNKNOWN,	  /* the images use flags this version does not know */
};

/** One clause for a reason ("the mapped file is not on this machine"); never NULL. Static. */
CRIT_API const char *crit_why_text(enum crit_why why);

/** Where the bytes of an address range come from. */
struct crit_origin {
	enum crit_origin_kind kind;
	enum crit_why why;   /* of CRIT_ORIGIN_UNAVAILABLE */
	uint64_t vaddr, len; /* the longest range from the address asked that has one origin with
				adjacent offsets; of CRIT_ORIGIN_UNMAPPED: up to the next mapping.
				len is 0 when the range reaches the top of the address space */
	const char *source;  /* IMAGE: name of the image; FILE: path on this machine; else NULL */
	uint64_t off;	     /* byte in source where vaddr's byte stands, or its LZ4 block */
	size_t mapping;	     /* index of the mapping; SIZE_MAX when unmapped */
	bool shared;	     /* from shared memory: other processes may have the same bytes */
	bool in_image;	     /* a pagemap or ghost file of the checkpoint decided it, whatever kind:
				level says of which one */
	unsigned int level;  /* 0: this checkpoint, 1: its parent, ...; see crit_level_at() */
	/* An LZ4 block, which the byte is in. block_len 0: it is not in one. */
	uint32_t block_len;	/* bytes it has in source, from off on */
	uint32_t block_mem_len; /* bytes of memory it holds */
	uint32_t block_pos;	/* vaddr's byte in those */
	uint64_t block_index;	/* in its run, from 0 */
};

/**
 * Say where the byte at an address comes from. Touches no page contents.
 * @return CRIT_OK, also for unmapped and unavailable addresses; or as crit_task_load().
 */
CRIT_API enum crit_status crit_mem_locate(struct crit_task *task, uint64_t vaddr,
					  struct crit_origin *out, struct crit_error *err);

/**
 * Copy a task's memory as it was when the checkpoint was taken.
 *
 * @param vaddr   First byte, in the task's own address space.
 * @param len     In bytes. 0 succeeds and touches nothing.
 * @param buf     Receives at most @p len bytes; the rest is left alone.
 * @param nread   [out] Bytes filled from @p vaddr on; also set when the call fails part-way.
 *                May be NULL.
 * @return CRIT_OK; CRIT_UNMAPPED: no mapping at the next byte; CRIT_NOT_DUMPED: mapped, but the
 *         checkpoint does not hold the byte (the error says why, as crit_mem_locate() does);
 *         CRIT_CORRUPT, CRIT_OS; or as crit_task_load().
 */
CRIT_API enum crit_status crit_mem_read(struct crit_task *task, uint64_t vaddr, size_t len,
					void *buf, size_t *nread, struct crit_error *err);

/**
 * The first range at or behind an address that comes from one of some kinds of origin.
 *
 * @param kinds  1 << CRIT_ORIGIN_IMAGE | ...; for what is populated, IMAGE and FILE.
 * @return CRIT_OK; CRIT_NOT_FOUND: there is none; or as crit_task_load().
 */
CRIT_API enum crit_status crit_mem_next(struct crit_task *task, uint64_t vaddr, unsigned int kinds,
					struct crit_origin *out, struct crit_error *err);

/** Bytes of a range by where they come from. The second line is part of the first. */
struct crit_mem_totals {
	uint64_t image, zero, file, unavailable; /* in bytes; their sum is what is mapped */
	uint64_t parent;     /* of image: in parent checkpoints */
	uint64_t compressed; /* of image: in LZ4 blocks */
	uint64_t shared;     /* of image: in images of shared memory */
	uint64_t lazy;	     /* of unavailable: left with the page server */
};

/**
 * Add up crit_mem_locate() over [start, end). Use 0 and UINT64_MAX for the whole task.
 * @param out  [out] Set, not added to.
 */
CRIT_API enum crit_status crit_mem_totals(struct crit_task *task, uint64_t start, uint64_t end,
					  struct crit_mem_totals *out, struct crit_error *err);

/** Bytes of a task that lie in a row in one file, mapped and not copied. */
struct crit_view;

/**
 * Look at memory without copying it: where it comes from one uncompressed image or mapped file and
 * lies in a row there. The view lives on when the checkpoint is closed.
 *
 * Should the file be cut short meanwhile, reading what is gone would end the process with SIGBUS.
 * While there are views a handler for that signal stands; it puts zeros where nothing is any more
 * and remembers it, so ask crit_view_intact() *after* using the bytes. Other faults go to the
 * handler that was there before.
 *
 * @param len  In bytes, not 0.
 * @param out  [out] Release it with crit_view_close().
 * @return CRIT_OK; CRIT_UNMAPPED or CRIT_NOT_DUMPED, as crit_mem_read(); CRIT_UNSUPPORTED: there
 *         are bytes, but they do not lie in a row (several runs, LZ4, never written): ask
 *         crit_mem_read(), which also knows whether all of them are there; CRIT_OS;
 *         CRIT_NO_MEMORY; or as crit_task_load().
 */
CRIT_API enum crit_status crit_mem_view(struct crit_task *task, uint64_t vaddr, size_t len,
					struct crit_view **out, struct crit_error *err);
/** NULL is fine. */
CRIT_API void crit_view_close(struct crit_view *view);
CRIT_API const void *crit_view_data(const struct crit_view *view);
CRIT_API size_t crit_view_len(const struct crit_view *view);
/** Have a function called the first time that a byte was asked for that is not there any more. It
 *  runs in the signal handler, in the thread that asked, and may only do what is safe there. */
CRIT_API void crit_view_on_loss(struct crit_view *view, void (*on_loss)(void *ctx), void *ctx);
/** False once some byte that was asked for was not there any more. */
CRIT_API bool crit_view_intact(const struct crit_view *view);

/**
 * Command line arguments of a task, as they were in its memory when it was checkpointed: strings
 * with a NUL behind each; a program may have written anything there.
 *
 * @param out  [out] Bytes; free() them.
 * @return CRIT_OK; as crit_mem_read(); CRIT_CORRUPT: more than 64 MiB.
 */
CRIT_API enum crit_status crit_task_args(struct crit_task *task, char **out, size_t *len,
					 struct crit_error *err);
/** Likewise its environment, "NAME=value" strings. */
CRIT_API enum crit_status crit_task_env(struct crit_task *task, char **out, size_t *len,
					struct crit_error *err);
/** Bytes of address space that map shared memory or shared files (MAP_SHARED). Loads the task; 0 if
 *  that fails. */
CRIT_API uint64_t crit_task_shared_len(struct crit_task *task);

#ifdef __cplusplus
}
#endif

#endif
