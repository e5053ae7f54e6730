// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Mapped files that become shorter: util/guard.c. What a signal does to a whole process is tried in
 * children.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/guard.h"

enum { NR_PAGES = 64, NR_ROUNDS = 200 };

static size_t page;

/* A file without a name; every byte of page N is N + 1. */
static int make_file(void)
{
	char name[] = "/tmp/critcore-guard-XXXXXX";
	int fd = mkstemp(name);
	uint8_t *bytes = malloc(page);

	assert_true(fd >= 0);
	unlink(name);
	for (int i = 0; i < NR_PAGES; i++) {
		memset(bytes, i + 1, page);
		assert_int_equal(write(fd, bytes, page), page);
	}
	free(bytes);
	return fd;
}

static struct guarded *map(int fd, uint64_t off, size_t len)
{
	struct guarded *region;
	struct crit_error err;

	if (guard_map(fd, off, len, &region, &err))
		fail_msg("%s", err.message);
	return region;
}

static void test_reads(void **state)
{
	int fd = make_file();
	struct guarded *region = map(fd, 2 * page - 3, page + 7);
	const uint8_t *bytes = guard_data(region);

	(void)state;
	close(fd); // the region keeps what it needs
	assert_int_equal(bytes[0], 2);
	assert_int_equal(bytes[2], 2);
	assert_int_equal(bytes[3], 3);
	assert_int_equal(bytes[page + 3], 4);
	assert_true(guard_intact(region));
	guard_unmap(region);
	guard_unmap(NULL);
}

/* Cut before, inside and behind the region; at a page's border there is a fault, inside none. */
static void test_cut(void **state)
{
	const struct {
		size_t size;
		uint8_t last; /* byte of the region */
		bool intact;
	} cases[] = {
		{ 0, 0, false },
		{ 3 * page, 0, false },
		{ 4 * page - 1, 0, false },
		//        ^ zeros up to the end of the page, without a fault
		{ 4 * page, 4, true },
		{ 5 * page, 4, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int fd = make_file();
		struct guarded *region = map(fd, page, 3 * page);
		struct guarded *other = map(fd, 0, 1);
		const volatile uint8_t *bytes = guard_data(region);

		assert_int_equal(bytes[0], 2);
		assert_int_equal(ftruncate(fd, (off_t)cases[i].size), 0);
		assert_int_equal(bytes[3 * page - 1], cases[i].last);
		assert_int_equal(guard_intact(region), cases[i].intact);
		assert_int_equal(guard_intact(other), cases[i].size > 0);
		// Once lost it stays lost.
		assert_int_equal(ftruncate(fd, (off_t)(NR_PAGES * page)), 0);
		assert_int_equal(guard_intact(region), cases[i].intact);
		guard_unmap(other);
		guard_unmap(region);
		close(fd);
	}
}

/* Nobody read it while it was short: the fault itself has to be remembered. */
static void test_fault_is_remembered(void **state)
{
	int fd = make_file();
	struct guarded *region = map(fd, 0, NR_PAGES * page);
	const volatile uint8_t *bytes = guard_data(region);

	(void)state;
	assert_int_equal(ftruncate(fd, (off_t)page), 0);
	assert_int_equal(bytes[0], 1);
	assert_int_equal(bytes[7 * page + 5], 0);
	assert_int_equal(ftruncate(fd, (off_t)(NR_PAGES * page)), 0);
	assert_false(guard_intact(region));
	guard_unmap(region);
	close(fd);
}

static void test_refused(void **state)
{
	struct guarded *region = NULL;
	struct crit_error err;
	int fd = make_file(), pipes[2];
	sigset_t bus, old;

	(void)state;
	assert_int_equal(guard_map(fd, 0, 0, &region, &err), CRIT_INVALID);
	assert_int_equal(guard_map(fd, 0, NR_PAGES * page + 1, &region, &err), CRIT_CORRUPT);
	assert_int_equal(guard_map(fd, UINT64_MAX, 1, &region, &err), CRIT_CORRUPT);
	assert_int_equal(guard_map(fd, 1, SIZE_MAX, &region, &err), CRIT_CORRUPT);
	assert_int_equal(guard_map(-1, 0, 1, &region, &err), CRIT_OS);
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(guard_map(pipes[0], 0, 1, &region, &err), CRIT_CORRUPT);
	sigemptyset(&bus);
	sigaddset(&bus, SIGBUS);
	pthread_sigmask(SIG_BLOCK, &bus, &old);
	assert_int_equal(guard_map(fd, 0, 1, &region, &err), CRIT_UNSUPPORTED);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	assert_null(region);
	close(pipes[0]);
	close(pipes[1]);
	close(fd);
}

static bool handler_is(void (*handler)(int))
{
	struct sigaction now;

	assert_int_equal(sigaction(SIGBUS, NULL, &now), 0);
	return !(now.sa_flags & SA_SIGINFO) && now.sa_handler == handler;
}

static void leave_17(int signo)
{
	(void)signo;
	_exit(17);
}

/* The handler stands while there are regions, and does not come back on top of another one. */
static void test_handler_in_place(void **state)
{
	int fd = make_file();
	struct guarded *one, *two = NULL;
	struct sigaction ours;

	(void)state;
	signal(SIGBUS, leave_17);
	one = map(fd, 0, 1);
	assert_false(handler_is(leave_17));
	guard_unmap(one);
	assert_true(handler_is(leave_17));

	one = map(fd, 0, 1);
	sigaction(SIGBUS, NULL, &ours);
	signal(SIGBUS, SIG_IGN);
	assert_int_equal(guard_map(fd, 0, 1, &two, NULL), CRIT_UNSUPPORTED);
	guard_unmap(one);
	assert_true(handler_is(SIG_IGN));
	assert_int_equal(guard_map(fd, 0, 1, &two, NULL), CRIT_UNSUPPORTED);
	// Whoever stood on top goes, and puts back what they had found.
	sigaction(SIGBUS, &ours, NULL);
	guard_unmap(map(fd, 0, 1));
	assert_true(handler_is(leave_17));
	signal(SIGBUS, SIG_DFL);
	close(fd);
}

/* How a child ends that does something while a region is mapped. */
static int end_of_child(void (*deed)(struct guarded *region, int fd))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		int fd = make_file();
		struct guarded *region = map(fd, 0, NR_PAGES * page);

		alarm(20);
		deed(region, fd);
		_exit(guard_intact(region) ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* A mapping that nobody guards. */
static void fault_elsewhere(struct guarded *region, int fd)
{
	int other = make_file();
	volatile uint8_t *bytes = mmap(NULL, page, PROT_READ, MAP_SHARED, other, 0);

	(void)region, (void)fd;
	assert_int_equal(ftruncate(other, 0), 0);
	(void)bytes[0];
}

static void send_signal(struct guarded *region, int fd)
{
	(void)region, (void)fd;
	kill(getpid(), SIGBUS);
}

static volatile sig_atomic_t nr_seen;

static void count(int signo, siginfo_t *info, void *context)
{
	(void)signo, (void)info, (void)context;
	nr_seen++;
}

static void test_others_faults(void **state)
{
	struct sigaction action = { .sa_sigaction = count, .sa_flags = SA_SIGINFO };
	int status;

	(void)state;
	signal(SIGBUS, SIG_DFL); // cmocka has one of its own
	status = end_of_child(fault_elsewhere);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
	status = end_of_child(send_signal);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);

	signal(SIGBUS, SIG_IGN);
	assert_int_equal(end_of_child(send_signal), 0);
	status = end_of_child(fault_elsewhere);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);

	signal(SIGBUS, leave_17);
	status = end_of_child(fault_elsewhere);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 17);
	status = end_of_child(send_signal);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 17);

	sigaction(SIGBUS, &action, NULL);
	assert_int_equal(end_of_child(send_signal), 0);
	struct guarded *region = map(make_file(), 0, 1);
	raise(SIGBUS);
	assert_int_equal(nr_seen, 1);
	guard_unmap(region);
	signal(SIGBUS, SIG_DFL);
}

