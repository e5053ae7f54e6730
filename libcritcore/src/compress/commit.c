// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * commit.c - putting new images in the place of the old ones: stage_commit().
 *
 * Every old image first gets a second name: NAME.bak, or a hidden one that goes away at the end.
 * Then the new ones are renamed over the old, and if that fails the second names are renamed back.
 *
 * Two files cannot be renamed at once, and a pagemap must never be seen with the pages of another
 * form, should the machine stop in between. So a pagemap goes by way of one that names its pages
 * otherwise (pages-K.img, K a number not in use); after each step the checkpoint is whole:
 *
 *	                            pagemap-5.img names     pages-1.img   pages-K.img
 *	                            pages-1                 old
 *	link new pages-K            pages-1                 old           new
 *	rename pagemap -> interim   pages-K                 old           new
 *	rename new -> pages-1       pages-K                 new           new
 *	rename pagemap -> new       pages-1                 new           new
 *	unlink pages-K              pages-1                 new
 *
 * inventory.img says "compressed" whenever some pagemap is; plain ones may then be there as well.
 */
#include "compress/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_PAGES_NAME = 32 };

static void pages_name(char out[MAX_PAGES_NAME], uint32_t id)
{
	snprintf(out, MAX_PAGES_NAME, "pages-%u.img", id);
}

/** Does the name still belong to the file that was read? */
static enum crit_status verify(const struct stage *s, const struct staged *file, const char *name,
			       struct crit_error *err)
{
	struct stat st;

