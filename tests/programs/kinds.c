// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * kinds.c - one or more kinds of memory, each with known bytes in known pages.
 *
 *	kinds DIRECTORY KIND...
 *
 * Files are made in DIRECTORY. Page i of an area with tag t holds the byte t + i throughout, but
 * for its first word, which is its own number: a page at the wrong place shows. A kind that this
 * machine cannot make is said on $READY_FD instead of "r".
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/syscall.h>

#include "ready.h"

enum { PAGE = 4096, HUGE = 2 << 20, RW = PROT_READ | PROT_WRITE };

// Of newer kernels than the headers of some distributions.
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif
#ifndef MAP_DROPPABLE
#define MAP_DROPPABLE 0x08
#endif

static const char *directory;

static void refuse(const char *kind, const char *what)
{
	const char *fd = getenv("READY_FD");

	dprintf(fd ? atoi(fd) : 2, "%s: %s: %s", kind, what, strerror(errno));
	_exit(1);
}

static void fill(unsigned char *at, unsigned int tag, unsigned int page)
{
	uint64_t number = page;

	memset(at, (int)(tag + page), PAGE);
	memcpy(at, &number, sizeof(number));
}

static void paint(unsigned char *area, unsigned int tag, unsigned int page)
{
	fill(area + (size_t)page * PAGE, tag, page);
}

/* Neighbours are kept from merging by a page without access. */
static unsigned char *map(const char *kind, size_t len, int prot, int flags, int fd, off_t off)
{
	unsigned char *area = mmap(NULL, len, prot, flags, fd, off);

	if (area == MAP_FAILED)
		refuse(kind, "mmap");
	mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return area;
}

static int make_file(const char *kind, const char *name, unsigned int nr_pages, unsigned int tag)
{
	static unsigned char page[PAGE];
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", directory, name);

	int fd = open(path, O_CREAT | O_RDWR | O_TRUNC, 0600);

	if (fd < 0)
		refuse(kind, path);
	for (unsigned int i = 0; i < nr_pages; i++) {
		fill(page, tag, i);
		if (write(fd, page, PAGE) != PAGE)
			refuse(kind, "write");
	}
	return fd;
}

static void remove_file(const char *kind, const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (unlink(path))
		refuse(kind, path);
}

/* A second process sees the area from another offset on. */
static void in_a_child(unsigned char *area, size_t len, size_t off)
{
	if (fork())
		return;
	forget_ready();
	munmap(area, off);
	mremap(area + off, len - off, len - off, MREMAP_MAYMOVE | MREMAP_FIXED,
	       (void *)0x5000000000);
	stay();
}

static void anon_shared(const char *kind)
{
	unsigned char *area = map(kind, 8 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	for (unsigned int i = 0; i < 8; i += 1 + (i == 3))
		paint(area, 0x10, i);
	in_a_child(area, 8 * PAGE, 3 * PAGE);
}

static void memfd(const char *kind)
{
	int fd = memfd_create("sealed", MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, 9 * PAGE))
		refuse(kind, "memfd_create");

	unsigned char *area = map(kind, 9 * PAGE, RW, MAP_SHARED, fd, 0);

	paint(area, 0x20, 1);
	paint(area, 0x20, 5);
	paint(area, 0x20, 8);
	map(kind, 4 * PAGE, PROT_READ, MAP_SHARED, fd, 5 * PAGE);
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
		refuse(kind, "F_ADD_SEALS");
	in_a_child(area, 9 * PAGE, 4 * PAGE);
}

static void memfd_private(const char *kind)
{
	int fd = memfd_create("copied", 0);

	if (fd < 0 || ftruncate(fd, 6 * PAGE))
		refuse(kind, "memfd_create");

	unsigned char *all = map(kind, 6 * PAGE, RW, MAP_SHARED, fd, 0);
	unsigned char *copy = map(kind, 5 * PAGE, RW, MAP_PRIVATE, fd, PAGE);

	for (unsigned int i = 0; i < 6; i += 2)
		paint(all, 0x30, i);
	paint(copy, 0x38, 3);
	close(fd);
}

