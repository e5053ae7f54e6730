/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* module.h - the executable and the libraries of a process, by their program headers in memory. */
#ifndef CRIT_TLS_MODULE_H
#define CRIT_TLS_MODULE_H

#include "checkpoint/debug.h"

enum { MODULE_INTERP_MAX = 128 };

/** What matters for thread-local storage. Addresses are the process's. */
struct module {
	uint64_t dynamic;	  /* of its dynamic section; 0: it has none */
	bool has_tls;		  /* it has a PT_TLS segment, which is: */
	uint64_t image, image_len; /* the first values; behind them come zeros up to */
	uint64_t len;		  /* bytes of a thread's block */
	uint64_t align, skew;	  /* a block's address is skew modulo align; align is at least 1 */
	char interp[MODULE_INTERP_MAX]; /* the dynamic linker it asks for; "": none, or too long */
};

/** The executable, which the auxiliary vector points to.
 *  @return CRIT_OK; CRIT_NOT_FOUND: it does not; as crit_mem_read(); CRIT_CORRUPT. */
enum crit_status module_of_executable(struct crit_task *task, struct module *out,
				      struct crit_error *err);
/** The library whose ELF header is at @p base. @return likewise. */
enum crit_status module_at(struct crit_task *task, uint64_t base, struct module *out,
			   struct crit_error *err);

#endif
