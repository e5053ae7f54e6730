/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * report.h - what all verbs that print have in common. A part of critcore.h.
 *
 * Such a verb has two functions: one gives what it found as structs, the other writes that to an
 * output, as text for people or as JSON for programs. A front end picks the form and prints.
 */
#ifndef CRITCORE_REPORT_H
#define CRITCORE_REPORT_H

#include "critcore/io.h"

#ifdef __cplusplus
extern "C" {
#endif

enum crit_report_form {
	CRIT_REPORT_TEXT, /* lines; control bytes of names in images are replaced by '?' */
	CRIT_REPORT_JSON, /* bytes of names that are no UTF-8 become \udc80 to \udcff, as Python has
			     them; ends with a newline */
};

/** How a report is written. All zero is plain text. */
struct crit_report_options {
	enum crit_report_form form;
	bool colour;		       /* TEXT: with escape sequences of ANSI terminals */
	crit_keep_going_fn keep_going; /* may be NULL */
	void *ctx;		       /* for keep_going */
};

enum { CRIT_SIZE_TEXT_MAX = 32 };

/** "232 KiB"; exact below one KiB. @param buf  Receives the text with its terminator. */
CRIT_API void crit_size_text(uint64_t bytes, char buf[CRIT_SIZE_TEXT_MAX]);

/**
 * A name out of an image as a JSON string, quotes included, as reports have it.
 * @param text  @p len bytes of any value. NULL: "null".
 * @return free() it; NULL: out of memory.
 */
CRIT_API char *crit_json_quote(const char *text, size_t len);

#ifdef __cplusplus
}
#endif

#endif