	if (fstatat(s->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return error_os(err, errno, "%s", name);
	if (st.st_dev != file->old.st_dev || st.st_ino != file->old.st_ino)
		return error_set(err, CRIT_OS, "%s: somebody replaced it meanwhile", file->name);
	return CRIT_OK;
}

/** Is it, besides, as it was when it was opened? A further name of ours changes its ctime. */
static enum crit_status verify_unchanged(const struct stage *s, const struct staged *file,
					 struct crit_error *err)
{
	struct stat st;

	if (!file->name)
		return CRIT_OK;
	if (fstatat(s->dir_fd, file->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return error_os(err, errno, "%s", file->name);
	if (st.st_ctim.tv_sec != file->old.st_ctim.tv_sec ||
	    st.st_ctim.tv_nsec != file->old.st_ctim.tv_nsec || st.st_size != file->old.st_size)
		return error_set(err, CRIT_OS, "%s: somebody changed it meanwhile", file->name);
	return verify(s, file, file->name, err);
}

static int link_old(void *ctx, int dir_fd, const char *temporary)
{
	const struct staged *file = ctx;

	return linkat(dir_fd, file->name, dir_fd, temporary, 0);
}

/** Give the old image its second name. */
static enum crit_status back_up(const struct stage *s, struct staged *file, bool in_place,
				struct crit_error *err)
{
	char *name = NULL;

	if (!file->name)
		return CRIT_OK;
	if (in_place) {
		if (stage_new_name(s->dir_fd, file->name, "old-", link_old, file, &name) < 0)
			return error_os(err, errno, "%s: keeping it until the end", file->name);
		file->backup = name;
		return verify(s, file, name, err);
	}
	if (asprintf(&name, "%s.bak", file->name) < 0)
		return error_no_memory(err);
	if (link_old(file, s->dir_fd, name) != 0) {
		enum crit_status status =
			errno == EEXIST ? error_set(err, CRIT_INVALID,
						    "there is a backup already: %s", name)
					: error_os(err, errno, "%s", name);

		free(name);
		return status;
	}
	file->backup = name;
	return verify(s, file, name, err);
}

static enum crit_status rename_to(const struct stage *s, struct staged *file, char **temporary,
				  struct crit_error *err)
{
	file->started = true;
	if (renameat(s->dir_fd, *temporary, s->dir_fd, file->name) != 0)
		return error_os(err, errno, "%s: replacing it", file->name);
	free(*temporary);
	*temporary = NULL;
	return CRIT_OK;
}

/** The five steps of the table above. */
static enum crit_status replace_pair(const struct stage *s, struct stage_unit *unit,
				     struct crit_error *err)
{
	char interim[MAX_PAGES_NAME];
	enum crit_status status;

	pages_name(interim, unit->interim_id);
	if (linkat(s->dir_fd, unit->pages.temporary, s->dir_fd, interim, 0) != 0)
		return error_os(err, errno, "%s", interim);
	status = rename_to(s, &unit->image, &unit->interim, err);
	if (!status)
		status = rename_to(s, &unit->pages, &unit->pages.temporary, err);
	if (!status)
		status = rename_to(s, &unit->image, &unit->image.temporary, err);
	// After a failure the pagemap may still name it: undo() removes it then.
	if (!status && unlinkat(s->dir_fd, interim, 0) != 0)
		status = error_os(err, errno, "%s", interim);
	return status;
}

static enum crit_status replace(const struct stage *s, struct stage_unit *unit,
				struct crit_error *err)
{
	enum crit_status status = verify(s, &unit->image, unit->image.name, err);

	if (!status && unit->pages.name)
		status = verify(s, &unit->pages, unit->pages.name, err);
	if (status)
		return status;
	if (unit->pages.name)
		return replace_pair(s, unit, err);
	return rename_to(s, &unit->image, &unit->image.temporary, err);
}

/** Bring an old image back. A backup that cannot be is left, for the user. */
static bool restore(const struct stage *s, struct staged *file, struct crit_error *err)
{
	if (!file->backup)
		return true;
	if (file->started && renameat(s->dir_fd, file->backup, s->dir_fd, file->name) != 0) {
		error_os(err, errno, "%s: the old one is left as %s", file->name, file->backup);
		return false;
	}
	// Renaming one of two names of a file to the other does nothing: the backup may be left.
	unlinkat(s->dir_fd, file->backup, 0);
	return true;
}

static void undo(struct stage *s, struct crit_error *err)
{
	char interim[MAX_PAGES_NAME];

	for (size_t i = s->nr; i-- > 0;) {
		struct stage_unit *unit = &s->units[i];
		struct crit_error trouble;
		bool whole;

		// The pages first: until its pagemap is back too, pages-K is there.
		whole = restore(s, &unit->pages, &trouble) && restore(s, &unit->image, &trouble);
		pages_name(interim, unit->interim_id);
		if (whole && unit->image.started && unit->pages.name)
			unlinkat(s->dir_fd, interim, 0);
		if (!whole)
			error_prefix(err, CRIT_OS, "%s; ", trouble.message);
	}
	fsync(s->dir_fd);
}

static enum crit_status back_up_all(struct stage *s, bool in_place, struct crit_error *err)
{
	enum crit_status status = CRIT_OK;

	for (size_t i = 0; i < s->nr && !status; i++) {
		status = verify_unchanged(s, &s->units[i].image, err);
		if (!status)
			status = verify_unchanged(s, &s->units[i].pages, err);
	}
	for (size_t i = 0; i < s->nr && !status; i++) {
		status = back_up(s, &s->units[i].image, in_place, err);
		if (!status)
			status = back_up(s, &s->units[i].pages, in_place, err);
	}
	return status;
}

static void forget_backups(struct stage *s)
{
	for (size_t i = 0; i < s->nr; i++) {
		if (s->units[i].image.backup)
			unlinkat(s->dir_fd, s->units[i].image.backup, 0);
		if (s->units[i].pages.backup)
			unlinkat(s->dir_fd, s->units[i].pages.backup, 0);
	}
	fsync(s->dir_fd);
}

enum crit_status stage_commit(struct stage *s, bool in_place, struct crit_error *err)
{
	enum crit_status status = back_up_all(s, in_place, err);

	if (!status && fsync(s->dir_fd) != 0 && errno != EINVAL)
		status = error_os(err, errno, "writing the directory to the disk");
	for (size_t i = 0; i < s->nr && !status; i++)
		status = replace(s, &s->units[i], err);
	if (!status && fsync(s->dir_fd) != 0 && errno != EINVAL)
		status = error_os(err, errno, "writing the directory to the disk");
	if (status)
		undo(s, err);
	else if (in_place)
		forget_backups(s);
	return status;
}
