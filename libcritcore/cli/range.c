// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * range.c - addresses and mappings as the user names them. See cli.h.
 *
 * Addresses are hexadecimal, with or without 0x, as in /proc/PID/maps; lengths are decimal unless
 * they begin with 0x, and may end in K, M or G.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { MAX_LISTED = 8 };

/** The number at *text, which is moved behind it. */
static bool parse_number(const char **text, int base, uint64_t *out)
{
	char *end;

	// strtoull() would take blanks and signs.
	if (!strchr("0123456789abcdefABCDEF", **text) || !**text)
		return false;
	errno = 0;
	*out = strtoull(*text, &end, base);
	if (errno || end == *text)
		return false;
	*text = end;
	return true;
}

static bool parse_len(const char *text, uint64_t *out)
{
	static const char units[] = "KMG";
	bool is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *unit;

	if (!parse_number(&text, is_hex ? 16 : 10, out))
		return false;
	if (!*text)
		return true;
	unit = strchr(units, *text & ~0x20);
	return unit && *unit && !text[1] &&
	       !__builtin_mul_overflow(*out, 1ull << 10 * (unit - units + 1), out);
}

enum parsed { NO_NUMBERS, WRONG, RIGHT };

static enum parsed parse_numbers(const char *text, uint64_t *start, uint64_t *end)
{
	uint64_t len;

	if (!parse_number(&text, 16, start))
		return NO_NUMBERS;
	switch (*text++) {
	case '-':
		if (!parse_number(&text, 16, end) || *text)
			return NO_NUMBERS; // "3-way": a name
		return *end > *start ? RIGHT : WRONG;
	case '+':
	case ',':
		if (!parse_len(text, &len))
			return NO_NUMBERS;
		return len && !__builtin_add_overflow(*start, len, end) ? RIGHT : WRONG;
	default:
		return NO_NUMBERS;
	}
}

static bool has_name(const struct crit_mapping *mapping, const char *name)
{
	const char *its = mapping->name, *slash = strrchr(its, '/');

	return !strcmp(its, name) || (slash && *name && !strcmp(slash + 1, name));
}

static void list_names(struct crit_task *task)
{
	struct crit_mapping mapping;
	const char *last = "";
	size_t nr = 0;

	fputs("; there are", stderr);
	for (size_t i = 0; crit_mapping_at(task, i, &mapping) && nr <= MAX_LISTED; i++) {
		const char *name = mapping.name;

		if (!*name || !strcmp(name, last))
			continue;
		fputs(nr ? ", " : " ", stderr);
		cli_put_text(stderr, nr < MAX_LISTED ? name : "...");
		last = name;
		nr++;
	}
	fputs(nr ? "\n" : " none with a name\n", stderr);
}

/** The ranges that mappings of this name fill. @return how many; the first is in *start, *end. */
static size_t find_ranges(struct crit_task *task, const char *name, bool list, uint64_t *start,
			  uint64_t *end)
{
	struct crit_mapping mapping;
	uint64_t from = 0, to = 0;
	size_t nr = 0;

	for (size_t i = 0; crit_mapping_at(task, i, &mapping); i++) {
		if (!has_name(&mapping, name))
			continue;
		if (!nr || mapping.start != to) {
			from = mapping.start;
			nr++;
		}
		to = mapping.end;
		if (nr == 1) {
			*start = from;
			*end = to;
		}
		if (list && nr <= MAX_LISTED && from == mapping.start)
			fprintf(stderr, "%s 0x%" PRIx64, nr > 1 ? "," : "", from);
	}
	return nr;
}

bool cli_parse_range(struct crit_task *task, const char *text, uint64_t *start, uint64_t *end)
{
	size_t nr;

	switch (parse_numbers(text, start, end)) {
	case RIGHT:
		return true;
	case WRONG:
		fprintf(stderr, "critcore: %s: the end is not behind the start\n", text);
		return false;
	case NO_NUMBERS:
		break;
	}
	nr = find_ranges(task, text, false, start, end);
	if (nr == 1)
		return true;
	if (nr) {
		fprintf(stderr, "critcore: %s is mapped in %zu places, say which: at", text, nr);
		find_ranges(task, text, true, start, end);
		fputs(nr > MAX_LISTED ? ", ...\n" : "\n", stderr);
		return false;
	}
	fprintf(stderr, "critcore: '%s' is neither a range nor a mapping", text);
	list_names(task);
	return false;
}
