// SPDX-License-Identifier: LGPL-2.1-or-later
/* lines.c - see lines.h. */
#include "report/lines.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "util/output.h"
#include "util/text.h"

enum { PIECE = 64 * 1024 };

void lines_init(struct lines *l, struct crit_output *out)
{
	memset(l, 0, sizeof(*l));
	l->out = out;
}

static void flush(struct lines *l)
{
	if (!l->status && l->b.failed)
		l->status = error_no_memory(&l->err);
	if (!l->status && l->b.len)
		l->status = output_write(l->out, l->b.data, l->b.len, &l->err);
	buf_clear(&l->b);
}

static void flush_piece(struct lines *l)
{
	if (l->b.len >= PIECE || l->b.failed)
		flush(l);
}

void lines_add(struct lines *l, const void *data, size_t len)
{
	if (l->status)
		return;
	buf_add(&l->b, data, len);
	flush_piece(l);
}

void lines_str(struct lines *l, const char *s)
{
	lines_add(l, s, strlen(s));
}

void lines_printf(struct lines *l, const char *fmt, ...)
{
	char short_text[256];
	va_list ap, again;
	int len;

	if (l->status)
		return;
	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(short_text, sizeof(short_text), fmt, ap);
	va_end(ap);
	if (len >= 0 && (size_t)len < sizeof(short_text)) {
		buf_add(&l->b, short_text, (size_t)len);
	} else if (len >= 0 && buf_reserve(&l->b, (size_t)len + 1)) {
		vsnprintf((char *)l->b.data + l->b.len, (size_t)len + 1, fmt, again);
		l->b.len += (size_t)len;
	}
	va_end(again);
	flush_piece(l);
}

void lines_safe(struct lines *l, const char *s)
{
	while (s && *s) {
		size_t plain = 0, bad;

		while (s[plain] && !text_control_len(s + plain))
			plain++;
		lines_add(l, s, plain);
		s += plain;
		bad = text_control_len(s);
		lines_add(l, "??", bad);
		s += bad;
	}
}

void lines_size(struct lines *l, uint64_t bytes)
{
	char text[CRIT_SIZE_TEXT_MAX];

	crit_size_text(bytes, text);
	lines_str(l, text);
}

enum crit_status lines_finish(struct lines *l, struct crit_error *err)
{
	flush(l);
	buf_deinit(&l->b);
	if (l->status && err)
		*err = l->err;
	return l->status;
}

CRIT_API void crit_size_text(uint64_t bytes, char out[CRIT_SIZE_TEXT_MAX])
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double value = (double)bytes / 1024;
	size_t unit = 0;

	if (bytes < 1024) {
		snprintf(out, CRIT_SIZE_TEXT_MAX, "%" PRIu64 " byte%s", bytes,
			 bytes == 1 ? "" : "s");
		return;
	}
	for (; value >= 1023.95 && unit + 1 < sizeof(units) / sizeof(units[0]); unit++)
		value /= 1024;
	snprintf(out, CRIT_SIZE_TEXT_MAX,
		 value - (double)(uint64_t)value < 0.05 ? "%.0f %s" : "%.1f %s", value,
		 units[unit]);
}
