// SPDX-License-Identifier: LGPL-2.1-or-later
/* stage.c - see stage.h. */
#include "compress/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "util/array.h"

enum { COPY_CHUNK = 256 * 1024, MAX_TRIES = 1000, MAX_XATTR = 64 * 1024 };

int stage_new_name(int dir_fd, const char *name, const char *what,
		   int (*make)(void *ctx, int dir_fd, const char *temporary), void *ctx, char **out)
{
	char temporary[NAME_MAX + 1];

	for (unsigned i = 0; i < MAX_TRIES; i++) {
		int len = snprintf(temporary, sizeof(temporary), ".%.200s.critcore-%s%d-%u", name,
				   what, (int)getpid(), i);
		int made = len < (int)sizeof(temporary) ? make(ctx, dir_fd, temporary) : -1;

		if (made < 0 && errno == EEXIST)
			continue;
		if (made < 0)
			return -1;
		*out = strdup(temporary);
		if (*out)
			return made;
		unlinkat(dir_fd, temporary, 0);
		errno = ENOMEM;
		return -1;
	}
	return -1;
}

static int make_named(void *ctx, int dir_fd, const char *temporary)
{
	(void)ctx;
	return openat(dir_fd, temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static int give_name(void *ctx, int dir_fd, const char *temporary)
{
	const struct stage_file *f = ctx;
	char self[64];

	snprintf(self, sizeof(self), "/proc/self/fd/%d", f->fd);
	return linkat(AT_FDCWD, self, dir_fd, temporary, AT_SYMLINK_FOLLOW);
}

enum crit_status stage_old_open(struct source *src, const char *name, struct stage_old *out,
				struct crit_error *err)
{
	enum crit_status status = source_open_member(src, name, &out->member, err);

	if (!status && fstat(member_own_fd(out->member), &out->st) != 0)
		status = error_os(err, errno, "%s", name);
	return status;
}

void stage_old_close(struct stage_old *old)
{
	member_close(old->member);
	old->member = NULL;
}

enum crit_status stage_create(struct stage *s, const char *name, struct stage_file *out,
			      struct crit_error *err)
{
	struct stage_file f = { .dir_fd = s->dir_fd, .name = strdup(name) };

	if (!f.name)
		return error_no_memory(err);
	f.fd = openat(s->dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (f.fd < 0) // file systems without it
		f.fd = stage_new_name(s->dir_fd, name, "", make_named, NULL, &f.temporary);
	if (f.fd < 0) {
		free(f.name);
		return error_os(err, errno, "%s: a new file beside it", name);
	}
	*out = f;
	return CRIT_OK;
}

enum crit_status stage_write(struct stage_file *f, const void *data, size_t len,
			     struct crit_error *err)
{
	const uint8_t *from = data;

	while (len) {
		ssize_t n = pwrite(f->fd, from, len, (off_t)f->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_os(err, errno, "%s: writing", f->name);
		from += n;
		len -= (size_t)n;
		f->len += (uint64_t)n;
	}
	return CRIT_OK;
}

enum crit_status stage_flush(struct stage_file *f, struct buf *b, size_t enough,
			     struct crit_error *err)
{
	enum crit_status status = CRIT_OK;

	if (b->failed)
		return error_no_memory(err);
	if (b->len < enough)
		return CRIT_OK;
	status = stage_write(f, b->data, b->len, err);
	buf_clear(b);
	return status;
}

enum crit_status stage_copy(struct stage_file *f, int from_fd, uint64_t off, uint64_t len,
			    struct crit_error *err)
{
	uint8_t *chunk = malloc(COPY_CHUNK);
	enum crit_status status = chunk ? CRIT_OK : error_no_memory(err);

	while (!status && len) {
		ssize_t n = pread(from_fd, chunk, len < COPY_CHUNK ? (size_t)len : COPY_CHUNK,
				  (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			status = error_os(err, n ? errno : EIO, "%s: reading", f->name);
			break;
		}
		status = stage_write(f, chunk, (size_t)n, err);
		off += (uint64_t)n;
		len -= (uint64_t)n;
	}
	free(chunk);
	return status;
}

/** Copy one extended attribute that the new file does not have yet. @return 0 or an errno. */
static int copy_xattr(int from, int to, const char *name, char *value, char *there)
{
	ssize_t len = fgetxattr(from, name, value, MAX_XATTR), old;

	if (len < 0)
		return errno;
	// Labels are often given to new files by themselves, and not ours to set.
	old = fgetxattr(to, name, there, MAX_XATTR);
	if (old == len && !memcmp(value, there, (size_t)len))
		return 0;
	return fsetxattr(to, name, value, (size_t)len, 0) ? errno : 0;
}

static int copy_xattrs(int from, int to)
{
	char *names = malloc(3 * MAX_XATTR), *end;
	ssize_t len = names ? flistxattr(from, names, MAX_XATTR) : -1;
	int why = len < 0 ? errno : 0;

	end = names + (len > 0 ? len : 0);
	for (char *name = names; !why && name < end; name += strlen(name) + 1)
		why = copy_xattr(from, to, name, names + MAX_XATTR, names + 2 * MAX_XATTR);
	free(names);
	return why == ENOTSUP || why == ENOSYS ? 0 : why;
}

/** Owner, permissions, attributes, times: in this order, as each undoes some of the later ones. */
static enum crit_status copy_attributes(const struct stage_file *f, int old_fd,
					const struct stat *old, struct crit_error *err)
{
	struct timespec times[2] = { old->st_atim, old->st_mtim };
	struct stat now;
	int why;

	if (fstat(f->fd, &now) != 0)
		return error_os(err, errno, "%s", f->name);
	if ((now.st_uid != old->st_uid || now.st_gid != old->st_gid) &&
	    fchown(f->fd, old->st_uid, old->st_gid) != 0)
		return error_os(err, errno, "%s: keeping its owner", f->name);
	if (fchmod(f->fd, old->st_mode & 07777) != 0)
		return error_os(err, errno, "%s: keeping its permissions", f->name);
	why = copy_xattrs(old_fd, f->fd);
	if (why)
		return error_os(err, why, "%s: keeping its extended attributes", f->name);
	if (futimens(f->fd, times) != 0)
		return error_os(err, errno, "%s: keeping its times", f->name);
	return CRIT_OK;
}

enum crit_status stage_finish(struct stage_file *f, const struct stage_old *old,
			      struct staged *out, struct crit_error *err)
{
	enum crit_status status = copy_attributes(f, member_own_fd(old->member), &old->st, err);

	if (status)
		return status;
	if (fsync(f->fd) != 0)
		return error_os(err, errno, "%s: writing it to the disk", f->name);
	if (!f->temporary &&
	    stage_new_name(f->dir_fd, f->name, "", give_name, f, &f->temporary) < 0)
		return error_os(err, errno, "%s: a name beside it", f->name);
	close(f->fd);
	f->fd = -1;
	if (!out)
		return CRIT_OK;
	*out = (struct staged){ .name = f->name, .temporary = f->temporary, .old = old->st };
	f->name = f->temporary = NULL;
	return CRIT_OK;
}

void stage_abandon(struct stage_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	if (f->temporary)
		unlinkat(f->dir_fd, f->temporary, 0);
	free(f->temporary);
	free(f->name);
	*f = (struct stage_file){ .fd = -1 };
}

enum crit_status stage_add(struct stage *s, const struct stage_unit *unit, struct crit_error *err)
{
	if (!array_grow(&s->units, s->nr, &s->cap, sizeof(*s->units)))
		return error_no_memory(err);
	s->units[s->nr++] = *unit;
	return CRIT_OK;
}

static void staged_deinit(const struct stage *s, struct staged *file)
{
	if (file->temporary)
		unlinkat(s->dir_fd, file->temporary, 0);
	free(file->temporary);
	free(file->backup);
	free(file->name);
}

void stage_unit_deinit(const struct stage *s, struct stage_unit *unit)
{
	staged_deinit(s, &unit->image);
	staged_deinit(s, &unit->pages);
	if (unit->interim)
		unlinkat(s->dir_fd, unit->interim, 0);
	free(unit->interim);
	memset(unit, 0, sizeof(*unit));
}

void stage_deinit(struct stage *s)
{
	for (size_t i = 0; i < s->nr; i++)
		stage_unit_deinit(s, &s->units[i]);
	free(s->units);
	s->units = NULL;
	s->nr = s->cap = 0;
}
