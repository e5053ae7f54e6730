// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * demangle.c - see demangle.h. libiberty's demanglers, as gdb has them, hand the name out in pieces
 * and allocate nothing: a symbol of a hundred bytes can stand for a name of a terabyte, and a long
 * jump out of the function that takes the pieces is how one stops that.
 */
#include "symbols/demangle.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "util/buf.h"

enum {
	MAX_SYMBOL = 16 * 1024,
	MAX_NAME = 64 * 1024,
	// DMGL_PARAMS | DMGL_ANSI of libiberty's demangle.h, which is in different places
	WITH_PARAMETERS = 1 << 0 | 1 << 1,
};

typedef void (*take_fn)(const char *piece, size_t len, void *ctx);
int cplus_demangle_v3_callback(const char *symbol, int options, take_fn take, void *ctx);
int rust_demangle_callback(const char *symbol, int options, take_fn take, void *ctx);

struct name {
	struct buf text;
	jmp_buf too_long;
};

static void take(const char *piece, size_t len, void *ctx)
{
	struct name *name = ctx;

	if (len > MAX_NAME - name->text.len)
		longjmp(name->too_long, 1);
	buf_add(&name->text, piece, len);
}

static bool is_rust(const char *symbol)
{
	size_t len = strlen(symbol);

	// "_R...", or C++'s form with "17h" and a hash of 16 digits at its end.
	return symbol[0] == '_' && (symbol[1] == 'R' || (len > 21 && symbol[len - 1] == 'E' &&
							 !strncmp(symbol + len - 20, "17h", 3)));
}

char *demangle(const char *symbol)
{
	struct name name = { 0 };

	if (symbol[0] != '_' || strnlen(symbol, MAX_SYMBOL) == MAX_SYMBOL)
		return NULL;
	if (!setjmp(name.too_long) &&
	    ((is_rust(symbol) && rust_demangle_callback(symbol, WITH_PARAMETERS, take, &name)) ||
	     (symbol[1] == 'Z' &&
	      cplus_demangle_v3_callback(symbol, WITH_PARAMETERS, take, &name)))) {
		buf_add_byte(&name.text, '\0');
		if (!name.text.failed)
			return (char *)name.text.data;
	}
	buf_deinit(&name.text);
	return NULL;
}
