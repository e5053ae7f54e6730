/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * json_writer.h - JSON of reports: the writer puts in commas, line ends and indents.
 *
 *	json_writer_object(&w, NULL);		{
 *	json_writer_uint(&w, "pid", 42);	    "pid": 42,
 *	json_writer_list(&w, "fds");		    "fds": [
 *	json_writer_uint(&w, NULL, 3);		        3
 *	json_writer_end(&w);			    ]
 *	json_writer_end(&w);			}
 *
 * A value in an object has a key, in a list it has none. Values outside of everything are lines of
 * their own (JSON Lines). Failures are remembered as in lines.h.
 */
#ifndef CRIT_REPORT_JSON_WRITER_H
#define CRIT_REPORT_JSON_WRITER_H

#include "report/lines.h"

enum { JSON_WRITER_DEPTH = 256 }; // process trees are deep

struct json_writer {
	struct lines lines;
	bool indented;		/* four spaces a level; else every outer value is one line */
	unsigned int depth;	/* open objects and lists; at most JSON_WRITER_DEPTH */
	bool is_list[JSON_WRITER_DEPTH];
	bool has_values[JSON_WRITER_DEPTH];
	const char *unopened;	/* key of the innermost list, if that is not there so far */
};

void json_writer_init(struct json_writer *w, struct crit_output *out, bool indented);
void json_writer_object(struct json_writer *w, const char *key);
void json_writer_list(struct json_writer *w, const char *key);
/** A list that is left out when it stays empty. @param key  Borrowed until it is closed. */
void json_writer_list_of_some(struct json_writer *w, const char *key);
/** Close the innermost object or list. */
void json_writer_end(struct json_writer *w);
/** Text out of images, any bytes; NULL: null. */
void json_writer_text(struct json_writer *w, const char *key, const char *text);
void json_writer_text_n(struct json_writer *w, const char *key, const char *text, size_t len);
void json_writer_uint(struct json_writer *w, const char *key, uint64_t value);
void json_writer_int(struct json_writer *w, const char *key, int64_t value);
/** A string "0x2a". */
void json_writer_hex(struct json_writer *w, const char *key, uint64_t value);
/** With so many digits behind the point. */
void json_writer_fixed(struct json_writer *w, const char *key, double value, int digits);
void json_writer_bool(struct json_writer *w, const char *key, bool value);
void json_writer_null(struct json_writer *w, const char *key);
/** As lines_finish(). */
enum crit_status json_writer_finish(struct json_writer *w, struct crit_error *err);

#endif
