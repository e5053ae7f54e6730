// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Which checkpoint this is, for the plugin in a gdb that came here by `target remote`:
 *
 *	qCritcore.Checkpoint	{ key ':' value ';' }, numbers in hex, texts in hex digits
 *
 *	boot			the kernel's random id of this boot
 *	device, inode		of the checkpoint's folder, or of its archive
 *	path, sysroot, pages, parent, file, trust
 *				what it was opened with; absolute, those that there are; of parents
 *				there may be several, in order
 *
 * A gdb on the same machine can then open the folder as well, for what the remote protocol has no
 * request for. boot, device and inode tell it that it is this folder, and not one of the same name
 * at the other end of an ssh. The name of the request is in a space of our own, so that no other
 * server understands it.
 */
#include "target/server.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checkpoint/debug.h"
#include "target/hex.h"

static void add_text(struct server *s, const char *key, const char *text, size_t len)
{
	buf_printf(&s->reply, "%s:", key);
	hex_add(&s->reply, text, len);
	buf_add_byte(&s->reply, ';');
}

/* Of ARCHIVE/FOLDER and LAYOUT/FOLDER only the beginning is there. */
static bool make_absolute(const char *path, char out[PATH_MAX])
{
	char *begin = strdup(path), *slash = begin ? begin + strlen(begin) : NULL;
	bool found = begin && realpath(begin, out);

	while (slash && !found && (errno == ENOTDIR || errno == ENOENT) &&
	       (slash = memrchr(begin, '/', (size_t)(slash - begin))) && slash > begin) {
		*slash = '\0';
		found = realpath(begin, out);
	}
	if (found && slash) {
		size_t len = strlen(out);

		found = snprintf(out + len, PATH_MAX - len, "%s", path + (slash - begin)) <
			(int)(PATH_MAX - len);
	}
	free(begin);
	return found;
}

/* What is not there any more is left out. */
static bool add_path(struct server *s, const char *key, const char *path)
{
	char absolute[PATH_MAX];

	if (!path || !make_absolute(path, absolute))
		return false;
	add_text(s, key, absolute, strlen(absolute));
	return true;
}

static void add_boot(struct server *s)
{
	char id[64];
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? 0 : read(fd, id, sizeof(id));

	if (fd >= 0)
		close(fd);
	while (len > 0 && id[len - 1] == '\n')
		len--;
	if (len > 0)
		add_text(s, "boot", id, (size_t)len);
}

void reply_checkpoint(struct server *s, const struct request *req)
{
	struct checkpoint_places places;

	(void)req;
	task_places(s->task, &places);
	add_boot(s);
	buf_printf(&s->reply, "device:%" PRIx64 ";inode:%" PRIx64 ";trust:%d;",
		   (uint64_t)places.dev, (uint64_t)places.ino, places.trust_files);
	add_path(s, "path", places.path);
	add_path(s, "sysroot", places.sysroot);
	add_path(s, "pages", places.pages);
	// Behind one that is gone the next one would be taken for somebody else's parent.
	for (size_t i = 0; add_path(s, "parent", task_given_parent(s->task, i)); i++)
		;
	add_path(s, "file", places.file);
}
