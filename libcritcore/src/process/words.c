// SPDX-License-Identifier: LGPL-2.1-or-later
/* words.c - see words.h; and crit_flag_text(), crit_capability_name(). */
#include "process/words.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "critcore.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* In the order of most CPUs' numbers, with the words of /proc/PID/limits. */
static const struct {
	const char *name, *unit;
} rlimits[] = {
	{ "Max cpu time", "seconds" },
	{ "Max file size", "bytes" },
	{ "Max data size", "bytes" },
	{ "Max stack size", "bytes" },
	{ "Max core file size", "bytes" },
	{ "Max resident set", "bytes" },
	{ "Max processes", "processes" },
	{ "Max open files", "files" },
	{ "Max locked memory", "bytes" },
	{ "Max address space", "bytes" },
	{ "Max file locks", "locks" },
	{ "Max pending signals", "signals" },
	{ "Max msgqueue size", "bytes" },
	{ "Max nice priority", "" },
	{ "Max realtime priority", "" },
	{ "Max realtime timeout", "us" },
};

bool words_rlimit(bool mips, uint32_t resource, const char **name, const char **unit)
{
	// MIPS: open files, address space, resident set, processes, locked memory are 5 to 9.
	static const uint8_t mips_order[] = { 7, 9, 5, 6, 8 };

	if (resource >= COUNT(rlimits))
		return false;
	if (mips && resource >= 5 && resource <= 9)
		resource = mips_order[resource - 5];
	*name = rlimits[resource].name;
	*unit = rlimits[resource].unit;
	return true;
}

const char *words_clock(int32_t clock)
{
	static const char *const names[] = {
		"CLOCK_REALTIME", "CLOCK_MONOTONIC", "CLOCK_PROCESS_CPUTIME_ID",
		"CLOCK_THREAD_CPUTIME_ID", "CLOCK_MONOTONIC_RAW", "CLOCK_REALTIME_COARSE",
		"CLOCK_MONOTONIC_COARSE", "CLOCK_BOOTTIME", "CLOCK_REALTIME_ALARM",
		"CLOCK_BOOTTIME_ALARM", NULL, "CLOCK_TAI",
	};

	return clock >= 0 && (size_t)clock < COUNT(names) ? names[clock] : NULL;
}

const char *words_notify(uint32_t notify)
{
	static const char *const names[] = {
		"SIGEV_SIGNAL", "SIGEV_NONE", "SIGEV_THREAD", NULL, "SIGEV_THREAD_ID",
	};

	return notify < COUNT(names) ? names[notify] : NULL;
}

const char *words_policy(uint32_t policy)
{
	static const char *const names[] = {
		"SCHED_OTHER", "SCHED_FIFO", "SCHED_RR", "SCHED_BATCH",
		NULL, "SCHED_IDLE", "SCHED_DEADLINE", "SCHED_EXT",
	};

	return policy < COUNT(names) ? names[policy] : NULL;
}

const char *crit_capability_name(unsigned int number)
{
	static const char *const names[] = {
		"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID",
		"CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE",
		"CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW",
		"CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO",
		"CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN",
		"CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME",
		"CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE",
		"CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN",
		"CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ",
		"CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
	};

	return number < COUNT(names) ? names[number] : NULL;
}

/* ---- Bits ----------------------------------------------------------------------------------- */

struct flag {
	uint64_t bits;
	const char *name;
};

static const struct flag sigaction_flags[] = {
	{ 0x1, "SA_NOCLDSTOP" },     { 0x2, "SA_NOCLDWAIT" },	  { 0x4, "SA_SIGINFO" },
	{ 0x400, "SA_UNSUPPORTED" }, { 0x800, "SA_EXPOSE_TAGBITS" },
	{ 0x4000000, "SA_RESTORER" }, { 0x8000000, "SA_ONSTACK" }, { 0x10000000, "SA_RESTART" },
	{ 0x40000000, "SA_NODEFER" }, { 0x80000000, "SA_RESETHAND" }, { 0, NULL },
};

static const struct flag mips_sigaction_flags[] = {
	{ 0x1, "SA_NOCLDSTOP" },      { 0x8, "SA_SIGINFO" },	    { 0x10000, "SA_NOCLDWAIT" },
	{ 0x4000000, "SA_RESTORER" }, { 0x8000000, "SA_ONSTACK" },  { 0x10000000, "SA_RESTART" },
	{ 0x40000000, "SA_NODEFER" }, { 0x80000000, "SA_RESETHAND" }, { 0, NULL },
};

