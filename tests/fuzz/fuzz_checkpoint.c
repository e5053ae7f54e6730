// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fuzz_checkpoint.c - a checkpoint from one input, opened and asked everything. What it answers
 * must fit together: where memory is and what is read there, at once, in pieces, as a view, in a
 * dump, in a search, and in the very files. The form of the input: checkpoint_folder.h.
 */
#include <lz4.h>

#include "checkpoint_folder.h"
#include "critcore.h"
#include "diff.h"
#include "listings.h"
#include "open_files.h"
#include "process.h"
#include "reports.h"

enum {
	MAX_RANGES = 100, /* looked at in a task */
	WINDOW = 5000,	  /* bytes read of each */
	EDGE = 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- Memory --------------------------------------------------------------------------------- */

struct subject {
	struct crit_checkpoint *ckpt;
	struct crit_task *task;
};

static bool is_stored(const struct crit_origin *at)
{
	return at->kind == CRIT_ORIGIN_IMAGE || at->kind == CRIT_ORIGIN_FILE;
}

static bool is_readable(const struct crit_origin *at)
{
	return is_stored(at) || at->kind == CRIT_ORIGIN_ZERO;
}

static enum crit_status read_at(const struct subject *s, uint64_t vaddr, size_t len, void *buf,
				size_t *nread)
{
	struct crit_error err = { 0 };
	enum crit_status status = crit_mem_read(s->task, vaddr, len, buf, nread, &err);

	require(*nread <= len && (*nread == len) == !status);
	require(!status || *err.message);
	return status;
}

static void check_sense(const struct crit_origin *at)
{
	require((at->kind == CRIT_ORIGIN_UNAVAILABLE) == (at->why != CRIT_WHY_NONE));
	require((at->kind == CRIT_ORIGIN_UNMAPPED) == (at->mapping == SIZE_MAX));
	require(at->source || !is_stored(at));
	require(!at->block_len || (at->block_pos < at->block_mem_len && at->in_image &&
				   at->len <= at->block_mem_len - at->block_pos));
}

/** What is true of a range is true of each of its bytes, and up to the same end. */
static void check_inside(const struct subject *s, const struct crit_origin *at, uint64_t skip)
{
	struct crit_origin in;

	require(!crit_mem_locate(s->task, at->vaddr + skip, &in, NULL));
	require(in.vaddr == at->vaddr + skip && in.len == at->len - skip && in.kind == at->kind &&
		in.why == at->why && in.mapping == at->mapping && in.shared == at->shared &&
		in.in_image == at->in_image && in.level == at->level &&
		in.block_len == at->block_len && in.block_mem_len == at->block_mem_len);
	if (!is_stored(at))
		return;
	require(!strcmp(in.source, at->source));
	if (at->block_len)
		require(in.off == at->off && in.block_pos == at->block_pos + skip &&
			in.block_index == at->block_index);
	else
		require(in.off == at->off + skip);
}

/** The bytes as they are in the file that is said to have them. */
static void read_source(const struct subject *s, const struct crit_origin *at, uint64_t off,
			void *buf, size_t len)
{
	struct crit_level level;
	char path[4200];
	int fd;

	require(crit_level_at(s->ckpt, at->level, &level));
	snprintf(path, sizeof(path), "%s/%s", at->kind == CRIT_ORIGIN_FILE ? "" : level.path,
		 at->source);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	require(pread(fd, buf, len, (off_t)off) == (ssize_t)len);
	close(fd);
}

/** @return what has to be read from at->vaddr on, or NULL: the block is damaged. Free it. */
static uint8_t *make_truth(const struct subject *s, const struct crit_origin *at, size_t len)
{
	size_t room = at->block_len ? at->block_mem_len : len;
	uint8_t *bytes = calloc(1, room), *stored;

	if (is_stored(at) && !at->block_len)
		read_source(s, at, at->off, bytes, len);
	if (!at->block_len)
		return bytes;
	stored = malloc(at->block_len);
	read_source(s, at, at->off, stored, at->block_len);
	if (LZ4_decompress_safe((char *)stored, (char *)bytes, (int)at->block_len,
				(int)at->block_mem_len) == (int)at->block_mem_len) {
		memmove(bytes, bytes + at->block_pos, len);
	} else {
		free(bytes);
		bytes = NULL;
	}
	free(stored);
	return bytes;
}

static void check_view(const struct subject *s, const struct crit_origin *at, const uint8_t *truth,
		       size_t len)
{
	struct crit_view *view = NULL;
	enum crit_status status = crit_mem_view(s->task, at->vaddr, len, &view, NULL);

	require(status == (is_stored(at) && !at->block_len	     ? CRIT_OK :
			   is_readable(at)			     ? CRIT_UNSUPPORTED :
			   at->kind == CRIT_ORIGIN_UNMAPPED ? CRIT_UNMAPPED : CRIT_NOT_DUMPED));
	if (status)
		return;
	require(crit_view_len(view) == len && !memcmp(crit_view_data(view), truth, len));
	require(crit_view_intact(view));
	crit_view_close(view);
}

/** At once and in pieces of several sizes. */
static void check_bytes(const struct subject *s, const struct crit_origin *at)
{
	static const size_t steps[] = { WINDOW, 4095, 1300, 1 };
	size_t len = min_len(at->len ? at->len : WINDOW, WINDOW), nread;
	uint8_t *truth = is_readable(at) ? make_truth(s, at, len) : NULL, bytes[WINDOW];
	enum crit_status want = truth			      ? CRIT_OK :
				is_readable(at)		      ? CRIT_CORRUPT :
				at->kind == CRIT_ORIGIN_UNMAPPED ? CRIT_UNMAPPED : CRIT_NOT_DUMPED;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		size_t step = min_len(len, steps[i]);

		for (size_t done = 0; done + step <= len && done < 8 * step; done += step) {
			require(read_at(s, at->vaddr + done, step, bytes, &nread) == want);
			require(want ? !nread : !memcmp(bytes, truth + done, step));
		}
	}
	check_view(s, at, truth, len);
	free(truth);
}

