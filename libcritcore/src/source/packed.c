// SPDX-License-Identifier: LGPL-2.1-or-later
/* packed.c - a folder inside an archive as a source; see source.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source/source_impl.h"

enum crit_status packed_source(struct archive *archive, const char *path, const char *folder,
			       struct source **out, struct crit_error *err)
{
	struct source *src = calloc(1, sizeof(*src));

	if (!src) {
		archive_put(archive);
		return error_no_memory(err);
	}
	src->dir_fd = -1;
	src->dev = archive->dev;
	src->ino = archive->ino;
	src->archive = archive;
	src->path = strdup(path);
	if (asprintf(&src->folder, "%s%s", folder, *folder ? "/" : "") < 0)
		src->folder = NULL;
	if (!src->path || !src->folder) {
		source_close(src);
		return error_no_memory(err);
	}
	*out = src;
	return CRIT_OK;
}

/** The full name of a member; free() it. */
static char *full_name(const struct source *src, const char *name)
{
	char *full;

	return asprintf(&full, "%s%s", src->folder, name) < 0 ? NULL : full;
}

/* ---- Which folder ---------------------------------------------------------------------------- */

struct candidate {
	const char *inventory; /* name of the member */
	size_t len;	       /* of the folder in front of it, with its "/" */
	bool whole;	       /* it has a tree of processes, too: a pre-dump has none */
	size_t nr_equal;       /* others that are as good */
};

static size_t depth_of(const char *name, size_t len)
{
	size_t depth = 0;

	for (size_t i = 0; i < len; i++)
		depth += name[i] == '/';
	return depth;
}

/** More than 0: a is the better one. */
static int compare(const struct candidate *a, const struct candidate *b)
{
	size_t da = depth_of(a->inventory, a->len), db = depth_of(b->inventory, b->len);
	bool named_a = a->len == 11 && !strncmp(a->inventory, "checkpoint/", 11);
	bool named_b = b->len == 11 && !strncmp(b->inventory, "checkpoint/", 11);

	if (a->whole != b->whole)
		return a->whole ? 1 : -1;
	if (named_a != named_b)
		return named_a ? 1 : -1;
	return (da < db) - (da > db);
}

static bool is_inventory(const char *name, size_t *folder_len)
{
	size_t len = strlen(name), own = strlen("inventory.img");

	*folder_len = len - own;
	return len >= own && !strcmp(name + len - own, "inventory.img") &&
	       (len == own || name[len - own - 1] == '/');
}

static void consider(const struct archive *a, const char *name, struct candidate *best)
{
	struct candidate it = { .inventory = name };
	char tree[TAR_NAME + 16];
	int order = 1;

	if (!is_inventory(name, &it.len))
		return;
	snprintf(tree, sizeof(tree), "%.*spstree.img", (int)it.len, name);
	it.whole = archive_find(a, tree) != NULL;
	if (best->inventory)
		order = compare(&it, best);
	if (order > 0)
		*best = it;
	else if (order == 0)
		best->nr_equal++;
}

enum crit_status packed_find_checkpoint(const struct archive *archive, char **out,
					struct crit_error *err)
{
	struct candidate best = { 0 };

	for (size_t i = 0; i < archive->nr_members; i++)
		consider(archive, archive->members[i].name, &best);
	if (!best.inventory)
		return error_set(err, CRIT_NOT_FOUND,
				 "%s: no checkpoint in this archive (no inventory.img)%s%s",
				 archive->path, archive->problem ? "; " : "",
				 archive->problem ? archive->problem : "");
	if (best.nr_equal)
		return error_set(err, CRIT_INVALID,
				 "%s: more than one checkpoint; one of them is %s/%.*s",
				 archive->path, archive->path, best.len ? (int)best.len - 1 : 0,
				 best.inventory);
	*out = strndup(best.inventory, best.len ? best.len - 1 : 0);
	return *out ? CRIT_OK : error_no_memory(err);
}

/* ---- Archives inside ------------------------------------------------------------------------- */

static enum crit_status open_inside(const struct archive *a, const struct archive_member *m,
				    const struct source_options *options, struct archive **out,
				    struct crit_error *err)
{
	struct archive_part part = {
		.fd = a->fd, .start = m->off, .len = m->size, .outer = a,
	};
	enum crit_status status;
	char *path;

	if (m->refused || m->sparse)
		return error_set(err, CRIT_CORRUPT, "%s/%s: %s", a->path, m->name,
				 m->refused ? m->refused : "an archive with holes");
	if (asprintf(&path, "%s/%s", a->path, m->name) < 0)
		return error_no_memory(err);
	part.path = part.label = path;
	status = archive_open_part(&part, &options->archive, out, err);
	free(path);
	return status;
}

enum crit_status packed_enter_member(struct archive **a, char *folder,
				     const struct source_options *options, struct crit_error *err)
{
	for (size_t len = strcspn(folder, "/"); len; len += 1 + strcspn(folder + len + 1, "/")) {
		char end = folder[len];
		const struct archive_member *m;
		struct archive *inside;
		enum crit_status status;

		folder[len] = '\0';
		m = archive_find(*a, folder);
		folder[len] = end;
		if (m && m->kind == TAR_FILE) {
			status = open_inside(*a, m, options, &inside, err);
			if (status)
				return status;
			archive_put(*a);
			*a = inside;
			memmove(folder, folder + len + (end == '/'),
				strlen(folder + len + (end == '/')) + 1);
			return CRIT_OK;
		}
		if (!end)
			break;
	}
	return CRIT_OK;
}

/* ---- Parents --------------------------------------------------------------------------------- */