static const struct flag securebits[] = {
	{ 0x1, "NOROOT" },	       { 0x2, "NOROOT_LOCKED" },
	{ 0x4, "NO_SETUID_FIXUP" },    { 0x8, "NO_SETUID_FIXUP_LOCKED" },
	{ 0x10, "KEEP_CAPS" },	       { 0x20, "KEEP_CAPS_LOCKED" },
	{ 0x40, "NO_CAP_AMBIENT_RAISE" }, { 0x80, "NO_CAP_AMBIENT_RAISE_LOCKED" },
	{ 0x100, "EXEC_RESTRICT_FILE" }, { 0x200, "EXEC_RESTRICT_FILE_LOCKED" },
	{ 0x400, "EXEC_DENY_INTERACTIVE" }, { 0x800, "EXEC_DENY_INTERACTIVE_LOCKED" },
	{ 0, NULL },
};

static const struct flag membarrier_commands[] = {
	{ 0x1, "GLOBAL" },
	{ 0x2, "GLOBAL_EXPEDITED" },
	{ 0x4, "REGISTER_GLOBAL_EXPEDITED" },
	{ 0x8, "PRIVATE_EXPEDITED" },
	{ 0x10, "REGISTER_PRIVATE_EXPEDITED" },
	{ 0x20, "PRIVATE_EXPEDITED_SYNC_CORE" },
	{ 0x40, "REGISTER_PRIVATE_EXPEDITED_SYNC_CORE" },
	{ 0x80, "PRIVATE_EXPEDITED_RSEQ" },
	{ 0x100, "REGISTER_PRIVATE_EXPEDITED_RSEQ" },
	{ 0, NULL },
};

static const struct flag personalities[] = {
	{ 0x0008, "PER_LINUX32" },	    { 0x0020000, "UNAME26" },
	{ 0x0040000, "ADDR_NO_RANDOMIZE" }, { 0x0080000, "FDPIC_FUNCPTRS" },
	{ 0x0100000, "MMAP_PAGE_ZERO" },    { 0x0200000, "ADDR_COMPAT_LAYOUT" },
	{ 0x0400000, "READ_IMPLIES_EXEC" }, { 0x0800000, "ADDR_LIMIT_32BIT" },
	{ 0x1000000, "SHORT_INODE" },	    { 0x2000000, "WHOLE_SECONDS" },
	{ 0x4000000, "STICKY_TIMEOUTS" },   { 0x8000000, "ADDR_LIMIT_3GB" },
	{ 0, NULL },
};

static const struct flag altstack_flags[] = {
	{ 0x1, "SS_ONSTACK" }, { 0x2, "SS_DISABLE" }, { 0x80000000, "SS_AUTODISARM" }, { 0, NULL },
};

static const struct flag *const tables[] = {
	[CRIT_FLAGS_SIGACTION] = sigaction_flags,
	[CRIT_FLAGS_MIPS_SIGACTION] = mips_sigaction_flags,
	[CRIT_FLAGS_SECUREBITS] = securebits,
	[CRIT_FLAGS_MEMBARRIER] = membarrier_commands,
	[CRIT_FLAGS_PERSONALITY] = personalities,
	[CRIT_FLAGS_ALTSTACK] = altstack_flags,
	[CRIT_FLAGS_CAPABILITIES] = NULL,
};

struct line {
	char *buf;
	size_t len, used;
};

static void add_word(struct line *line, const char *word)
{
	int n;

	if (line->used >= line->len)
		return;
	n = snprintf(line->buf + line->used, line->len - line->used, "%s%s",
		     line->used ? "|" : "", word);
	line->used += n > 0 ? (size_t)n : 0;
}

void crit_flag_text(enum crit_flag_kind kind, uint64_t bits, char *buf, size_t len)
{
	const struct flag *table = (size_t)kind < COUNT(tables) ? tables[kind] : NULL;
	struct line line = { buf, len, 0 };
	char rest[24];

	if (len)
		*buf = '\0';
	for (; table && table->name; table++) {
		if (bits & table->bits)
			add_word(&line, table->name);
		bits &= ~table->bits;
	}
	for (unsigned int i = 0; kind == CRIT_FLAGS_CAPABILITIES && i < 64; i++) {
		if (!(bits >> i & 1) || !crit_capability_name(i))
			continue;
		add_word(&line, crit_capability_name(i));
		bits &= ~(UINT64_C(1) << i);
	}
	snprintf(rest, sizeof(rest), "0x%" PRIx64, bits);
	if (bits)
		add_word(&line, rest);
}
