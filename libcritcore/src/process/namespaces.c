// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * namespaces.c - the namespaces of a process: crit_namespaces_read(). CRIU numbers those that it
 * meets, its own ones too; ids-PID.img (or the core image) has the task's numbers, inventory.img
 * those of the process that ran the dump. An image is named by the number. What one line can say of
 * a namespace is taken from:
 *
 *	pidns, utsns, userns, timens, mountpoints, netdev
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inventory.pb-c.h"
#include "mounts.pb-c.h"
#include "namespaces.pb-c.h"
#include "network.pb-c.h"
#include "process/records.h"
#include "pstree.pb-c.h"
#include "util/buf.h"
#include "util/text.h"

enum { MAX_NAMES = 16, MAX_KINDS = 8, LINE_MAX_LEN = 240 };

/* Puts into a line what the records of an image say. */
typedef void (*tell_fn)(struct buf *line, void **records, size_t nr);

static void tell_pid(struct buf *line, void **records, size_t nr)
{
	const Criu__PidnsEntry *entry = nr ? records[0] : NULL;

	if (entry && entry->ext_key)
		buf_printf(line, "supplied from outside as %s", entry->ext_key);
}

static void tell_uts(struct buf *line, void **records, size_t nr)
{
	const Criu__UtsnsEntry *entry = nr ? records[0] : NULL;

	if (entry)
		buf_printf(line, "node %s, domain %s", entry->nodename, entry->domainname);
}

static void tell_ids(struct buf *line, const char *what, Criu__UidGidExtent **map, size_t nr)
{
	for (size_t i = 0; i < nr && i < MAX_NAMES; i++) {
		uint64_t last = map[i]->count - UINT64_C(1);

		if (map[i]->count)
			buf_printf(line, "%s%s %u-%" PRIu64 " are %u-%" PRIu64,
				   line->len ? ", " : "", what, map[i]->first,
				   map[i]->first + last, map[i]->lower_first,
				   map[i]->lower_first + last);
	}
	if (nr > MAX_NAMES)
		buf_add_str(line, ", ...");
}

static void tell_user(struct buf *line, void **records, size_t nr)
{
	const Criu__UsernsEntry *entry = nr ? records[0] : NULL;

	if (!entry)
		return;
	tell_ids(line, "uids", entry->uid_map, entry->n_uid_map);
	tell_ids(line, "gids", entry->gid_map, entry->n_gid_map);
}

/* What the clocks showed, for the restored ones to go on from there. */
static void tell_time(struct buf *line, void **records, size_t nr)
{
	const Criu__TimensEntry *entry = nr ? records[0] : NULL;

	if (entry)
		buf_printf(line,
			   "monotonic clock %" PRIu64 ".%09" PRIu64 " s, boot-time clock %" PRIu64
			   ".%09" PRIu64 " s",
			   entry->monotonic->tv_sec, entry->monotonic->tv_nsec,
			   entry->boottime->tv_sec, entry->boottime->tv_nsec);
}

static void tell_mounts(struct buf *line, void **records, size_t nr)
{
	(void)records;
	if (nr)
		buf_printf(line, "%zu mount%s", nr, nr == 1 ? "" : "s");
}

static void tell_devices(struct buf *line, void **records, size_t nr)
{
	for (size_t i = 0; i < nr && i < MAX_NAMES; i++)
		buf_printf(line, "%s%s", i ? ", " : "devices ",
			   ((const Criu__NetDeviceEntry *)records[i])->name);
	if (nr > MAX_NAMES)
		buf_add_str(line, ", ...");
}

