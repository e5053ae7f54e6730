// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * set.c - crit_image_set(): an image is copied, and one record of it changes on the way.
 *
 * Records before the one that is meant are only looked at for where they end; what is behind it is
 * not looked at.
 */
#include <stdlib.h>

#include "encode/payload.h"
#include "encode/set_field.h"
#include "image/image.h"
#include "image/payload_form.h"
#include "util/input.h"
#include "util/output.h"

enum { MAX_PATH = 8192 };

struct editor {
	struct crit_input *in;
	struct crit_output *out;
	const struct image_kind *kind;
	bool big_endian;
	uint64_t wanted; /* the record's index */
	struct set_step steps[WIRE_MAX_DEPTH];
	struct setter s;
	struct crit_error *err;
};

/* ---- the path ------------------------------------------------------------------------------- */

static enum crit_status bad_path(struct editor *ed, const char *cause)
{
	return error_set(ed->err, CRIT_INVALID, "%.200s: %s", ed->s.path, cause);
}

/** "[12]" or nothing. @return false: a bracket without a number. */
static bool take_index(const char **at, size_t *index)
{
	unsigned long long value;
	char *end;

	*index = SIZE_MAX;
	if (**at != '[')
		return true;
	if ((*at)[1] < '0' || (*at)[1] > '9')
		return false;
	value = strtoull(*at + 1, &end, 10);
	if (*end != ']' || value >= UINT32_MAX)
		return false;
	*index = (size_t)value;
	*at = end + 1;
	return true;
}

static enum crit_status take_step(struct editor *ed, const char **at)
{
	struct set_step *step = &ed->steps[ed->s.nr];

	if (ed->s.nr == WIRE_MAX_DEPTH)
		return bad_path(ed, "too many steps");
	if (**at != '.')
		return bad_path(ed, "a path is like entries[0].tc.comm");
	step->name = ++*at;
	*at += strcspn(*at, ".[");
	step->name_len = (size_t)(*at - step->name);
	if (!step->name_len || !take_index(at, &step->index))
		return bad_path(ed, "a path is like entries[0].tc.comm");
	ed->s.nr++;
	return CRIT_OK;
}

static enum crit_status parse_path(struct editor *ed, const char *path)
{
	static const char head[] = "entries";
	const char *at = path + sizeof(head) - 1;
	enum crit_status status = CRIT_OK;
	size_t index;

	if (strlen(path) > MAX_PATH || strncmp(path, head, sizeof(head) - 1) ||
	    !take_index(&at, &index) || index == SIZE_MAX)
		return bad_path(ed, "a path begins with entries[0]");
	ed->wanted = ed->s.record = index;
	while (!status && *at)
		status = take_step(ed, &at);
	if (!status && !ed->s.nr)
		return bad_path(ed, "a path names a field: entries[0].tc.comm");
	return status;
}

/* ---- copying -------------------------------------------------------------------------------- */

static enum crit_status cut_short(struct editor *ed)
{
	return error_at(ed->err, CRIT_CORRUPT, ed->in->name, input_off(ed->in),
			"the file ends before the record that is meant");
}

/** @param len  UINT64_MAX: all there is. */
static enum crit_status copy(struct editor *ed, uint64_t len)
{
	bool all = len == UINT64_MAX;
	enum crit_status status = CRIT_OK;

	while (!status && len) {
		size_t piece;

		status = input_need(ed->in, 1, ed->err);
		piece = input_have(ed->in) < len ? input_have(ed->in) : (size_t)len;
		if (status || !piece)
			return status || all ? status : cut_short(ed);
		status = output_write(ed->out, ed->in->data + ed->in->pos, piece, ed->err);
		ed->in->pos += piece;
		len -= all ? 0 : piece;
	}
	return status;
}

/** Four bytes that stay in the input. */
static enum crit_status look_u32(struct editor *ed, uint32_t *value)
{
	enum crit_status status = input_need(ed->in, 4, ed->err);

	if (status || input_have(ed->in) < 4)
		return status ? status : cut_short(ed);
	*value = (uint32_t)endian_get(ed->in->data + ed->in->pos, 4, ed->big_endian);
	return CRIT_OK;
}

static enum crit_status copy_head(struct editor *ed)
{
	enum crit_status status = input_need(ed->in, 8, ed->err);
	struct image_head head;

	if (status)
		return status;
	if (!input_have(ed->in))
		return cut_short(ed);
	image_head_parse(ed->in->data + ed->in->pos, input_have(ed->in), &head);
	if (!head.len)
		return cut_short(ed);
	if (!head.kind || !head.kind->message)
		return error_at(ed->err, head.kind ? CRIT_UNSUPPORTED : CRIT_CORRUPT, ed->in->name,
				input_off(ed->in) + head.len - 4,
				"not an image with records: magic 0x%x", head.magic);
	ed->kind = head.kind;
	ed->big_endian = head.big_endian;
	return copy(ed, head.len);
}

/** The next record's size and message into the window. */
static enum crit_status look_record(struct editor *ed, uint32_t *len)
{
	enum crit_status status = look_u32(ed, len);

