// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What searching memory costs beside memmem() over the mapped pages image:
 *
 *	bench_search DIR KIND PATTERN [LITERAL]
 *
 * KIND is text, hex, int (of 8 bytes, aligned) or regex. LITERAL is what memmem() looks for,
 * without it PATTERN. Both sides take turns in one process; both look through everything, as
 * neither is there but once at the end. Prints "bytes N", "ours SECONDS", "base SECONDS": the best
 * of some rounds.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"

enum { ROUNDS = 7 };

static struct crit_pattern *make_pattern(const char *kind, const char *text)
{
	static const char *const kinds[] = { "text", "hex", "int", "regex" };
	struct crit_pattern_options options = { .int_size = kind[0] == 'i' ? 8 : 0 };
	struct crit_pattern *pattern = NULL;
	struct crit_error err;

	for (int i = 0; i < 4; i++)
		if (!strcmp(kind, kinds[i]))
			check(crit_pattern_new(CRIT_PATTERN_TEXT + i, text, strlen(text), &options,
					       &pattern, &err), &err);
	if (!pattern)
		exit(2);
	return pattern;
}

static bool count(void *ctx, const struct crit_match *match)
{
	(void)match;
	++*(size_t *)ctx;
	return true;
}

static double search(struct crit_task *task, const struct crit_pattern *pattern, uint64_t align)
{
	size_t nr = 0;
	struct crit_search_options options = { .align = align, .ctx = &nr };
	double start = now();
	struct crit_error err;

	check(crit_search(task, pattern, &options, count, &err), &err);
	if (nr > 1) {
		fprintf(stderr, "bench_search: %zu matches\n", nr);
		exit(1);
	}
	return now() - start;
}

/* Mapped anew each time, as a search does that is done once. */
static double memmem_mapped(const char *path, const char *literal, size_t *len)
{
	double start = now();
	int fd = open(path, O_RDONLY);
	struct stat st;
	void *map;

	if (fd < 0 || fstat(fd, &st))
		exit(1);
	*len = (size_t)st.st_size;
	map = mmap(NULL, *len, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		exit(1);
	const char *hit = memmem(map, *len, literal, strlen(literal));
	if (hit && hit < (const char *)map + *len - 4096)
		exit(1);
	munmap(map, *len);
	return now() - start;
}

int main(int argc, char **argv)
{
	double ours = 1e9, base = 1e9;
	struct crit_checkpoint *ckpt;
	struct crit_task *task;
	struct crit_error err;
	char path[4096];
	size_t len = 0;

	if (argc < 4)
		return 2;
	struct crit_pattern *pattern = make_pattern(argv[2], argv[3]);
	check(crit_checkpoint_open(argv[1], &ckpt, &err), &err);
	task = crit_task_at(ckpt, 0);
	check(crit_task_load(task, &err), &err);
	snprintf(path, sizeof(path), "%s/pages-1.img", argv[1]);
	for (int round = 0; round < ROUNDS; round++) {
		double base_took = memmem_mapped(path, argv[argc - 1], &len);
		double took = search(task, pattern, argv[2][0] == 'i' ? 8 : 1);

		base = base_took < base ? base_took : base;
		ours = took < ours ? took : ours;
	}
	printf("bytes %zu\nours %.6f\nbase %.6f\n", len, ours, base);
	crit_pattern_free(pattern);
	crit_checkpoint_close(ckpt);
	return 0;
}
