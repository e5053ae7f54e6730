// SPDX-License-Identifier: LGPL-2.1-or-later
/* source_document.c - see source_document.h. */
#include "source/source_document.h"

#include <stdlib.h>

#include "util/digest.h"

/** Of a blob of a container image. */
static enum crit_status check_digest(const struct member *m, const uint8_t *data,
				     struct crit_error *err)
{
	struct digest claim = digest_of_path(m->name), found;
	struct digester d;

	digester_init(&d, claim.kind);
	digester_add(&d, data, (size_t)m->size);
	found = digester_end(&d);
	return digest_compare(&claim, &found, m->name, err);
}

static enum crit_status read_all(const struct member *m, uint64_t max, uint8_t **out,
				 struct crit_error *err)
{
	enum crit_status status;

	if (m->size > max)
		return error_set(err, CRIT_CORRUPT, "%s: %llu bytes, more than anybody needs",
				 m->name, (unsigned long long)m->size);
	*out = malloc((size_t)m->size + 1);
	if (!*out)
		return error_no_memory(err);
	status = member_read(m, 0, *out, m->size, err);
	if (!status)
		status = check_digest(m, *out, err);
	if (status)
		free(*out);
	return status;
}

enum crit_status source_open_document(struct source *src, const char *name, uint64_t max,
				      struct arena *strings, struct document *out,
				      struct crit_error *err)
{
	struct member *m = NULL;
	uint8_t *data = NULL;
	enum crit_status status = source_open_member(src, name, &m, err);

	*out = (struct document){ 0 };
	if (!status)
		status = read_all(m, max, &data, err);
	if (!status)
		status = document_from_data(data, (size_t)m->size, name, strings, out, err);
	member_close(m);
	return status;
}
