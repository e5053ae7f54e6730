// SPDX-License-Identifier: LGPL-2.1-or-later
/* output.c - see output.h. */
#include "util/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	COPY_CHUNK = 256 * 1024,
	MAX_TRIES = 100, /* at a temporary name nobody has */
	SYNC_STEP = 16 * 1024 * 1024,
	MAX_SPLICE = 16 * 1024 * 1024,  /* bytes for one system call */
};

static struct crit_output *output_new(void)
{
	struct crit_output *out = calloc(1, sizeof(*out));

	if (out)
		out->dir_fd = out->fd = -1;
	return out;
}

enum crit_status crit_output_from_fd(int fd, struct crit_output **out, struct crit_error *err)
{
	struct crit_output *o = output_new();

	if (!o)
		return error_no_memory(err);
	o->fd = fd;
	*out = o;
	return CRIT_OK;
}

enum crit_status crit_output_from_function(bool (*write_fn)(void *ctx, const void *data,
							    size_t len),
					   void *ctx, struct crit_output **out,
					   struct crit_error *err)
{
	struct crit_output *o = output_new();

	if (!o)
		return error_no_memory(err);
	o->write = write_fn;
	o->ctx = ctx;
	*out = o;
	return CRIT_OK;
}

static const char *base_name(const struct crit_output *out)
{
	const char *slash = strrchr(out->path, '/');

	return slash ? slash + 1 : out->path;
}

static enum crit_status open_folder(struct crit_output *out, struct crit_error *err)
{
	size_t len = (size_t)(base_name(out) - out->path);
	char *folder = len ? strndup(out->path, len) : strdup(".");

	if (!folder)
		return error_no_memory(err);
	out->dir_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(folder);
	return out->dir_fd < 0 ? error_os(err, errno, "%s", out->path) : CRIT_OK;
}

/** Try names until @p make succeeds on one; it gets a name and returns a descriptor or 0, or -1. */
static int with_new_name(struct crit_output *out, int (*make)(struct crit_output *, const char *))
{
	char name[NAME_MAX + 1];

	for (unsigned i = 0; i < MAX_TRIES; i++) {
		// The name of the file can be as long as a name may be.
		int len = snprintf(name, sizeof(name), ".%.200s.%d-%u", base_name(out),
				   (int)getpid(), i);
		int made = len < (int)sizeof(name) ? make(out, name) : -1;

		if (made < 0 && errno == EEXIST)
			continue;
		if (made >= 0)
			out->temporary = strdup(name);
		if (made >= 0 && !out->temporary) {
			unlinkat(out->dir_fd, name, 0);
			errno = ENOMEM;
			return -1;
		}
		return made;
	}
	return -1;
}

