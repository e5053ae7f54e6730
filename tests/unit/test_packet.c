// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Framing of the remote protocol: packet.c, and conn.c over pipes and sockets.
 */
#include "rsp_client.h"

#include <sys/socket.h>
#include <unistd.h>

#include "target/conn.h"
#include "target/packet.h"

/* Push bytes; the last event that was not PACKET_MORE. */
static enum packet_event push_all(struct packet_reader *r, const char *bytes, size_t len)
{
	enum packet_event last = PACKET_MORE;

	for (size_t i = 0; i < len; i++) {
		enum packet_event event = packet_push(r, (uint8_t)bytes[i]);

		if (event != PACKET_MORE)
			last = event;
	}
	return last;
}

static struct packet_reader *new_reader(void)
{
	struct packet_reader *r = malloc(sizeof(*r));

	assert_non_null(r);
	packet_reader_init(r);
	return r;
}

static void test_reads(void **state)
{
	static const struct {
		const char *wire;
		enum packet_event event;
		const char *payload;
	} cases[] = {
		{ "$#00", PACKET_READY, "" },
		{ "$qC#b4", PACKET_READY, "qC" },
		{ "$qC#B4", PACKET_READY, "qC" },
		{ "+$qC#b4", PACKET_READY, "qC" },
		{ "noise\x03$qC#b4", PACKET_READY, "qC" },
		{ "$lost$qC#b4", PACKET_READY, "qC" },
		{ "$\x03#03", PACKET_READY, "\x03" },
		{ "$a}\x03z#5b", PACKET_READY, "a#z" },
		{ "$}]#da", PACKET_READY, "}" },
		{ "-", PACKET_NACK, NULL },
		{ "$qC#b", PACKET_MORE, NULL },
		{ "$qC", PACKET_MORE, NULL },
		{ "$qC#b5", PACKET_DAMAGED, NULL },
		//       ^ the sum is b4
		{ "$qC#x4", PACKET_DAMAGED, NULL },
		//      ^ not a digit
		{ "$qC}#31", PACKET_DAMAGED, NULL },
		//    ^ escapes nothing
	};
	struct packet_reader *r = new_reader();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		packet_reader_init(r);
		assert_int_equal(push_all(r, cases[i].wire, strlen(cases[i].wire)), cases[i].event);
		if (!cases[i].payload)
			continue;
		assert_int_equal(r->len, strlen(cases[i].payload));
		assert_memory_equal(r->payload, cases[i].payload, r->len);
	}
	free(r);
}

static void push_long(struct packet_reader *r, size_t len, enum packet_event expected)
{
	char end[4];

	assert_int_equal(packet_push(r, '$'), PACKET_MORE);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(packet_push(r, 'a'), PACKET_MORE);
	snprintf(end, sizeof(end), "#%02x", (unsigned int)('a' * len) & 0xff);
	assert_int_equal(push_all(r, end, 3), expected);
}

static void test_length_limit(void **state)
{
	struct packet_reader *r = new_reader();

	(void)state;
	push_long(r, PACKET_MAX, PACKET_READY);
	assert_int_equal(r->len, PACKET_MAX);
	push_long(r, PACKET_MAX + 1, PACKET_TOO_LONG);
	push_long(r, 5 * PACKET_MAX, PACKET_TOO_LONG);
	assert_int_equal(push_all(r, "$qC#b4", 6), PACKET_READY); // and on it goes
	free(r);
}

static void round_trip(const void *payload, size_t len)
{
	struct buf wire = { 0 }, back = { 0 };

	packet_encode(&wire, payload, len);
	assert_false(wire.failed);
	rsp_decode(wire.data, wire.len, &back);
	assert_int_equal(back.len, len);
	assert_memory_equal(back.data, payload, len);
	buf_deinit(&wire);
	buf_deinit(&back);
}

static void test_every_byte(void **state)
{
	uint8_t bytes[256];

	(void)state;
	for (int i = 0; i < 256; i++)
		bytes[i] = (uint8_t)i;
	round_trip(bytes, sizeof(bytes));
	for (int i = 0; i < 256; i++)
		round_trip(&bytes[i], 1);
	round_trip("", 0);
}

/* Every run length, of a plain byte and of those that are escaped or look like one. */
static void test_runs(void **state)
{
	static const uint8_t bytes[] = { '0', 0, 0xff, '*', '#', '$', '}', ']', '+', '-', ' ' };
	uint8_t text[302];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		for (size_t len = 1; len <= 300; len++) {
			memset(text, bytes[i], len);
			round_trip(text, len);
			text[0] = '}';
			text[len] = '!';
			round_trip(text, len + 1);
		}
	}
}

static void expect_wire(const char *payload, const char *wire)
{
	struct buf out = { 0 };

	packet_encode(&out, payload, strlen(payload));
	assert_int_equal(out.len, strlen(wire));
	assert_memory_equal(out.data, wire, out.len);
	buf_deinit(&out);
}

static void test_run_encoding(void **state)
{
	(void)state;
	expect_wire("OK", "$OK#9a");
	expect_wire("000", "$000#90");
	expect_wire("0000", "$0* #7a");
	expect_wire("0000000", "$0*\"0#ac");  // '#' would be six more
	expect_wire("00000000", "$0*\"00#dc"); // '$' would be seven more
}

