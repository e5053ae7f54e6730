// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ipc.c - System V IPC: ipcns-shm-N.img, ipcns-sem-N.img, ipcns-msg-N.img, where N is CRIU's number
 * of the IPC namespace. Behind the records stand
 *
 *	shm	the bytes of the segment, padded to 4, unless they are in a pagemap
 *	sem	nsems values of 16 bits, padded to 8
 *	msg	qnum records of ipc_msg, each with its text behind it, padded to 8
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoint/checkpoint.h"
#include "image/payload_form.h"
#include "ipc.pb-c.h"
#include "util/array.h"

struct ipc {
	struct crit_ipc *objects;
	size_t nr, cap;
	uint32_t *namespaces; /* with an image of some kind */
	size_t nr_namespaces, cap_namespaces;
	bool failed; /* memory is out */
};

static void ipc_free(void *data)
{
	struct ipc *ipc = data;

	free(ipc->objects);
	free(ipc->namespaces);
	free(ipc);
}

static uint64_t padded(uint64_t len, unsigned int align)
{
	return len + payload_pad(len, align);
}

static enum crit_status skip_messages(struct image *img, struct crit_ipc *queue,
				      struct crit_error *err)
{
	enum crit_status status = CRIT_OK;
	struct arena arena;

	arena_init(&arena, 0);
	for (uint64_t i = 0; i < queue->number && !status; i++) {
		Criu__IpcMsg *msg;

		arena_reset(&arena, 0);
		status = image_next_message(img, &criu__ipc_msg__descriptor, &arena, &msg, err);
		if (status == CRIT_NOT_FOUND)
			status = error_set(err, CRIT_CORRUPT,
					   "%s: a queue of %llu messages has %llu",
					   image_name(img), (unsigned long long)queue->number,
					   (unsigned long long)i);
		if (status)
			break;
		queue->size += msg->msize;
		status = image_skip(img, padded(msg->msize, MSG_ALIGN), err);
	}
	arena_deinit(&arena);
	return status;
}

static enum crit_status take_shm(struct image *img, const void *msg, struct crit_ipc *out,
				 struct crit_error *err)
{
	const Criu__IpcShmEntry *shm = msg;

	out->size = shm->size;
	if (shm->has_in_pagemaps && shm->in_pagemaps)
		return CRIT_OK;
	return image_skip(img, padded(shm->size, SHM_ALIGN), err);
}

static enum crit_status take_sem(struct image *img, const void *msg, struct crit_ipc *out,
				 struct crit_error *err)
{
	const Criu__IpcSemEntry *sem = msg;

	out->number = sem->nsems;
	return image_skip(img, padded(2ull * sem->nsems, SEM_ALIGN), err);
}

static enum crit_status take_msg(struct image *img, const void *msg, struct crit_ipc *out,
				 struct crit_error *err)
{
	out->number = ((const Criu__IpcMsgEntry *)msg)->qnum;
	return skip_messages(img, out, err);
}

static const struct kind {
	enum crit_ipc_kind kind;
	const char *word;
	enum image_magic magic;
	const ProtobufCMessageDescriptor *message; /* its first field is desc */
	enum crit_status (*take)(struct image *img, const void *msg, struct crit_ipc *out,
				 struct crit_error *err);
} kinds[] = {
	{ CRIT_IPC_SHM, "shm", IMG_IPCNS_SHM, &criu__ipc_shm_entry__descriptor, take_shm },
	{ CRIT_IPC_SEM, "sem", IMG_IPCNS_SEM, &criu__ipc_sem_entry__descriptor, take_sem },
	{ CRIT_IPC_MSG, "msg", IMG_IPCNS_MSG, &criu__ipc_msg_entry__descriptor, take_msg },
};

enum { NR_KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static void take_desc(const Criu__IpcDescEntry *desc, struct crit_ipc *out)
{
	out->key = desc->key;
	out->id = desc->id;
	out->mode = desc->mode;
	out->uid = desc->uid;
	out->gid = desc->gid;
	out->cuid = desc->cuid;
	out->cgid = desc->cgid;
}

static enum crit_status read_objects(struct ipc *ipc, const struct kind *kind, uint32_t ns,
				     struct image *img, struct crit_error *err)
{
	enum crit_status status;
	struct arena arena;
	void *msg;

