// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What crit_image_decode() does when its input or output fails half-way. What it writes otherwise
 * is compared with CRIT's output in tests/crit.
 */
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

enum { PAYLOAD = 4 * 1024 * 1024 };

/* A pipes-data image with one payload of PAYLOAD zeros, without a name. */
static int make_image(void)
{
	// Magics; a record of 7 bytes: pipe_id 1, bytes PAYLOAD.
	static const uint8_t head[] = { 0x19, 0x43, 0x56, 0x54, 0x09, 0x37, 0x45, 0x56,
					0x07, 0,    0,	  0,	0x08, 0x01, 0x10, 0x80,
					0x80, 0x80, 0x02 };
	char path[] = "/tmp/critcore-test-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(write(fd, head, sizeof(head)), sizeof(head));
	assert_int_equal(ftruncate(fd, sizeof(head) + PAYLOAD), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

struct sink {
	int fd;		 /* to be cut short at the first write; -1: none */
	size_t room;	 /* bytes that are taken */
	size_t len;
};

static bool take(void *ctx, const void *data, size_t len)
{
	struct sink *sink = ctx;

	(void)data;
	if (sink->fd >= 0 && !sink->len)
		assert_int_equal(ftruncate(sink->fd, 1000), 0);
	sink->len += len;
	return sink->len <= sink->room;
}

static enum crit_status decode(int fd, struct sink *sink, const struct crit_decode_options *options,
			       struct crit_error *err)
{
	struct crit_output *out;
	struct crit_input *in;
	enum crit_status status;

	assert_int_equal(crit_input_from_fd(fd, "image", &in, err), CRIT_OK);
	assert_int_equal(crit_output_from_function(take, sink, &out, err), CRIT_OK);
	status = crit_image_decode(in, out, options, err);
	crit_output_close(out);
	crit_input_close(in);
	close(fd);
	return status;
}

static void test_whole(void **state)
{
	struct sink sink = { .fd = -1, .room = SIZE_MAX };
	struct crit_error err;

	(void)state;
	assert_int_equal(decode(make_image(), &sink, NULL, &err), CRIT_OK);
	assert_true(sink.len > PAYLOAD / 3 * 4);
}

/* It was whole when it was looked at: the output is not to be trusted, and cannot be taken back. */
static void test_shrinks(void **state)
{
	int fd = make_image();
	struct sink sink = { .fd = fd, .room = SIZE_MAX };
	struct crit_error err;

	(void)state;
	assert_int_equal(decode(fd, &sink, NULL, &err), CRIT_OS);
	assert_string_equal(err.message, "image: it got shorter while it was read");
}

static void test_full(void **state)
{
	struct sink sink = { .fd = -1, .room = 1000000 };
	struct crit_error err;

	(void)state;
	assert_int_equal(decode(make_image(), &sink, NULL, &err), CRIT_INTERRUPTED);
}

static bool stop_at(void *ctx, uint64_t done, uint64_t total)
{
	assert_true(total >= PAYLOAD);
	*(uint64_t *)ctx = done;
	return done < PAYLOAD / 2;
}

static void test_stopped(void **state)
{
	uint64_t done = 0;
	struct crit_decode_options options = { .keep_going = stop_at, .ctx = &done };
	struct sink sink = { .fd = -1, .room = SIZE_MAX };
	struct crit_error err;

	(void)state;
	assert_int_equal(decode(make_image(), &sink, &options, &err), CRIT_INTERRUPTED);
	assert_in_range(done, PAYLOAD / 2, PAYLOAD);
	assert_in_range(sink.len, PAYLOAD / 2, PAYLOAD);
}

static bool stop_at_second(void *ctx, uint64_t done, uint64_t total)
{
	(void)done, (void)total;
	return ++*(int *)ctx < 2;
}

/* Nothing ever comes out of the pipe, and no signal ends the waiting. */
static void test_stopped_waiting(void **state)
{
	int calls = 0, ends[2];
	struct crit_decode_options options = { .keep_going = stop_at_second, .ctx = &calls };
	struct sink sink = { .fd = -1, .room = SIZE_MAX };
	struct crit_error err;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	alarm(20);
	assert_int_equal(decode(ends[0], &sink, &options, &err), CRIT_INTERRUPTED);
	alarm(0);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_shrinks),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_stopped_waiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
