// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * kinds.c - which images a checkpoint can have, by name. A new kind of image is a row here; its
 * magic and message are in image/kinds.c.
 *
 * Rows with a reason at the end are read and their form is checked, but nothing in them is compared
 * with anything: what is in them is for the kernel or for other programs to judge.
 */
#include <stddef.h>
#include <string.h>

#include "cgroup.pb-c.h"
#include "check/check.h"
#include "cpuinfo.pb-c.h"
#include "fdtable.pb-c.h"
#include "inventory.pb-c.h"
#include "ipc.pb-c.h"
#include "memory.pb-c.h"
#include "pstree.pb-c.h"
#include "security.pb-c.h"
#include "task.pb-c.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Kept in the list SET. */
#define KEPT(name_, magic_, message_, set_, ...)                                                \
	{                                                                                       \
		.name = (name_), .magic = (magic_), .message = &criu__##message_##__descriptor, \
		.set = SET_##set_, ##__VA_ARGS__                                                \
	}
/* One record each. */
#define SINGLE(name_, magic_, message_, set_) \
	KEPT(name_, magic_, message_, set_, .single = true)
/* Before CRIU 3.4 each type of open file had an image of its own. */
#define OLD_FILES(name_, magic_, message_, type_, field_)                      \
	KEPT(name_, magic_, message_, FILES, .file_type = CRIU__FD_TYPES__##type_, \
	     .file_field = offsetof(Criu__FileEntry, field_))
/* Known by name, without records that are kept. */
#define NAMED(name_, magic_, set_) { .name = (name_), .magic = (magic_), .set = SET_##set_ }
#define FORM(name_, magic_, why) { .name = (name_), .magic = (magic_), .not_checked = (why) }
#define RAW(name_, why) { .name = (name_), .not_checked = (why) }
/* What `ip` saves begins with a number, even when there is nothing. */
#define RAW_IP(name_, why) { .name = (name_), .not_empty = true, .not_checked = (why) }

#define OLD_TIMES "in the way of CRIU before 1.6"

