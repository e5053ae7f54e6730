// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * names.c - see names.h. The names and numbers are those of CRIT 4.3; bits that Linux has but CRIT
 * has no name for are left over and printed in hex, as CRIT does.
 */
#include "image/names.h"

#include <string.h>

#define ROW(value, name) { value, sizeof(name) - 1, name }
#define TABLE(rows) { rows, sizeof(rows) / sizeof((rows)[0]) }

static const struct name mmap_prot[] = {
	ROW(0x1, "PROT_READ"),
	ROW(0x2, "PROT_WRITE"),
	ROW(0x4, "PROT_EXEC"),
};

static const struct name mmap_flags[] = {
	ROW(0x1, "MAP_SHARED"),	 ROW(0x2, "MAP_PRIVATE"),    ROW(0x8, "MAP_DROPPABLE"),
	ROW(0x20, "MAP_ANON"),	 ROW(0x100, "MAP_GROWSDOWN"),
};

static const struct name mmap_status[] = {
	ROW(0, "VMA_AREA_NONE"),
	ROW(1u << 0, "VMA_AREA_REGULAR"),
	ROW(1u << 1, "VMA_AREA_STACK"),
	ROW(1u << 2, "VMA_AREA_VSYSCALL"),
	ROW(1u << 3, "VMA_AREA_VDSO"),
	ROW(1u << 5, "VMA_AREA_HEAP"),
	ROW(1u << 6, "VMA_FILE_PRIVATE"),
	ROW(1u << 7, "VMA_FILE_SHARED"),
	ROW(1u << 8, "VMA_ANON_SHARED"),
	ROW(1u << 9, "VMA_ANON_PRIVATE"),
	ROW(1u << 10, "VMA_AREA_SYSVIPC"),
	ROW(1u << 11, "VMA_AREA_SOCKET"),
	ROW(1u << 12, "VMA_AREA_VVAR"),
	ROW(1u << 13, "VMA_AREA_AIORING"),
	ROW(1u << 14, "VMA_AREA_MEMFD"),
	ROW(1u << 15, "VMA_AREA_SHSTK"),
	ROW(1u << 17, "VMA_AREA_UPROBES"),
	ROW(1u << 18, "VMA_AREA_NOT_ACCOUNTABLE"),
	ROW(1u << 31, "VMA_UNSUPP"),
};

// The numbers of x86, whatever CPU the image is from: CRIT knows no others.
static const struct name rfile_flags[] = {
	ROW(01, "O_WRONLY"),	     ROW(02, "O_RDWR"),	       ROW(0100, "O_CREAT"),
	ROW(0200, "O_EXCL"),	     ROW(0400, "O_NOCTTY"),    ROW(01000, "O_TRUNC"),
	ROW(02000, "O_APPEND"),	     ROW(04000, "O_NONBLOCK"), ROW(010000, "O_DSYNC"),
	ROW(020000, "FASYNC"),	     ROW(040000, "O_DIRECT"),  ROW(0100000, "O_LARGEFILE"),
	ROW(0200000, "O_DIRECTORY"), ROW(0400000, "O_NOFOLLOW"), ROW(01000000, "O_NOATIME"),
	ROW(02000000, "O_CLOEXEC"),
};

static const struct name pmap_flags[] = {
	ROW(1, "PE_PARENT"),
	ROW(2, "PE_LAZY"),
	ROW(4, "PE_PRESENT"),
	ROW(8, "PE_PAYLOAD_ALIGNED"),
};

static const struct name seals_flags[] = {
	ROW(0x1, "F_SEAL_SEAL"),  ROW(0x2, "F_SEAL_SHRINK"),	    ROW(0x4, "F_SEAL_GROW"),
	ROW(0x8, "F_SEAL_WRITE"), ROW(0x10, "F_SEAL_FUTURE_WRITE"),
};

static const struct name task_state[] = {
	ROW(1, "Alive"),
	ROW(2, "Dead"),
	ROW(3, "Stopped"),
	ROW(6, "Zombie"),
};

static const struct name sk_family[] = {
	ROW(1, "UNIX"), ROW(2, "INET"), ROW(10, "INET6"), ROW(16, "NETLINK"), ROW(17, "PACKET"),
};

static const struct name sk_type[] = {
	ROW(1, "STREAM"), ROW(2, "DGRAM"), ROW(3, "RAW"), ROW(5, "SEQPACKET"), ROW(10, "PACKET"),
};

static const struct name sk_state[] = {
	ROW(1, "ESTABLISHED"), ROW(2, "SYN_SENT"),   ROW(3, "SYN_RECV"), ROW(4, "FIN_WAIT1"),
	ROW(5, "FIN_WAIT2"),   ROW(6, "TIME_WAIT"),  ROW(7, "CLOSE"),	 ROW(8, "CLOSE_WAIT"),
	ROW(9, "LAST_ACK"),    ROW(10, "LISTEN"),
};

static const struct name sk_proto[] = {
	ROW(0, "IP"),
	ROW(6, "TCP"),
	ROW(17, "UDP"),
	ROW(136, "UDPLITE"),
};

static const struct names tables[NR_NAMES] = {
	[NAMES_MMAP_PROT] = TABLE(mmap_prot),	  [NAMES_MMAP_FLAGS] = TABLE(mmap_flags),
	[NAMES_MMAP_STATUS] = TABLE(mmap_status), [NAMES_RFILE_FLAGS] = TABLE(rfile_flags),
	[NAMES_PMAP_FLAGS] = TABLE(pmap_flags),	  [NAMES_SEALS_FLAGS] = TABLE(seals_flags),
	[NAMES_GEN_TASK_STATE] = TABLE(task_state), [NAMES_SK_FAMILY] = TABLE(sk_family),
	[NAMES_SK_TYPE] = TABLE(sk_type),	  [NAMES_SK_STATE] = TABLE(sk_state),
	[NAMES_SK_PROTO] = TABLE(sk_proto),
};

const struct names *names_of(enum schema_names table)
{
	return &tables[table];
}

bool names_find_value(enum schema_names table, const char *name, size_t len, uint32_t *value)
{
	const struct names *names = names_of(table);

	for (size_t i = 0; i < names->nr_rows; i++) {
		const struct name *row = &names->rows[i];

		if (row->len == len && !memcmp(row->name, name, len)) {
			*value = row->value;
			return true;
		}
	}
	return false;
}
