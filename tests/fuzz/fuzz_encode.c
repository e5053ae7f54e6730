// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzz harness: JSON, through crit_image_encode(). What became an image is decoded and encoded
 * again, which must give the same bytes.
 *
 *	clang -fsanitize=fuzzer,address,undefined ... fuzz_encode.c
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "critcore.h"
#include "util/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool collect(void *ctx, const void *data, size_t len)
{
	buf_add(ctx, data, len);
	return true;
}

typedef enum crit_status (*convert_fn)(struct crit_input *in, struct crit_output *out,
				       struct crit_error *err);

static enum crit_status encode(struct crit_input *in, struct crit_output *out,
			       struct crit_error *err)
{
	return crit_image_encode(in, out, NULL, err);
}

static enum crit_status decode(struct crit_input *in, struct crit_output *out,
			       struct crit_error *err)
{
	return crit_image_decode(in, out, NULL, err);
}

static enum crit_status decode_pretty(struct crit_input *in, struct crit_output *out,
				      struct crit_error *err)
{
	struct crit_decode_options options = { .layout = CRIT_JSON_INDENTED, .pretty = true };

	return crit_image_decode(in, out, &options, err);
}

static enum crit_status convert(convert_fn fn, const uint8_t *data, size_t len, struct buf *to)
{
	struct crit_error err = { 0 };
	struct crit_output *out = NULL;
	struct crit_input *in = NULL;
	enum crit_status status;

	if (crit_input_from_memory(data, len, "fuzz", &in, &err) ||
	    crit_output_from_function(collect, to, &out, &err))
		abort();
	status = fn(in, out, &err);
	if (status && !err.message[0])
		abort(); // a failure says why
	crit_input_close(in);
	crit_output_close(out);
	return status;
}

/** The image as JSON and back. */
static void check_round(convert_fn fn, const struct buf *image)
{
	struct buf json = { 0 }, again = { 0 };
	enum crit_status status = convert(fn, image->data, image->len, &json);

	if (status && status != CRIT_KEPT)
		abort();
	if (convert(encode, json.data, json.len, &again))
		abort();
	if (again.len != image->len || memcmp(again.data, image->data, image->len))
		abort();
	buf_deinit(&json);
	buf_deinit(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf image = { 0 };

	if (!convert(encode, data, len, &image)) {
		check_round(decode, &image);
		check_round(decode_pretty, &image);
	}
	buf_deinit(&image);
	return 0;
}