/** Where a link leads that is in @p folder ("a/b/"), without looking whether it is there; free()
 *  it. NULL: out of the archive. */
static char *resolve(const char *folder, const char *target)
{
	size_t len = strlen(folder);
	char *at = *target == '/' ? NULL : malloc(len + strlen(target) + 2);

	if (!at)
		return NULL;
	memcpy(at, folder, len);
	while (*target) {
		size_t part = strcspn(target, "/");

		if (part == 2 && !strncmp(target, "..", 2)) {
			if (!len) {
				free(at);
				return NULL;
			}
			for (len--; len && at[len - 1] != '/'; len--)
				;
		} else if (part && !(part == 1 && *target == '.')) {
			memcpy(at + len, target, part);
			len += part;
			at[len++] = '/';
		}
		target += part + (target[part] == '/');
	}
	at[len ? len - 1 : 0] = '\0';
	return at;
}

static enum crit_status open_folder(const struct source *src, const char *folder,
				    struct source **out, struct crit_error *err)
{
	enum crit_status status;
	char *path;

	if (asprintf(&path, "%s%s%s", src->archive->path, *folder ? "/" : "", folder) < 0)
		return error_no_memory(err);
	status = packed_source(archive_get(src->archive), path, folder, out, err);
	free(path);
	return status;
}

enum crit_status packed_open_parent(const struct source *src, struct source **out,
				    struct crit_error *err)
{
	const struct archive_member *m;
	enum crit_status status;
	char *name = full_name(src, "parent"), *folder;

	if (!name)
		return error_no_memory(err);
	m = archive_find(src->archive, name);
	if (!m || m->kind != TAR_SYMLINK) {
		status = archive_has_folder(src->archive, name) ? open_folder(src, name, out, err)
			 : m ? error_set(err, CRIT_INVALID, "parent is no directory")
			     : CRIT_OK;
		free(name);
		return status;
	}
	free(name);
	folder = resolve(src->folder, m->target);
	if (folder && archive_has_folder(src->archive, folder))
		status = open_folder(src, folder, out, err);
	else
		status = error_set(err, CRIT_NOT_FOUND,
				   "the parent link leads to %.200s, which is not in the archive; "
				   "--parent says where it is",
				   m->target);
	free(folder);
	return status;
}

struct source *packed_open_outside(const struct source *src)
{
	char *folder = strdup(src->folder), *slash;
	struct source *out = NULL;

	if (!folder)
		return NULL;
	slash = *folder ? memrchr(folder, '/', strlen(folder) - 1) : NULL;
	folder[slash ? slash - folder : 0] = '\0';
	if (open_folder(src, folder, &out, NULL))
		out = NULL;
	free(folder);
	return out;
}

bool packed_parent_target(const struct source *src, char *out, size_t size)
{
	char *name = full_name(src, "parent");
	const struct archive_member *m = name ? archive_find(src->archive, name) : NULL;

	free(name);
	return m && m->target && snprintf(out, size, "%s", m->target) < (int)size;
}

enum crit_status packed_open_in(const struct source *src, const char *name, struct source **out,
				struct crit_error *err)
{
	char *folder = name ? full_name(src, name) : NULL;
	enum crit_status status = CRIT_OK;

	if (folder && *folder && !archive_has_folder(src->archive, folder)) {
		free(folder);
		folder = NULL;
	}
	if (!folder && *src->folder)
		folder = strndup(src->folder, strlen(src->folder) - 1);
	else if (!folder)
		status = packed_find_checkpoint(src->archive, &folder, err);
	if (!status)
		status = folder ? open_folder(src, folder, out, err) : error_no_memory(err);
	free(folder);
	return status;
}

/* ---- Members --------------------------------------------------------------------------------- */

bool packed_has(const struct source *src, const char *name)
{
	char *full = full_name(src, name);
	bool has = full && (archive_find(src->archive, full) ||
			    archive_has_folder(src->archive, full));

	free(full);
	return has;
}

void packed_each(const struct source *src, bool (*each)(void *ctx, const char *name), void *ctx)
{
	const struct archive *a = src->archive;
	size_t len = strlen(src->folder);

	for (size_t i = archive_lower_bound(a, src->folder); i < a->nr_members; i++) {
		const char *name = a->members[i].name;

		if (strncmp(name, src->folder, len) != 0)
			return;
		if (name[len] && !strchr(name + len, '/') && !each(ctx, name + len))
			return;
	}
}

static const struct tar_piece none; // of a member that is one hole

enum crit_status packed_open_member(const struct source *src, struct member *m,
				    struct crit_error *err)
{
	struct archive *a = src->archive;
	const struct archive_member *found;
	char *full = full_name(src, m->name);

	if (!full)
		return error_no_memory(err);
	found = archive_find(a, full);
	free(full);
	if (!found)
		return error_set(err, CRIT_NOT_FOUND, "%s: not in %s", m->name, src->path);
	if (found->refused)
		return error_set(err, CRIT_CORRUPT, "%s: %s", m->name, found->refused);
	if (found->kind != TAR_FILE)
		return error_set(err, CRIT_CORRUPT, "%s: not a regular file", m->name);
	m->size = found->size;
	m->mtime = found->mtime;
	m->has_holes = found->sparse;
	m->in.fd = a->fd;
	m->in.off = found->off;
	if (found->sparse) {
		m->in.pieces = found->nr_pieces ? a->pieces + found->first_piece : &none;
		m->in.nr_pieces = found->nr_pieces;
	}
	m->in.archive = archive_get(a);
	m->in.mtime = a->mtime;
	m->in.dev = a->dev;
	m->in.ino = a->ino;
	m->in.part = a->part;
	return CRIT_OK;
}
