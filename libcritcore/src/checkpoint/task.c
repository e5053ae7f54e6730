// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * task.c - a process as the public interface shows it, put together from what core.c, mm.c,
 * stores.c and files/ load.
 */
#include "checkpoint/checkpoint.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/elfid.h"

const char *crit_task_state_name(enum crit_task_state state)
{
	switch (state) {
	case CRIT_TASK_ALIVE:
		return "alive";
	case CRIT_TASK_STOPPED:
		return "stopped";
	case CRIT_TASK_ZOMBIE:
		return "zombie";
	case CRIT_TASK_UNKNOWN:
		break;
	}
	return "unknown";
}

enum crit_status crit_task_info(struct crit_task *task, struct crit_task_info *out,
				struct crit_error *err)
{
	enum crit_status status = core_load(task, err);

	out->pid = task->pid;
	out->ppid = task->ppid;
	out->pgid = task->pgid;
	out->sid = task->sid;
	out->state = task->state;
	out->exit_code = task->exit_code;
	out->stop_signo = task->stop_signo;
	out->comm = crit_thread_name(&task->threads[0]);
	out->nr_threads = task->nr_threads;
	out->depth = task->depth;
	return status;
}

static enum crit_status zombie_error(const struct crit_task *task, struct crit_error *err)
{
	uint32_t code = task->exit_code;
	char how[64];

	if (code & 0x7f)
		snprintf(how, sizeof(how), "killed by signal %u", code & 0x7f);
	else
		snprintf(how, sizeof(how), "exit status %u", code >> 8 & 0xff);
	return error_set(err, CRIT_NOT_DUMPED,
			 "process %u (%s) is a zombie, %s: it has no memory and no registers",
			 task->pid, task->threads[0].name ? task->threads[0].name : "?", how);
}

enum crit_status task_load_mappings(struct crit_task *task, struct crit_error *err)
{
	enum crit_status status;

	if (task->mm_loaded)
		return CRIT_OK;
	status = core_load(task, err);
	if (!status && task->state == CRIT_TASK_ZOMBIE)
		return zombie_error(task, err);
	if (!status)
		status = mm_load(task, err);
	if (status) {
		mm_unload(task);
		return error_prefix(err, status, "process %u: ", task->pid);
	}
	task->mm_loaded = true;
	return CRIT_OK;
}

enum crit_status crit_task_load(struct crit_task *task, struct crit_error *err)
{
	enum crit_status status;

	if (task->loaded)
		return CRIT_OK;
	status = task_load_mappings(task, err);
	if (status)
		return status;
	status = stores_open(task, err);
	if (status)
		return error_prefix(err, status, "process %u: ", task->pid);
	registers_settle(task);
	task->loaded = true;
	return CRIT_OK;
}

struct crit_checkpoint *task_checkpoint(const struct crit_task *task)
{
	return task->ckpt;
}

const char *task_given_parent(const struct crit_task *task, size_t n)
{
	return source_given_parent(task->ckpt->src, n);
}

void task_places(const struct crit_task *task, struct checkpoint_places *out)
{
	const struct crit_checkpoint *ckpt = task->ckpt;
	const struct chain *chain = &ckpt->chain;

	*out = (struct checkpoint_places){
		.path = source_path(ckpt->src),
		.sysroot = ckpt->files.sysroot,
		.trust_files = ckpt->files.trust,
	};
	source_identity(ckpt->src, &out->dev, &out->ino);
	if (chain->pages_dir < chain->nr_levels)
		out->pages = source_path(chain->levels[chain->pages_dir].src);
	if (ckpt->files.nr_offered)
		out->file = ckpt->files.offered[0].path;
}

uint32_t crit_task_page_size(struct crit_task *task)
{
	return task->loaded ? task->page_size : 0;
}

enum crit_status crit_task_auxv(struct crit_task *task, const void **out, size_t *len,
				struct crit_error *err)
{
	enum crit_status status = crit_task_load(task, err);

	if (status)
		return status;
	*out = task->auxv;
	*len = task->auxv_len;
	return CRIT_OK;
}

const char *crit_task_arch(struct crit_task *task)
{
	return task->layout ? task->layout->arch->gdb_name : NULL;
}

bool crit_task_big_endian(const struct crit_task *task)
{
	return task->layout && task->layout->arch->big_endian;
}