static int make_named(struct crit_output *out, const char *name)
{
	return openat(out->dir_fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static int give_name(struct crit_output *out, const char *name)
{
	char self[64];

	snprintf(self, sizeof(self), "/proc/self/fd/%d", out->fd);
	return linkat(AT_FDCWD, self, out->dir_fd, name, AT_SYMLINK_FOLLOW);
}

/** A file that is not seen yet, with the permissions the old or a new one would have. */
static enum crit_status open_new(struct crit_output *out, const struct stat *old,
				 struct crit_error *err)
{
	out->fd = openat(out->dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
	out->close_fd = true;
	if (out->fd < 0)
		out->fd = with_new_name(out, make_named);
	if (out->fd < 0)
		return error_os(err, errno, "%s", out->path);
	if (old && fchown(out->fd, old->st_uid, old->st_gid) != 0 && errno != EPERM)
		return error_os(err, errno, "%s", out->path);
	if (old && fchmod(out->fd, old->st_mode & 07777) != 0)
		return error_os(err, errno, "%s", out->path);
	if (!old && out->temporary) {
		mode_t mask = umask(0);

		umask(mask);
		if (fchmod(out->fd, 0666 & ~mask) != 0)
			return error_os(err, errno, "%s", out->path);
	}
	return CRIT_OK;
}

static enum crit_status open_output(struct crit_output *out, const char *path,
				    struct crit_error *err)
{
	char real[PATH_MAX];
	struct stat st;
	bool exists = stat(path, &st) == 0;
	enum crit_status status;

	if (exists && S_ISDIR(st.st_mode))
		return error_set(err, CRIT_INVALID, "%s: a directory, not a file", path);
	if (exists && !S_ISREG(st.st_mode)) {
		out->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		out->close_fd = true;
		return out->fd < 0 ? error_os(err, errno, "%s", path) : CRIT_OK;
	}
	// A symbolic link stays one: the file it names is replaced.
	out->path = strdup(exists && realpath(path, real) ? real : path);
	if (!out->path)
		return error_no_memory(err);
	if (!*base_name(out))
		return error_set(err, CRIT_INVALID, "%s: a directory, not a file", path);
	status = open_folder(out, err);
	return status ? status : open_new(out, exists ? &st : NULL, err);
}

enum crit_status crit_output_create(const char *path, struct crit_output **out,
				    struct crit_error *err)
{
	struct crit_output *o = output_new();
	enum crit_status status;

	if (!o)
		return error_no_memory(err);
	status = open_output(o, path, err);
	if (status) {
		crit_output_close(o);
		return status;
	}
	*out = o;
	return CRIT_OK;
}

enum crit_status crit_output_commit(struct crit_output *out, struct crit_error *err)
{
	if (!out->path)
		return CRIT_OK;
	if (fsync(out->fd) != 0)
		return error_os(err, errno, "%s: writing it to the disk", out->path);
	if (!out->temporary && with_new_name(out, give_name) < 0)
		return error_os(err, errno, "%s", out->path);
	if (renameat(out->dir_fd, out->temporary, out->dir_fd, base_name(out)) != 0)
		return error_os(err, errno, "%s", out->path);
	free(out->temporary);
	out->temporary = NULL;
	// The name is on the disk when the folder is; a file system that cannot say so is fine.
	(void)fsync(out->dir_fd);
	return CRIT_OK;
}

void crit_output_close(struct crit_output *out)
{
	if (!out)
		return;
	if (out->temporary)
		unlinkat(out->dir_fd, out->temporary, 0);
	if (out->close_fd && out->fd >= 0)
		close(out->fd);
	if (out->dir_fd >= 0)
		close(out->dir_fd);
	free(out->temporary);
	free(out->path);
	free(out);
}

/** The disk may work on what is there already while more comes: crit_output_commit() waits for all
 *  of it. That it cannot begin now is no failure. */
static void begin_sync(struct crit_output *out)
{
	if (!out->path || out->len - out->syncing < SYNC_STEP)
		return;
	(void)sync_file_range(out->fd, (off_t)out->syncing, (off_t)(out->len - out->syncing),
			      SYNC_FILE_RANGE_WRITE);
	out->syncing = out->len;
}

enum crit_status output_write(struct crit_output *out, const void *data, size_t len,
			      struct crit_error *err)
{
	const uint8_t *from = data;

	out->len += len;
	if (out->write)
		return !len || out->write(out->ctx, data, len)
			       ? CRIT_OK
			       : error_set(err, CRIT_INTERRUPTED, "interrupted");
	while (len) {
		ssize_t n = write(out->fd, from, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_os(err, errno, "%s",
					out->path ? out->path : "writing the output");
		from += n;
		len -= (size_t)n;
	}
	begin_sync(out);
	return CRIT_OK;
}

bool output_can_skip(struct crit_output *out)
{
	struct stat st;
	off_t at;
	int flags;

	if (out->asked_skip || out->write)
		return out->can_skip;
	out->asked_skip = true;
	flags = fcntl(out->fd, F_GETFL);
	at = lseek(out->fd, 0, SEEK_CUR);
	// Somebody's descriptor may stand in the middle of a file, whose bytes would shine through.
	out->can_skip = flags >= 0 && !(flags & O_APPEND) && at >= 0 && !fstat(out->fd, &st) &&
			S_ISREG(st.st_mode) && at >= st.st_size;
	return out->can_skip;
}

static enum crit_status write_zeros(struct crit_output *out, uint64_t len, struct crit_error *err)
{
	size_t chunk = len < COPY_CHUNK ? (size_t)len : COPY_CHUNK;
	void *zeros = calloc(1, chunk ? chunk : 1);
	enum crit_status status = zeros ? CRIT_OK : error_no_memory(err);

	for (uint64_t part; !status && len; len -= part) {
		part = len < chunk ? len : chunk;
		status = output_write(out, zeros, (size_t)part, err);
	}
	free(zeros);
	return status;
}

enum crit_status output_skip(struct crit_output *out, uint64_t len, struct crit_error *err)
{
	off_t at, end;

	if (!output_can_skip(out))
		return write_zeros(out, len, err);
	at = lseek(out->fd, 0, SEEK_CUR);
	if (len > INT64_MAX || __builtin_add_overflow(at, (off_t)len, &end))
		return error_os(err, EFBIG, "%s", out->path ? out->path : "writing the output");
	if (at < 0 || ftruncate(out->fd, end) || lseek(out->fd, end, SEEK_SET) < 0)
		return error_os(err, errno, "%s", out->path ? out->path : "writing the output");
	out->len += len;
	return CRIT_OK;
}

static enum crit_status copy_through_memory(struct crit_output *out, int fd, uint64_t off,
					    uint64_t len, struct crit_error *err)
{
	uint8_t *chunk = malloc(COPY_CHUNK);
	enum crit_status status = chunk ? CRIT_OK : error_no_memory(err);

	while (!status && len) {
		ssize_t n = pread(fd, chunk, len < COPY_CHUNK ? (size_t)len : COPY_CHUNK,
				  (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			status = error_os(err, n ? errno : EIO, "reading a temporary file");
			break;
		}
		status = output_write(out, chunk, (size_t)n, err);
		off += (uint64_t)n;
		len -= (uint64_t)n;
	}
	free(chunk);
	return status;
}

uint64_t output_splice(struct crit_output *out, int fd, uint64_t off, uint64_t len)
{
	off_t at = (off_t)off;
	uint64_t done = 0;

	if (out->write || off > INT64_MAX)
		return 0;
	while (done < len) {
		// Pipes, other file systems: the second way, which takes 2 GiB at once.
		size_t part = len - done < MAX_SPLICE ? (size_t)(len - done) : MAX_SPLICE;
		ssize_t n = copy_file_range(fd, &at, out->fd, NULL, part, 0);

		if (n < 0)
			n = sendfile(out->fd, fd, &at, part);
		if (n <= 0)
			break;
		out->len += (uint64_t)n;
		done += (uint64_t)n;
		begin_sync(out);
	}
	return done;
}

bool output_rewind(struct crit_output *out)
{
	if (!out->path || ftruncate(out->fd, 0) || lseek(out->fd, 0, SEEK_SET) < 0)
		return false;
	out->len = out->syncing = 0;
	return true;
}

enum crit_status output_copy(struct crit_output *out, int fd, uint64_t len, struct crit_error *err)
{
	uint64_t done = output_splice(out, fd, 0, len);

	return copy_through_memory(out, fd, done, len - done, err);
}
