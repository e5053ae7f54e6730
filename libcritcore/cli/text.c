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
	for (; *text; text++)
		putc((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text, to);
}

void cli_put_json(FILE *to, const char *text)
{
	char *quoted = crit_json_quote(text, text ? strlen(text) : 0);

	fputs(quoted ? quoted : "null", to);
	free(quoted);
}
