// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mem.c - a mapping of many kinds, each with known bytes in known pages.
 *
 * Page i of the area with tag t holds the byte t + i throughout, so that a page at the wrong place
 * shows. argv[1] is a directory for files that stay; without it the file mappings are left out.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "ready.h"

enum { PAGE = 4096, RW = PROT_READ | PROT_WRITE, PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS };

unsigned char *anon, *zero_page, *none, *hidden, *locked, *down, *holes, *code, *undumped, *big;
unsigned char *copied, *plain, *shared, *object, *readonly;
unsigned char *brk_area;
unsigned char bss[5 * PAGE];

static void paint(unsigned char *area, unsigned int tag, unsigned int page)
{
	memset(area + page * PAGE, (int)(tag + page), PAGE);
}

/* Two guard pages keep neighbours from merging. */
static unsigned char *map(size_t nr_pages, int prot, int flags, int fd)
{
	unsigned char *area = mmap(NULL, nr_pages * PAGE, prot, flags, fd, 0);

	if (area == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	mmap(NULL, 2 * PAGE, PROT_NONE, PRIVATE, -1, 0);
	return area;
}

static void anonymous(void)
{
	volatile unsigned char sink = 0;

	anon = map(40, RW, PRIVATE, -1);
	for (unsigned int i = 0; i < 40; i += i % 7 + 1)
		paint(anon, 1, i);
	zero_page = map(6, RW, PRIVATE, -1);
	for (int i = 0; i < 6; i++)
		sink += zero_page[i * PAGE];
	(void)sink;
	memset(zero_page + 4 * PAGE, 0, PAGE);
	none = map(3, PROT_NONE, PRIVATE, -1);
	hidden = map(4, RW, PRIVATE, -1);
	paint(hidden, 0x20, 1);
	mprotect(hidden, 4 * PAGE, PROT_NONE);
	locked = map(2, RW, PRIVATE | MAP_LOCKED, -1);
	paint(locked, 0x28, 1);
	down = map(4, RW, PRIVATE | MAP_GROWSDOWN, -1);
	paint(down, 0x30, 3);
	holes = map(9, RW, PRIVATE, -1);
	for (unsigned int i = 0; i < 9; i++)
		paint(holes, 0x40, i);
	munmap(holes + 4 * PAGE, 2 * PAGE);
	madvise(holes + 7 * PAGE, PAGE, MADV_DONTNEED);
	code = map(1, RW, PRIVATE, -1);
	memcpy(code, "\x31\xc0\xc3", 3);
	mprotect(code, PAGE, PROT_READ | PROT_EXEC);
	undumped = map(2, RW, PRIVATE, -1);
	paint(undumped, 0x50, 0);
	madvise(undumped, 2 * PAGE, MADV_DONTDUMP);
	big = map(1024, RW, PRIVATE, -1);
	paint(big, 0x58, 0);
	paint(big, 0x58, 511);
	paint(big, 0x58, 1023);
}

static void files(const char *directory)
{
	char path[512];
	unsigned char page[PAGE];

	snprintf(path, sizeof(path), "%s/mapped.bin", directory);
	int fd = open(path, O_CREAT | O_RDWR | O_TRUNC, 0600);

	for (unsigned int i = 0; i < 6; i++) {
		memset(page, (int)(0x70 + i), sizeof(page));
		if (write(fd, page, sizeof(page)) != sizeof(page))
			exit(2);
	}
	copied = map(6, RW, MAP_PRIVATE, fd);
	paint(copied, 0x80, 2);
	plain = map(6, PROT_READ, MAP_PRIVATE, fd);
	shared = map(6, RW, MAP_SHARED, fd);
	readonly = map(2, PROT_READ, MAP_SHARED, fd);
	close(fd);
	fd = memfd_create("object", 0);
	if (ftruncate(fd, 3 * PAGE))
		exit(2);
	object = map(3, RW, MAP_SHARED, fd);
	paint(object, 0x90, 1);
	close(fd);
}

int main(int argc, char **argv)
{
	anonymous();
	if (argc > 1)
		files(argv[1]);
	brk_area = sbrk(3 * PAGE);
	memset(brk_area + PAGE, 0xb7, PAGE);
	memset(bss + 2 * PAGE, 0xbb, PAGE);
	ready();
	stay();
}
