/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * serve_process.h - a made-up process for test_serve.c: the functions that the target layer asks of
 * the layers below, so that no image is involved.
 *
 *	process 42, threads 42 ("main") and 43 (a name with everything in it that hurts)
 *	0x1000 - 0x3000		bytes "abcdefgh" from 0x2ffc on, else 0xee
 *	0x3000 - 0x5000		not mapped
 *	0x5000 - 0x6000		mapped, but not there
 *	0x6000 - 0x1000006000	zeros, never written (64 GiB)
 *	behind it		not mapped, up to the top page, which is 0xff
 */
#ifndef TESTS_UNIT_SERVE_PROCESS_H
#define TESTS_UNIT_SERVE_PROCESS_H

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "checkpoint/debug.h"
#include "critcore.h"
#include "target/osdata.h"
#include "target/proc.h"
#include "tls/module.h"
#include "util/error.h"

struct crit_task {
	int unused;
};

struct crit_thread {
	uint32_t tid;
	const char *name;
};

static struct crit_task the_task;
static struct crit_task other_task; /* of another checkpoint: no thread 43, memory all 0x77 */
static struct crit_thread threads[] = {
	{ 42, "main" },
	{ 43, "<&\"\x01\xff\xc2\x9b\xc3\xa9>" },
};
static char library_path[] = "/tmp/critcore-test-serve-XXXXXX";

enum {
	HOLE = 0x3000,
	NOT_THERE = 0x5000,
	ZEROS = 0x6000,
};
static const uint64_t zeros_end = 0x1000006000;
static const uint64_t top_page = (uint64_t)-0x1000;

static struct stat places; /* of /dev, when there is a folder */
static bool locked; /* by the one server there is at a time */

struct crit_checkpoint *task_checkpoint(const struct crit_task *task)
{
	(void)task;
	return NULL;
}

const char *task_given_parent(const struct crit_task *task, size_t n)
{
	(void)task;
	return n < 3 ? (const char *const[]){ "/", "/nonexistent", "/dev" }[n] : NULL;
}

void task_places(const struct crit_task *task, struct checkpoint_places *out)
{
	(void)task;
	*out = (struct checkpoint_places){
		.path = "/dev", .dev = places.st_dev, .ino = places.st_ino,
		.sysroot = "/nonexistent", .trust_files = true,
	};
}

void crit_checkpoint_lock(struct crit_checkpoint *ckpt)
{
	(void)ckpt;
	assert_false(locked);
	locked = true;
}

void crit_checkpoint_unlock(struct crit_checkpoint *ckpt)
{
	(void)ckpt;
	assert_true(locked);
	locked = false;
}

enum crit_status crit_task_load(struct crit_task *task, struct crit_error *err)
{
	assert_true(locked);
	if (task == &the_task)
		return CRIT_OK;
	return error_set(err, CRIT_NOT_DUMPED, "task 7: a zombie has no memory");
}

enum crit_status crit_task_info(struct crit_task *task, struct crit_task_info *out,
				struct crit_error *err)
{
	(void)task;
	(void)err;
	*out = (struct crit_task_info){ .pid = 42, .comm = "main", .nr_threads = 2 };
	return CRIT_OK;
}

enum crit_status crit_task_auxv(struct crit_task *task, const void **out, size_t *len,
				struct crit_error *err)
{
	(void)task;
	(void)err;
	*out = "auxv#$*}";
	*len = 8;
	return CRIT_OK;
}

struct crit_thread *crit_thread_at(struct crit_task *task, size_t index)
{
	(void)task;
	return index < 2 ? &threads[index] : NULL;
}

struct crit_thread *crit_thread_find(struct crit_task *task, uint32_t tid)
{
	return tid == 42 || (tid == 43 && task != &other_task) ? &threads[tid - 42] : NULL;
}

uint32_t crit_thread_tid(const struct crit_thread *thread)
{
	return thread->tid;
}

const char *crit_thread_name(struct crit_thread *thread)
{
	return thread->name;
}

enum crit_status crit_thread_state(struct crit_thread *thread, struct crit_thread_state *out,
				   struct crit_error *err)
{
	*out = (struct crit_thread_state){ .activity = CRIT_THREAD_UNKNOWN };
	if (thread->tid == 43)
		return error_set(err, CRIT_NOT_FOUND, "core-43.img: missing");
	out->activity = CRIT_THREAD_RUNNING;
	return CRIT_OK;
}

void crit_thread_state_text(const struct crit_thread *thread, const struct crit_thread_state *state,
			    char *buf, size_t len)
{
	(void)thread;
	snprintf(buf, len, "%s", state->activity == CRIT_THREAD_RUNNING ? "running" : "");
}

