// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * kinds.c - the kinds of image, by magic. A new kind is one row here (and a message in proto/).
 */
#include "image/kinds.h"

#include <fnmatch.h>
#include <string.h>

#include "image/image.h"
#include "util/endian.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/** A kind with records; what is not said is no head, PAYLOAD_NONE, FRAMING_COMMON. */
#define KIND(number, kind, record, ...)                                                     \
	{                                                                                   \
		.magic = (number), .name = #kind, .message = &schema_##record, ##__VA_ARGS__ \
	}

static const struct image_kind kinds[] = {
	{ .magic = 0x54564319, .name = "IMG_COMMON" },
	{ .magic = 0x55105940, .name = "IMG_SERVICE" },
	KIND(0x58313116, INVENTORY, inventory_entry, .framing = FRAMING_NONE),
	KIND(0x50273030, PSTREE, pstree_entry),
	KIND(0x56213732, FDINFO, fdinfo_entry),
	KIND(0x56084025, PAGEMAP, pagemap_entry, .head = &schema_pagemap_head),
	KIND(0x55053847, CORE, core_entry),
	KIND(0x54432030, IDS, task_kobj_ids_entry),
	KIND(0x54123737, VMAS, vma_entry),
	KIND(0x56513555, PIPES, pipe_entry),
	KIND(0x56453709, PIPES_DATA, pipe_data_entry, .payload = PAYLOAD_PIPE),
	KIND(0x58364939, FIFO, fifo_entry),
	KIND(0x59333054, FIFO_DATA, pipe_data_entry, .payload = PAYLOAD_PIPE),
	KIND(0x55344201, SIGACT, sa_entry),
	KIND(0x54373943, UNIXSK, unix_sk_entry),
	KIND(0x56443851, INETSK, inet_sk_entry),
	KIND(0x60454618, PACKETSK, packet_sock_entry),
	KIND(0x57464056, ITIMERS, itimer_entry),
	KIND(0x52603957, POSIX_TIMERS, posix_timer_entry),
	KIND(0x56264026, SK_QUEUES, sk_packet_entry, .payload = PAYLOAD_QUEUE),
	KIND(0x54473203, UTSNS, utsns_entry),
	KIND(0x54023547, CREDS, creds_entry),
	KIND(0x53115007, IPC_VAR, ipc_var_entry),
	KIND(0x46283044, IPCNS_SHM, ipc_shm_entry, .payload = PAYLOAD_SHM),
	KIND(0x55453737, IPCNS_MSG, ipc_msg_entry, .payload = PAYLOAD_MSG),
	KIND(0x59573019, IPCNS_SEM, ipc_sem_entry, .payload = PAYLOAD_SEM),
	KIND(0x50363636, REG_FILES, reg_file_entry),
	KIND(0x59255641, EXT_FILES, ext_file_entry),
	KIND(0x51403912, FS, fs_entry),
	KIND(0x57492820, MM, mm_entry),
	KIND(0x59133954, REMAP_FPATH, remap_file_path_entry),
	KIND(0x52583605, GHOST_FILE, ghost_chunk_entry, .head = &schema_ghost_file_entry,
	     .payload = PAYLOAD_GHOST),
	KIND(0x51465506, TCP_STREAM, tcp_stream_entry, .payload = PAYLOAD_TCP),
	KIND(0x44523722, EVENTFD_FILE, eventfd_file_entry),
	KIND(0x45023858, EVENTPOLL_FILE, eventpoll_file_entry),
	KIND(0x44433746, EVENTPOLL_TFD, eventpoll_tfd_entry),
	KIND(0x57323820, SIGNALFD, signalfd_entry),
	KIND(0x48424431, INOTIFY_FILE, inotify_file_entry),
	KIND(0x54562009, INOTIFY_WD, inotify_wd_entry),
	KIND(0x55563928, MNTS, mnt_entry),
	KIND(0x57373951, NETDEV, net_device_entry),
	KIND(0x55933752, NETNS, netns_entry),
	KIND(0x59433025, TTY_FILES, tty_file_entry),
	KIND(0x59453036, TTY_INFO, tty_info_entry),
	KIND(0x59413026, TTY_DATA, tty_data_entry),
	KIND(0x54323616, FILE_LOCKS, file_lock_entry),
	KIND(0x57113925, RLIMIT, rlimit_entry),
	KIND(0x55096122, FANOTIFY_FILE, fanotify_file_entry),
	KIND(0x56506035, FANOTIFY_MARK, fanotify_mark_entry),
	KIND(0x59255647, SIGNAL, siginfo_entry),
	KIND(0x58005614, NETLINK_SK, netlink_sk_entry),
	KIND(0x61394011, NS_FILES, ns_file_entry),
	KIND(0x57143751, TUNFILE, tunfile_entry),
	KIND(0x59383330, CGROUP, cgroup_entry),
	KIND(0x50493712, TIMERFD, timerfd_entry),
	KIND(0x61404013, CPUINFO, cpuinfo_entry),
	KIND(0x55474906, USERNS, userns_entry),
	KIND(0x64413049, SECCOMP, seccomp_entry),
	KIND(0x67343323, BINFMT_MISC, binfmt_misc_entry),
	KIND(0x49353943, AUTOFS, autofs_entry),
	KIND(0x56303138, FILES, file_entry),
	KIND(0x48453499, MEMFD_INODE, memfd_inode_entry),
	KIND(0x43114433, TIMENS, timens_entry),
	KIND(0x61157326, PIDNS, pidns_entry),
	KIND(0x57506142, BPFMAP_FILE, bpfmap_file_entry),
	KIND(0x64324033, BPFMAP_DATA, bpfmap_data_entry, .payload = PAYLOAD_BPFMAP),
	KIND(0x59423047, APPARMOR, apparmor_entry),
	KIND(0x54435556, PIDFD, pidfd_entry),
	KIND(0x57093306, STATS, stats_entry, .framing = FRAMING_SERVICE),
	KIND(0x57004059, IRMAP_CACHE, irmap_cache_entry, .framing = FRAMING_SERVICE),
	{ .magic = 0x57023458, .name = "KDAT" },
};

