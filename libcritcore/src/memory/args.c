// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * args.c - a process's command line and environment. mm-PID.img says where they are, as the kernel
 * knows it for /proc/PID/cmdline; the strings themselves are memory of the process.
 */
#include "checkpoint/checkpoint.h"

#include <stdlib.h>

enum {
	MAX_STRINGS = 64 * 1024 * 1024, /* in bytes; Linux allows an eighth of that by default */
	MAPPED_SHARED = 1,		/* MAP_SHARED of Linux */
};

static enum crit_status read_strings(struct crit_task *task, uint64_t start, uint64_t end,
				     char **out, size_t *len, struct crit_error *err)
{
	enum crit_status status;
	char *text;

	if (end < start || end - start > MAX_STRINGS)
		return error_set(err, CRIT_CORRUPT, "strings from 0x%llx to 0x%llx",
				 (unsigned long long)start, (unsigned long long)end);
	text = malloc((size_t)(end - start) + 1);
	if (!text)
		return error_no_memory(err);
	status = crit_mem_read(task, start, (size_t)(end - start), text, NULL, err);
	if (status) {
		free(text);
		return status;
	}
	text[end - start] = '\0'; // for who takes it for a string
	*out = text;
	*len = (size_t)(end - start);
	return CRIT_OK;
}

enum crit_status crit_task_args(struct crit_task *task, char **out, size_t *len,
				struct crit_error *err)
{
	enum crit_status status = crit_task_load(task, err);

	if (!status)
		status = read_strings(task, task->args_start, task->args_end, out, len, err);
	return status ? error_prefix(err, status, "arguments: ") : CRIT_OK;
}

enum crit_status crit_task_env(struct crit_task *task, char **out, size_t *len,
			       struct crit_error *err)
{
	enum crit_status status = crit_task_load(task, err);

	if (!status)
		status = read_strings(task, task->env_start, task->env_end, out, len, err);
	return status ? error_prefix(err, status, "environment: ") : CRIT_OK;
}

uint64_t crit_task_shared_len(struct crit_task *task)
{
	struct crit_mapping mapping;
	uint64_t len = 0;

	for (size_t i = 0; crit_mapping_at(task, i, &mapping); i++)
		if (mapping.flags & MAPPED_SHARED)
			len += mapping.end - mapping.start;
	return len;
}