/** A read over the border in front of a range stops where single bytes end. */
static void check_border(const struct subject *s, uint64_t border)
{
	uint8_t single[2 * EDGE], bytes[2 * EDGE];
	enum crit_status status = CRIT_OK;
	size_t nr = 0, nread;

	if (border < EDGE || border + EDGE < border)
		return;
	while (nr < sizeof(single) && !status) {
		status = read_at(s, border - EDGE + nr, 1, single + nr, &nread);
		nr += nread;
	}
	require(read_at(s, border - EDGE, sizeof(bytes), bytes, &nread) == status);
	require(nread == nr && !memcmp(bytes, single, nr));
}

/* ---- Dumps and searches --------------------------------------------------------------------- */

enum { FILL = 0xa5, DUMP_MAX = WINDOW + 2 * EDGE, MAX_GAPS = 64 };

struct dump {
	const struct subject *s;
	uint64_t start; /* address */
	size_t len;
	uint8_t bytes[DUMP_MAX];
	struct {
		size_t start, end; /* in bytes */
	} gaps[MAX_GAPS];
	size_t nr_gaps;
};

static bool collect(void *ctx, const void *data, size_t len)
{
	struct dump *d = ctx;

	require(len <= DUMP_MAX - d->len);
	memcpy(d->bytes + d->len, data, len);
	d->len += len;
	return true;
}

static void note_gap(void *ctx, const struct crit_dump_gap *gap)
{
	struct dump *d = ctx;
	size_t nread;
	char byte;

	require(gap->start < gap->end && gap->start >= d->start && *gap->why);
	require(read_at(d->s, gap->start, 1, &byte, &nread));
	require(read_at(d->s, gap->end - 1, 1, &byte, &nread));
	if (d->nr_gaps == MAX_GAPS)
		return;
	d->gaps[d->nr_gaps].start = (size_t)(gap->start - d->start);
	d->gaps[d->nr_gaps++].end = (size_t)(gap->end - d->start);
}

/** Between gaps is what is read there, in gaps what fills them. @return how much of that. */
static uint64_t check_dumped(const struct dump *d)
{
	uint8_t bytes[DUMP_MAX];
	uint64_t missing = 0;
	size_t at = 0, nread;

	for (size_t i = 0; i <= d->nr_gaps; i++) {
		size_t start = i < d->nr_gaps ? d->gaps[i].start : d->len;
		size_t end = i < d->nr_gaps ? d->gaps[i].end : d->len;

		require(at <= start && end <= d->len);
		require(!read_at(d->s, d->start + at, start - at, bytes, &nread));
		require(!memcmp(bytes, d->bytes + at, start - at));
		for (at = start; at < end; at++)
			require(d->bytes[at] == FILL);
		missing += end - start;
	}
	return missing;
}

static void check_dump(const struct subject *s, const struct crit_origin *at)
{
	struct dump d = { .s = s, .start = at->vaddr < EDGE ? 0 : at->vaddr - EDGE };
	struct crit_dump_options options = { .fill = FILL, .gap = note_gap, .ctx = &d };
	size_t len = min_len(at->len, WINDOW) + EDGE;
	uint64_t missing = 0, end = at->vaddr + len;
	struct crit_output *out;

	if (end < at->vaddr)
		return;
	require(!crit_output_from_function(collect, &d, &out, NULL));
	require(!crit_mem_dump(s->task, d.start, end, out, &options, &missing, NULL));
	crit_output_close(out);
	require(d.len == end - d.start);
	if (d.nr_gaps < MAX_GAPS)
		require(check_dumped(&d) == missing);
}

