/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tls.h - thread-local storage. A part of critcore.h. */
#ifndef CRITCORE_TLS_H
#define CRITCORE_TLS_H

#include "critcore/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Where a thread-local variable is: of glibc (2.31 and later) and musl, and in the executable of
 * any C library.
 *
 * @param link_map  Address of the struct link_map of the module that has the variable, as the list
 *                  that r_debug begins has it; 0: a static executable.
 * @param offset    Of the variable in its module's block, in bytes (a symbol's value).
 * @param vaddr     [out] The address in the task.
 * @return CRIT_OK; CRIT_NOT_FOUND: the thread has not used the module's variables yet, so that they
 *         are nowhere, or the module has none, or its thread pointer is not recorded;
 *         CRIT_UNSUPPORTED: not a C library that is understood; CRIT_CORRUPT: what is there is no
 *         link map, or what hangs on it contradicts itself; CRIT_INVALID: 0 of an executable that
 *         is not static; or as crit_mem_read() and crit_register_get().
 */
CRIT_API enum crit_status crit_tls_address(struct crit_thread *thread, uint64_t link_map,
					   uint64_t offset, uint64_t *vaddr,
					   struct crit_error *err);

/** A module with thread-local storage. */
struct crit_tls_module {
	uint64_t number;   /* the C library's, from 1 on */
	uint64_t link_map; /* for crit_tls_address(); 0: a static executable */
	uint64_t base;	   /* what its addresses are ahead of those in its file */
	uint64_t dynamic;  /* address of its dynamic section; 0: none */
	const char *name;  /* as the dynamic linker knows it, "" for the executable; lives during
			      the call */
	bool plain;	   /* in every thread, the element for the module in the thread's table is
			      all one needs to look at: no static storage beside it, and nothing
			      left there by a module that was unloaded */
};

/**
 * Tell of all modules with thread-local storage, in the order of the dynamic linker's list.
 *
 * @param found  Called for each; false ends the call (CRIT_OK).
 * @return as crit_tls_address().
 */
CRIT_API enum crit_status crit_tls_modules(struct crit_task *task,
					   bool (*found)(void *ctx,
							 const struct crit_tls_module *module),
					   void *ctx, struct crit_error *err);

#ifdef __cplusplus
}
#endif

#endif