/** x86 programs of both widths run in one process. */
static bool is_x86(uint16_t machine)
{
	return machine == EM_386 || machine == EM_X86_64;
}

/** Files are taken by their build-ids, so it is the core image that does not belong here. */
static bool is_for_other_cpu(struct crit_task *task, struct mapped_file *file)
{
	const struct arch *arch = task->layout->arch;
	int fd = file_open(&task->ckpt->files, file);
	uint16_t machine;
	bool big_endian;

	if (fd < 0 || !elfid_cpu(fd, &machine, &big_endian))
		return false;
	if (is_x86(arch->elf_machine))
		return !is_x86(machine);
	return machine != arch->elf_machine || big_endian != arch->big_endian;
}

enum crit_status crit_task_exe(struct crit_task *task, struct crit_file *out,
			       struct crit_error *err)
{
	struct mapped_file *file = NULL;
	enum crit_status status = crit_task_load(task, err);

	if (!status)
		status = files_find(&task->ckpt->files, task->exe_file_id, &file, err);
	if (status)
		return status;
	if (!file || !file->path)
		return error_set(err, CRIT_NOT_FOUND,
				 "process %u: the images do not say what its executable is",
				 task->pid);
	file_look_up(&task->ckpt->files, file);
	*out = file->pub;
	if (out->verdict == CRIT_FILE_USED && is_for_other_cpu(task, file))
		out->verdict = CRIT_FILE_OTHER_CPU;
	return CRIT_OK;
}

int task_file_open(struct crit_task *task, uint32_t file_id)
{
	struct mapped_file *file = NULL;
	int fd;

	if (files_find(&task->ckpt->files, file_id, &file, NULL) || !file)
		return -ENOENT;
	file_look_up(&task->ckpt->files, file);
	if (file->pub.verdict != CRIT_FILE_USED)
		return -ENOENT;
	fd = file_open(&task->ckpt->files, file);
	if (fd < 0)
		return fd;
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}

static struct mapped_file *ghost_of(struct crit_task *task, uint32_t file_id)
{
	struct mapped_file *file = NULL;

	if (files_find(&task->ckpt->files, file_id, &file, NULL) || !file)
		return NULL;
	file_look_up(&task->ckpt->files, file);
	return file->pub.verdict == CRIT_FILE_GHOST ? file : NULL;
}

int64_t task_ghost_size(struct crit_task *task, uint32_t file_id)
{
	struct mapped_file *file = ghost_of(task, file_id);

	if (!file)
		return -ENOENT;
	return file->ghost->size > INT64_MAX ? -EFBIG : (int64_t)file->ghost->size;
}

/** The next piece that is in a row in the image, or a hole of the file. */
static int read_piece(struct files *files, struct mapped_file *file, uint64_t off, uint8_t *buf,
		      size_t *len)
{
	struct crit_origin at = { .vaddr = off, .len = *len };

	file_locate(files, file, off, 1, &at);
	if (at.len < *len)
		*len = (size_t)at.len;
	if (at.kind == CRIT_ORIGIN_ZERO)
		memset(buf, 0, *len);
	else if (at.kind != CRIT_ORIGIN_IMAGE || file_read(files, file, &at, buf, *len, NULL))
		return -EIO;
	return *len ? 0 : -EIO;
}

int64_t task_ghost_read(struct crit_task *task, uint32_t file_id, uint64_t off, void *buf,
			size_t len)
{
	struct mapped_file *file = ghost_of(task, file_id);
	size_t done = 0;

	if (!file)
		return -ENOENT;
	if (off >= file->ghost->size)
		return 0;
	if (len > file->ghost->size - off)
		len = (size_t)(file->ghost->size - off);
	while (done < len) {
		size_t piece = len - done;
		int status = read_piece(&task->ckpt->files, file, off + done,
					(uint8_t *)buf + done, &piece);

		if (status)
			return done ? (int64_t)done : status;
		done += piece;
	}
	return (int64_t)done;
}

size_t crit_task_file_count(struct crit_task *task)
{
	return crit_task_load(task, NULL) ? 0 : task->nr_files;
}

bool crit_task_file_at(struct crit_task *task, size_t index, struct crit_file *out)
{
	if (index >= crit_task_file_count(task))
		return false;
	file_look_up(&task->ckpt->files, task->files[index]);
	*out = task->files[index]->pub;
	return true;
}