/* Map, cut, read, unmap, over and over. */
static void *work(void *arg)
{
	size_t *nr_wrong = arg;

	for (int round = 0; round < NR_ROUNDS; round++) {
		int fd = make_file();
		struct guarded *regions[3];

		for (size_t i = 0; i < 3; i++)
			regions[i] = map(fd, i * page, page);
		if (ftruncate(fd, (off_t)page))
			++*nr_wrong;
		for (size_t i = 0; i < 3; i++) {
			const volatile uint8_t *bytes = guard_data(regions[i]);

			*nr_wrong += bytes[5] != (i ? 0 : 1);
			*nr_wrong += guard_intact(regions[i]) != (i == 0);
			guard_unmap(regions[i]);
		}
		close(fd);
	}
	return NULL;
}

static void test_threads(void **state)
{
	pthread_t threads[4];
	size_t nr_wrong[4] = { 0 };

	(void)state;
	signal(SIGBUS, SIG_DFL); // cmocka has one of its own
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, work, &nr_wrong[i]), 0);
	for (size_t i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(nr_wrong[i], 0);
	}
	assert_true(handler_is(SIG_DFL));
}

/* More regions than one piece of the table holds, and descriptors do not run out. */
static void test_many(void **state)
{
	enum { MANY = 3000 };
	static struct guarded *regions[MANY];
	int fd = make_file();

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		regions[i] = map(fd, i % NR_PAGES * page, 1);
	assert_int_equal(ftruncate(fd, 0), 0);
	for (size_t i = 0; i < MANY; i += 7)
		assert_int_equal(*(const volatile uint8_t *)guard_data(regions[i]), 0);
	for (size_t i = 0; i < MANY; i++) {
		assert_false(guard_intact(regions[i]));
		guard_unmap(regions[i]);
	}
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_fault_is_remembered),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_handler_in_place),
		cmocka_unit_test(test_others_faults),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_many),
	};

	page = (size_t)sysconf(_SC_PAGESIZE);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
