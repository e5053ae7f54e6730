// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * glibc.c - where glibc put a module's block.
 *
 *	struct link_map		l_tls_modid	its number N; 0: it has no thread-local storage
 *				l_tls_offset	from the thread pointer, in all threads; only of
 *						modules whose block is next to it (static TLS)
 *	the thread's dtv	dtv[-1]		how many elements there are
 *				dtv[0]		as of which generation it is
 *				dtv[N]		the block's address; -1: not allocated yet
 *	dtv_slotinfo_list	len, next, then len slots; slot N of all of them in a row:
 *				gen		the generation in which module N was loaded
 *				map		its link map
 *
 * A number is used again after dlclose(), and threads bring their dtv up to date only when they use
 * a variable: an element of an older generation than the slot's belongs to the module before.
 * That the slot's map is the one asked about also tells a link map from any other address.
 */
#include "tls/runtime.h"

#include "tls/word.h"
#include "util/error.h"

enum {
	MIN_SLOTS = 32, /* of a list; glibc makes none with less than 62 */
	MAX_LISTS = 2048,
};

static enum crit_status read_field(struct crit_task *task, uint64_t base,
				   const struct glibc_field *field, uint64_t *out,
				   struct crit_error *err)
{
	return word_read(task, base + field->off, out, err);
}

/* The list that has slot *index, which becomes the index in it. */
static enum crit_status find_list(const struct tls_thread *thread, uint64_t *index, uint64_t *list,
				  struct crit_error *err)
{
	const struct glibc *g = &thread->runtime->glibc;
	enum crit_status status = word_read(thread->task, g->list, list, err);

	for (size_t i = 0; !status && *list && i < MAX_LISTS; i++) {
		uint64_t len;

		status = read_field(thread->task, *list, &g->list_len, &len, err);
		if (status || *index < len)
			return status;
		if (len < MIN_SLOTS)
			return error_set(err, CRIT_CORRUPT, "0x%llx has only %llu of them",
					 (unsigned long long)*list, (unsigned long long)len);
		*index -= len;
		status = read_field(thread->task, *list, &g->list_next, list, err);
	}
	return status ? status : error_set(err, CRIT_CORRUPT, "it ends before that");
}

static enum crit_status find_slot(const struct tls_thread *thread, uint64_t modid, uint64_t *gen,
				  uint64_t *map, struct crit_error *err)
{
	const struct glibc *g = &thread->runtime->glibc;
	uint64_t index = modid, list = 0, slot;
	enum crit_status status = find_list(thread, &index, &list, err);

	if (!status) {
		slot = list + g->list_slots.off + index * g->list_slots.len;
		status = read_field(thread->task, slot, &g->slot_gen, gen, err);
		if (!status)
			status = read_field(thread->task, slot, &g->slot_map, map, err);
	}
	return status ? error_prefix(err, status,
				     "module %llu in the dynamic linker's list of modules: ",
				     (unsigned long long)modid) :
			CRIT_OK;
}

/* Is the block next to the thread pointer? */
static enum crit_status static_block(const struct tls_thread *thread, uint64_t link_map,
				     bool *found, uint64_t *out, struct crit_error *err)
{
	const struct arch_tls *abi = thread->abi;
	enum crit_status status;
	uint64_t word;

	status = read_field(thread->task, link_map, &thread->runtime->glibc.offset, &word, err);
	if (status)
		return status;
	int64_t off = word_signed(thread->task, word);
	// 0 means none where the C library has the first bytes for itself; -1 and -2: none, by
	// decision or as yet.
	*found = off != -1 && off != -2 && (off != 0 || (abi->above && !abi->gap_words));
	*out = abi->above ? thread->pointer - abi->bias + word : thread->pointer - word;
	return CRIT_OK;
}

static enum crit_status dynamic_block(const struct tls_thread *thread, uint64_t modid,
				      uint64_t gen, uint64_t *out, struct crit_error *err)
{
	const struct glibc *g = &thread->runtime->glibc;
	const struct arch_tls *abi = thread->abi;
	uint64_t at = thread->pointer - abi->bias +
		      (uint64_t)(abi->glibc_dtv * (int64_t)word_size(thread->task));
	uint64_t dtv, nr, dtv_gen, val;
	enum crit_status status = word_read(thread->task, at, &dtv, err);

	if (!status) {
		dtv += g->dtv.off;
		status = read_field(thread->task, dtv - g->dtv.len, &g->dtv_counter, &nr, err);
	}
	if (!status)
		status = read_field(thread->task, dtv, &g->dtv_counter, &dtv_gen, err);
	if (status)
		return status;
	if (modid > nr || dtv_gen < gen)
		return tls_not_allocated(thread, modid, err);
	status = read_field(thread->task, dtv + modid * g->dtv.len, &g->dtv_val, &val, err);
	if (status)
		return status;
	if (val & 1 || !val)
		return tls_not_allocated(thread, modid, err);
	*out = val;
	return CRIT_OK;
}

/* The number of a module, and the generation it is of. */
static enum crit_status identify(const struct tls_thread *thread, uint64_t link_map,
				 uint64_t *modid, uint64_t *gen, struct crit_error *err)
{
	const struct glibc *g = &thread->runtime->glibc;
	enum crit_status status = read_field(thread->task, link_map, &g->modid, modid, err);
	uint64_t map = 0;

	if (status)
		return status;
	if (!*modid)
		return error_set(err, CRIT_NOT_FOUND, "the module has no thread-local storage");
	if (!g->has_list)
		return error_set(err, CRIT_NOT_FOUND,
				 "the dynamic linker's file, which tells where its list of modules "
				 "is, is not here");
	status = find_slot(thread, *modid, gen, &map, err);
	if (!status && map != link_map)
		return error_set(err, CRIT_CORRUPT,
				 "no link map: module %llu, which it claims to be, has that at "
				 "0x%llx",
				 (unsigned long long)*modid, (unsigned long long)map);
	return status;
}

enum crit_status glibc_block(const struct tls_thread *thread, uint64_t link_map, uint64_t *out,
			     struct crit_error *err)
{
	uint64_t modid = 0, gen = 0;
	bool found = false;
	enum crit_status status = identify(thread, link_map, &modid, &gen, err);

	if (!status)
		status = static_block(thread, link_map, &found, out, err);
	if (!status && !found)
		status = dynamic_block(thread, modid, gen, out, err);
	return status ? error_prefix(err, status, "link map 0x%llx: ",
				     (unsigned long long)link_map) :
			CRIT_OK;
}
