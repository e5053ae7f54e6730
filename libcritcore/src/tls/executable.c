// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * executable.c - the executable's block. Its code reaches its own variables at offsets from the
 * thread pointer that the linker computed from the program header, so no C library can put it
 * elsewhere: right behind the gap, or right before the thread pointer, as close as alignment lets
 * it be.
 */
#include "tls/runtime.h"
#include "tls/word.h"
#include "util/error.h"

enum crit_status executable_block(const struct tls_thread *thread, uint64_t *out,
				  struct crit_error *err)
{
	const struct module *exe = &thread->runtime->exe;
	const struct arch_tls *abi = thread->abi;

	if (!thread->runtime->has_exe)
		return module_of_executable(thread->task, &(struct module){ 0 }, err);
	if (!exe->has_tls)
		return error_set(err, CRIT_NOT_FOUND, "the executable has no thread-local storage");
	if (exe->align & (exe->align - 1))
		return error_set(err, CRIT_CORRUPT, "thread-local storage aligned to %llu bytes",
				 (unsigned long long)exe->align);
	if (abi->above) {
		uint64_t gap = abi->gap_words * word_size(thread->task);

		*out = thread->pointer - abi->bias + gap +
		       ((exe->skew - gap) & (exe->align - 1));
	} else {
		*out = thread->pointer - exe->len - ((0 - exe->len - exe->skew) & (exe->align - 1));
	}
	return CRIT_OK;
}