enum crit_status crit_thread_siginfo(struct crit_thread *thread, uint8_t out[CRIT_SIGINFO_MAX],
				     size_t *len, struct crit_error *err)
{
	if (thread->tid == 43)
		return error_set(err, CRIT_NOT_FOUND, "no signal waits for thread 43");
	memcpy(out, "sig#info", 8);
	*len = 8;
	return CRIT_OK;
}

static const struct arch_field flag_fields[] = {
	{ .name = "CF", .start = 0, .end = 0 },
	{ .name = "IOPL", .start = 12, .end = 13 },
	{ 0 },
};
static const struct arch_field union_fields[] = { { .name = "u8", .type = "v2u8" }, { 0 } };
static const struct arch_type types[] = {
	{ .id = "v2u8", .kind = ARCH_VECTOR, .elem = "uint8", .count = 2 },
	{ .id = "vec", .kind = ARCH_UNION, .fields = union_fields },
	{ .id = "flags", .kind = ARCH_FLAGS, .count = 4, .fields = flag_fields },
	{ 0 },
};
static const struct arch_reg core_regs[] = {
	{ .name = "pc", .bits = 32, .type = "code_ptr" },
	{ .name = "fl", .bits = 32, .type = "flags", .group = "general" },
};
static const struct arch_reg vector_regs[] = { { .name = "v0", .bits = 16, .type = "vec" } };
static const struct arch_feature features[] = {
	{ .name = "core", .types = types, .regs = core_regs, .nr_regs = 2 },
	{ .name = "absent", .regs = core_regs, .nr_regs = 2 },
	{ .name = "vector", .types = types, .regs = vector_regs, .nr_regs = 1 },
	{ 0 },
};
static const struct arch arch = {
	.gdb_name = "test", .osabi = "GNU/Linux", .word_size = 8,
	.features = features, .nr_short = 2, .pc = "pc",
};
static const struct arch_layout layout = {
	.arch = &arch,
	.present = { true, false, true },
	.nr_regs = 3,
	.nr_bytes = 10,
	.reg = { &core_regs[0], &core_regs[1], &vector_regs[0] },
	.off = { 0, 4, 8 },
};
static uint8_t main_bytes[] = "PC..FL..v0";
static bool main_known[] = { true, false, true };
static const struct arch_regs main_regs = { .bytes = main_bytes, .known = main_known };

const struct arch_layout *task_layout(const struct crit_task *task)
{
	(void)task;
	return &layout;
}

enum crit_status thread_regs(struct crit_thread *thread, const struct arch_regs **out,
			     struct crit_error *err)
{
	if (thread->tid == 43)
		return error_set(err, CRIT_NOT_FOUND, "core-43.img: missing");
	*out = &main_regs;
	return CRIT_OK;
}

/* Link map 0x1000 is a module's whose block has the thread's number in its address. */
enum crit_status crit_tls_address(struct crit_thread *thread, uint64_t link_map, uint64_t offset,
				  uint64_t *vaddr, struct crit_error *err)
{
	if (link_map != 0x1000)
		return error_set(err, CRIT_CORRUPT, "no #link map");
	*vaddr = 0x7f00000000 + (uint64_t)thread->tid * 0x1000 + offset;
	return CRIT_OK;
}

uint32_t crit_task_page_size(struct crit_task *task)
{
	(void)task;
	return 4096;
}

size_t crit_mapping_count(struct crit_task *task)
{
	(void)task;
	return 2;
}

static const char *code_of; /* the file of the first mapping */

bool crit_mapping_at(struct crit_task *task, size_t index, struct crit_mapping *out)
{
	static const struct crit_mapping mappings[] = {
		{ .start = 0x1000, .end = HOLE, .prot = 5, .name = "a\x01" },
		{ .start = NOT_THERE, .end = 0x1000006000, .prot = 3, .name = "" },
	};

	(void)task;
	if (index < 2)
		*out = mappings[index];
	if (index == 0)
		out->path = code_of;
	return index < 2;
}

static struct crit_file file(const char *path, enum crit_file_verdict verdict)
{
	return (struct crit_file){
		.path = path, .verdict = verdict,
		.local_path = verdict == CRIT_FILE_MISSING ? NULL : library_path
	};
}

enum crit_status crit_task_exe(struct crit_task *task, struct crit_file *out,
			       struct crit_error *err)
{
	(void)task;
	(void)err;
	*out = file("/bin/main", CRIT_FILE_USED);
	return CRIT_OK;
}

static bool is_static;

enum crit_status module_of_executable(struct crit_task *task, struct module *out,
				      struct crit_error *err)
{
	(void)task;
	(void)err;
	*out = (struct module){ .dynamic = is_static ? 0 : 0x2000 };
	return CRIT_OK;
}

int task_file_open(struct crit_task *task, uint32_t file_id)
{
	(void)task;
	(void)file_id; // the files that are used are all the same one
	return open(library_path, O_RDONLY | O_CLOEXEC);
}