static void memfd_huge(const char *kind)
{
	int fd = memfd_create("huge", MFD_HUGETLB);

	if (fd < 0 || ftruncate(fd, HUGE))
		refuse(kind, "memfd_create");

	unsigned char *area = map(kind, HUGE, RW, MAP_SHARED, fd, 0);

	for (unsigned int i = 0; i < 512; i += 37)
		paint(area, 0x40, i);
}

static void hugetlb(const char *kind)
{
	unsigned char *area = map(kind, HUGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	unsigned char *shared = map(kind, HUGE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB, -1,
				    0);

	for (unsigned int i = 0; i < 512; i += 41) {
		paint(area, 0x48, i);
		paint(shared, 0x50, i);
	}
}

static void sysv(const char *kind)
{
	// CRIU takes segments only of tasks that have left its own IPC namespace.
	if (unshare(CLONE_NEWIPC))
		refuse(kind, "unshare");

	int id = shmget(IPC_PRIVATE, 5 * PAGE, IPC_CREAT | 0600);
	unsigned char *area = id < 0 ? (void *)-1 : shmat(id, NULL, 0);

	if (area == (void *)-1 || shmat(id, NULL, SHM_RDONLY) == (void *)-1)
		refuse(kind, "shmat");
	paint(area, 0x60, 1);
	paint(area, 0x60, 4);
	in_a_child(area, 5 * PAGE, PAGE);
}

static void thp(const char *kind)
{
	unsigned char *area = map(kind, 3 * HUGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char *huge = area + (-(uintptr_t)area & (HUGE - 1));

	if (madvise(huge, 2 * HUGE, MADV_HUGEPAGE))
		refuse(kind, "madvise");
	for (unsigned int i = 0; i < 512; i += 51)
		paint(huge, 0x68, i);
	paint(huge, 0x68, 700);
}

static void aio(const char *kind)
{
	aio_context_t context = 0;

	if (syscall(SYS_io_setup, 64, &context))
		refuse(kind, "io_setup");
}

static void guard(const char *kind)
{
	unsigned char *area = map(kind, 8 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (unsigned int i = 0; i < 8; i++)
		paint(area, 0x70, i);
	if (madvise(area + 2 * PAGE, 2 * PAGE, MADV_GUARD_INSTALL))
		refuse(kind, "madvise");
}

static void growsdown(const char *kind)
{
	// Room below, so that nothing is in the way of growing.
	unsigned char *room = map(kind, 512 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(room, 512 * PAGE);

	unsigned char *area = mmap(room + 500 * PAGE, 4 * PAGE, RW,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0);

	if (area == MAP_FAILED)
		refuse(kind, "mmap");
	for (unsigned int i = 3; i > 0; i--)
		paint(area, 0x78, i);
	for (unsigned int i = 1; i < 6; i++)
		memset(area - (size_t)i * PAGE, (int)(0x7f - i), PAGE);
}

static void hidden(const char *kind)
{
	unsigned char *area = map(kind, 6 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	paint(area, 0x80, 1);
	paint(area, 0x80, 4);
	mprotect(area, 6 * PAGE, PROT_NONE);
}

static void file_private(const char *kind)
{
	int fd = make_file(kind, "private", 8, 0x88);
	unsigned char *area = map(kind, 8 * PAGE, RW, MAP_PRIVATE, fd, 0);

	paint(area, 0x90, 2);
	paint(area, 0x90, 5);
	mprotect(area + 5 * PAGE, PAGE, PROT_READ);
	map(kind, 3 * PAGE, PROT_READ, MAP_PRIVATE, fd, 4 * PAGE);
	close(fd);
}

static void file_shared(const char *kind)
{
	int fd = make_file(kind, "shared", 6, 0x98);
	unsigned char *area = map(kind, 6 * PAGE, RW, MAP_SHARED, fd, 0);

	paint(area, 0xa0, 3);
	map(kind, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 3 * PAGE);
	close(fd);
}

/* The file ends in the middle of its third page; the mapping goes on for three more. */
static void past_eof(const char *kind)
{
	int fd = make_file(kind, "short", 3, 0xa8);

	if (ftruncate(fd, 2 * PAGE + 1000))
		refuse(kind, "ftruncate");
	map(kind, 6 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

	unsigned char *area = map(kind, 6 * PAGE, RW, MAP_PRIVATE, fd, 0);

	memset(area + 2 * PAGE + 2000, 0xaf, 10);
	close(fd);
}

static void ghost(const char *kind)
{
	int fd = make_file(kind, "ghost", 5, 0xb0);

	map(kind, 5 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

	unsigned char *area = map(kind, 4 * PAGE, RW, MAP_SHARED, fd, PAGE);
	unsigned char *copy = map(kind, 5 * PAGE, RW, MAP_PRIVATE, fd, 0);

	paint(area, 0xb8, 2);
	paint(copy, 0xc0, 1);
	remove_file(kind, "ghost");
}

/* Data at both ends and in the middle of 48 MiB that are not there. */
static void ghost_sparse(const char *kind)
{
	enum { NR_PAGES = 12288 };
	int fd = make_file(kind, "sparse", 2, 0xc8);

	if (ftruncate(fd, (off_t)NR_PAGES * PAGE + 100))
		refuse(kind, "ftruncate");

	unsigned char *area = map(kind, (size_t)(NR_PAGES + 1) * PAGE, RW, MAP_SHARED, fd, 0);

	paint(area, 0xd0, 5000);
	paint(area, 0xd0, 5001);
	paint(area, 0xd0, NR_PAGES - 1);
	memset(area + (size_t)NR_PAGES * PAGE, 0xd7, 100);
	remove_file(kind, "sparse");
}

static void link_remap(const char *kind)
{
	char first[4096], second[4096];
	int fd = make_file(kind, "linked", 4, 0xd8);

	snprintf(first, sizeof(first), "%s/linked", directory);
	snprintf(second, sizeof(second), "%s/other-name", directory);
	if (link(first, second))
		refuse(kind, "link");
	map(kind, 4 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	remove_file(kind, "linked");
}

static void droppable(const char *kind)
{
	unsigned char *area = map(kind, 4 * PAGE, RW, MAP_DROPPABLE | MAP_ANONYMOUS, -1, 0);

	paint(area, 0xe0, 1);
}

static void dev_zero(const char *kind)
{
	int fd = open("/dev/zero", O_RDWR);

	if (fd < 0)
		refuse(kind, "/dev/zero");

	unsigned char *area = map(kind, 4 * PAGE, RW, MAP_PRIVATE, fd, 0);
	unsigned char *shared = map(kind, 4 * PAGE, RW, MAP_SHARED, fd, 0);

	paint(area, 0xe8, 2);
	paint(shared, 0xf0, 1);
	close(fd);
}

static void shadow_stack(const char *kind)
{
	enum { SYS_MAP_SHADOW_STACK = 453, SET_TOKEN = 1 };

	if (syscall(SYS_MAP_SHADOW_STACK, 0, 4 * PAGE, SET_TOKEN) < 0)
		refuse(kind, "map_shadow_stack");
}

/* Runs of the pagemap that begin and end at no border of a mapping. */
static void adjacent(const char *kind)
{
	unsigned char *area = map(kind, 64 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (unsigned int i = 0; i < 64; i += 1 + (i % 11 == 10))
		paint(area, 0x01, i);
	mprotect(area + 16 * PAGE, 16 * PAGE, PROT_READ);
	mprotect(area + 40 * PAGE, PAGE, PROT_NONE);
}

static const struct kind {
	const char *name;
	void (*make)(const char *name);
} kinds[] = {
	{"sysv", sysv}, // first: it leaves a namespace
	{"adjacent", adjacent},
	{"aio", aio},
	{"anon-shared", anon_shared},
	{"dev-zero", dev_zero},
	{"droppable", droppable},
	{"file-private", file_private},
	{"file-shared", file_shared},
	{"ghost", ghost},
	{"ghost-sparse", ghost_sparse},
	{"growsdown", growsdown},
	{"guard", guard},
	{"hidden", hidden},
	{"hugetlb", hugetlb},
	{"link-remap", link_remap},
	{"memfd", memfd},
	{"memfd-huge", memfd_huge},
	{"memfd-private", memfd_private},
	{"past-eof", past_eof},
	{"shadow-stack", shadow_stack},
	{"thp", thp},
};

static bool wanted(const char *name, char **names)
{
	for (; *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	directory = argv[1];
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (wanted(kinds[i].name, argv + 2))
			kinds[i].make(kinds[i].name);
	ready();
	stay();
}
