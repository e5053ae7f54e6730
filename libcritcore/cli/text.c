// SPDX-License-Identifier: LGPL-2.1-or-later
/* text.c - names and numbers as the verbs print them. See cli.h. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { READ = 1, WRITE = 2, EXEC = 4, SHARED = 1 };

void cli_prot(const struct crit_mapping *mapping, char out[5])
{
	out[0] = mapping->prot & READ ? 'r' : '-';
	out[1] = mapping->prot & WRITE ? 'w' : '-';
	out[2] = mapping->prot & EXEC ? 'x' : '-';
	out[3] = mapping->flags & SHARED ? 's' : 'p';
	out[4] = '\0';
}

void cli_put_text(FILE *to, const char *text)
{
	// U+0080 to U+009F are control characters, too.
	for (unsigned char last = 0; *text; last = (unsigned char)*text++) {
		unsigned char c = (unsigned char)*text, next = (unsigned char)text[1];
		bool second = last == 0xc2 && c >= 0x80 && c < 0xa0;
		bool first = c == 0xc2 && next >= 0x80 && next < 0xa0;

		putc(c < 0x20 || c == 0x7f || first || second ? '?' : c, to);
	}
}

void cli_put_json(FILE *to, const char *text)
{
	char *quoted = crit_json_quote(text, text ? strlen(text) : 0);

	fputs(quoted ? quoted : "null", to);
	free(quoted);
}
