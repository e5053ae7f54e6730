// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * replay.c - run a fuzz harness without a fuzzer: over the files named, each as it is and in COUNT
 * damaged forms that are the same in every run.
 *
 *	fuzz_X COUNT FILE...
 *
 * With a fuzzer, link the harness with -fsanitize=fuzzer instead of this file.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void damage(uint8_t *data, size_t *size, uint64_t *state)
{
	static const uint8_t interesting[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	size_t changes = next_random(state) % 4 + 1;

	while (changes-- && *size) {
		size_t at = next_random(state) % *size;

		switch (next_random(state) % 4) {
		case 0:
			data[at] ^= (uint8_t)(1 << next_random(state) % 8);
			break;
		case 1:
			data[at] = interesting[next_random(state) % sizeof(interesting)];
			break;
		case 2:
			data[at] = (uint8_t)next_random(state);
			break;
		default:
			if (next_random(state) % 8 == 0)
				*size = at;
		}
	}
}

static size_t replay(const char *path, unsigned long count)
{
	FILE *file = fopen(path, "rb");
	uint64_t state = 88172645463325252ull;
	uint8_t *data, *copy;
	size_t size;

	if (!file) {
		perror(path);
		exit(1);
	}
	data = malloc(1 << 24);
	size = fread(data, 1, 1 << 24, file);
	fclose(file);
	LLVMFuzzerTestOneInput(data, size);
	// Exactly as large as the input, so that a sanitizer sees reads beyond it.
	for (unsigned long i = 0; i < count; i++) {
		size_t len = size;

		copy = malloc(size ? size : 1);
		memcpy(copy, data, size);
		damage(copy, &len, &state);
		LLVMFuzzerTestOneInput(copy, len);
		free(copy);
	}
	free(data);
	return count + 1;
}

int main(int argc, char **argv)
{
	size_t runs = 0;

	for (int i = 2; i < argc; i++)
		runs += replay(argv[i], strtoul(argv[1], NULL, 10));
	printf("%zu inputs\n", runs);
	return runs ? 0 : 1;
}
