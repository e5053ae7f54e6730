// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * segments.c - ranges of memory to segments. A mapping makes one, or several: a new one begins
 * behind bytes that are not there, and behind zeros so many that they are no good as a hole of the
 * file. Those are at the end of their segment, which is then longer than its bytes in the file. gdb
 * reads zeros there, lldb (14 to 21) nothing, so that shorter ranges are in the file.
 */
#include <stdlib.h>

#include "core/core.h"
#include "util/array.h"

/** The segment that is being made. */
struct making {
	struct segment s;
	uint64_t zeros; /* at its end, that are not in the file yet */
};

static enum crit_status end_segment(struct core *core, struct making *m, struct crit_error *err)
{
	if (!m->s.len)
		return CRIT_OK;
	if (m->zeros <= core->max_hole)
		m->s.file_len = m->s.len;
	if (!array_grow(&core->segments, core->nr_segments, &core->cap_segments,
			sizeof(*core->segments)))
		return error_no_memory(err);
	core->segments[core->nr_segments++] = m->s;
	m->s.len = m->s.file_len = m->zeros = 0;
	return CRIT_OK;
}

static enum crit_status add_bytes(struct core *core, struct making *m, const struct part *part,
				  struct crit_error *err)
{
	bool zero = part->kind == PART_ZERO;
	enum crit_status status = CRIT_OK;

	if (!zero && m->zeros > core->max_hole)
		status = end_segment(core, m, err);
	if (!m->s.len)
		m->s.start = part->start;
	m->s.len += part->len;
	m->zeros = zero ? m->zeros + part->len : 0;
	if (!zero)
		m->s.file_len = m->s.len;
	return status;
}

static enum crit_status add_part(struct core *core, struct making *m, const struct part *part,
				 struct crit_error *err)
{
	struct crit_core_result *r = &core->result;

	switch (part->kind) {
	case PART_DATA:
		r->image += part->len;
		return add_bytes(core, m, part, err);
	case PART_ZERO:
		r->zero += part->len;
		return add_bytes(core, m, part, err);
	case PART_IN_FILE:
		r->in_files += part->len;
		break;
	case PART_NEVER:
		r->never += part->len;
		break;
	case PART_GONE:
		r->missing += part->len;
		break;
	}
	return end_segment(core, m, err);
}

static enum crit_status add_mapping(struct core *core, const struct crit_mapping *mapping,
				    struct crit_error *err)
{
	struct making m = { .s.prot = mapping->prot };
	uint64_t at = mapping->start;
	enum crit_status status = CRIT_OK;
	struct part part;

	while (!status && at < mapping->end) {
		status = part_at(core, at, mapping->end, &part, err);
		if (!status)
			status = add_part(core, &m, &part, err);
		at += part.len;
	}
	return status ? status : end_segment(core, &m, err);
}

enum crit_status segments_make(struct core *core, struct crit_error *err)
{
	struct crit_core_result *r = &core->result;
	enum crit_status status = CRIT_OK;

	core->nr_segments = 0;
	r->image = r->zero = r->in_files = r->missing = r->never = 0;
	for (size_t i = 0; !status && i < core->task->nr_mappings; i++)
		status = add_mapping(core, &core->task->mappings[i].pub, err);
	r->nr_segments = core->nr_segments;
	return status;
}

enum crit_status gaps_tell(struct core *core, struct crit_error *err)
{
	enum crit_status status = CRIT_OK;
	struct crit_mapping m;
	struct part part;

	if (!core->options->gap || !core->result.missing)
		return CRIT_OK;
	for (size_t i = 0; crit_mapping_at(core->task, i, &m); i++) {
		for (uint64_t at = m.start; at < m.end; at += part.len) {
			status = part_at(core, at, m.end, &part, err);
			if (status)
				return status;
			if (part.kind == PART_GONE)
				core->options->gap(core->options->ctx, &(struct crit_dump_gap){
					part.start, part.start + part.len, part.why });
		}
	}
	return CRIT_OK;
}
