// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * musl.c - where musl put a module's block.
 *
 *	the thread's table	table[0]	how many elements there are
 *				table[N]	the block's address
 *
 * musl exports no descriptors, and where the number N of a module is in its link map depends on
 * the version. But it numbers modules with thread-local storage from 1 in the order in which it
 * loads them, never unloads one, and its list of link maps has that order, from the executable on:
 * N is found by counting. (musl 1.1.20 to 1.2.5; blocks of libraries that dlopen() loads are there
 * in all threads before it returns.)
 *
 *	link map	l_addr, l_name, l_ld, l_next, l_prev	one word each
 */
#include "tls/runtime.h"

#include "tls/word.h"
#include "util/error.h"

enum {
	MAX_MODULES = 8192,
	L_ADDR = 0, /* in words */
	L_LD = 2,
	L_PREV = 4,
};

static enum crit_status read_link(struct crit_task *task, uint64_t link_map, unsigned int word,
				  uint64_t *out, struct crit_error *err)
{
	enum crit_status status = word_read(task, link_map + word * word_size(task), out, err);

	return status ? error_prefix(err, status, "link map 0x%llx: ",
				     (unsigned long long)link_map) :
			CRIT_OK;
}

/* The executable's ELF header need not be at its load address. */
static enum crit_status read_module(struct crit_task *task, const struct tls_runtime *runtime,
				    uint64_t link_map, struct module *out, struct crit_error *err)
{
	uint64_t base = 0, dynamic = 0;
	enum crit_status status = read_link(task, link_map, L_LD, &dynamic, err);

	if (!status)
		status = read_link(task, link_map, L_ADDR, &base, err);
	if (status)
		return status;
	if (runtime->has_exe && dynamic == runtime->exe.dynamic) {
		*out = runtime->exe;
		return CRIT_OK;
	}
	status = module_at(task, base, out, err);
	if (!status && out->dynamic != dynamic)
		return error_set(err, CRIT_CORRUPT,
				 "no link map at 0x%llx: its dynamic section is not that of the "
				 "ELF file at 0x%llx",
				 (unsigned long long)link_map, (unsigned long long)base);
	return status;
}

enum crit_status musl_has_tls(struct crit_task *task, const struct tls_runtime *runtime,
			      uint64_t link_map, bool *out, struct crit_error *err)
{
	struct module module;
	enum crit_status status = read_module(task, runtime, link_map, &module, err);

	if (!status)
		*out = module.has_tls;
	return status;
}

/* Count back to the executable. */
static enum crit_status find_number(const struct tls_thread *thread, uint64_t link_map,
				    uint64_t *number, struct crit_error *err)
{
	uint64_t at = link_map;

	*number = 0;
	for (size_t i = 0; at; i++) {
		bool has_tls;
		enum crit_status status =
			musl_has_tls(thread->task, thread->runtime, at, &has_tls, err);

		if (status)
			return status;
		if (i == 0 && !has_tls)
			return error_set(err, CRIT_NOT_FOUND,
					 "link map 0x%llx: the module has no thread-local storage",
					 (unsigned long long)link_map);
		if (i == MAX_MODULES)
			return error_set(err, CRIT_CORRUPT,
					 "the list of link maps before 0x%llx does not end",
					 (unsigned long long)link_map);
		*number += has_tls;
		status = read_link(thread->task, at, L_PREV, &at, err);
		if (status)
			return status;
	}
	return CRIT_OK;
}

enum crit_status musl_block(const struct tls_thread *thread, uint64_t link_map, uint64_t *out,
			    struct crit_error *err)
{
	const struct arch_tls *abi = thread->abi;
	size_t size = word_size(thread->task);
	uint64_t at = thread->pointer - abi->bias + (uint64_t)(abi->musl_dtv * (int64_t)size);
	uint64_t number, table, nr, block;
	enum crit_status status = find_number(thread, link_map, &number, err);

	if (!status)
		status = word_read(thread->task, at, &table, err);
	if (!status)
		status = word_read(thread->task, table, &nr, err);
	if (status)
		return status;
	if (number > nr)
		return tls_not_allocated(thread, number, err);
	status = word_read(thread->task, table + number * size, &block, err);
	if (status)
		return status;
	if (!block)
		return tls_not_allocated(thread, number, err);
	*out = block - abi->musl_dtv_bias;
	return CRIT_OK;
}
