// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * events.c - a process that waits for everything: epoll on other epolls, watches on files, timers
 * of each kind, signals, processes. It holds locks and sealed memory, too.
 *
 *	events DIRECTORY	where the files go
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>

#include "ready.h"

enum { SIZE = 8192, FAR = 100000 /* seconds */ };

static int need(int result)
{
	if (result < 0) {
		perror("events");
		exit(1);
	}
	return result;
}

static void watch(int epoll, int fd, uint64_t data)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = data };

	need(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
}

static int make_watches(void)
{
	int inotify = need(inotify_init1(IN_NONBLOCK));
	int fanotify = need(fanotify_init(FAN_CLASS_NOTIF, O_RDONLY));

	need(mkdir("watched", 0700));
	need(inotify_add_watch(inotify, "watched", IN_CREATE | IN_DELETE));
	need(inotify_add_watch(inotify, "locked", IN_MODIFY));
	need(fanotify_mark(fanotify, FAN_MARK_ADD, FAN_MODIFY, AT_FDCWD, "locked"));
	need(fanotify_mark(fanotify, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_MODIFY, AT_FDCWD, "mnt"));
	return inotify;
}

static void make_timers(int epoll)
{
	struct itimerspec far = { { 10, 0 }, { FAR, 0 } };
	struct itimerval real = { { 7, 0 }, { FAR, 0 } };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2 };
	int fd = need(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
	timer_t timer;

	need(timerfd_settime(fd, 0, &far, NULL));
	watch(epoll, fd, 1);
	need(timer_create(CLOCK_MONOTONIC, &event, &timer));
	need(timer_settime(timer, 0, &far, NULL));
	event.sigev_notify = SIGEV_NONE;
	need(timer_create(CLOCK_REALTIME, &event, &timer));
	need(setitimer(ITIMER_REAL, &real, NULL));
}

static void make_signals(int epoll)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMIN + 3);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	watch(epoll, need(signalfd(-1, &set, SFD_NONBLOCK)), 2);
}

static void make_locks(void)
{
	struct flock range = { .l_type = F_WRLCK, .l_start = 10, .l_len = 20 };
	struct flock open_range = { .l_type = F_RDLCK, .l_start = 100, .l_len = 5 };
	int file = need(open("locked", O_RDWR | O_CREAT | O_TRUNC, 0600));
	int whole = need(open("whole", O_RDWR | O_CREAT | O_TRUNC, 0600));
	int leased;

	need(fcntl(file, F_SETLK, &range));
	need(fcntl(file, F_OFD_SETLK, &open_range));
	need(flock(whole, LOCK_EX));
	close(need(open("leased", O_RDWR | O_CREAT | O_TRUNC, 0600)));
	leased = need(open("leased", O_RDONLY));
	need(fcntl(leased, F_SETLEASE, F_RDLCK));
}

static void make_sealed(void)
{
	int box = need(memfd_create("sealed", MFD_ALLOW_SEALING));
	int plain = need(memfd_create("plain", 0));
	char *boxed;

	need(ftruncate(box, SIZE));
	need(ftruncate(plain, SIZE));
	boxed = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, box, 0);
	memset(boxed, 'S', SIZE);
	munmap(boxed, SIZE);
	need(fcntl(box, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK));
	mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, box, 0);
}

/** A process that is there, and, when the kernel can, one that is not any more. */
static void make_pidfds(void)
{
	pid_t child = need(fork()), gone;

	if (!child) {
		forget_ready();
		stay();
	}
	need((int)syscall(SYS_pidfd_open, child, 0));
	gone = need(fork());
	if (!gone)
		_exit(0);
	need((int)syscall(SYS_pidfd_open, gone, 0));
	need(waitpid(gone, NULL, 0));
}

int main(int argc, char **argv)
{
	int inner, outer;

	if (argc != 2)
		return 2;
	need(chdir(argv[1]));
	inner = need(epoll_create1(0));
	outer = need(epoll_create1(EPOLL_CLOEXEC));
	watch(outer, inner, 3);
	watch(inner, need(eventfd(5, EFD_SEMAPHORE | EFD_NONBLOCK)), 4);
	make_locks();
	watch(inner, make_watches(), 5);
	make_timers(inner);
	make_signals(outer);
	make_sealed();
	make_pidfds();
	ready();
	stay();
}
