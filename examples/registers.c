// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * registers.c - print the registers of a thread, those the image does not have as unavailable.
 *
 *	cc registers.c $(pkg-config --cflags --libs critcore) -o registers
 *	./registers DIR TID
 */
#include <stdio.h>
#include <stdlib.h>

#include <critcore.h>

static void print_register(const struct crit_register *reg)
{
	const unsigned char *bytes = reg->bytes;

	printf("%-9s ", reg->name);
	if (!reg->available) {
		puts("unavailable");
		return;
	}
	// As the CPU keeps them in memory, first byte first.
	for (size_t i = 0; i < reg->size; i++)
		printf("%02x", bytes[i]);
	putchar('\n');
}

static int print_registers(struct crit_checkpoint *ckpt, uint32_t tid)
{
	struct crit_task *task = crit_task_find_by_tid(ckpt, tid);
	struct crit_register reg;
	struct crit_error err;

	if (!task) {
		fprintf(stderr, "registers: no thread %u\n", tid);
		return 1;
	}
	if (crit_task_load(task, &err))
		goto failed;
	for (size_t i = 0; i < crit_register_count(task); i++) {
		if (crit_register_get(crit_thread_find(task, tid), i, &reg, &err))
			goto failed;
		print_register(&reg);
	}
	return 0;
failed:
	fprintf(stderr, "registers: %s\n", err.message);
	return 1;
}

int main(int argc, char **argv)
{
	struct crit_checkpoint *ckpt;
	struct crit_error err;
	int status;

	if (argc != 3) {
		fprintf(stderr, "usage: registers DIR TID\n");
		return 2;
	}
	if (crit_checkpoint_open(argv[1], &ckpt, &err)) {
		fprintf(stderr, "registers: %s\n", err.message);
		return 1;
	}
	status = print_registers(ckpt, (uint32_t)strtoul(argv[2], NULL, 10));
	crit_checkpoint_close(ckpt);
	return status;
}
