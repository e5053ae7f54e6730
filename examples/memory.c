// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * memory.c - dump memory of a process, and say where each piece of it comes from.
 *
 *	cc memory.c $(pkg-config --cflags --libs critcore) -o memory
 *	./memory DIR PID ADDRESS LENGTH [PAGES-DIR] >BYTES
 *
 * The bytes go to standard output, the map of their origins to standard error. Bytes that the
 * checkpoint does not have are left out and said to be, never replaced by zeros.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <critcore.h>

static void say_origin(const struct crit_origin *at, uint64_t len)
{
	fprintf(stderr, "0x%" PRIx64 "-0x%" PRIx64 " ", at->vaddr, at->vaddr + len);
	switch (at->kind) {
	case CRIT_ORIGIN_IMAGE:
	case CRIT_ORIGIN_FILE:
		fprintf(stderr, "%s at byte %" PRIu64, at->source, at->off);
		if (at->block_len)
			fprintf(stderr, ", byte %u of an LZ4 block of %u", at->block_pos,
				at->block_len);
		if (at->level)
			fprintf(stderr, ", level %u", at->level);
		fputs(at->shared ? ", shared\n" : "\n", stderr);
		break;
	case CRIT_ORIGIN_ZERO:
		fputs("zeros\n", stderr);
		break;
	case CRIT_ORIGIN_UNAVAILABLE:
		fprintf(stderr, "unavailable: %s\n", crit_why_text(at->why));
		break;
	case CRIT_ORIGIN_UNMAPPED:
		fputs("not mapped\n", stderr);
		break;
	}
}

static int dump_piece(struct crit_task *task, const struct crit_origin *at, uint64_t len)
{
	char buf[65536];
	struct crit_error err;

	if (at->kind == CRIT_ORIGIN_UNAVAILABLE || at->kind == CRIT_ORIGIN_UNMAPPED)
		return 0;
	for (uint64_t done = 0; done < len;) {
		size_t part = len - done < sizeof(buf) ? (size_t)(len - done) : sizeof(buf);

		if (crit_mem_read(task, at->vaddr + done, part, buf, NULL, &err)) {
			fprintf(stderr, "memory: %s\n", err.message);
			return 1;
		}
		fwrite(buf, 1, part, stdout);
		done += part;
	}
	return 0;
}

static int dump(struct crit_task *task, uint64_t start, uint64_t len)
{
	struct crit_origin at;
	struct crit_error err;

	while (len) {
		uint64_t part = len;

		if (crit_mem_locate(task, start, &at, &err)) {
			fprintf(stderr, "memory: %s\n", err.message);
			return 1;
		}
		if (at.len && at.len < part)
			part = at.len;
		say_origin(&at, part);
		if (dump_piece(task, &at, part))
			return 1;
		start += part;
		len -= part;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct crit_checkpoint *ckpt;
	struct crit_task *task;
	struct crit_error err;
	int status = 1;

	if (argc < 5 || argc > 6) {
		fprintf(stderr, "usage: memory DIR PID ADDRESS LENGTH [PAGES-DIR]\n");
		return 2;
	}
	if (crit_checkpoint_open(argv[1], &ckpt, &err)) {
		fprintf(stderr, "memory: %s\n", err.message);
		return 1;
	}
	if (argc == 6 && crit_checkpoint_set_pages_dir(ckpt, argv[5], &err)) {
		fprintf(stderr, "memory: %s\n", err.message);
		crit_checkpoint_close(ckpt);
		return 1;
	}
	task = crit_task_find(ckpt, (uint32_t)strtoul(argv[2], NULL, 10));
	if (task)
		status = dump(task, strtoull(argv[3], NULL, 0), strtoull(argv[4], NULL, 0));
	else
		fprintf(stderr, "memory: no process %s\n", argv[2]);
	crit_checkpoint_close(ckpt);
	return status;
}
