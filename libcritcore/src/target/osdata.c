// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The tables of `info os` ("Operating System Data" in gdb's manual), over all processes of the
 * checkpoint:
 *
 *	<osdata type="processes">
 *	  <item><column name="pid">42</column> ... </item>
 *	</osdata>
 *
 * The columns are called as in gdb's own tables of a live system. Those whose contents no image has
 * are left out: which CPU a task ran on, when a semaphore was used last and by whom. There are no
 * tables of CPUs and kernel modules. Every item must have the same columns; gdb takes the names
 * from one of them.
 */
#include "target/osdata.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "target/osdata_rows.h"
#include "target/xml.h"

/* Names are as long as an image says, and each may be in a million rows. */
enum { MAX_TEXT = 256 * 1024 * 1024 };

void osdata_begin_item(struct buf *out)
{
	buf_add_str(out, "<item>");
}

void osdata_add(struct buf *out, const char *column, const char *text)
{
	buf_printf(out, "<column name=\"%s\">", column);
	xml_add_text(out, text);
	buf_add_str(out, "</column>");
}

void osdata_add_number(struct buf *out, const char *column, uint64_t number)
{
	buf_printf(out, "<column name=\"%s\">%" PRIu64 "</column>", column, number);
}

int osdata_end_item(struct buf *out)
{
	buf_add_str(out, "</item>\n");
	return out->len > MAX_TEXT ? -E2BIG : 0;
}

const char *osdata_command(struct crit_task *task)
{
	return crit_thread_name(&task->threads[0]);
}

int osdata_each_task(struct crit_checkpoint *ckpt, struct buf *out,
		     int (*add)(struct crit_task *task, struct buf *out))
{
	int status = 0;

	for (size_t i = 0; i < ckpt->nr_tasks && !status && !out->failed; i++)
		status = add(&ckpt->tasks[i], out);
	return status;
}

static const struct table {
	const char *type, *title, *about;
	bool ipc;
	int (*build)(struct crit_checkpoint *ckpt, struct buf *out);
} tables[] = {
	{ "files", "File descriptors", "Files that the processes have open", false,
	  osdata_files },
	{ "msg", "Message queues", "System V message queues", true, osdata_queues },
	{ "processes", "Processes", "Processes of the checkpoint", false, osdata_processes },
	{ "procgroups", "Process groups", "Process groups of the checkpoint", false,
	  osdata_groups },
	{ "semaphores", "Semaphores", "System V semaphores", true, osdata_semaphores },
	{ "shm", "Shared-memory regions", "System V shared memory", true, osdata_shm },
	{ "sockets", "Internet-domain sockets", "Internet sockets that the processes have open",
	  false, osdata_sockets },
	{ "threads", "Threads", "Threads of the checkpoint", false, osdata_threads },
};

enum { NR_TABLES = sizeof(tables) / sizeof(tables[0]) };

/* System V IPC is recorded with the namespaces that were dumped. */
static bool is_recorded(struct crit_checkpoint *ckpt, const struct table *table)
{
	return !table->ipc || crit_ipc_load(ckpt, NULL) != CRIT_NOT_FOUND;
}

static int list_tables(struct crit_checkpoint *ckpt, struct buf *out)
{
	for (size_t i = 0; i < NR_TABLES; i++) {
		if (!is_recorded(ckpt, &tables[i]))
			continue;
		osdata_begin_item(out);
		osdata_add(out, "Type", tables[i].type);
		osdata_add(out, "Description", tables[i].about);
		osdata_add(out, "Title", tables[i].title);
		osdata_end_item(out);
	}
	return 0;
}

static const struct table *find_table(const char *type, size_t len)
{
	for (size_t i = 0; i < NR_TABLES; i++)
		if (strlen(tables[i].type) == len && memcmp(tables[i].type, type, len) == 0)
			return &tables[i];
	return NULL;
}

int osdata_build(struct crit_task *task, const char *type, size_t len, struct buf *out)
{
	const struct table *table = find_table(type, len);
	int status;

	if (!table && len)
		return -ENOENT;
	buf_printf(out, "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"osdata.dtd\">\n"
			"<osdata type=\"%s\">\n",
		   table ? table->type : "types");
	status = table ? table->build(task->ckpt, out) : list_tables(task->ckpt, out);
	buf_add_str(out, "</osdata>\n");
	return status;
}
