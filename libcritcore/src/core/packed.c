// SPDX-License-Identifier: LGPL-2.1-or-later
/* packed.c - an output whose bytes go to another one as a zstd frame. */
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>

#include "core/core.h"

enum { MAX_WORKERS = 8 };

struct packed {
	struct crit_output *to, *out;
	ZSTD_CCtx *zstd;
	uint8_t *buf;
	size_t buf_len;
	enum crit_status failed; /* to write to the other one */
	struct crit_error err;
};

/** @return bytes that are still to come out, or an error of zstd's; packed->failed. */
static size_t step(struct packed *p, ZSTD_inBuffer *in, ZSTD_EndDirective end)
{
	ZSTD_outBuffer out = { .dst = p->buf, .size = p->buf_len };
	size_t left = ZSTD_compressStream2(p->zstd, &out, in, end);

	if (!ZSTD_isError(left))
		p->failed = output_write(p->to, p->buf, out.pos, &p->err);
	else
		p->failed = error_set(&p->err, CRIT_NO_MEMORY, "zstd: %s", ZSTD_getErrorName(left));
	return left;
}

static bool write_piece(void *ctx, const void *data, size_t len)
{
	struct packed *p = ctx;
	ZSTD_inBuffer in = { .src = data, .size = len };

	while (!p->failed && in.pos < in.size)
		step(p, &in, ZSTD_e_continue);
	return !p->failed;
}

enum crit_status packed_open(struct crit_output *to, struct packed **packed,
			     struct crit_output **out, struct crit_error *err)
{
	struct packed *p = calloc(1, sizeof(*p));
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	enum crit_status status;

	if (!p)
		return error_no_memory(err);
	p->to = to;
	p->buf_len = ZSTD_CStreamOutSize();
	p->buf = malloc(p->buf_len);
	p->zstd = ZSTD_createCCtx();
	status = p->buf && p->zstd ? crit_output_from_function(write_piece, p, &p->out, err)
				   : error_no_memory(err);
	if (status) {
		packed_close(p);
		return status;
	}
	ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_checksumFlag, 1);
	// A library without threads refuses, and then works in this one.
	if (cpus > 1)
		(void)ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_nbWorkers,
					     cpus < MAX_WORKERS ? (int)cpus : MAX_WORKERS);
	*packed = p;
	*out = p->out;
	return CRIT_OK;
}

enum crit_status packed_finish(struct packed *p, enum crit_status status, struct crit_error *err)
{
	ZSTD_inBuffer none = { .src = NULL };

	while (!status && !p->failed && step(p, &none, ZSTD_e_end))
		;
	if (!p->failed)
		return status;
	if (err)
		*err = p->err;
	return p->failed;
}

void packed_close(struct packed *p)
{
	if (!p)
		return;
	crit_output_close(p->out);
	ZSTD_freeCCtx(p->zstd);
	free(p->buf);
	free(p);
}
