/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cli.h - the verbs of the critcore command. A verb is one function in a file of its own and one
 * row of the table in main.c; it parses words, calls one library function, and prints.
 */
#ifndef CRIT_CLI_H
#define CRIT_CLI_H

#include "critcore.h"

/* Exit statuses. */
enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1, /* what was asked could not be done */
	EXIT_USAGE = 2,	 /* the words on the command line are wrong */
};

struct verb {
	const char *name;
	const char *arguments; /* for the usage line */
	const char *summary;   /* one line */
	const char *help;      /* more, for --help; ends with a newline */
	int (*run)(int argc, char **argv); /* argv[0] is the verb */
};

extern const struct verb verb_decode;
extern const struct verb verb_encode;
extern const struct verb verb_info;
extern const struct verb verb_show;
extern const struct verb verb_compress;
extern const struct verb verb_decompress;
extern const struct verb verb_serve;

/** Print "critcore: MESSAGE" to stderr. @return EXIT_FAILED. */
int cli_fail(const struct crit_error *err);
/** Print "critcore: MESSAGE" and where help is to stderr. @return EXIT_USAGE. */
int cli_usage(const struct verb *verb, const char *message);
/** From now on SIGINT, SIGTERM and SIGHUP are only noted, unless they were ignored: system calls end
 *  with EINTR, and whoever works asks cli_caught() and stops. */
void cli_catch_signals(void);
bool cli_caught(void);
/** End the process by the signal that was caught. */
void cli_end_as_caught(void);
/** A process id in decimal; false if it is none. */
bool cli_parse_pid(const char *text, uint32_t *out);
/** The task that the user means: @p pid as typed, or the root when NULL. Says what is wrong itself.
 *  @return NULL on failure. */
struct crit_task *cli_find_task(struct crit_checkpoint *ckpt, const char *pid);

#endif
