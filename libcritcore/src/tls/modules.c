// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * modules.c - all modules with thread-local storage: those of the dynamic linker's list, and the
 * executable alone where there is no such list.
 *
 *	the executable's dynamic section	DT_DEBUG	address of r_debug
 *						DT_MIPS_RLD_MAP	address of its address
 *	r_debug					r_version, r_map
 *	link map				l_addr, l_name, l_ld, l_next, l_prev
 *
 * One word each. The list may have been damaged into a circle, so a link map far behind is
 * remembered, further and further ahead: meeting it again means one.
 */
#include <elf.h>
#include <string.h>

#include "tls/runtime.h"
#include "tls/word.h"
#include "util/error.h"

enum {
	MAX_DYNAMIC = 4096,
	MAX_NAME = 4096,
	NAME_PIECE = 64,
	MAX_LINK_MAPS = 8192,
	MAX_LOOKS = 1 << 18, /* at a module in a thread: about a second */
};

struct list {
	struct crit_task *task;
	const struct tls_runtime *runtime;
	uint64_t nr_musl; /* modules with thread-local storage so far */
	uint64_t nr_looks;
	bool (*found)(void *ctx, const struct crit_tls_module *module);
	void *ctx;
};

/* ---- finding the list ----------------------------------------------------------------------- */

/* 0: there is none. */
static uint64_t find_r_debug(struct crit_task *task, uint64_t dynamic)
{
	size_t size = word_size(task);
	uint64_t tag = DT_NULL, value, at = dynamic;

	for (size_t i = 0; at && i < MAX_DYNAMIC; i++, at += 2 * size) {
		if (word_read(task, at, &tag, NULL) || word_read(task, at + size, &value, NULL) ||
		    tag == DT_NULL)
			break;
		if (tag == DT_DEBUG)
			return value;
		if (tag == DT_MIPS_RLD_MAP_REL)
			value += at;
		if ((tag == DT_MIPS_RLD_MAP || tag == DT_MIPS_RLD_MAP_REL) &&
		    word_read(task, value, &value, NULL) == CRIT_OK)
			return value;
	}
	return 0;
}

static void read_name(struct crit_task *task, uint64_t vaddr, char out[MAX_NAME])
{
	size_t len = 0, nread = NAME_PIECE;

	while (nread == NAME_PIECE && len + NAME_PIECE < MAX_NAME) {
		crit_mem_read(task, word_wrap(task, vaddr + len), NAME_PIECE, out + len, &nread,
			      NULL);
		len += nread;
		if (memchr(out + len - nread, '\0', nread))
			return;
	}
	out[0] = '\0'; // longer than any name, or not all there
}

/* ---- one module ----------------------------------------------------------------------------- */

/* The element of a thread's table for a module of glibc, as it stands there: whoever looks only at
 * that takes it for the block's address, or for none when it is 0 or -1. */
static uint64_t read_element(const struct tls_thread *thread, uint64_t number)
{
	size_t size = word_size(thread->task);
	uint64_t at = thread->pointer - thread->abi->bias +
		      (uint64_t)(thread->abi->glibc_dtv * (int64_t)size);
	uint64_t table, element;

	if (word_read(thread->task, at, &table, NULL) ||
	    word_read(thread->task, table + number * 2 * size, &element, NULL) ||
	    element == word_wrap(thread->task, UINT64_MAX))
		return 0;
	return element;
}

/* What is too much to look at is not called plain. musl has nothing but its tables. */
static bool is_plain(struct list *list, const struct crit_tls_module *module)
{
	struct crit_thread *thread;

	if (list->runtime->library == TLS_MUSL)
		return true;
	for (size_t i = 0; (thread = crit_thread_at(list->task, i)); i++) {
		struct tls_thread found;
		uint64_t block = 0;

		// Higher numbers are further down the dynamic linker's list of modules.
		list->nr_looks += 1 + module->number / 32;
		if (list->nr_looks > MAX_LOOKS)
			return false;
		if (tls_thread_get(thread, &found, NULL))
			continue;
		if (crit_tls_address(thread, module->link_map, 0, &block, NULL))
			block = 0;
		if (read_element(&found, module->number) != block)
			return false;
	}
	return true;
}