struct wanted {
	uint64_t vaddr;
	bool found;
};

static bool is_found(void *ctx, const struct crit_match *match)
{
	struct wanted *wanted = ctx;

	wanted->found |= match->vaddr == wanted->vaddr;
	return !wanted->found;
}

/** Bytes that can be read are found. */
static void check_search(const struct subject *s, const struct crit_origin *at)
{
	size_t skip = min_len(at->len, WINDOW) / 2;
	struct wanted wanted = { .vaddr = at->vaddr + skip };
	struct crit_search_options options = { .start = wanted.vaddr - min_len(skip, 100),
					       .end = wanted.vaddr + EDGE,
					       .overlapping = true, .ctx = &wanted };
	struct crit_pattern *pattern;
	uint8_t bytes[EDGE / 2];
	size_t nread;

	if (options.end < wanted.vaddr || at->len < EDGE ||
	    read_at(s, wanted.vaddr, sizeof(bytes), bytes, &nread))
		return;
	require(!crit_pattern_new(CRIT_PATTERN_TEXT, bytes, sizeof(bytes), NULL, &pattern, NULL));
	require(!crit_search(s->task, pattern, &options, is_found, NULL));
	require(wanted.found);
	crit_pattern_free(pattern);
}

/* ---- Everything ----------------------------------------------------------------------------- */

static void add(struct crit_mem_totals *sum, const struct crit_origin *at)
{
	bool image = at->kind == CRIT_ORIGIN_IMAGE;

	sum->image += image ? at->len : 0;
	sum->zero += at->kind == CRIT_ORIGIN_ZERO ? at->len : 0;
	sum->file += at->kind == CRIT_ORIGIN_FILE ? at->len : 0;
	sum->unavailable += at->kind == CRIT_ORIGIN_UNAVAILABLE ? at->len : 0;
	sum->compressed += image && at->block_len ? at->len : 0;
	sum->shared += image && at->shared ? at->len : 0;
	sum->lazy += at->why == CRIT_WHY_LAZY ? at->len : 0;
}

static void check_totals(const struct subject *s, struct crit_mem_totals *sum)
{
	struct crit_mem_totals totals;
	struct crit_mapping mapping;
	uint64_t mapped = 0;

	require(!crit_mem_totals(s->task, 0, UINT64_MAX, &totals, NULL));
	require(totals.parent <= totals.image);
	sum->parent = totals.parent;
	require(!memcmp(sum, &totals, sizeof(totals)));
	for (size_t i = 0; crit_mapping_at(s->task, i, &mapping); i++)
		mapped += mapping.end - mapping.start;
	require(totals.image + totals.zero + totals.file + totals.unavailable == mapped);
}

/** @param nr  Its number: what takes long is only done to some. */
static void check_range(const struct subject *s, const struct crit_origin *at, size_t nr)
{
	check_sense(at);
	check_bytes(s, at);
	check_border(s, at->vaddr);
	if (nr % 8 == 1)
		check_dump(s, at);
	if (nr % 8 == 5)
		check_search(s, at);
	if (at->len > 1) {
		check_inside(s, at, 1);
		check_inside(s, at, at->len / 2);
		check_inside(s, at, at->len - 1);
	}
}

/** All of the address space, range after range. */
static void check_memory(const struct subject *s)
{
	unsigned int stored = 1 << CRIT_ORIGIN_IMAGE | 1 << CRIT_ORIGIN_FILE;
	struct crit_mem_totals sum = { 0 };
	struct crit_origin at = { 0 }, next;
	bool more = !crit_mem_next(s->task, 0, stored, &next, NULL);
	size_t nr = 0;

	do {
		uint64_t vaddr = at.vaddr + at.len;

		require(!crit_mem_locate(s->task, vaddr, &at, NULL) && at.vaddr == vaddr);
		add(&sum, &at);
		check_range(s, &at, nr);
		require(is_stored(&at) == (more && next.vaddr == vaddr));
		if (is_stored(&at))
			more = !crit_mem_next(s->task, vaddr + at.len, stored, &next, NULL);
		if (++nr == MAX_RANGES)
			return;
	} while (at.len && at.vaddr + at.len > at.vaddr);
	require(!more);
	check_totals(s, &sum);
}