	arena_init(&arena, 0);
	while (!(status = image_next_message(img, kind->message, &arena, &msg, err))) {
		struct crit_ipc object = { .kind = kind->kind, .ns = ns };

		take_desc(((const Criu__IpcSemEntry *)msg)->desc, &object);
		status = kind->take(img, msg, &object, err);
		if (!status && !array_grow(&ipc->objects, ipc->nr, &ipc->cap, sizeof(object)))
			status = error_no_memory(err);
		if (status)
			break;
		ipc->objects[ipc->nr++] = object;
		arena_reset(&arena, 0);
	}
	arena_deinit(&arena);
	return status == CRIT_NOT_FOUND ? CRIT_OK : status;
}

static enum crit_status read_image(struct crit_checkpoint *ckpt, struct ipc *ipc,
				   const struct kind *kind, uint32_t ns, struct crit_error *err)
{
	struct image *img = NULL;
	enum crit_status status;
	char name[40];

	snprintf(name, sizeof(name), "ipcns-%s-%u.img", kind->word, ns);
	status = image_open(ckpt->src, name, kind->magic, &img, err);
	if (!status)
		status = read_objects(ipc, kind, ns, img, err);
	image_close(img);
	return status == CRIT_NOT_FOUND ? CRIT_OK : status;
}

/** Remember the namespace of an image's name; others are passed over. One that was dumped has
 *  ipcns-var-N.img, even if there is nothing in it. */
static bool note_name(void *ctx, const char *name)
{
	struct ipc *ipc = ctx;
	unsigned int ns;
	int len = 0;

	if (sscanf(name, "ipcns-%*3[a-z]-%u.img%n", &ns, &len) != 1 || !len || name[len])
		return true;
	if (!array_grow(&ipc->namespaces, ipc->nr_namespaces, &ipc->cap_namespaces, sizeof(ns)))
		ipc->failed = true;
	else
		ipc->namespaces[ipc->nr_namespaces++] = ns;
	return !ipc->failed;
}

static int compare_numbers(const void *a, const void *b)
{
	uint32_t na = *(const uint32_t *)a, nb = *(const uint32_t *)b;

	return (na > nb) - (na < nb);
}

static enum crit_status find_namespaces(struct crit_checkpoint *ckpt, struct ipc *ipc,
					struct crit_error *err)
{
	enum crit_status status = source_each(ckpt->src, note_name, ipc, err);

	if (!status && ipc->failed)
		status = error_no_memory(err);
	if (!status && !ipc->nr_namespaces)
		status = error_set(err, CRIT_NOT_FOUND, "no IPC namespace was dumped");
	if (!status)
		qsort(ipc->namespaces, ipc->nr_namespaces, sizeof(*ipc->namespaces),
		      compare_numbers);
	return status;
}

static enum crit_status read_all(struct crit_checkpoint *ckpt, struct ipc *ipc,
				 struct crit_error *err)
{
	enum crit_status status = find_namespaces(ckpt, ipc, err);

	for (size_t k = 0; k < NR_KINDS; k++) {
		for (size_t i = 0; i < ipc->nr_namespaces && !status; i++)
			if (!i || ipc->namespaces[i] != ipc->namespaces[i - 1])
				status = read_image(ckpt, ipc, &kinds[k], ipc->namespaces[i], err);
	}
	return status;
}

static int compare_objects(const void *a, const void *b)
{
	const struct crit_ipc *oa = a, *ob = b;

	if (oa->kind != ob->kind)
		return oa->kind < ob->kind ? -1 : 1;
	if (oa->ns != ob->ns)
		return oa->ns < ob->ns ? -1 : 1;
	return (oa->id > ob->id) - (oa->id < ob->id);
}

enum crit_status crit_ipc_load(struct crit_checkpoint *ckpt, struct crit_error *err)
{
	struct ipc *ipc;
	enum crit_status status;

	if (ckpt->ipc.data)
		return CRIT_OK;
	ipc = calloc(1, sizeof(*ipc));
	if (!ipc)
		return error_no_memory(err);
	status = read_all(ckpt, ipc, err);
	if (status) {
		ipc_free(ipc);
		return status;
	}
	if (ipc->nr)
		qsort(ipc->objects, ipc->nr, sizeof(*ipc->objects), compare_objects);
	ckpt->ipc = (struct attachment){ ipc, ipc_free };
	return CRIT_OK;
}

size_t crit_ipc_count(struct crit_checkpoint *ckpt)
{
	return crit_ipc_load(ckpt, NULL) ? 0 : ((const struct ipc *)ckpt->ipc.data)->nr;
}

bool crit_ipc_at(struct crit_checkpoint *ckpt, size_t index, struct crit_ipc *out)
{
	if (index >= crit_ipc_count(ckpt))
		return false;
	*out = ((const struct ipc *)ckpt->ipc.data)->objects[index];
	return true;
}

bool crit_ipc_find(struct crit_checkpoint *ckpt, enum crit_ipc_kind kind, uint32_t ns, uint32_t id,
		   struct crit_ipc *out)
{
	struct crit_ipc key = { .kind = kind, .ns = ns, .id = id }, *found = NULL;
	const struct ipc *ipc;

	if (!crit_ipc_count(ckpt))
		return false;
	ipc = ckpt->ipc.data;
	found = bsearch(&key, ipc->objects, ipc->nr, sizeof(key), compare_objects);
	if (found)
		*out = *found;
	return found != NULL;
}
