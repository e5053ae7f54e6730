// SPDX-License-Identifier: LGPL-2.1-or-later
/* header.c - see header.h. */
#include "encode/header.h"

#include "image/image.h"

enum {
	MAX_WORD = 64, /* bytes of text where a word is wanted */
};

/** A short text. */
static enum crit_status read_word(struct encoder *e, bool *seen, const char **word, size_t *len)
{
	enum crit_status status;

	if (*seen)
		return json_fail(&e->r, "a second time in one object");
	*seen = true;
	buf_clear(&e->text);
	status = json_string(&e->r, &e->text, MAX_WORD);
	*word = e->text.len ? (char *)e->text.data : "";
	*len = e->text.len;
	return status;
}

static enum crit_status read_magic(struct encoder *e, struct header *h)
{
	const char *word = "";
	char shown[48];
	size_t len = 0;
	enum crit_status status = read_word(e, &h->seen_magic, &word, &len);

	if (status)
		return status;
	h->kind = image_kind_named(word, len);
	if (!h->kind)
		return json_fail(&e->r, "\"%s\" is no kind of image with records",
				 json_excerpt(shown, word, len));
	if (!h->seen_framing)
		h->framing = h->kind->framing;
	return CRIT_OK;
}

static enum crit_status read_framing(struct encoder *e, struct header *h)
{
	static const char *const names[] = {
		[FRAMING_COMMON] = "common",
		[FRAMING_SERVICE] = "service",
		[FRAMING_NONE] = "none",
	};
	const char *word = "";
	char shown[48];
	size_t len = 0;
	enum crit_status status = read_word(e, &h->seen_framing, &word, &len);

	if (status)
		return status;
	for (size_t i = 0; i < 3; i++) {
		if (json_is(word, len, names[i])) {
			h->framing = (enum image_framing)i;
			return CRIT_OK;
		}
	}
	return json_fail(&e->r, "\"%s\" is no framing", json_excerpt(shown, word, len));
}

static enum crit_status read_byte_order(struct encoder *e, struct header *h)
{
	const char *word = "";
	char shown[48];
	size_t len = 0;
	enum crit_status status = read_word(e, &h->seen_byte_order, &word, &len);

	if (status)
		return status;
	h->big_endian = json_is(word, len, "big");
	if (!h->big_endian && !json_is(word, len, "little"))
		return json_fail(&e->r, "\"%s\" is no byte order: big, little",
				 json_excerpt(shown, word, len));
	return CRIT_OK;
}

enum crit_status header_member(struct encoder *e, struct header *h, struct json_path *path,
			       const char *name, size_t len, bool *taken)
{
	*taken = true;
	if (json_is(name, len, "magic")) {
		json_path_set(path, "magic", 5);
		return read_magic(e, h);
	}
	if (json_is(name, len, "_framing")) {
		json_path_set(path, "_framing", 8);
		return read_framing(e, h);
	}
	if (json_is(name, len, "_byte_order")) {
		json_path_set(path, "_byte_order", 11);
		return read_byte_order(e, h);
	}
	*taken = false;
	return CRIT_OK;
}

enum crit_status header_write(struct encoder *e, const struct header *h)
{
	uint32_t first = h->framing == FRAMING_SERVICE ? IMG_SERVICE : IMG_COMMON;
	uint8_t bytes[8];
	size_t len = 0;

	if (h->framing != FRAMING_NONE) {
		endian_put(bytes, 4, h->big_endian, first);
		len = 4;
	}
	endian_put(bytes + len, 4, h->big_endian, h->kind->magic);
	buf_add(&e->out, bytes, len + 4);
	e->big_endian = h->big_endian;
	return e->out.failed ? error_no_memory(e->r.err) : CRIT_OK;
}