#define ID(field) \
	offsetof(Criu__TaskKobjIdsEntry, has_##field), offsetof(Criu__TaskKobjIdsEntry, field)

static const struct row {
	const char *kind;
	size_t has, id; /* members of task_kobj_ids_entry */
	const char *stem; /* of its image; NULL: none that is told of */
	enum image_magic magic;
	const ProtobufCMessageDescriptor *desc;
	tell_fn tell;
} rows[MAX_KINDS] = {
	{ "pid", ID(pid_ns_id), "pidns", IMG_PIDNS, &criu__pidns_entry__descriptor, tell_pid },
	{ "net", ID(net_ns_id), "netdev", IMG_NETDEV, &criu__net_device_entry__descriptor,
	  tell_devices },
	{ "ipc", ID(ipc_ns_id), NULL, 0, NULL, NULL },
	{ "uts", ID(uts_ns_id), "utsns", IMG_UTSNS, &criu__utsns_entry__descriptor, tell_uts },
	{ "mnt", ID(mnt_ns_id), "mountpoints", IMG_MNTS, &criu__mnt_entry__descriptor,
	  tell_mounts },
	{ "user", ID(user_ns_id), "userns", IMG_USERNS, &criu__userns_entry__descriptor,
	  tell_user },
	{ "cgroup", ID(cgroup_ns_id), NULL, 0, NULL, NULL },
	{ "time", ID(time_ns_id), "timens", IMG_TIMENS, &criu__timens_entry__descriptor,
	  tell_time },
};

static uint32_t id_of(const Criu__TaskKobjIdsEntry *ids, const struct row *row)
{
	const char *base = (const char *)ids;

	if (!ids || !*(const protobuf_c_boolean *)(base + row->has))
		return 0;
	return *(const uint32_t *)(base + row->id);
}

/* What is worked on; everything lives in the arena but the answer. */
struct work {
	struct crit_task *task;
	struct arena arena;
	const Criu__TaskKobjIdsEntry *ids, *root_ids; /* NULL: not recorded */
};

static enum crit_status tell(struct work *work, const struct row *row, uint32_t id, bool own,
			     struct buf *line, struct crit_error *err)
{
	void **records;
	size_t nr;
	enum crit_status status;

	if (!row->stem || !id)
		return CRIT_OK;
	status = records_read(work->task, row->stem, id, row->magic, row->desc, &work->arena,
			      &records, &nr, err);
	// The clocks of the machine's time namespace are in timens-0.
	if (!status && !nr && !own && row->tell == tell_time)
		status = records_read(work->task, row->stem, 0, row->magic, row->desc,
				      &work->arena, &records, &nr, err);
	if (!status)
		row->tell(line, records, nr);
	return status;
}

static enum crit_status find_ids(struct work *work, struct crit_error *err)
{
	struct source *src = work->task->ckpt->src;
	Criu__InventoryEntry *inventory;
	Criu__CoreEntry *core;
	void **records;
	size_t nr;
	enum crit_status status;

	status = image_read_single(src, "inventory.img", IMG_INVENTORY,
				   &criu__inventory_entry__descriptor, &work->arena, &inventory,
				   err);
	if (status)
		return status;
	work->root_ids = inventory->root_ids;
	status = records_read(work->task, "ids", work->task->pid, IMG_IDS,
			      &criu__task_kobj_ids_entry__descriptor, &work->arena, &records, &nr,
			      err);
	if (status || nr) {
		work->ids = nr ? records[0] : NULL;
		return status;
	}
	if (!core_read(&work->task->threads[0], &work->arena, &core, NULL))
		work->ids = core->ids;
	return CRIT_OK;
}

/* The rows, with the lines behind them in the same allocation. */
struct answer {
	struct crit_namespace rows[MAX_KINDS];
	char lines[MAX_KINDS][LINE_MAX_LEN];
};

static enum crit_status fill(struct work *work, struct answer *out, struct crit_error *err)
{
	for (size_t i = 0; i < MAX_KINDS; i++) {
		uint32_t id = id_of(work->ids, &rows[i]), root = id_of(work->root_ids, &rows[i]);
		bool own = id && root && id != root;
		struct buf line = { 0 };
		enum crit_status status = tell(work, &rows[i], id, own, &line, err);

		if (!status && line.failed)
			status = error_no_memory(err);
		if (!status)
			snprintf(out->lines[i], LINE_MAX_LEN, "%.*s", (int)line.len,
				 line.data ? (const char *)line.data : "");
		buf_deinit(&line);
		if (status)
			return status;
		text_make_printable(out->lines[i]);
		out->rows[i] = (struct crit_namespace){
			.kind = rows[i].kind, .has_id = id, .id = id,
			.has_own = id && root, .own = own,
			.known = out->lines[i],
		};
	}
	return CRIT_OK;
}

enum crit_status crit_namespaces_read(struct crit_task *task, struct crit_namespace **out,
				      size_t *nr, struct crit_error *err)
{
	struct work work = { .task = task };
	struct answer *answer = calloc(1, sizeof(*answer));
	enum crit_status status;

	if (!answer)
		return error_no_memory(err);
	arena_init(&work.arena, 0);
	status = find_ids(&work, err);
	if (!status)
		status = fill(&work, answer, err);
	arena_deinit(&work.arena);
	if (status) {
		free(answer);
		return status;
	}
	*out = answer->rows;
	*nr = MAX_KINDS;
	return CRIT_OK;
}

void crit_namespaces_free(struct crit_namespace *namespaces)
{
	free(namespaces); // the first member of struct answer
}