static const struct kind_row rows[] = {
	SINGLE("inventory.img", "INVENTORY", inventory_entry, INVENTORY),
	KEPT("pstree.img", "PSTREE", pstree_entry, PSTREE),
	SINGLE("core-#.img", "CORE", core_entry, CORE),
	SINGLE("ids-#.img", "IDS", task_kobj_ids_entry, IDS),
	SINGLE("mm-#.img", "MM", mm_entry, MM),
	NAMED("pagemap-#.img", "PAGEMAP", PAGEMAP),
	NAMED("pagemap-shmem-#.img", "PAGEMAP", PAGEMAP_SHMEM),
	NAMED("pages-#.img", NULL, PAGES),
	KEPT("fdinfo-#.img", "FDINFO", fdinfo_entry, FDINFO),
	KEPT("files.img", "FILES", file_entry, FILES),
	SINGLE("fs-#.img", "FS", fs_entry, FS),
	KEPT("remap-fpath.img", "REMAP_FPATH", remap_file_path_entry, REMAP),
	KEPT("ghost-file-%.img", "GHOST_FILE", ghost_file_entry, GHOST),
	KEPT("pipes-data.img", "PIPES_DATA", pipe_data_entry, PIPES_DATA),
	KEPT("fifo-data.img", "FIFO_DATA", pipe_data_entry, FIFO_DATA),
	KEPT("sk-queues.img", "SK_QUEUES", sk_packet_entry, QUEUES),
	SINGLE("tcp-stream-%.img", "TCP_STREAM", tcp_stream_entry, TCP_STREAM),
	KEPT("tty-info.img", "TTY_INFO", tty_info_entry, TTY_INFO),
	KEPT("tty-data.img", "TTY_DATA", tty_data_entry, TTY_DATA),
	KEPT("memfd.img", "MEMFD_INODE", memfd_inode_entry, MEMFD),
	KEPT("filelocks.img", "FILE_LOCKS", file_lock_entry, LOCKS),
	KEPT("mountpoints-#.img", "MNTS", mnt_entry, MOUNTS),
	SINGLE("cgroup.img", "CGROUP", cgroup_entry, CGROUP),
	SINGLE("seccomp.img", "SECCOMP", seccomp_entry, SECCOMP),
	SINGLE("creds-#.img", "CREDS", creds_entry, CREDS),
	SINGLE("utsns-#.img", "UTSNS", utsns_entry, UTS),
	SINGLE("userns-#.img", "USERNS", userns_entry, USERNS),
	SINGLE("pidns-#.img", "PIDNS", pidns_entry, PIDNS),
	SINGLE("timens-#.img", "TIMENS", timens_entry, TIMENS),
	SINGLE("netns-#.img", "NETNS", netns_entry, NETNS),
	KEPT("netdev-#.img", "NETDEV", net_device_entry, NETDEV),
	SINGLE("ipcns-var-#.img", "IPC_VAR", ipc_var_entry, IPC_VAR),
	KEPT("ipcns-shm-#.img", "IPCNS_SHM", ipc_shm_entry, IPC_SHM),
	KEPT("ipcns-sem-#.img", "IPCNS_SEM", ipc_sem_entry, IPC_SEM),
	KEPT("ipcns-msg-#.img", "IPCNS_MSG", ipc_msg_entry, IPC_MSG),
	SINGLE("cpuinfo.img", "CPUINFO", cpuinfo_entry, CPUINFO),

	OLD_FILES("reg-files.img", "REG_FILES", reg_file_entry, REG, reg),
	OLD_FILES("pipes.img", "PIPES", pipe_entry, PIPE, pipe),
	OLD_FILES("fifo.img", "FIFO", fifo_entry, FIFO, fifo),
	OLD_FILES("unixsk.img", "UNIXSK", unix_sk_entry, UNIXSK, usk),
	OLD_FILES("inetsk.img", "INETSK", inet_sk_entry, INETSK, isk),
	OLD_FILES("packetsk.img", "PACKETSK", packet_sock_entry, PACKETSK, psk),
	OLD_FILES("netlinksk.img", "NETLINK_SK", netlink_sk_entry, NETLINKSK, nlsk),
	OLD_FILES("eventfd.img", "EVENTFD_FILE", eventfd_file_entry, EVENTFD, efd),
	OLD_FILES("eventpoll.img", "EVENTPOLL_FILE", eventpoll_file_entry, EVENTPOLL, epfd),
	OLD_FILES("signalfd.img", "SIGNALFD", signalfd_entry, SIGNALFD, sgfd),
	OLD_FILES("timerfd.img", "TIMERFD", timerfd_entry, TIMERFD, tfd),
	OLD_FILES("inotify.img", "INOTIFY_FILE", inotify_file_entry, INOTIFY, ify),
	OLD_FILES("fanotify.img", "FANOTIFY_FILE", fanotify_file_entry, FANOTIFY, ffy),
	OLD_FILES("tty.img", "TTY_FILES", tty_file_entry, TTY, tty),
	OLD_FILES("ns-files.img", "NS_FILES", ns_file_entry, NS, nsf),
	OLD_FILES("tunfile.img", "TUNFILE", tunfile_entry, TUNF, tunf),
	OLD_FILES("ext-files.img", "EXT_FILES", ext_file_entry, EXT, ext),

	FORM("vmas-#.img", "VMAS", OLD_TIMES),
	FORM("sigacts-#.img", "SIGACT", OLD_TIMES),
	FORM("itimers-#.img", "ITIMERS", OLD_TIMES),
	FORM("posix-timers-#.img", "POSIX_TIMERS", OLD_TIMES),
	FORM("rlimit-#.img", "RLIMIT", OLD_TIMES),
	FORM("signal-s-#.img", "SIGNAL", OLD_TIMES),
	FORM("signal-p-#.img", "SIGNAL", OLD_TIMES),
	FORM("eventpoll-tfd.img", "EVENTPOLL_TFD", OLD_TIMES),
	FORM("inotify-wd.img", "INOTIFY_WD", OLD_TIMES),
	FORM("fanotify-mark.img", "FANOTIFY_MARK", OLD_TIMES),
	FORM("bpfmap-file.img", "BPFMAP_FILE", "BPF maps are for the kernel to judge"),
	FORM("bpfmap-data.img", "BPFMAP_DATA", "BPF maps are for the kernel to judge"),
	FORM("apparmor.img", "APPARMOR", "profiles are for the kernel to judge"),
	FORM("autofs-#.img", "AUTOFS", "the automounter is for the kernel to judge"),
	FORM("binfmt-misc.img", "BINFMT_MISC", "interpreters are for the kernel to judge"),
	FORM("binfmt-misc-#.img", "BINFMT_MISC", "interpreters are for the kernel to judge"),
	FORM("pidfd.img", "PIDFD", "files.img has what counts"),
	FORM("stats-dump.img", "STATS", "a restore does not read it"),
	FORM("stats-restore.img", "STATS", "a restore does not read it"),
	FORM("irmap-cache.img", "IRMAP_CACHE", "a restore does not read it"),

	RAW_IP("ifaddr-#.img", "a dump of `ip address save`"),
	RAW_IP("route-#.img", "a dump of `ip route save`"),
	RAW_IP("route6-#.img", "a dump of `ip -6 route save`"),
	RAW_IP("rule-#.img", "a dump of `ip rule save`"),
	RAW("iptables-#.img", "a dump of iptables-save"),
	RAW("ip6tables-#.img", "a dump of ip6tables-save"),
	RAW("nftables-#.img", "a dump of `nft list ruleset`"),
	RAW("netns-ct-#.img", "a netlink dump of connection tracking"),
	RAW("netns-exp-#.img", "a netlink dump of connection tracking expectations"),
	RAW("tmpfs-#.tar.gz.img", "a tar archive of a tmpfs"),
	RAW("tmpfs-dev-#.tar.gz.img", "a tar archive of a tmpfs"),
	RAW("pages-shmem-#.img", "shared memory " OLD_TIMES),
};

static int digit_of(char c, unsigned int base)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return base == 16 && c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/** A number as CRIU prints it, without zeros in front. @return behind it; NULL: it is none. */
static const char *take_number(const char *s, unsigned int base, uint64_t *out)
{
	const char *start = s;

	for (*out = 0; digit_of(*s, base) >= 0; s++)
		if (__builtin_mul_overflow(*out, (uint64_t)base, out) ||
		    __builtin_add_overflow(*out, (uint64_t)digit_of(*s, base), out))
			return NULL;
	return s == start || (*start == '0' && s > start + 1) ? NULL : s;
}

static bool matches(const char *pattern, const char *name, uint64_t *number)
{
	*number = 0;
	for (; *pattern; pattern++) {
		if (*pattern == '#' || *pattern == '%') {
			name = take_number(name, *pattern == '#' ? 10 : 16, number);
			if (!name)
				return false;
		} else if (*name++ != *pattern) {
			return false;
		}
	}
	return !*name;
}

const struct kind_row *kind_of_name(const char *name, uint64_t *number)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (matches(rows[i].name, name, number))
			return &rows[i];
	*number = 0;
	return NULL;
}
