// SPDX-License-Identifier: LGPL-2.1-or-later
/* pipes.c - pipes and named pipes, and what was written to them and not yet read. */
#include "check/check.h"
#include "fdtable.pb-c.h"

static void check_fifo(struct check *c, const struct item *at, const Criu__FifoEntry *fifo)
{
	uint32_t id = fifo->has_regf_id ? fifo->regf_id : fifo->id;

	if (!file_find(c, CRIU__FD_TYPES__REG, id))
		found(c, RULE_FIFO, at, "fifo.regf_id",
		      "no regular file with id %u is in files.img", id);
}

static void collect(struct check *c, struct keys *pipes, struct keys *fifos)
{
	const struct items *set = &c->sets[SET_FILES];

	for (size_t i = 0; i < set->nr && goes_on(c); i++) {
		const struct item *at = &set->items[i];
		const Criu__PipeEntry *pipe = file_body(at, CRIU__FD_TYPES__PIPE);
		const Criu__FifoEntry *fifo = file_body(at, CRIU__FD_TYPES__FIFO);

		if (pipe && !keys_add(pipes, 0, pipe->pipe_id, at))
			check_no_memory(c);
		if (fifo && !keys_add(fifos, 0, fifo->pipe_id, at))
			check_no_memory(c);
		if (fifo)
			check_fifo(c, at, fifo);
	}
	keys_sort(pipes);
	keys_sort(fifos);
}

static void check_data(struct check *c, enum set which, const struct keys *pipes)
{
	const struct items *set = &c->sets[which];
	const struct key *key = NULL;
	struct keys data = { 0 };

	for (size_t i = 0; i < set->nr && goes_on(c); i++) {
		const struct item *at = &set->items[i];
		const Criu__PipeDataEntry *e = at->msg;

		if (!keys_add(&data, 0, e->pipe_id, at))
			check_no_memory(c);
		if (!keys_find(pipes, 0, e->pipe_id))
			found(c, RULE_PIPE_DATA, at, "pipe_id", "no open file is of pipe %u",
			      e->pipe_id);
		if (e->has_size && e->bytes > e->size)
			found(c, RULE_PIPE_DATA, at, "size", "%u bytes in a pipe that holds %u",
			      e->bytes, e->size);
	}
	keys_sort(&data);
	while ((key = keys_next_double(&data, key ? (size_t)(key - data.keys) + 1 : 0)))
		found(c, RULE_PIPE_DATA, key->item, "pipe_id", "pipe %llu has its data already",
		      (unsigned long long)key->number);
	keys_deinit(&data);
}

void check_pipes(struct check *c)
{
	struct keys pipes = { 0 }, fifos = { 0 };

	collect(c, &pipes, &fifos);
	check_data(c, SET_PIPES_DATA, &pipes);
	check_data(c, SET_FIFO_DATA, &fifos);
	keys_deinit(&pipes);
	keys_deinit(&fifos);
}
