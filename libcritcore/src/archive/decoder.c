// SPDX-License-Identifier: LGPL-2.1-or-later
/* decoder.c - see decoder.h. */
#include "archive/decoder.h"

#include <bzlib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum { PIECE = 1 << 30 }; /* some of them count in unsigned int */

static unsigned int piece(size_t len)
{
	return len < PIECE ? (unsigned int)len : PIECE;
}

/* ---- gzip ------------------------------------------------------------------------------------ */

static void *gzip_create(void)
{
	z_stream *z = calloc(1, sizeof(*z));

	if (z && inflateInit2(z, 16 + MAX_WBITS) == Z_OK)
		return z;
	free(z);
	return NULL;
}

static void gzip_destroy(void *state)
{
	inflateEnd(state);
	free(state);
}

static enum decoder_result gzip_reset(void *state)
{
	return inflateReset(state) == Z_OK ? DECODER_MORE : DECODER_DAMAGED;
}

static enum decoder_result gzip_step(void *state, struct decoder_io *io)
{
	z_stream *z = state;
	unsigned int in = piece(io->in_len), out = piece(io->out_len);
	int got;

	z->next_in = (Bytef *)io->in;
	z->avail_in = in;
	z->next_out = io->out;
	z->avail_out = out;
	got = inflate(z, Z_NO_FLUSH);
	io->in += in - z->avail_in;
	io->in_len -= in - z->avail_in;
	io->out += out - z->avail_out;
	io->out_len -= out - z->avail_out;
	io->why = z->msg;
	switch (got) {
	case Z_OK:
	case Z_BUF_ERROR:
		return DECODER_MORE;
	case Z_STREAM_END:
		return DECODER_END;
	default:
		return got == Z_MEM_ERROR ? DECODER_NO_MEMORY : DECODER_DAMAGED;
	}
}

const struct decoder_ops decoder_gzip = { gzip_create, gzip_destroy, gzip_reset, gzip_step };

/* ---- bzip2 ----------------------------------------------------------------------------------- */

static void *bzip2_create(void)
{
	bz_stream *bz = calloc(1, sizeof(*bz));

	if (bz && BZ2_bzDecompressInit(bz, 0, 0) == BZ_OK)
		return bz;
	free(bz);
	return NULL;
}

static void bzip2_destroy(void *state)
{
	BZ2_bzDecompressEnd(state);
	free(state);
}

static enum decoder_result bzip2_reset(void *state)
{
	BZ2_bzDecompressEnd(state);
	return BZ2_bzDecompressInit(state, 0, 0) == BZ_OK ? DECODER_MORE : DECODER_NO_MEMORY;
}

static enum decoder_result bzip2_step(void *state, struct decoder_io *io)
{
	bz_stream *bz = state;
	unsigned int in = piece(io->in_len), out = piece(io->out_len);
	int got;

	bz->next_in = (char *)io->in;
	bz->avail_in = in;
	bz->next_out = (char *)io->out;
	bz->avail_out = out;
	got = BZ2_bzDecompress(bz);
	io->in += in - bz->avail_in;
	io->in_len -= in - bz->avail_in;
	io->out += out - bz->avail_out;
	io->out_len -= out - bz->avail_out;
	switch (got) {
	case BZ_OK:
		return DECODER_MORE;
	case BZ_STREAM_END:
		return DECODER_END;
	default:
		return got == BZ_MEM_ERROR ? DECODER_NO_MEMORY : DECODER_DAMAGED;
	}
}

const struct decoder_ops decoder_bzip2 = { bzip2_create, bzip2_destroy, bzip2_reset, bzip2_step };

/* ---- xz -------------------------------------------------------------------------------------- */

/* The largest dictionary of `xz -9` takes 65 MiB; the format allows for 4 GiB. */
enum { XZ_MEMORY = 1 << 30 };

static enum decoder_result xz_reset(void *state)
{
	lzma_ret got = lzma_stream_decoder(state, XZ_MEMORY, LZMA_TELL_UNSUPPORTED_CHECK);