int64_t task_ghost_size(struct crit_task *task, uint32_t file_id)
{
	(void)task;
	return file_id == 9 ? 5 : -ENOENT;
}

int64_t task_ghost_read(struct crit_task *task, uint32_t file_id, uint64_t off, void *buf,
			size_t len)
{
	(void)task;
	if (file_id != 9)
		return -ENOENT;
	if (off >= 5)
		return 0;
	if (len > 5 - off)
		len = (size_t)(5 - off);
	memcpy(buf, &"ghost"[off], len);
	return (int64_t)len;
}

bool crit_task_file_at(struct crit_task *task, size_t index, struct crit_file *out)
{
	static const struct {
		const char *path;
		enum crit_file_verdict verdict;
	} files[] = {
		{ "/usr/lib/libz.so.1.2.13", CRIT_FILE_USED },
		{ "/usr/lib/libm.so.6", CRIT_FILE_BUILD_ID_DIFFERS },
		{ "/usr/lib/libgone.so", CRIT_FILE_MISSING },
		{ "/a/libtwice.so", CRIT_FILE_USED },
		{ "/b/libtwice.so", CRIT_FILE_USED },
		{ "/usr/lib/libghost.so", CRIT_FILE_GHOST },
	};

	(void)task;
	if (index >= sizeof(files) / sizeof(*files))
		return false;
	*out = file(files[index].path, files[index].verdict);
	out->id = files[index].verdict == CRIT_FILE_GHOST ? 9 : 1;
	return true;
}

enum crit_status crit_mem_locate(struct crit_task *task, uint64_t vaddr, struct crit_origin *out,
				 struct crit_error *err)
{
	const struct {
		uint64_t end;
		enum crit_origin_kind kind;
	} ranges[] = {
		{ 0x1000, CRIT_ORIGIN_UNMAPPED },    { HOLE, CRIT_ORIGIN_IMAGE },
		{ NOT_THERE, CRIT_ORIGIN_UNMAPPED }, { ZEROS, CRIT_ORIGIN_UNAVAILABLE },
		{ zeros_end, CRIT_ORIGIN_ZERO },     { top_page, CRIT_ORIGIN_UNMAPPED },
		{ 0, CRIT_ORIGIN_IMAGE },
	};
	size_t i = 0;

	(void)task;
	(void)err;
	while (ranges[i].end && vaddr >= ranges[i].end)
		i++;
	*out = (struct crit_origin){ .kind = ranges[i].kind, .vaddr = vaddr };
	out->len = ranges[i].end ? ranges[i].end - vaddr : 0;
	return CRIT_OK;
}

static uint8_t byte_at(uint64_t vaddr)
{
	if (vaddr >= top_page)
		return 0xff;
	if (vaddr >= ZEROS)
		return 0;
	return vaddr >= HOLE - 4 ? (uint8_t)"abcd"[vaddr - (HOLE - 4)] :
	       vaddr >= HOLE - 8 ? (uint8_t)"1234"[vaddr - (HOLE - 8)] :
				   0xee;
}

enum crit_status crit_mem_read(struct crit_task *task, uint64_t vaddr, size_t len, void *buf,
			       size_t *nread, struct crit_error *err)
{
	uint8_t *out = buf;
	struct crit_origin origin;

	assert_true(locked);
	for (*nread = 0; *nread < len; ++*nread, vaddr++) {
		crit_mem_locate(task, vaddr, &origin, NULL);
		if (origin.kind == CRIT_ORIGIN_UNMAPPED)
			return error_set(err, CRIT_UNMAPPED, "no mapping #here");
		if (origin.kind == CRIT_ORIGIN_UNAVAILABLE)
			return error_set(err, CRIT_NOT_DUMPED, "not in the checkpoint");
		out[*nread] = task == &other_task ? 0x77 : byte_at(vaddr);
	}
	return CRIT_OK;
}

int proc_read(struct crit_task *task, struct crit_thread *thread, const char *name,
	      struct buf *out)
{
	(void)task;
	if (strcmp(name, "maps") != 0)
		return -ENOENT;
	buf_printf(out, "maps of %u", thread ? thread->tid : 0);
	return 0;
}

int proc_readlink(struct crit_task *task, const char *name, struct buf *out)
{
	(void)task;
	if (strcmp(name, "exe") != 0)
		return -ENOENT;
	buf_add_str(out, "/bin/main");
	return 0;
}

int osdata_build(struct crit_task *task, const char *type, size_t len, struct buf *out)
{
	static int times;

	(void)task;
	if (len == 4 && memcmp(type, "none", 4) == 0) {
		buf_add_str(out, "half of it");
		return -EIO;
	}
	buf_printf(out, "table %.*s %d", (int)len, type, ++times);
	return 0;
}

#endif
