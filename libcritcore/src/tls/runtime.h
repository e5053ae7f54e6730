/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * runtime.h - whose thread-local storage it is: which C library a process has.
 *
 *	runtime.c   finds that out, once for each process
 *	glibc.c     blocks of glibc, by the descriptors it exports for debuggers
 *	musl.c      blocks of musl, which exports none
 *	address.c   which of those is asked
 *	modules.c   all modules of a process
 *	executable.c  the block of the executable, whose place the ABI fixes for every C library
 */
#ifndef CRIT_TLS_RUNTIME_H
#define CRIT_TLS_RUNTIME_H

#include "arch/tls.h"
#include "checkpoint/debug.h"
#include "tls/module.h"

/** A field of one of glibc's structures. */
struct glibc_field {
	uint32_t off; /* in bytes */
	uint32_t len; /* of it, or of an array's element, in bytes */
};

struct glibc {
	struct glibc_field modid, offset;		/* struct link_map */
	struct glibc_field dtv, dtv_val, dtv_counter;	/* union dtv */
	struct glibc_field list_len, list_next, list_slots; /* struct dtv_slotinfo_list */
	struct glibc_field slot_gen, slot_map;		/* struct dtv_slotinfo */
	bool has_list;
	uint64_t list; /* address of the pointer to the first dtv_slotinfo_list */
};

/** Flat, and freed with the task. */
struct tls_runtime {
	enum { TLS_UNKNOWN, TLS_GLIBC, TLS_MUSL } library;
	struct glibc glibc;
	bool has_exe; /* exe is filled */
	struct module exe;
};

/** One thread, and what is known of its process. */
struct tls_thread {
	struct crit_task *task;
	uint32_t tid;
	uint64_t pointer; /* the thread pointer */
	const struct arch_tls *abi;
	const struct tls_runtime *runtime;
};

/** Of a thread of a loaded task. @return CRIT_OK; CRIT_NOT_FOUND: its thread pointer is not
 *  recorded; as crit_register_get(). */
enum crit_status tls_thread_get(struct crit_thread *thread, struct tls_thread *out,
				struct crit_error *err);

/** The task is loaded. @return CRIT_OK, also when the library is unknown; CRIT_NO_MEMORY. */
enum crit_status tls_runtime_get(struct crit_task *task, const struct tls_runtime **out,
				 struct crit_error *err);

/*
 * Each of these: the address of the block of the module with this link map, in this thread.
 * @return CRIT_OK; CRIT_NOT_FOUND: it has none (yet); CRIT_CORRUPT; as crit_mem_read().
 */
enum crit_status glibc_block(const struct tls_thread *thread, uint64_t link_map, uint64_t *out,
			     struct crit_error *err);
enum crit_status musl_block(const struct tls_thread *thread, uint64_t link_map, uint64_t *out,
			    struct crit_error *err);
enum crit_status executable_block(const struct tls_thread *thread, uint64_t *out,
				  struct crit_error *err);
/** Has the module of a link map thread-local storage? The only way to know that for musl. */
enum crit_status musl_has_tls(struct crit_task *task, const struct tls_runtime *runtime,
			      uint64_t link_map, bool *out, struct crit_error *err);
/** CRIT_UNSUPPORTED, in words. */
enum crit_status tls_unknown_library(struct crit_error *err);
/** Of a block that is not allocated: says so. */
enum crit_status tls_not_allocated(const struct tls_thread *thread, uint64_t module,
				   struct crit_error *err);

#endif
