// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * runtime.c - see runtime.h.
 *
 * glibc tells debuggers where its fields are in variables of three 32-bit words each, made for its
 * own libthread_db:
 *
 *	_thread_db_link_map_l_tls_modid = { bits, number of elements, offset in bytes }
 *
 * They are in libc.so.6 since 2.34, in libpthread before, in a static executable itself; which is
 * found by its name, as nothing else says so. musl is known by the dynamic linker's name.
 */
#include "tls/runtime.h"

#include <stdlib.h>
#include <string.h>

#include "checkpoint/checkpoint.h"
#include "symbols/lookup.h"
#include "tls/word.h"
#include "util/error.h"

#define PREFIX "_thread_db_"

/* In the order of find_glibc(). */
static const char *const descriptors[] = {
	PREFIX "link_map_l_tls_modid", PREFIX "link_map_l_tls_offset",
	PREFIX "dtv_dtv", PREFIX "dtv_t_pointer_val", PREFIX "dtv_t_counter",
	PREFIX "dtv_slotinfo_list_len", PREFIX "dtv_slotinfo_list_next",
	PREFIX "dtv_slotinfo_list_slotinfo",
	PREFIX "dtv_slotinfo_gen", PREFIX "dtv_slotinfo_map",
};

enum {
	NR_FIELDS = sizeof(descriptors) / sizeof(*descriptors),
	IN_GLOBAL = NR_FIELDS, /* offset of the list's pointer in _rtld_global */
	GLOBAL,		       /* _rtld_global, in ld.so */
	STATIC_LIST,	       /* the pointer itself, in static executables */
	NR_WANTED,
};

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool begins_with(const char *s, const char *beginning)
{
	return strncmp(s, beginning, strlen(beginning)) == 0;
}

/* Names since 2.31: libc.so.6, libc-2.31.so, libpthread-2.31.so, ld-linux-x86-64.so.2, ld64.so.1,
 * ld.so.1, ld-2.31.so. */
static bool may_be_glibc(const char *path)
{
	const char *name = last_component(path);

	return begins_with(name, "libc.so") || begins_with(name, "libc-") ||
	       begins_with(name, "libpthread") || begins_with(name, "ld");
}

static void find_symbols(struct crit_task *task, struct symbol_wanted *wanted)
{
	struct crit_file file, exe;
	bool has_exe = crit_task_exe(task, &exe, NULL) == CRIT_OK;

	for (size_t i = 0; crit_task_file_at(task, i, &file); i++)
		if (may_be_glibc(file.path) || (has_exe && file.id == exe.id))
			symbols_find(task, &file, wanted, NR_WANTED);
}

/* False: not there, not readable, or nothing that a field could be. */
static bool read_field(struct crit_task *task, const struct symbol_wanted *symbol,
		       struct glibc_field *out)
{
	enum { WORD = 4, MAX_OFF = 1 << 20, MAX_BITS = 1 << 16 };
	uint8_t bytes[3 * WORD];

	if (!symbol->found ||
	    crit_mem_read(task, word_wrap(task, symbol->vaddr), sizeof(bytes), bytes, NULL, NULL))
		return false;
	uint64_t bits = word_get(task, bytes, WORD);
	uint64_t off = word_get(task, bytes + sizeof(bytes) - WORD, WORD);
	if (bits == 0 || bits % 8 || bits > MAX_BITS || off > MAX_OFF)
		return false;
	*out = (struct glibc_field){ (uint32_t)off, (uint32_t)(bits / 8) };
	return true;
}

static bool find_glibc(struct crit_task *task, struct glibc *out)
{
	struct symbol_wanted wanted[NR_WANTED] = {
		[IN_GLOBAL] = { .name = PREFIX "rtld_global__dl_tls_dtv_slotinfo_list" },
		[GLOBAL] = { .name = "_rtld_global" },
		[STATIC_LIST] = { .name = "_dl_tls_dtv_slotinfo_list" },
	};
	struct glibc_field *fields[NR_FIELDS] = {
		&out->modid, &out->offset, &out->dtv, &out->dtv_val, &out->dtv_counter,
		&out->list_len, &out->list_next, &out->list_slots, &out->slot_gen, &out->slot_map,
	};
	struct glibc_field in_global;

	for (size_t i = 0; i < NR_FIELDS; i++)
		wanted[i].name = descriptors[i];
	find_symbols(task, wanted);
	for (size_t i = 0; i < NR_FIELDS; i++)
		if (!read_field(task, &wanted[i], fields[i]))
			return false;
	out->has_list = true;
	if (wanted[STATIC_LIST].found)
		out->list = wanted[STATIC_LIST].vaddr;
	else if (wanted[GLOBAL].found && read_field(task, &wanted[IN_GLOBAL], &in_global))
		out->list = wanted[GLOBAL].vaddr + in_global.off;
	else
		out->has_list = false;
	return true;
}

static bool is_musl(struct crit_task *task, const struct tls_runtime *runtime)
{
	struct crit_file file;

	if (runtime->has_exe && begins_with(last_component(runtime->exe.interp), "ld-musl-"))
		return true;
	for (size_t i = 0; crit_task_file_at(task, i, &file); i++)
		if (begins_with(last_component(file.path), "ld-musl-"))
			return true;
	return false;
}

enum crit_status tls_runtime_get(struct crit_task *task, const struct tls_runtime **out,
				 struct crit_error *err)
{
	if (!task->tls) {
		struct tls_runtime *found = calloc(1, sizeof(*found));

		if (!found)
			return error_no_memory(err);
		found->has_exe = module_of_executable(task, &found->exe, NULL) == CRIT_OK;
		if (is_musl(task, found))
			found->library = TLS_MUSL;
		else if (find_glibc(task, &found->glibc))
			found->library = TLS_GLIBC;
		task->tls = found;
	}
	*out = task->tls;
	return CRIT_OK;
}