static const struct {
	const char *pattern; /* of file names */
	const char *what;
} raw_kinds[] = {
	{ "pages-*.img", "page contents" },
	{ "ifaddr-*.img", "a dump of `ip address save`" },
	{ "route-*.img", "a dump of `ip route save`" },
	{ "route6-*.img", "a dump of `ip -6 route save`" },
	{ "rule-*.img", "a dump of `ip rule save`" },
	{ "iptables-*.img", "a dump of iptables-save" },
	{ "ip6tables-*.img", "a dump of ip6tables-save" },
	{ "nftables-*.img", "a dump of `nft list ruleset`" },
	{ "netns-ct-*.img", "a netlink dump of connection tracking" },
	{ "netns-exp-*.img", "a netlink dump of connection tracking expectations" },
	{ "tmpfs-dev-*.tar.gz.img", "a tar archive of a tmpfs" },
	{ "tmpfs-*.tar.gz.img", "a tar archive of a tmpfs" },
};

const struct image_kind *image_kind_find(uint32_t magic)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].magic == magic)
			return &kinds[i];
	return NULL;
}

void image_head_parse(const void *data, size_t len, struct image_head *out)
{
	uint32_t magic;

	*out = (struct image_head){ .framing = FRAMING_NONE };
	if (len < 4)
		return;
	magic = (uint32_t)endian_get(data, 4, false);
	if (!image_kind_find(magic) && image_kind_find(__builtin_bswap32(magic))) {
		magic = __builtin_bswap32(magic);
		out->big_endian = true;
	}
	if (magic == IMG_COMMON || magic == IMG_SERVICE) {
		out->framing = magic == IMG_COMMON ? FRAMING_COMMON : FRAMING_SERVICE;
		if (len < 8)
			return;
		magic = (uint32_t)endian_get((const uint8_t *)data + 4, 4, out->big_endian);
	}
	out->magic = magic;
	out->kind = image_kind_find(magic);
	out->len = out->framing == FRAMING_NONE ? 4 : 8;
}

const struct image_kind *image_kind_named(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].message && strlen(kinds[i].name) == len &&
		    !memcmp(kinds[i].name, name, len))
			return &kinds[i];
	return NULL;
}

const char *image_kind_name(uint32_t magic)
{
	const struct image_kind *kind = image_kind_find(magic);

	return kind ? kind->name : NULL;
}

const char *image_raw_kind(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(raw_kinds); i++)
		if (!fnmatch(raw_kinds[i].pattern, name, 0))
			return raw_kinds[i].what;
	return NULL;
}
