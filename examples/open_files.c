// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * open_files.c - what the processes of a checkpoint have open, sockets with their addresses, and
 * the System V IPC objects of its namespaces.
 *
 *	cc open_files.c $(pkg-config --cflags --libs critcore) -o open_files
 *	./open_files DIR
 */
#include <inttypes.h>
#include <stdio.h>

#include <critcore.h>

/* Names come out of images: what would steer a terminal is not printed. */
static void print_text(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		putchar(c < 0x20 || c == 0x7f ? '?' : c);
	}
}

static size_t length(const char *text)
{
	size_t len = 0;

	while (text[len])
		len++;
	return len;
}

static void print_socket(const struct crit_socket *sk)
{
	printf("      family %" PRIu32 " type %" PRIu32, sk->family, sk->type);
	if (sk->has_state)
		printf(" %s", crit_socket_state_name(sk->state));
	if (sk->kind == CRIT_FD_INETSK)
		printf(" %s %" PRIu32 " to %s %" PRIu32, sk->src_addr, sk->src_port, sk->dst_addr,
		       sk->dst_port);
	if (sk->kind == CRIT_FD_UNIXSK) {
		printf(" name '");
		print_text(sk->name, sk->name_len);
		printf("' peer %" PRIu64, sk->peer);
	}
	if (sk->has_queues)
		printf(" queues %" PRIu64 " %" PRIu64, sk->rcv_len, sk->snd_len);
	putchar('\n');
}

static void print_fds(struct crit_task *task)
{
	struct crit_socket sk;
	struct crit_fd fd;

	for (size_t i = 0; crit_fd_at(task, i, &fd); i++) {
		printf("  %3" PRIu32 " %s ", fd.fd, crit_fd_kind_name(fd.kind));
		print_text(fd.link, length(fd.link));
		if (!fd.known)
			printf("(not in the images)");
		if (fd.has_flags)
			printf(" flags 0%" PRIo32, fd.flags);
		if (fd.has_pos)
			printf(" at %" PRIu64, fd.pos);
		printf("%s\n", fd.cloexec ? " close-on-exec" : "");
		if (crit_fd_socket(task, i, &sk, NULL) == CRIT_OK)
			print_socket(&sk);
	}
}

static int print_task(struct crit_task *task)
{
	struct crit_task_info info;
	struct crit_error err;

	crit_task_info(task, &info, NULL);
	printf("process %" PRIu32 "\n", info.pid);
	if (info.state == CRIT_TASK_ZOMBIE)
		return 0;
	if (crit_fd_load(task, &err) != CRIT_OK) {
		fprintf(stderr, "open_files: %s\n", err.message);
		return 1;
	}
	print_fds(task);
	return 0;
}

static int print_ipc(struct crit_checkpoint *ckpt)
{
	static const char *const words[] = { "shm", "sem", "msg" };
	struct crit_error err;
	struct crit_ipc ipc;
	enum crit_status status = crit_ipc_load(ckpt, &err);

	if (status == CRIT_NOT_FOUND)
		return 0;
	if (status != CRIT_OK) {
		fprintf(stderr, "open_files: %s\n", err.message);
		return 1;
	}
	for (size_t i = 0; crit_ipc_at(ckpt, i, &ipc); i++)
		printf("%s %" PRIu32 " of namespace %" PRIu32 ": key 0x%" PRIx32 " mode 0%" PRIo32
		       " size %" PRIu64 " number %" PRIu64 "\n",
		       words[ipc.kind], ipc.id, ipc.ns, ipc.key, ipc.mode, ipc.size, ipc.number);
	return 0;
}

int main(int argc, char **argv)
{
	struct crit_checkpoint *ckpt;
	struct crit_error err;
	int status = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: open_files DIR\n");
		return 2;
	}
	if (crit_checkpoint_open(argv[1], &ckpt, &err) != CRIT_OK) {
		fprintf(stderr, "open_files: %s\n", err.message);
		return 1;
	}
	for (size_t i = 0; i < crit_task_count(ckpt); i++)
		status |= print_task(crit_task_at(ckpt, i));
	status |= print_ipc(ckpt);
	crit_checkpoint_close(ckpt);
	return status;
}
