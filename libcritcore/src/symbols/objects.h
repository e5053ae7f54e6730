/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* objects.h - which program or library is at an address of a process. */
#ifndef CRIT_SYMBOLS_OBJECTS_H
#define CRIT_SYMBOLS_OBJECTS_H

#include "critcore.h"
#include "symbols/object.h"

/** Executable memory of a process, one for each mapping. */
struct code_range {
	uint64_t start, end;
	struct object *object; /* NULL: none, code made at run time */
	uint64_t bias;	       /* an address minus it is one of the object's file */
};

/** The code of one process. */
struct code_map {
	struct crit_task *task;
	struct code_range *ranges; /* by address */
	size_t nr, cap;
	bool has_main;
	uint64_t main; /* where the program's function "main" is */
	struct object *exe; /* NULL: not known, or not mapped */
};

/** The objects of a checkpoint: processes share them. */
struct objects {
	struct object **all;
	size_t nr, cap;
	struct code_map **maps; /* of the processes asked about */
	size_t nr_maps, cap_maps;
	struct code_map *last;
};

void objects_deinit(struct objects *objects);
/** The code of a process; made at the first call. @return also as crit_task_load(). */
enum crit_status objects_map(struct objects *objects, struct crit_task *task,
			     const struct code_map **out, struct crit_error *err);
/** The range that holds @p addr, NULL if none does. */
const struct code_range *code_map_find(const struct code_map *map, uint64_t addr);

#endif
