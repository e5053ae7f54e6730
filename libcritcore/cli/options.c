// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * options.c - the tables of options: parsing by them, and the help of a verb. See options.h.
 *
 * getopt_long() does the work, with a table made of ours. It knows an option by a number, which is
 * the place of its row; so what it says of a wrong one leads to the row again.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum {
	MAX_OPTIONS = 48,	/* of a verb, shared ones included */
	FIRST = 0x100,		/* number of the first row; below are the letters */
	MAX_COLUMN = 25,	/* where the texts of the help begin at most */
	WIDTH = 80,		/* of the help */
};

/** The options of a verb in one list, and as getopt_long() wants them. */
struct list {
	const struct cli_option *rows[MAX_OPTIONS];
	size_t base[MAX_OPTIONS]; /* where what their members are in begins, in the verb's struct */
	size_t nr;
	struct option longs[MAX_OPTIONS + 1];
	char letters[2 * MAX_OPTIONS + 2];
};

static void add_rows(struct list *list, const struct cli_option *rows, size_t base)
{
	for (; rows->kind != CLI_IS_END; rows++) {
		if (rows->kind == CLI_IS_ROWS) {
			add_rows(list, rows->rows, base + rows->off);
			continue;
		}
		if (list->nr == MAX_OPTIONS)
			abort(); // our own mistake
		list->rows[list->nr] = rows;
		list->base[list->nr++] = base;
	}
}

/** Is a row another name of the one before? Shortened to what both have, it is not ambiguous. */
static bool is_alias(const struct list *list, size_t i)
{
	return i && !list->rows[i]->help && list->rows[i]->off == list->rows[i - 1]->off &&
	       list->rows[i]->kind == list->rows[i - 1]->kind;
}

static void make_list(struct list *list, const struct cli_option *rows)
{
	char *letters = list->letters;
	int number = FIRST;

	*list = (struct list){ .nr = 0 };
	add_rows(list, rows, 0);
	*letters++ = ':'; // a missing value is told from an unknown option
	for (size_t i = 0; i < list->nr; i++) {
		const struct cli_option *row = list->rows[i];

		if (!is_alias(list, i))
			number = FIRST + (int)i;
		list->longs[i] = (struct option){
			.name = row->name,
			.has_arg = row->value ? required_argument : no_argument,
			.val = number,
		};
		if (row->letter)
			*letters++ = row->letter;
		if (row->letter && row->value)
			*letters++ = ':';
	}
}

/** The place of the row with a number or a letter; list->nr if there is none. */
static size_t find_row(const struct list *list, int number)
{
	size_t i = 0;

	if (number >= FIRST)
		return (size_t)(number - FIRST);
	while (i < list->nr && list->rows[i]->letter != number)
		i++;
	return i;
}

/* ---- Values --------------------------------------------------------------------------------- */

static void store(const struct cli_option *row, char *to, uint64_t value)
{
	to += row->off;
	switch (row->size) {
	case sizeof(uint8_t):
		*(uint8_t *)to = (uint8_t)value;
		return;
	case sizeof(uint32_t):
		*(uint32_t *)to = (uint32_t)value;
		return;
	case sizeof(uint64_t):
		*(uint64_t *)to = value;
		return;
	default:
		abort();
	}
}

static bool parse_number(const char *text, uint64_t *out)
{
	bool is_hex = text[0] == '0' && (text[1] | 0x20) == 'x';
	char *end;

	// strtoull() would take blanks and signs.
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*out = strtoull(text, &end, is_hex ? 16 : 10);
	return !errno && !*end;
}

static bool take_number(const struct cli_option *row, char *to, const char *text)
{
	uint64_t value;

	if (!parse_number(text, &value) || value < row->least || value > row->most)
		return false;
	store(row, to, value);
	return true;
}

static bool take_choice(const struct cli_option *row, char *to, const char *text)
{
	const char *word = row->value;
	size_t len;

	for (uint64_t i = 0; *word; i++, word += len + (word[len] == '|')) {
		len = strcspn(word, "|");
		if (len != strlen(text) || strncmp(word, text, len) != 0)
			continue;
		store(row, to, i);
		return true;
	}
	return false;
}

/** What a value has to be, for the end of a sentence. */
static void say_wanted(const struct cli_option *row, char *out, size_t len)
{
	size_t at = 0;

	if (row->kind == CLI_IS_NUMBER && !strcmp(row->value, "PID"))
		snprintf(out, len, "a process id");
	else if (row->kind == CLI_IS_NUMBER && row->most >= UINT32_MAX)
		snprintf(out, len, "a number from %" PRIu64 " on", row->least);
	else if (row->kind == CLI_IS_NUMBER)
		snprintf(out, len, "a number from %" PRIu64 " to %" PRIu64, row->least, row->most);
	for (const char *c = row->value; row->kind == CLI_IS_CHOICE && *c && at < len; c++)
		if (*c == '|')
			at += (size_t)snprintf(out + at, len - at, "%s",
					       strchr(c + 1, '|') ? ", " : " or ");
		else
			at += (size_t)snprintf(out + at, len - at, "%c", *c);
}

/* ---- Parsing -------------------------------------------------------------------------------- */

