/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * calls.h - what a thread's registers say of the system call that it was frozen in.
 *
 * To take a thread's picture CRIU interrupts it, so a system call that waited has come to an end in
 * one of two ways:
 *
 *	to be restarted   pc is *at* the system call instruction again, the number and the
 *	                  arguments are in their registers
 *	interrupted       pc is *past* the instruction and the result is -EINTR
 *
 * Some CPUs' registers also tell that the kernel was entered by a system call, and not by an
 * interrupt; of the others only the instruction at pc can. Reading that needs the task's memory,
 * which this layer does not have: see process/state.c.
 */
#ifndef CRIT_ARCH_CALLS_H
#define CRIT_ARCH_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "task.pb-c.h"

enum { ARCH_CALL_ARGS = 6, ARCH_INSN_MAX = 4 };

enum arch_call_says {
	ARCH_CALL_UNSAID, /* not even whether there was a call */
	ARCH_CALL_NONE,	  /* the thread was running its own code */
	ARCH_CALL_IN,	  /* it was in the kernel because of a call */
	ARCH_CALL_WAITED, /* and was interrupted there */
};

/** A system call instruction. @p same of its @p len bytes are as given, the others may be any. */
struct arch_insn {
	uint8_t len, same;
	uint8_t bytes[ARCH_INSN_MAX];
};

struct arch_call {
	enum arch_call_says says;
	bool interrupted;	       /* if pc is past the instruction: the result is -EINTR */
	bool first_arg_lost;	       /* if pc is past it: the result took its place */
	int32_t nr_at, nr_past;	       /* its number, if pc is at, past it; -1: not known */
	uint64_t pc, sp;
	uint64_t args[ARCH_CALL_ARGS];
	const struct arch_insn *insns; /* ended by one of length 0; NULL: nothing is known at all */
	const char *(*name)(int32_t nr); /* of a number in the thread's ABI; NULL: not known */
};

/** Ask the registers of a core image. Without any, says is ARCH_CALL_UNSAID and insns NULL. */
void arch_call_get(const Criu__CoreEntry *core, struct arch_call *out);

#endif
