// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fds.c - what processes have open.
 *
 *	PID
 *	        FD: /a/path | pipe[INO] | unix[INO (INO-OF-PEER) NAME] | TYPE.ID
 *	       cwd: /a/path
 *	      root: /a/path
 *
 * NAME is quoted-printable. In JSON it is as it was bound, without the NUL that ends a path, and
 * the blank before it is there without a name, too: as go-criu has it.
 */
#include <stdio.h>

#include "explore/explore.h"
#include "json/quoted.h"

/** Quoted-printable without line breaks: they would end the line of the listing. */
static void add_quoted(struct buf *out, const char *name, size_t len)
{
	struct buf quoted;

	buf_init(&quoted);
	quoted_encode((const uint8_t *)name, len, &quoted);
	out->failed |= quoted.failed;
	for (size_t i = 0; i < quoted.len; i++) {
		if (i + 1 < quoted.len && quoted.data[i] == '=' && quoted.data[i + 1] == '\n')
			i++;
		else
			buf_add_byte(out, quoted.data[i]);
	}
	buf_deinit(&quoted);
}

static void add_name(const struct explore *x, const struct crit_socket *sk, struct buf *out)
{
	if (x->is_json)
		buf_add(out, sk->name, explore_name_len(sk));
	else
		add_quoted(out, sk->name, sk->name_len);
}

static void add_unix(const struct explore *x, struct crit_task *task, size_t index,
		     struct buf *out)
{
	struct crit_socket sk;

	if (crit_fd_socket(task, index, &sk, NULL)) {
		buf_add_str(out, "unix[?]");
		return;
	}
	buf_printf(out, "unix[%llu (%llu)", (unsigned long long)sk.ino,
		   (unsigned long long)sk.peer);
	if (sk.name_len || x->is_json)
		buf_add_byte(out, ' ');
	add_name(x, &sk, out);
	buf_add_byte(out, ']');
}

/** An open file as CRIT calls it, terminated. */
static void describe(const struct explore *x, struct crit_task *task, size_t index,
		     const struct crit_fd *fd, struct buf *out)
{
	buf_clear(out);
	if (fd->kind == CRIT_FD_REG)
		buf_add_str(out, fd->path ? fd->path : explore_unknown(x));
	else if (fd->kind == CRIT_FD_PIPE && fd->known)
		buf_printf(out, "pipe[%llu]", (unsigned long long)fd->ino);
	else if (fd->kind == CRIT_FD_PIPE)
		buf_add_str(out, "pipe[?]");
	else if (fd->kind == CRIT_FD_UNIXSK)
		add_unix(x, task, index, out);
	else
		buf_printf(out, "%s.%u", crit_fd_kind_name(fd->kind), fd->file_id);
	buf_add_byte(out, '\0');
}

static const char *text_of(const struct buf *b)
{
	return b->failed ? "" : (const char *)b->data;
}

/* ---- text ------------------------------------------------------------------------------------ */

static void put_line(struct explore *x, const char *name, const char *text)
{
	lines_printf(x->text, "\t%7s: ", name);
	lines_safe(x->text, text);
	lines_add(x->text, "\n", 1);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void put_json(struct explore *x, const char *number, const struct crit_fd *fd,
		     const struct buf *path)
{
	struct json_writer *w = &x->json;

	json_writer_object(w, NULL);
	json_writer_text(w, "fd", number);
	json_writer_text(w, "type", crit_fd_kind_name(fd->kind));
	json_writer_text_n(w, "path", text_of(path), path->failed ? 0 : path->len - 1);
	json_writer_uint(w, "id", fd->file_id);
	json_writer_bool(w, "cloexec", fd->cloexec);
	if (*fd->link)
		json_writer_text(w, "link", fd->link);
	if (fd->deleted)
		json_writer_bool(w, "deleted", true);
	if (fd->has_flags)
		json_writer_uint(w, "flags", fd->flags);
	if (fd->has_pos)
		json_writer_uint(w, "pos", fd->pos);
	if (fd->ino)
		json_writer_uint(w, "ino", fd->ino);
	json_writer_end(w);
}

static void put_json_dir(struct explore *x, const char *name, const char *path)
{
	json_writer_object(&x->json, NULL);
	json_writer_text(&x->json, "fd", name);
	json_writer_text(&x->json, "path", path);
	json_writer_end(&x->json);
}

/* ---- one process ----------------------------------------------------------------------------- */

static void list_fds(struct explore *x, struct crit_task *task)
{
	struct crit_fd fd;
	struct buf work;
	char number[16];

	buf_init(&work);
	for (size_t i = 0; !lines_failed(x->text) && crit_fd_at(task, i, &fd); i++) {
		describe(x, task, i, &fd, &work);
		snprintf(number, sizeof(number), "%u", fd.fd);
		if (x->is_json)
			put_json(x, number, &fd, &work);
		else
			put_line(x, number, text_of(&work));
	}
	buf_deinit(&work);
}

static void list_dir(struct explore *x, const char *name, const char *path)
{
	if (!path)
		path = explore_unknown(x);
	if (x->is_json)
		put_json_dir(x, name, path);
	else
		put_line(x, name, path);
}

static void list_files(struct explore *x, struct crit_task *task, struct explore_errors *errors)
{
	struct crit_task_dirs dirs;
	struct crit_error err;

	if (crit_fd_load(task, &err))
		explore_problem(x, &err, errors);
	else
		list_fds(x, task);
	if (crit_task_dirs(task, &dirs, &err)) {
		explore_problem(x, &err, errors);
		return;
	}
	list_dir(x, "cwd", dirs.cwd);
	list_dir(x, "root", dirs.root);
}

void explore_fds(struct explore *x, struct crit_task *task)
{
	struct explore_errors errors = { 0 };

	if (!x->is_json) {
		lines_printf(x->text, "%u\n", task->pid);
		list_files(x, task, &errors);
		return;
	}
	json_writer_object(&x->json, NULL);
	json_writer_uint(&x->json, "pid", task->pid);
	json_writer_list_of_some(&x->json, "files");
	list_files(x, task, &errors);
	json_writer_end(&x->json);
	explore_json_errors(x, &errors);
	json_writer_end(&x->json);
}
