// SPDX-License-Identifier: LGPL-2.1-or-later
/* minidebug.c - .gnu_debugdata is an ELF file with nothing but a symbol table, packed by xz. */
#include "symbols/minidebug.h"

#include <lzma.h>
#include <stdlib.h>

#include "util/buf.h"

enum {
	MAX_LEN = 256 * 1024 * 1024, /* unpacked; the largest programs have a few MiB */
	MAX_MEMORY = 128 * 1024 * 1024, /* for the dictionary */
	PIECE = 256 * 1024,
};

static bool unpack(const Elf_Data *packed, struct buf *out)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	lzma_ret result = lzma_stream_decoder(&stream, MAX_MEMORY, 0);

	stream.next_in = packed->d_buf;
	stream.avail_in = packed->d_size;
	while (result == LZMA_OK && out->len < MAX_LEN && buf_reserve(out, PIECE)) {
		stream.next_out = out->data + out->len;
		stream.avail_out = out->cap - out->len;
		result = lzma_code(&stream, LZMA_FINISH);
		out->len = (size_t)(stream.next_out - out->data);
	}
	lzma_end(&stream);
	return result == LZMA_STREAM_END;
}

bool minidebug_open(const struct elf_file *file, struct elf_file *out)
{
	Elf_Data *packed = elf_file_contents(file, ".gnu_debugdata");
	struct buf bytes = { 0 };

	if (packed && packed->d_buf && unpack(packed, &bytes))
		return elf_file_from_memory(out, bytes.data, bytes.len);
	buf_deinit(&bytes);
	return false;
}