	return got == LZMA_OK ? DECODER_MORE : DECODER_NO_MEMORY;
}

static void xz_destroy(void *state)
{
	lzma_end(state);
	free(state);
}

static void *xz_create(void)
{
	lzma_stream *xz = calloc(1, sizeof(*xz));

	if (xz && xz_reset(xz) == DECODER_MORE)
		return xz;
	free(xz);
	return NULL;
}

static enum decoder_result xz_step(void *state, struct decoder_io *io)
{
	lzma_stream *xz = state;
	lzma_ret got;

	xz->next_in = io->in;
	xz->avail_in = io->in_len;
	xz->next_out = io->out;
	xz->avail_out = io->out_len;
	got = lzma_code(xz, LZMA_RUN);
	io->in = xz->next_in;
	io->in_len = xz->avail_in;
	io->out = xz->next_out;
	io->out_len = xz->avail_out;
	switch (got) {
	case LZMA_OK:
	case LZMA_BUF_ERROR:
		return DECODER_MORE;
	case LZMA_STREAM_END:
		return DECODER_END;
	case LZMA_MEM_ERROR:
	case LZMA_MEMLIMIT_ERROR:
		return DECODER_NO_MEMORY;
	case LZMA_UNSUPPORTED_CHECK:
		io->why = "a checksum that liblzma does not know";
		return DECODER_DAMAGED;
	default:
		return DECODER_DAMAGED;
	}
}

const struct decoder_ops decoder_xz = { xz_create, xz_destroy, xz_reset, xz_step };

/* ---- zstd ------------------------------------------------------------------------------------ */

static void *zstd_create(void)
{
	return ZSTD_createDStream();
}

static void zstd_destroy(void *state)
{
	ZSTD_freeDStream(state);
}

static enum decoder_result zstd_reset(void *state)
{
	return ZSTD_isError(ZSTD_DCtx_reset(state, ZSTD_reset_session_only)) ? DECODER_DAMAGED
									      : DECODER_MORE;
}

static enum decoder_result zstd_step(void *state, struct decoder_io *io)
{
	ZSTD_inBuffer in = { io->in, io->in_len, 0 };
	ZSTD_outBuffer out = { io->out, io->out_len, 0 };
	size_t got = ZSTD_decompressStream(state, &out, &in);

	io->in += in.pos;
	io->in_len -= in.pos;
	io->out += out.pos;
	io->out_len -= out.pos;
	if (ZSTD_isError(got)) {
		io->why = ZSTD_getErrorName(got);
		return DECODER_DAMAGED;
	}
	return got ? DECODER_MORE : DECODER_END;
}

const struct decoder_ops decoder_zstd = { zstd_create, zstd_destroy, zstd_reset, zstd_step };

/* ---- LZ4 frames ------------------------------------------------------------------------------ */

static void *lz4_create(void)
{
	LZ4F_dctx *ctx = NULL;

	return LZ4F_isError(LZ4F_createDecompressionContext(&ctx, LZ4F_VERSION)) ? NULL : ctx;
}

static void lz4_destroy(void *state)
{
	LZ4F_freeDecompressionContext(state);
}

static enum decoder_result lz4_reset(void *state)
{
	LZ4F_resetDecompressionContext(state);
	return DECODER_MORE;
}

static enum decoder_result lz4_step(void *state, struct decoder_io *io)
{
	size_t in = io->in_len, out = io->out_len;
	size_t got = LZ4F_decompress(state, io->out, &out, io->in, &in, NULL);

	if (LZ4F_isError(got)) {
		io->why = LZ4F_getErrorName(got);
		return DECODER_DAMAGED;
	}
	io->in += in;
	io->in_len -= in;
	io->out += out;
	io->out_len -= out;
	return got ? DECODER_MORE : DECODER_END;
}

const struct decoder_ops decoder_lz4 = { lz4_create, lz4_destroy, lz4_reset, lz4_step };
