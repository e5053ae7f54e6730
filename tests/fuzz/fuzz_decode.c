// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzz harness: bytes as an image, through the decoder in each of its forms and back through the
 * encoder. What was decoded must come back byte by byte, whatever it was.
 *
 *	clang -fsanitize=fuzzer,address,undefined ... fuzz_decode.c
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool append(void *ctx, const void *data, size_t len)
{
	buf_add(ctx, data, len);
	return true;
}

typedef enum crit_status (*convert_fn)(struct crit_input *in, struct crit_output *out,
				       const struct crit_decode_options *options,
				       struct crit_error *err);

static enum crit_status encode(struct crit_input *in, struct crit_output *out,
			       const struct crit_decode_options *options, struct crit_error *err)
{
	(void)options;
	return crit_image_encode(in, out, NULL, err);
}

static enum crit_status convert(convert_fn how, const uint8_t *data, size_t len, struct buf *to,
				const struct crit_decode_options *options, struct crit_error *err)
{
	struct crit_output *out = NULL;
	struct crit_input *in = NULL;
	enum crit_status status;

	if (crit_input_from_memory(data, len, "input", &in, err) ||
	    crit_output_from_function(append, to, &out, err))
		abort();
	status = how(in, out, options, err);
	crit_output_close(out);
	crit_input_close(in);
	return status;
}

static void check(const uint8_t *data, size_t len, const struct crit_decode_options *options)
{
	struct buf json = { 0 }, back = { 0 };
	struct crit_error err = { 0 };
	enum crit_status status = convert(crit_image_decode, data, len, &json, options, &err);

	if (status == CRIT_OK || status == CRIT_KEPT) {
		status = convert(encode, json.data, json.len, &back, NULL, &err);
		if (status || back.len != len || memcmp(back.data, data, len)) {
			fprintf(stderr, "not the same again: %s\n%.*s\n", err.message,
				(int)json.len, (const char *)json.data);
			abort();
		}
	} else if (!err.message[0]) {
		abort(); // every failure says why
	}
	buf_deinit(&json);
	buf_deinit(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct crit_decode_options line = { 0 };
	struct crit_decode_options pretty = { .layout = CRIT_JSON_INDENTED, .pretty = true };
	struct crit_decode_options sizes = { .no_payload = true };
	struct crit_image_info info;
	struct crit_input *in = NULL;
	struct buf json = { 0 };

	check(data, len, &line);
	check(data, len, &pretty);
	convert(crit_image_decode, data, len, &json, &sizes, NULL);
	buf_deinit(&json);
	if (!crit_input_from_memory(data, len, "input", &in, NULL))
		crit_image_info(in, &info, NULL);
	crit_input_close(in);
	return 0;
}
