// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * signals.c - names of signals and of wait statuses, in the words of gdb and the shell. MIPS has
 * other numbers for many of the first 31 signals, and 128 of them in all.
 */
#include <stdio.h>

#include "checkpoint/checkpoint.h"

enum { STATUS_SIGNAL = 0x7f, STATUS_CORE = 0x80, SIGNALS = 129 };

#define REALTIME                                                                                  \
	"SIG32", "SIG33", "SIG34", "SIG35", "SIG36", "SIG37", "SIG38", "SIG39", "SIG40", "SIG41",  \
	"SIG42", "SIG43", "SIG44", "SIG45", "SIG46", "SIG47", "SIG48", "SIG49", "SIG50", "SIG51",  \
	"SIG52", "SIG53", "SIG54", "SIG55", "SIG56", "SIG57", "SIG58", "SIG59", "SIG60", "SIG61",  \
	"SIG62", "SIG63", "SIG64", "SIG65", "SIG66", "SIG67", "SIG68", "SIG69", "SIG70", "SIG71",  \
	"SIG72", "SIG73", "SIG74", "SIG75", "SIG76", "SIG77", "SIG78", "SIG79", "SIG80", "SIG81",  \
	"SIG82", "SIG83", "SIG84", "SIG85", "SIG86", "SIG87", "SIG88", "SIG89", "SIG90", "SIG91",  \
	"SIG92", "SIG93", "SIG94", "SIG95", "SIG96", "SIG97", "SIG98", "SIG99", "SIG100",          \
	"SIG101", "SIG102", "SIG103", "SIG104", "SIG105", "SIG106", "SIG107", "SIG108", "SIG109",  \
	"SIG110", "SIG111", "SIG112", "SIG113", "SIG114", "SIG115", "SIG116", "SIG117", "SIG118",  \
	"SIG119", "SIG120", "SIG121", "SIG122", "SIG123", "SIG124", "SIG125", "SIG126", "SIG127",  \
	"SIG128"

static const char *const names[SIGNALS] = {
	"SIG?", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE",
	"SIGKILL", "SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT",
	"SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU",
	"SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS", REALTIME,
};

static const char *const mips_names[SIGNALS] = {
	"SIG?", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGEMT", "SIGFPE",
	"SIGKILL", "SIGBUS", "SIGSEGV", "SIGSYS", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGUSR1",
	"SIGUSR2", "SIGCHLD", "SIGPWR", "SIGWINCH", "SIGURG", "SIGIO", "SIGSTOP", "SIGTSTP",
	"SIGCONT", "SIGTTIN", "SIGTTOU", "SIGVTALRM", "SIGPROF", "SIGXCPU", "SIGXFSZ", REALTIME,
};

const char *crit_signal_name(const struct crit_task *task, uint32_t signo)
{
	if (signo >= SIGNALS)
		signo = 0;
	return task->mips ? mips_names[signo] : names[signo];
}

void crit_wait_status_text(const struct crit_task *task, uint32_t status, char *buf, size_t len)
{
	if (status & STATUS_SIGNAL)
		snprintf(buf, len, "killed by %s%s", crit_signal_name(task, status & STATUS_SIGNAL),
			 status & STATUS_CORE ? " (core dumped)" : "");
	else
		snprintf(buf, len, "exited with status %u", status >> 8 & 0xff);
}