	if (status)
		return status;
	if (*len > IMAGE_MAX_RECORD)
		return error_at(ed->err, CRIT_CORRUPT, ed->in->name, input_off(ed->in),
				"a record of %u bytes is absurdly large", *len);
	status = input_need(ed->in, 4 + (size_t)*len, ed->err);
	if (!status && input_have(ed->in) < 4 + (size_t)*len)
		return cut_short(ed);
	return status;
}

/** The messages in a queue. */
static enum crit_status copy_queue(struct editor *ed, uint32_t qnum)
{
	enum crit_status status = CRIT_OK;

	while (!status && qnum--) {
		uint32_t len, msize;

		status = look_record(ed, &len);
		if (status)
			return status;
		msize = (uint32_t)wire_get_uint(ed->in->data + ed->in->pos + 4, len, MSG_MSIZE, 0);
		status = copy(ed, 4 + (uint64_t)len + msize + payload_pad(msize, MSG_ALIGN));
	}
	return status;
}

/** A record that is not meant, with what follows it. */
static enum crit_status copy_record(struct editor *ed, bool head)
{
	uint32_t len, nr;
	enum crit_status status = look_record(ed, &len);
	const uint8_t *message = ed->in->data + ed->in->pos + 4;
	uint64_t payload;

	if (status)
		return status;
	payload = payload_run_len(ed->kind->payload, message, len);
	switch (ed->kind->payload) {
	case PAYLOAD_SEM:
		payload = 2 * (uint64_t)(uint32_t)wire_get_uint(message, len, SEM_NSEMS, 0);
		payload += payload_pad(payload, SEM_ALIGN);
		break;
	case PAYLOAD_MSG:
		nr = (uint32_t)wire_get_uint(message, len, MSG_QNUM, 0);
		status = copy(ed, 4 + (uint64_t)len);
		return status ? status : copy_queue(ed, nr);
	case PAYLOAD_SHM:
		payload += payload_pad(payload, SHM_ALIGN);
		break;
	case PAYLOAD_GHOST:
		if (head && !wire_get_uint(message, len, GHOST_CHUNKS, 0))
			return cut_short(ed);
		payload = head ? 0 : payload;
		break;
	default:
		break;
	}
	status = copy(ed, 4 + (uint64_t)len);
	return status ? status : copy(ed, payload);
}

/* ---- the change ----------------------------------------------------------------------------- */

/** Fields that say how much follows the message stay. */
static enum crit_status check_payload(struct editor *ed, const struct schema_message *m, bool head)
{
	const struct set_step *first = ed->steps;
	unsigned i = field_named(m, first->name, first->name_len);

	if (json_is(first->name, first->name_len, "extra"))
		return error_set(ed->err, CRIT_UNSUPPORTED,
				 "%s: %s: what follows a message is changed by decode and encode",
				 ed->in->name, ed->s.path);
	if (i < m->nr_fields && payload_depends_on(ed->kind, head, m->fields[i].number))
		return error_set(
			ed->err, CRIT_INVALID,
			"%s: %s: it says how much follows the message, which stays as it is",
			ed->in->name, ed->s.path);
	return CRIT_OK;
}

static enum crit_status change_record(struct editor *ed, bool head)
{
	const struct schema_message *m = head ? ed->kind->head : ed->kind->message;
	enum crit_status status = check_payload(ed, m, head);
	struct buf out = { 0 };
	uint8_t size[4];
	uint32_t len;

	if (!status)
		status = look_record(ed, &len);
	if (status)
		return status;
	status = set_field(&ed->s, m, 0, ed->in->data + ed->in->pos + 4, len, &out);
	if (!status && (out.failed || out.len > IMAGE_MAX_RECORD))
		status = out.failed ? error_no_memory(ed->err)
				    : error_set(ed->err, CRIT_INVALID,
						"%s: %s: the record gets too long", ed->in->name,
						ed->s.path);
	endian_put(size, 4, ed->big_endian, out.len);
	if (!status)
		status = output_write(ed->out, size, 4, ed->err);
	if (!status)
		status = output_write(ed->out, out.data, out.len, ed->err);
	ed->in->pos += status ? 0 : 4 + (size_t)len;
	buf_deinit(&out);
	return status;
}

static enum crit_status edit(struct editor *ed)
{
	enum crit_status status = copy_head(ed);

	ed->s.big_endian = ed->big_endian;
	for (uint64_t i = 0; !status && i <= ed->wanted; i++) {
		bool head = i == 0 && ed->kind->head;

		status = input_need(ed->in, 1, ed->err);
		if (!status && !input_have(ed->in))
			return error_set(ed->err, CRIT_NOT_FOUND, "%s: %s: there are %llu records",
					 ed->in->name, ed->s.path, (unsigned long long)i);
		if (!status)
			status = i < ed->wanted ? copy_record(ed, head) : change_record(ed, head);
	}
	return status ? status : copy(ed, UINT64_MAX);
}

enum crit_status crit_image_set(struct crit_input *in, struct crit_output *out, const char *path,
				const char *value, struct crit_error *err)
{
	struct editor *ed = calloc(1, sizeof(*ed));
	enum crit_status status;

	if (!ed)
		return error_no_memory(err);
	ed->in = in;
	ed->out = out;
	ed->err = err;
	ed->s = (struct setter){
		.steps = ed->steps, .path = path, .image = in->name, .value = value, .err = err
	};
	status = parse_path(ed, path);
	if (!status)
		status = edit(ed);
	free(ed);
	return status;
}
