/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * options.h - the options of a verb as a table: what the command line is parsed by, and what --help
 * prints. A row says where in the verb's own struct its value goes. Options that many verbs have
 * are tables of their own, which a row takes in.
 *
 *	struct command {
 *		struct cli_places places;
 *		bool json;
 *		const char *to;
 *	};
 *
 *	static const struct cli_option options[] = {
 *		CLI_FLAG(0, "json", struct command, json, "one JSON object"),
 *		CLI_TEXT('o', "out", "FILE", struct command, to, "a file; else standard output"),
 *		CLI_ROWS(cli_places_options, struct command, places),
 *		CLI_END,
 *	};
 */
#ifndef CRIT_CLI_OPTIONS_H
#define CRIT_CLI_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

enum cli_option_kind {
	CLI_IS_END,
	CLI_IS_FLAG,   /* has no value; stores `least` */
	CLI_IS_TEXT,   /* stores a const char *, which lives as long as argv */
	CLI_IS_NUMBER, /* stores one of `least` to `most` */
	CLI_IS_CHOICE, /* stores which of the words of `value` it is, the first one being 0 */
	CLI_IS_TAKEN,  /* `take` stores it */
	CLI_IS_ROWS,   /* no option: those of `rows` */
};

/** A row; made by the macros below. */
struct cli_option {
	enum cli_option_kind kind;
	char letter;	   /* 0: has none */
	const char *name;  /* without the two dashes */
	const char *value; /* what the help calls it, of a choice "one|other"; NULL: has none */
	const char *help;  /* not wrapped, no newline; NULL: the help does not have this option */
	size_t off, size;  /* of the member that it sets, in bytes */
	uint64_t least, most;
	/** @param to  The verb's struct, or its member with the rows.
	 *  @return NULL, or what is wrong with the value. */
	const char *(*take)(void *to, const char *value);
	const struct cli_option *rows;
};

/* The member of a struct that an option sets. */
#define CLI_MEMBER(type, member) .off = offsetof(type, member), .size = sizeof(((type *)0)->member)

/* A number or a bool becomes @p to_set, */
#define CLI_SET(letter_, name_, type, member, to_set, help_)              \
	{                                                                 \
		.kind = CLI_IS_FLAG, .letter = letter_, .name = name_,    \
		CLI_MEMBER(type, member), .least = to_set, .help = help_, \
	}
/* true, */
#define CLI_FLAG(letter_, name_, type, member, help_) \
	CLI_SET(letter_, name_, type, member, true, help_)
/* the value as it was typed, */
#define CLI_TEXT(letter_, name_, value_, type, member, help_)                             \
	{                                                                                 \
		.kind = CLI_IS_TEXT, .letter = letter_, .name = name_, .value = value_,   \
		CLI_MEMBER(type, member), .help = help_,                                  \
	}
/* or a number, decimal or 0x..., both borders allowed, */
#define CLI_NUMBER(letter_, name_, value_, least_, most_, type, member, help_)            \
	{                                                                                 \
		.kind = CLI_IS_NUMBER, .letter = letter_, .name = name_, .value = value_, \
		CLI_MEMBER(type, member), .least = least_, .most = most_, .help = help_,  \
	}
/* or the place of the value in "one|other". */
#define CLI_CHOICE(letter_, name_, value_, type, member, help_)                           \
	{                                                                                 \
		.kind = CLI_IS_CHOICE, .letter = letter_, .name = name_, .value = value_, \
		CLI_MEMBER(type, member), .help = help_,                                  \
	}
/* A function takes the value. */
#define CLI_TAKE(letter_, name_, value_, take_, help_)                                    \
	{                                                                                 \
		.kind = CLI_IS_TAKEN, .letter = letter_, .name = name_, .value = value_,  \
		.take = take_, .help = help_,                                             \
	}
/* Rows that are shared; the members that they set are those of @p member. */
#define CLI_ROWS(rows_, type, member) \
	{ .kind = CLI_IS_ROWS, .rows = rows_, .off = offsetof(type, member) }
#define CLI_END { .kind = CLI_IS_END }

struct verb;

/**
 * Parse the options among the words of a command line as getopt_long() does: they may be shortened,
 * stand behind other words, and end at "--". What is wrong with them goes to standard error.
 *
 * @param verb     Whose usage is printed then.
 * @param options  Ends with CLI_END.
 * @param argv     Sorted anew; the words that are no options are argv[optind] and on.
 * @param to       The struct that the rows set members of.
 * @return EXIT_DONE or EXIT_USAGE.
 */
int cli_parse(const struct verb *verb, const struct cli_option *options, int argc, char **argv,
	      void *to);
/** Print what --help prints. */
void cli_help(const struct verb *verb);
/** Is a word "--NAME" or "--NAME=VALUE" of one of the options, or begins with "-LETTER" of one? */
bool cli_is_option(const struct cli_option *options, const char *word);

#endif
