/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check.h - will `criu restore` take this checkpoint? A part of critcore.h.
 *
 * All images are read but the pages themselves, and compared with each other: what one mentions
 * must be in the other. Nothing is restored, and no image is changed.
 */
#ifndef CRITCORE_CHECK_H
#define CRITCORE_CHECK_H

#include "critcore/checkpoint.h"
#include "critcore/report.h"

#ifdef __cplusplus
extern "C" {
#endif

enum crit_check_severity {
	CRIT_CHECK_NOTE,    /* worth knowing; nothing is wrong with the images */
	CRIT_CHECK_WARNING, /* a restore may fail, or needs an option or another machine */
	CRIT_CHECK_ERROR,   /* a restore fails, or brings back something else than was dumped */
};

/** "note", "warning", "error"; never NULL. Static storage. */
CRIT_API const char *crit_check_severity_name(enum crit_check_severity severity);

/** One of the things that are looked at. */
struct crit_check_rule {
	const char *id;			   /* "pages-size"; stays the same in later versions */
	enum crit_check_severity severity; /* of its findings */
	const char *summary;		   /* what holds in a sound checkpoint */
};

/** All of them, by area; NULL past the end. Static storage. */
CRIT_API const struct crit_check_rule *crit_check_rule_at(size_t index);

/** Something that was found. Everything in it lives as long as the call. */
struct crit_finding {
	const struct crit_check_rule *rule;
	enum crit_check_severity severity; /* the rule's, but for one that is only a warning here */
	const char *dir;    /* of a parent or of a page server; NULL: the checkpoint */
	const char *image;  /* a file of that directory; NULL: it is about no single one */
	bool has_record;    /* record and off are meaningful */
	uint64_t record;    /* from 0, the head of the image counts */
	uint64_t off;	    /* byte in the image where the record starts */
	const char *field;  /* of the record, as crit names it: "reg.mnt_id"; NULL: none */
	const char *text;   /* one sentence, without a period; may hold any bytes of names */
};

/** All zero is a look at the images alone, and at this machine's CPU. */
struct crit_check_options {
	bool files;		/* look at this machine's files, mapped and open ones */
	bool no_cpu;		/* do not compare CPUs: it will be restored elsewhere */
	const char *sysroot;	/* for files; as of crit_checkpoint_set_sysroot(). May be NULL */
	const char *pages;	/* as of crit_checkpoint_set_pages_dir(). May be NULL */
	const char *const *only; /* ids of rules, NULL behind the last; NULL: all */
	struct crit_open_options open; /* as of crit_checkpoint_open_with() */
	crit_keep_going_fn keep_going; /* images looked at, and of how many; may be NULL */
	void *ctx;		       /* for keep_going */
};

struct crit_check_result {
	uint64_t nr_errors, nr_warnings, nr_notes;
};

/**
 * Check a checkpoint. One that cannot be opened by crit_checkpoint_open() is still looked through.
 *
 * @param path     As of crit_checkpoint_open().
 * @param options  NULL: all zero.
 * @param hear     Hears of every finding, area by area; false ends the call with CRIT_INTERRUPTED.
 *                 Of a rule that finds more than a hundred times it hears of the first ones and how
 *                 many there were.
 * @param result   [out] How many; counts all.
 * @return CRIT_OK, whatever was found; when it could not be checked: CRIT_NOT_FOUND: there are no
 *         images; CRIT_INVALID: neither a directory nor an archive, or an id that is none;
 *         CRIT_CORRUPT: a damaged archive; CRIT_INTERRUPTED, CRIT_OS, CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_check(const char *path, const struct crit_check_options *options,
				     bool (*hear)(void *ctx, const struct crit_finding *finding),
				     void *ctx, struct crit_check_result *result,
				     struct crit_error *err);

/**
 * The same as a report: a line for each finding and one that sums up, or one JSON object.
 *
 * @param options Its keep_going and ctx are not used: @p report has them. Those of its open are.
 * @param result  [out] May be NULL.
 */
CRIT_API enum crit_status crit_check_report(const char *path,
					    const struct crit_check_options *options,
					    const struct crit_report_options *report,
					    struct crit_output *out,
					    struct crit_check_result *result,
					    struct crit_error *err);

/** The rules as a report: id, severity, summary. */
CRIT_API enum crit_status crit_check_rules_report(const struct crit_report_options *report,
						  struct crit_output *out, struct crit_error *err);

#ifdef __cplusplus
}
#endif

#endif
