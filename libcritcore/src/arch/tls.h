/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tls.h - where a CPU's ABI puts thread-local storage, seen from the thread pointer.
 *
 * The blocks of modules that are there when a thread begins lie in a row at the thread pointer,
 * that of the executable first. "Above" is variant I of the ELF specification, "below" variant II:
 *
 *	above	[ C library's ][ gap ][ executable ][ library ]...
 *	                       ^ thread pointer - bias
 *	below	...[ library ][ executable ][ C library's ]
 *	                                    ^ thread pointer
 */
#ifndef CRIT_ARCH_TLS_H
#define CRIT_ARCH_TLS_H

#include "arch/arch.h"

struct arch_tls {
	bool above;
	uint16_t bias;		/* what the thread pointer is ahead, in bytes */
	uint8_t gap_words;	/* kept for the C library at the thread pointer */
	int8_t glibc_dtv;	/* words from the thread pointer without bias to glibc's pointer to
				   the thread's table of blocks */
	int8_t musl_dtv;	/* likewise musl's */
	uint16_t musl_dtv_bias; /* what the pointers in musl's table are ahead, in bytes */
};

/** Never NULL. Static storage. */
const struct arch_tls *arch_tls(const struct arch *arch);

#endif
