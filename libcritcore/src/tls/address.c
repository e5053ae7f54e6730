// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * address.c - the address of a thread-local variable: its module's block in the thread, and its
 * offset in that. A module is known by its link map, the dynamic linker's element for it, which
 * debuggers have from the list that r_debug begins. See runtime.h for who knows where blocks are.
 */
#include "tls/runtime.h"
#include "tls/word.h"
#include "util/error.h"

enum crit_status tls_not_allocated(const struct tls_thread *thread, uint64_t module,
				   struct crit_error *err)
{
	return error_set(err, CRIT_NOT_FOUND,
			 "not allocated yet: thread %u has not used a thread-local variable of "
			 "module %llu",
			 thread->tid, (unsigned long long)module);
}

enum crit_status tls_unknown_library(struct crit_error *err)
{
	return error_set(err, CRIT_UNSUPPORTED,
			 "neither glibc's descriptors (in libc.so.6, libpthread or the symbols of "
			 "a static executable) nor musl were found");
}

enum crit_status tls_thread_get(struct crit_thread *thread, struct tls_thread *out,
				struct crit_error *err)
{
	struct crit_task *task = thread_task(thread);
	const struct arch_regs *regs;
	enum crit_status status = thread_regs(thread, &regs, err);

	if (status)
		return status;
	if (!regs->has_thread_pointer)
		return error_set(err, CRIT_NOT_FOUND, "the image does not have its thread pointer");
	out->task = task;
	out->tid = crit_thread_tid(thread);
	out->pointer = regs->thread_pointer;
	out->abi = arch_tls(task_layout(task)->arch);
	return tls_runtime_get(task, &out->runtime, err);
}

/* Is it the executable's? Its dynamic section tells. */
static bool is_executable(const struct tls_thread *thread, uint64_t link_map)
{
	const struct module *exe = &thread->runtime->exe;
	uint64_t dynamic;

	return thread->runtime->has_exe && exe->dynamic &&
	       word_read(thread->task, link_map + 2 * word_size(thread->task), &dynamic, NULL) ==
		       CRIT_OK &&
	       dynamic == exe->dynamic;
}

static enum crit_status find_block(const struct tls_thread *thread, uint64_t link_map,
				   uint64_t *out, struct crit_error *err)
{
	if (!link_map && !thread->runtime->exe.interp[0])
		return executable_block(thread, out, err);
	if (!link_map)
		return error_set(err, CRIT_INVALID, "no link map");
	if (thread->runtime->library == TLS_MUSL)
		return musl_block(thread, link_map, out, err);
	if (thread->runtime->library == TLS_GLIBC)
		return glibc_block(thread, link_map, out, err);
	if (is_executable(thread, link_map))
		return executable_block(thread, out, err);
	return tls_unknown_library(err);
}

enum crit_status crit_tls_address(struct crit_thread *thread, uint64_t link_map, uint64_t offset,
				  uint64_t *vaddr, struct crit_error *err)
{
	struct crit_task *task = thread_task(thread);
	struct tls_thread found = { 0 };
	uint64_t block;
	enum crit_status status = crit_task_load(task, err);

	if (!status)
		status = tls_thread_get(thread, &found, err);
	if (!status)
		status = find_block(&found, link_map, &block, err);
	if (status)
		return error_prefix(err, status, "thread-local storage of thread %u: ",
				    crit_thread_tid(thread));
	*vaddr = word_wrap(task, block + offset);
	return CRIT_OK;
}