static void ask_files(struct crit_task *task)
{
	struct crit_file file;
	size_t len;
	char *text;

	crit_task_exe(task, &file, NULL);
	for (size_t i = 0; crit_task_file_at(task, i, &file); i++)
		require(file.path && strlen(file.path) < MAX_FILE);
	for (size_t i = 0; crit_task_note_at(task, i); i++)
		;
	if (!crit_task_args(task, &text, &len, NULL))
		free(text);
	if (!crit_task_env(task, &text, &len, NULL))
		free(text);
	crit_task_shared_len(task);
}

/** Every byte of a register is there to be read, or the register is not available. */
static void ask_registers(struct crit_task *task, struct crit_thread *thread)
{
	struct crit_register reg;
	uint8_t bytes[64];

	for (size_t i = 0; i < crit_register_count(task); i++) {
		if (crit_register_get(thread, i, &reg, NULL))
			continue;
		require(reg.size <= sizeof(bytes) && reg.available == (reg.bytes != NULL));
		if (reg.available)
			memcpy(bytes, reg.bytes, reg.size);
		require(crit_register_index(task, reg.name) == i);
	}
}

enum { MAX_STACK = 100 };

/** Stacks end, are as long as allowed, and are the same when walked again for groups. */
static void check_stacks(const struct subject *s)
{
	static const struct crit_stack_options options = { .max_frames = MAX_STACK };
	struct crit_stack_groups *groups;
	struct crit_stack_group group;
	struct crit_stacks *stacks;
	struct crit_stack stack;
	size_t nr = 0;

	require(!crit_stacks_open(s->ckpt, &options, &stacks, NULL));
	for (size_t t = 0; t < crit_thread_count(s->task) && t < 8; t++) {
		enum crit_status status = crit_stack_walk(
			stacks, crit_thread_at(s->task, t), &stack, NULL);

		require(stack.nr_frames <= MAX_STACK && *stack.why);
		require((stack.end == CRIT_STACK_NONE) == (status != CRIT_OK));
		require((stack.nr_frames == 0) == (status != CRIT_OK));
	}
	require(!crit_stacks_group(stacks, s->task, NULL, NULL, &groups, NULL));
	for (size_t i = 0; crit_stack_group_at(groups, i, &group); i++) {
		require(*group.label && group.nr_threads);
		nr += group.nr_threads;
	}
	require(nr == crit_thread_count(s->task));
	crit_stack_groups_free(groups);
	crit_stacks_close(stacks);
}

static void ask_task(const struct subject *s)
{
	struct crit_task_info info;
	const void *auxv;
	size_t len;

	crit_task_info(s->task, &info, NULL);
	check_fds(s->task);
	check_process(s->task);
	if (crit_task_load(s->task, NULL))
		return;
	for (size_t t = 0; t < crit_thread_count(s->task) && t < 8; t++)
		ask_registers(s->task, crit_thread_at(s->task, t));
	crit_task_auxv(s->task, &auxv, &len, NULL);
	ask_files(s->task);
	check_stacks(s);
	check_memory(s);
	check_core(s->task);
}

/** The folder as a checkpoint; NULL: it is none, and that is said. */
static struct crit_checkpoint *open_img(const char *path, bool second)
{
	struct crit_checkpoint *ckpt;
	struct crit_error err = { 0 };
	char name[80];

	snprintf(name, sizeof(name), "%s/img", path);
	if (crit_checkpoint_open(name, &ckpt, &err)) {
		require(*err.message); // no failure without a word
		return NULL;
	}
	snprintf(name, sizeof(name), "%s/sr", path);
	require(!crit_checkpoint_set_sysroot(ckpt, name, NULL));
	snprintf(name, sizeof(name), "%s/server", path);
	require(!second || !crit_checkpoint_set_pages_dir(ckpt, name, NULL));
	return ckpt;
}

static void ask(const char *path, bool second, size_t size)
{
	struct subject s = { .ckpt = open_img(path, second) };
	struct crit_checkpoint *again;

	if (size % 3 == 0) // whether it can be opened or not
		check_checks(path, size % 2);
	for (size_t i = 0; s.ckpt && i < crit_task_count(s.ckpt) && i < 8; i++) {
		s.task = crit_task_at(s.ckpt, i);
		ask_task(&s);
	}
	if (!s.ckpt)
		return;
	check_ipc(s.ckpt);
	check_listings(s.ckpt, size);
	if (size % 2)
		check_stats(s.ckpt, size % 4 == 1);
	again = open_img(path, second);
	check_with_itself(s.ckpt, again);
	check_with_parents(s.ckpt, path);
	crit_checkpoint_close(again);
	crit_checkpoint_close(s.ckpt);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!*disk.path)
		make_folders();
	ask(disk.path, update_files(data, size), size);
	return 0;
}
