/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cli.h - the verbs of the critcore command. A verb is one function in a file of its own and one
 * row of the table in main.c; it parses words, calls one library function, and prints.
 */
#ifndef CRIT_CLI_H
#define CRIT_CLI_H

#include <stdio.h>

#include "critcore.h"
#include "options.h"

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
	const char *help;      /* more, for --help before the options; ends with a newline */
	const struct cli_option *options;
	const char *notes;     /* likewise behind them; NULL: nothing */
	int (*run)(int argc, char **argv); /* argv[0] is the verb */
};

extern const struct verb verb_bt;
extern const struct verb verb_core;
extern const struct verb verb_cache;
extern const struct verb verb_decode;
extern const struct verb verb_encode;
extern const struct verb verb_info;
extern const struct verb verb_show;
extern const struct verb verb_check;
extern const struct verb verb_compress;
extern const struct verb verb_decompress;
extern const struct verb verb_diff;
extern const struct verb verb_dump;
extern const struct verb verb_find;
extern const struct verb verb_ls;
extern const struct verb verb_pages;
extern const struct verb verb_serve;
extern const struct verb verb_stats;
extern const struct verb verb_x;

/** Print "critcore: MESSAGE" to stderr. @return EXIT_FAILED. */
int cli_fail(const struct crit_error *err);
/** Print "critcore: MESSAGE" and where help is to stderr. @return EXIT_USAGE. */
int cli_usage(const struct verb *verb, const char *message);
/** From now on SIGINT, SIGTERM and SIGHUP are only noted, unless they were ignored: system calls
 *  end with EINTR, and whoever works asks cli_caught() and stops. */
void cli_catch_signals(void);
bool cli_caught(void);
/** From now on nothing would be left behind: the process ends a second after the signal, or with
 *  the next one, whether anybody asks or not. */
void cli_be_impatient(void);
bool cli_catching(void);
/** They end the process again. */
void cli_uncatch_signals(void);
/** End the process by the signal that was caught. */
void cli_end_as_caught(void);
/** A process id in decimal; false if it is none. */
bool cli_parse_pid(const char *text, uint32_t *out);
/** The task that the user means: @p pid as typed, or the root when NULL. Says what is wrong itself.
 *  @return NULL on failure. */
struct crit_task *cli_find_task(struct crit_checkpoint *ckpt, const char *pid);

/* ---- inspect.c: `info` of what is no image ---- */

/** Do the words ask about a directory, or have options that images have not? */
bool cli_inspect_is_meant(int argc, char **argv);
/** Is the file, which is no image, an archive with a checkpoint, or a damaged one? */
bool cli_inspect_is_archive(const char *path);
int cli_inspect(int argc, char **argv);
extern const struct cli_option cli_inspect_options[];

/* ---- open.c: how verbs open a checkpoint ---- */

enum { CLI_PARENTS = 64 };

/** What options say of where the parts of a checkpoint are. */
struct cli_places {
	const char *sysroot, *exe, *pages; /* NULL: not given */
	const char *parents[CLI_PARENTS + 1]; /* the first NULL ends them */
	size_t nr_parents; /* that were given, also those for which there was no room */
	const char *unpack_limit; /* likewise; in GiB */
	bool trust_files;
};

/* Rows of struct cli_places: all of them, and some for verbs that do not have all. */
extern const struct cli_option cli_places_options[];
extern const struct cli_option cli_archive_options[];
extern const struct cli_option cli_limit_options[];

/** What of them is for opening. Says what is wrong itself; then false.
 *  @param out  Borrows from @p places. */
bool cli_places_open(const struct cli_places *places, struct crit_open_options *out);
/** Open a checkpoint. Says what is wrong itself. @return NULL on failure. */
struct crit_checkpoint *cli_open(const char *dir, const struct cli_places *places);
/** Open a pre-dump. @return NULL: it is none; cli_open() says what it is. */
struct crit_checkpoint *cli_open_pre_dump(const char *dir, const struct cli_places *places);

/* ---- text.c: what is printed ---- */

/** "rw-p", as in /proc/PID/maps. */
void cli_prot(const struct crit_mapping *mapping, char out[5]);
/** Print text out of images with control bytes replaced. */
void cli_put_text(FILE *to, const char *text);
/** Print a JSON string; bytes that are no UTF-8 become \udc80 to \udcff, as Python has them. NULL:
 *  null. */
void cli_put_json(FILE *to, const char *text);

/* ---- bar.c ---- */

/** A progress bar on standard error, if that is a terminal. */
struct cli_bar {
	bool shown; /* it may be drawn */
	const char *unit; /* of what is counted; NULL: bytes, shown as MiB */
	int percent; /* that it shows; -1: it is not there */
};

void cli_bar_init(struct cli_bar *bar, bool wanted);
void cli_bar_draw(struct cli_bar *bar, uint64_t done, uint64_t total);
void cli_bar_erase(struct cli_bar *bar);

/* ---- report.c: how verbs that report print ---- */

struct cli_report {
	struct crit_output *out; /* standard output */
	struct crit_report_options options; /* colours and a progress bar on a terminal only */
	struct cli_bar bar;
};

/** Signals are caught from here on. Says what is wrong itself. */
bool cli_report_open(struct cli_report *report, bool json);
/** Say what went wrong, if something did; end as a signal that was caught. @return exit status. */
int cli_report_close(struct cli_report *report, enum crit_status status,
		     const struct crit_error *err);

/* ---- range.c ---- */

/**
 * A range of addresses as typed: START-END, START+LEN, or the name of mappings ("[heap]", a path,
 * the last part of one), which have to lie side by side. Says what is wrong itself.
 */
bool cli_parse_range(struct crit_task *task, const char *text, uint64_t *start, uint64_t *end);

#endif