static int take(const struct verb *verb, const struct cli_option *row, char *to)
{
	const char *wrong = NULL;
	char wanted[128], message[256];
	bool is_right = true;

	if (row->kind == CLI_IS_FLAG)
		store(row, to, row->least);
	else if (row->kind == CLI_IS_TEXT)
		*(const char **)(to + row->off) = optarg;
	else if (row->kind == CLI_IS_NUMBER)
		is_right = take_number(row, to, optarg);
	else if (row->kind == CLI_IS_CHOICE)
		is_right = take_choice(row, to, optarg);
	else
		wrong = row->take(to, optarg);
	if (!is_right) {
		say_wanted(row, wanted, sizeof(wanted));
		snprintf(message, sizeof(message), "--%s wants %s", row->name, wanted);
		wrong = message;
	}
	return wrong ? cli_usage(verb, wrong) : EXIT_DONE;
}

/** The options that a shortened name may stand for, as a list. @return how many there are. */
static size_t list_meant(const struct list *list, const char *name, size_t len, char *out,
			 size_t size)
{
	size_t nr = 0, at = 0;

	for (size_t i = 0; i < list->nr; i++) {
		if (strncmp(list->rows[i]->name, name, len) != 0 || is_alias(list, i))
			continue;
		if (at < size)
			at += (size_t)snprintf(out + at, size - at, "%s--%s", nr ? ", " : "",
					       list->rows[i]->name);
		nr++;
	}
	return nr;
}

/** getopt_long() returned @p answer, which is '?' or ':'. @param word  That it looked at. */
static int refuse(const struct verb *verb, const struct list *list, int answer, const char *word)
{
	size_t i = optopt ? find_row(list, optopt) : list->nr, len = strcspn(word, "=");
	const struct cli_option *row = i < list->nr ? list->rows[i] : NULL;
	char message[256], meant[192];

	if (answer == ':' && row)
		snprintf(message, sizeof(message), "the value of --%s is missing: %s", row->name,
			 row->value);
	else if (row)
		snprintf(message, sizeof(message), "--%s takes no value", row->name);
	else if (optopt)
		snprintf(message, sizeof(message), "unknown option -%c",
			 optopt > ' ' && optopt < 0x7f ? optopt : '?');
	else if (len > 2 && list_meant(list, word + 2, len - 2, meant, sizeof(meant)) > 1)
		snprintf(message, sizeof(message), "ambiguous option %.*s: %s", (int)len, word,
			 meant);
	else
		snprintf(message, sizeof(message), "unknown option %.*s", (int)len, word);
	return cli_usage(verb, message);
}

int cli_parse(const struct verb *verb, const struct cli_option *options, int argc, char **argv,
	      void *to)
{
	int answer, status = EXIT_DONE;
	struct list list;

	make_list(&list, options);
	opterr = 0;
	optind = 0; // anew: words may be parsed by one table and then by another
	while (!status &&
	       (answer = getopt_long(argc, argv, list.letters, list.longs, NULL)) != -1) {
		size_t i = find_row(&list, answer);

		if (answer == '?' || answer == ':')
			status = refuse(verb, &list, answer, argv[optind - 1]);
		else
			status = take(verb, list.rows[i], (char *)to + list.base[i]);
	}
	return status;
}

bool cli_is_option(const struct cli_option *options, const char *word)
{
	size_t len = strcspn(word, "=");

	for (; options->kind != CLI_IS_END; options++) {
		if (options->kind == CLI_IS_ROWS && cli_is_option(options->rows, word))
			return true;
		if (options->kind == CLI_IS_ROWS || word[0] != '-')
			continue;
		if (options->letter && word[1] == options->letter)
			return true;
		if (word[1] == '-' && len == strlen(options->name) + 2 &&
		    !strncmp(word + 2, options->name, len - 2))
			return true;
	}
	return false;
}

/* ---- Help ----------------------------------------------------------------------------------- */

static int head_of(const struct cli_option *row, char *out, size_t len)
{
	char letter[] = "-?, ";

	letter[1] = row->letter;
	return snprintf(out, len, "  %s--%s%s%s", row->letter ? letter : "", row->name,
			row->value ? " " : "", row->value ? row->value : "");
}

/** Print text from a column on, at blanks cut into lines. @param at  The column that we are at. */
static void put_wrapped(const char *text, int at, int column)
{
	while (*text) {
		size_t room = (size_t)(WIDTH - 1 - column), len = strlen(text);

		if (len > room) {
			len = room + 1;
			while (len && text[--len] != ' ')
				;
		}
		printf("%*s%.*s\n", column - at, "", (int)len, text);
		at = 0;
		text += len;
		text += *text == ' ';
	}
}

static int column_of(const struct list *list)
{
	int column = 0;
	char head[64];

	for (size_t i = 0; i < list->nr; i++) {
		int len = list->rows[i]->help ? head_of(list->rows[i], head, sizeof(head)) + 2 : 0;

		if (len > column && len <= MAX_COLUMN)
			column = len;
	}
	return column;
}

static void put_options(const struct cli_option *options)
{
	struct list list;
	char head[64];
	int column;

	make_list(&list, options);
	column = column_of(&list);
	for (size_t i = 0; i < list.nr; i++) {
		int at;

		if (!list.rows[i]->help)
			continue;
		at = head_of(list.rows[i], head, sizeof(head));
		fputs(head, stdout);
		if (at + 2 > column) {
			putchar('\n');
			at = 0;
		}
		put_wrapped(list.rows[i]->help, at, column);
	}
}

void cli_help(const struct verb *verb)
{
	printf("usage: critcore %s %s\n\n%s\n", verb->name, verb->arguments, verb->help);
	put_options(verb->options);
	if (verb->notes)
		printf("\n%s", verb->notes);
	putchar('\n');
}
