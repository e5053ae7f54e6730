// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * held.c - a process that holds one of each: descriptors that lead to each other, data under way,
 * shared memory, a deleted file, a thread, a child in a session of its own, a zombie. For
 * checkpoints that are then damaged.
 *
 *	held DIRECTORY		where the files go
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "ready.h"

enum { SIZE = 16384 };

static int need(int result)
{
	if (result < 0) {
		perror("held");
		exit(1);
	}
	return result;
}

static void *wait_for_ever(void *arg)
{
	(void)arg;
	stay();
	return NULL;
}

static void send_descriptor(int socket, int fd)
{
	char control[CMSG_SPACE(sizeof(fd))] = { 0 };
	struct iovec data = { (char[]){ 'x' }, 1 };
	struct msghdr msg = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&msg);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	need((int)sendmsg(socket, &msg, 0));
}

static void make_pipes_and_sockets(int file)
{
	struct sockaddr_un name = { AF_UNIX, "" };
	struct epoll_event event = { .events = EPOLLIN };
	int ends[2], pair[2], epoll, listening;

	need(pipe(ends));
	need((int)write(ends[1], "hello", 5));
	need(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	need((int)write(pair[0], "data", 4));
	send_descriptor(pair[0], file);
	epoll = need(epoll_create1(0));
	need(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event));
	need(epoll_ctl(epoll, EPOLL_CTL_ADD, pair[1], &event));
	listening = need(socket(AF_UNIX, SOCK_STREAM, 0));
	snprintf(name.sun_path + 1, sizeof(name.sun_path) - 1, "held-%d", getpid());
	need(bind(listening, (struct sockaddr *)&name, sizeof(name)));
	need(listen(listening, 3));
}

static void make_others(void)
{
	sigset_t set;

	need(eventfd(5, 0));
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	need(signalfd(-1, &set, 0));
	need(timerfd_create(CLOCK_MONOTONIC, 0));
}

static void make_memory(void)
{
	int box = need(memfd_create("box", 0));
	char *shared = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char *own = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *boxed;

	need(ftruncate(box, SIZE));
	boxed = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, box, 0);
	memset(shared, 'S', SIZE / 2);
	memset(own, 'P', SIZE);
	memset(boxed, 'B', SIZE / 2);
}

static int make_files(void)
{
	int file = need(open("kept", O_RDWR | O_CREAT | O_TRUNC, 0600));
	int gone = need(open("gone", O_RDWR | O_CREAT | O_TRUNC, 0600));

	need((int)write(file, "kept\n", 5));
	need((int)write(gone, "gone\n", 5));
	need(unlink("gone"));
	return file;
}

static void make_children(void)
{
	siginfo_t info;
	pid_t child = need(fork());

	if (!child) {
		forget_ready();
		setsid();
		stay();
	}
	child = need(fork());
	if (!child)
		_exit(7);
	waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc != 2)
		return 2;
	need(chdir(argv[1]));
	make_pipes_and_sockets(make_files());
	make_others();
	make_memory();
	make_children();
	if (pthread_create(&thread, NULL, wait_for_ever, NULL))
		return 1;
	ready();
	stay();
}