/* Its number; 0: it has no thread-local storage. */
static enum crit_status find_number(struct list *list, uint64_t link_map, uint64_t *number,
				    struct crit_error *err)
{
	bool has_tls = false;
	enum crit_status status;

	if (list->runtime->library == TLS_GLIBC)
		return word_read(list->task, link_map + list->runtime->glibc.modid.off, number,
				 err);
	status = musl_has_tls(list->task, list->runtime, link_map, &has_tls, err);
	list->nr_musl += has_tls;
	*number = has_tls ? list->nr_musl : 0;
	return status;
}

/* @return false when that was enough. */
static bool tell(struct list *list, struct crit_tls_module *module, uint64_t name_at)
{
	char name[MAX_NAME] = "";

	if (name_at)
		read_name(list->task, name_at, name);
	module->name = name;
	module->plain = is_plain(list, module);
	return list->found(list->ctx, module);
}

static enum crit_status tell_link_map(struct list *list, uint64_t link_map, uint64_t *next,
				      bool *more, struct crit_error *err)
{
	struct crit_tls_module module = { .link_map = link_map };
	uint64_t words[4] = { 0 };
	enum crit_status status = CRIT_OK;

	for (size_t i = 0; i < 4 && !status; i++)
		status = word_read(list->task, link_map + i * word_size(list->task), &words[i],
				   err);
	if (!status)
		status = find_number(list, link_map, &module.number, err);
	if (status)
		return error_prefix(err, status, "link map 0x%llx: ",
				    (unsigned long long)link_map);
	module.base = words[0];
	module.dynamic = words[2];
	*next = words[3];
	// musl has a name for the executable, too.
	bool is_exe = list->runtime->has_exe && module.dynamic == list->runtime->exe.dynamic;
	if (module.number)
		*more = tell(list, &module, is_exe ? 0 : words[1]);
	return CRIT_OK;
}

/* ---- all of them ---------------------------------------------------------------------------- */

static enum crit_status walk(struct list *list, uint64_t first, struct crit_error *err)
{
	uint64_t at = first, behind = 0;
	bool more = true;

	for (uint64_t i = 1; at && more; i++) {
		enum crit_status status = tell_link_map(list, at, &at, &more, err);

		if (status)
			return status;
		if (i == MAX_LINK_MAPS)
			return error_set(err, CRIT_CORRUPT, "more than %d link maps",
					 MAX_LINK_MAPS);
		if (at && at == behind)
			return error_set(err, CRIT_CORRUPT,
					 "the list of link maps goes round in a circle at 0x%llx",
					 (unsigned long long)at);
		if ((i & (i - 1)) == 0)
			behind = at;
	}
	return CRIT_OK;
}

static enum crit_status list_modules(struct list *list, struct crit_error *err)
{
	struct crit_tls_module exe = { .number = 1 };
	uint64_t r_debug = 0, first = 0;

	if (list->runtime->has_exe)
		r_debug = find_r_debug(list->task, list->runtime->exe.dynamic);
	if (r_debug && list->runtime->library != TLS_UNKNOWN) {
		enum crit_status status =
			word_read(list->task, r_debug + word_size(list->task), &first, err);

		return status ? error_prefix(err, status, "r_debug: ") : walk(list, first, err);
	}
	if (list->runtime->exe.interp[0])
		return list->runtime->library == TLS_UNKNOWN ?
			       tls_unknown_library(err) :
			       error_set(err, CRIT_NOT_FOUND,
					 "the executable's dynamic section does not lead to a list "
					 "of link maps");
	if (list->runtime->exe.has_tls)
		tell(list, &exe, 0);
	return CRIT_OK;
}

enum crit_status crit_tls_modules(struct crit_task *task,
				  bool (*found)(void *ctx, const struct crit_tls_module *module),
				  void *ctx, struct crit_error *err)
{
	struct list list = { .task = task, .found = found, .ctx = ctx };
	enum crit_status status = crit_task_load(task, err);

	if (!status)
		status = tls_runtime_get(task, &list.runtime, err);
	if (!status)
		status = list_modules(&list, err);
	return status ? error_prefix(err, status, "modules with thread-local storage: ") : CRIT_OK;
}
