// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * core.c - crit_core_write(): headers first, then bytes. When some of the bytes turn out to be
 * damaged, or somebody punches holes into the images meanwhile, the headers were wrong: a file is
 * then written again, without those bytes.
 */
#include "core/core.h"

#include <stdlib.h>
#include <string.h>

enum {
	MAX_TRIES = 4,
	MIN_ALIGN = 4096, MAX_ALIGN = 65536,
	FILE_HOLE = 64 * 1024 * 1024, // a process may reserve more than any file can have
	STREAM_HOLE = 1024 * 1024,
};

static enum crit_status plan(struct core *core, struct crit_error *err)
{
	enum crit_status status = segments_make(core, err);

	if (!status)
		status = notes_make(core, err);
	return status ? status : headers_lay_out(core, err);
}

static enum crit_status write_to(struct core *core, struct crit_output *out,
				 struct crit_error *err)
{
	enum crit_status status = headers_write(core, out, err);

	return status ? status : data_write(core, out, err);
}

static enum crit_status write_packed(struct core *core, struct crit_output *to,
				     struct crit_error *err)
{
	struct packed *packed;
	struct crit_output *out;
	enum crit_status status = packed_open(to, &packed, &out, err);

	if (status)
		return status;
	status = write_to(core, out, err);
	status = packed_finish(packed, status, err);
	packed_close(packed);
	return status;
}

static enum crit_status not_again(const struct core *core, struct crit_error *err)
{
	if (core->nr_bads)
		return error_set(err, CRIT_CORRUPT, "%s", core->bads[0].why);
	return error_set(err, CRIT_CORRUPT, "the images were written to meanwhile");
}

/** Those that cannot be taken back are tried first, as far as that is likely to find something. */
static enum crit_status rehearse(struct core *core, struct crit_output *out,
				 struct crit_error *err)
{
	enum crit_status status;

	if (output_rewind(out) || !core->task->ckpt->info.compressed)
		return CRIT_OK;
	status = plan(core, err);
	return status ? status : data_write(core, NULL, err);
}

static enum crit_status write_core(struct core *core, struct crit_output *out,
				   struct crit_error *err)
{
	enum crit_status status;

	core->max_hole = output_can_skip(out) && !core->options->zstd ? FILE_HOLE : STREAM_HOLE;
	status = rehearse(core, out, err);
	for (unsigned int i = 0; !status && i < MAX_TRIES; i++) {
		core->again = false;
		status = plan(core, err);
		if (!status)
			status = core->options->zstd ? write_packed(core, out, err)
						     : write_to(core, out, err);
		if (status || !core->again)
			return status ? status : gaps_tell(core, err);
		if (!output_rewind(out))
			break;
	}
	return status ? status : not_again(core, err);
}

static enum crit_status prepare(struct core *core, struct crit_error *err)
{
	enum crit_status status = crit_task_load(core->task, err);

	if (status)
		return status;
	core->arch = task_layout(core->task)->arch;
	core->align = core->task->page_size;
	if (core->align < MIN_ALIGN || core->align > MAX_ALIGN)
		core->align = MIN_ALIGN;
	return CRIT_OK;
}

static void core_deinit(struct core *core)
{
	for (size_t i = 0; i < core->nr_bads; i++)
		free(core->bads[i].why);
	free(core->bads);
	free(core->segments);
	buf_deinit(&core->notes);
}

enum crit_status crit_core_write(struct crit_task *task, struct crit_output *out,
				 const struct crit_core_options *options,
				 struct crit_core_result *result, struct crit_error *err)
{
	const struct crit_core_options none = { 0 };
	struct core core = { .task = task, .options = options ? options : &none };
	enum crit_status status = prepare(&core, err);

	if (!status)
		status = write_core(&core, out, err);
	if (!status && result)
		*result = core.result;
	core_deinit(&core);
	return status;
}

enum crit_status crit_core_write_file(struct crit_task *task, const char *path,
				      const struct crit_core_options *options,
				      struct crit_core_result *result, struct crit_error *err)
{
	struct crit_output *out;
	enum crit_status status = crit_task_load(task, err);

	if (status)
		return status;
	if (levels_have_image(task, path))
		return error_set(err, CRIT_INVALID, "%s: an image of the checkpoint itself", path);
	status = crit_output_create(path, &out, err);
	if (status)
		return status;
	status = crit_core_write(task, out, options, result, err);
	if (!status)
		status = crit_output_commit(out, err);
	crit_output_close(out);
	return status;
}
