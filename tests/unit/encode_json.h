/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * encode_json.h - JSON of a test to an image, and what is expected of it. Images are in hex; spaces
 * in it do not count.
 */
#ifndef ENCODE_JSON_H
#define ENCODE_JSON_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "critcore.h"
#include "util/buf.h"

#define NR(a) (sizeof(a) / sizeof((a)[0]))

#define COMMON "19435654 " /* the first magic */
#define RLIMIT "25391157 "

static inline bool collect(void *ctx, const void *data, size_t len)
{
	buf_add(ctx, data, len);
	return true;
}

/** Notes that were heard, a line each. */
static inline void hear(void *ctx, const char *line)
{
	buf_add_str(ctx, line);
	buf_add_byte(ctx, '\n');
}

static inline enum crit_status encode_input(struct crit_input *in, struct buf *image,
					    struct buf *notes, struct crit_error *err)
{
	struct crit_encode_options options = { .note = hear, .ctx = notes };
	struct crit_output *out;
	enum crit_status status;

	assert_int_equal(crit_output_from_function(collect, image, &out, NULL), CRIT_OK);
	status = crit_image_encode(in, out, &options, err);
	crit_output_close(out);
	crit_input_close(in);
	return status;
}

static inline enum crit_status encode(const char *json, struct buf *image, struct buf *notes,
				      struct crit_error *err)
{
	struct crit_input *in;

	assert_int_equal(crit_input_from_memory(json, strlen(json), "t", &in, NULL), CRIT_OK);
	return encode_input(in, image, notes, err);
}

/** The same from a pipe, which cannot be read twice. */
static inline enum crit_status encode_piped(const char *json, struct buf *image, struct buf *notes,
					    struct crit_error *err)
{
	struct crit_input *in;
	enum crit_status status;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], json, strlen(json)), strlen(json));
	close(fds[1]);
	assert_int_equal(crit_input_from_fd(fds[0], "t", &in, NULL), CRIT_OK);
	status = encode_input(in, image, notes, err);
	close(fds[0]);
	return status;
}

static inline void to_hex(const struct buf *bytes, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < bytes->len && n + 3 < size; i++)
		n += (size_t)sprintf(out + n, "%02x", bytes->data[i]);
}

/** Encode, and compare the image in hex (spaces in @p hex do not count) and the notes. */
static inline void assert_image(const char *json, const char *hex, const char *notes)
{
	char found[4096], wanted[4096];

	for (int piped = 0; piped < 2; piped++) {
		struct buf image = { 0 }, heard = { 0 };
		struct crit_error err = { 0 };
		char *to = wanted;

		if ((piped ? encode_piped : encode)(json, &image, &heard, &err))
			fail_msg("%s: %s", json, err.message);
		for (const char *p = hex; *p; p++)
			if (*p != ' ')
				*to++ = *p;
		*to = '\0';
		to_hex(&image, found, sizeof(found));
		assert_string_equal(found, wanted);
		buf_add_byte(&heard, '\0');
		assert_string_equal((char *)heard.data, notes);
		buf_deinit(&image);
		buf_deinit(&heard);
	}
}

/** The bytes of one record without its size, of an image of a kind with the usual framing. */
static inline void assert_record(const char *kind, const char *entry, const char *hex)
{
	struct buf image = { 0 }, heard = { 0 };
	struct crit_error err = { 0 };
	char json[4096], found[4096], wanted[4096], *to = wanted;

	snprintf(json, sizeof(json), "{\"magic\": \"%s\", \"entries\": [%s]}", kind, entry);
	if (encode(json, &image, &heard, &err))
		fail_msg("%s: %s", entry, err.message);
	for (const char *p = hex; *p; p++)
		if (*p != ' ')
			*to++ = *p;
	*to = '\0';
	to_hex(&image, found, sizeof(found));
	assert_true(strlen(found) >= 24);
	assert_string_equal(found + 24, wanted);
	buf_deinit(&image);
	buf_deinit(&heard);
}

/** An entry of a kind is refused with a message, which is without "t: line 1, column N: ". */
static inline void assert_refused(const char *kind, const char *entry, const char *message)
{
	struct buf image = { 0 }, heard = { 0 };
	struct crit_error err = { 0 };
	char json[4096], *found;

	snprintf(json, sizeof(json), "{\"magic\": \"%s\", \"entries\": [%s]}", kind, entry);
	assert_int_equal(encode(json, &image, &heard, &err), CRIT_CORRUPT);
	assert_int_equal(strncmp(err.message, "t: line 1, column ", 18), 0);
	found = strchr(err.message + 18, ':');
	assert_non_null(found);
	assert_string_equal(found + 2, message);
	buf_deinit(&image);
	buf_deinit(&heard);
}

#endif