static void test_zeros_are_short(void **state)
{
	static const uint8_t zeros[PACKET_MAX];
	struct buf out = { 0 };

	(void)state;
	packet_encode(&out, zeros, sizeof(zeros));
	assert_in_range(out.len, 1, sizeof(zeros) / 98 * 3 + 8);
	buf_deinit(&out);
	round_trip(zeros, sizeof(zeros));
}

/* ---- conn.c ------------------------------------------------------------------------------- */

struct wire {
	struct conn *conn;
	int in, out; /* our ends: in is written by the test, out is read */
	int conn_in, conn_out;
};

static void open_pipes(struct wire *w)
{
	int to[2], from[2];

	assert_int_equal(pipe(to), 0);
	assert_int_equal(pipe(from), 0);
	*w = (struct wire){ malloc(sizeof(struct conn)), to[1], from[0], to[0], from[1] };
	conn_init(w->conn, w->conn_in, w->conn_out);
}

static void close_wire(struct wire *w)
{
	conn_deinit(w->conn);
	free(w->conn);
	if (w->in >= 0)
		close(w->in);
	if (w->out >= 0)
		close(w->out);
	close(w->conn_in);
	close(w->conn_out);
}

static void feed(struct wire *w, const char *s)
{
	assert_int_equal(write(w->in, s, strlen(s)), (ssize_t)strlen(s));
}

static void expect_out(struct wire *w, const char *s)
{
	char got[256] = "";

	assert_int_equal(read(w->out, got, sizeof(got) - 1), (ssize_t)strlen(s));
	assert_string_equal(got, s);
}

static void expect_request(struct wire *w, const char *payload)
{
	assert_int_equal(conn_read(w->conn), CONN_REQUEST);
	assert_int_equal(w->conn->reader.len, strlen(payload));
	assert_memory_equal(w->conn->reader.payload, payload, strlen(payload));
}

static void test_acknowledges(void **state)
{
	struct wire w;

	(void)state;
	open_pipes(&w);
	feed(&w, "$qC#b4");
	expect_request(&w, "qC");
	expect_out(&w, "+");
	conn_send(w.conn, "OK", 2);
	expect_out(&w, "$OK#9a");
	feed(&w, "-$qC#b5$qC#b4"); // say that again; a damaged one, which is refused; a sound one
	expect_request(&w, "qC");
	expect_out(&w, "$OK#9a-+");
	close_wire(&w);
}

static void test_without_acknowledgements(void **state)
{
	struct wire w;

	(void)state;
	open_pipes(&w);
	w.conn->no_ack = true;
	feed(&w, "+-\x03$qC#b4$qC#b5$?#3f");
	expect_request(&w, "qC");
	assert_int_equal(conn_read(w.conn), CONN_DAMAGED);
	expect_request(&w, "?");
	conn_send(w.conn, "OK", 2);
	expect_out(&w, "$OK#9a"); // and nothing before it
	close_wire(&w);
}

static void test_split_reads(void **state)
{
	struct wire w;

	(void)state;
	open_pipes(&w);
	feed(&w, "$q");
	feed(&w, "C#");
	feed(&w, "b4$?#");
	expect_request(&w, "qC");
	feed(&w, "3f");
	expect_request(&w, "?");
	close_wire(&w);
}

static void test_client_goes(void **state)
{
	struct wire w;

	(void)state;
	open_pipes(&w);
	feed(&w, "$qC");
	close(w.in);
	w.in = -1;
	assert_int_equal(conn_read(w.conn), CONN_CLOSED);
	close_wire(&w);
}

static void test_keep_alive(void **state)
{
	struct wire w;

	(void)state;
	open_pipes(&w);
	conn_keep_alive(w.conn);
	conn_send(w.conn, "OK", 2);
	expect_out(&w, "+$OK#9a"); // clients skip what stands before a packet
	close_wire(&w);
}

/* A reader that is gone kills neither us nor, with a SIGPIPE left pending, our caller later. */
static void test_reader_goes(void **state)
{
	struct wire w;

	(void)state;
	open_pipes(&w);
	close(w.out);
	w.out = -1;
	conn_send(w.conn, "OK", 2);
	assert_true(w.conn->lost);
	assert_int_equal(conn_read(w.conn), CONN_CLOSED);
	close_wire(&w);
}

static void test_socket_peer_goes(void **state)
{
	struct conn *c = malloc(sizeof(*c));
	int fd[2];

	(void)state;
	assert_non_null(c);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	conn_init(c, fd[0], fd[0]);
	close(fd[1]);
	conn_send(c, "OK", 2);
	assert_true(c->lost);
	assert_int_equal(conn_read(c), CONN_CLOSED);
	conn_deinit(c);
	close(fd[0]);
	free(c);
}

static void test_read_fails(void **state)
{
	struct conn *c = malloc(sizeof(*c));

	(void)state;
	assert_non_null(c);
	conn_init(c, -1, -1);
	assert_int_equal(conn_read(c), CONN_FAILED);
	assert_int_equal(c->os_errno, 9 /* EBADF */);
	conn_deinit(c);
	free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_length_limit),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_run_encoding),
		cmocka_unit_test(test_zeros_are_short),
		cmocka_unit_test(test_acknowledges),
		cmocka_unit_test(test_without_acknowledgements),
		cmocka_unit_test(test_split_reads),
		cmocka_unit_test(test_keep_alive),
		cmocka_unit_test(test_client_goes),
		cmocka_unit_test(test_reader_goes),
		cmocka_unit_test(test_socket_peer_goes),
		cmocka_unit_test(test_read_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
