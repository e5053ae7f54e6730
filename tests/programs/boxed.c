// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * boxed.c - a process in namespaces of its own: mounts (a root of its own with a few mounts in it),
 * System V objects, host name, network. It begins as a copy of itself in the new root, so that
 * nothing of it is outside.
 *
 *	boxed DIRECTORY		an empty one, where the root goes
 */
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "ready.h"

enum { SIZE = 16384 };

static int need(int result, const char *what)
{
	if (result < 0) {
		perror(what);
		exit(1);
	}
	return result;
}

static void copy_program(const char *to)
{
	int from = need(open("/proc/self/exe", O_RDONLY), "exe");
	int out = need(open(to, O_WRONLY | O_CREAT, 0755), to);

	while (need((int)sendfile(out, from, NULL, 1 << 20), "copy") > 0)
		;
	close(from);
	close(out);
}

static void make_mount(const char *what, const char *where, const char *type, unsigned long flags)
{
	need(mkdir(where, 0755), where);
	need(mount(what, where, type, flags, NULL), where);
}

/** The folder becomes the root; below it are mounts of each kind. */
static void make_root(const char *folder)
{
	need(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
	need(mount(folder, folder, NULL, MS_BIND, NULL), folder);
	need(chdir(folder), folder);
	copy_program("boxed");
	make_mount("proc", "proc", "proc", 0);
	make_mount("kept", "kept", "tmpfs", MS_NOSUID);
	need(mkdir("kept/inner", 0700), "inner");
	need(close(open("kept/file", O_WRONLY | O_CREAT, 0600)), "file");
	make_mount("kept/inner", "bound", NULL, MS_BIND);
	need(mount(NULL, "kept", NULL, MS_SHARED, NULL), "shared");
	need(mkdir("old", 0755), "old");
	need((int)syscall(SYS_pivot_root, ".", "old"), "pivot_root");
	need(chdir("/"), "/");
	need(umount2("/old", MNT_DETACH), "old");
}

static void make_objects(void)
{
	struct { long type; char text[8]; } message = { 3, "message" };
	int shm = need(shmget(77, SIZE, IPC_CREAT | 0600), "shmget");
	int other = need(shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0600), "shmget");
	int sem = need(semget(78, 3, IPC_CREAT | 0600), "semget");
	int msg = need(msgget(79, IPC_CREAT | 0600), "msgget");

	memset(shmat(shm, NULL, 0), 'M', SIZE);
	memset(shmat(other, NULL, 0), 'O', SIZE / 2);
	need(semctl(sem, 1, SETVAL, 5), "semctl");
	need(msgsnd(msg, &message, 8, 0), "msgsnd");
	need(msgsnd(msg, &message, 3, 0), "msgsnd");
}

/** Set what is not so in a new namespace. */
static void make_network(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = need(socket(AF_INET, SOCK_DGRAM, 0), "socket");
	int setting = need(open("/proc/sys/net/ipv4/conf/default/rp_filter", O_WRONLY), "sysctl");

	need(ioctl(fd, SIOCSIFFLAGS, &lo), "lo");
	need((int)write(setting, "2", 1), "sysctl");
	close(fd);
	close(setting);
}

static void be_inside(void)
{
	need(sethostname("boxed-host", 10), "sethostname");
	need(setdomainname("boxed-domain", 12), "setdomainname");
	make_objects();
	make_network();
	need(open("/kept/file", O_RDONLY), "file");
	need(open("/proc/self/ns/uts", O_RDONLY), "uts");
	need(open("/bound", O_RDONLY | O_DIRECTORY), "bound");
	ready();
	stay();
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	if (!strcmp(argv[1], "inside"))
		be_inside();
	need(unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET), "unshare");
	make_root(argv[1]);
	for (int fd = 0; fd < 3; fd++)
		close(fd); // they are on mounts outside
	need(execl("/boxed", "boxed", "inside", NULL), "/boxed");
}
