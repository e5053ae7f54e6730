// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * host_files.c - the files of this machine that the tasks had mapped and open (--files). CRIU opens
 * them by name, and refuses those of another size, build-id or mode.
 */
#include <sys/stat.h>

#include "check/check.h"
#include "fdtable.pb-c.h"
#include "inventory.pb-c.h"
#include "pstree.pb-c.h"

struct files *check_files_get(struct check *c)
{
	if (!c->host_ready) {
		files_init(&c->host, c->src);
		c->host.big_endian = c->big_endian;
		c->host.written = c->written;
		c->host_ready = true;
	}
	return files_load(&c->host, NULL) ? NULL : &c->host;
}

/** Were there mounts of their own, so that names are not this machine's? */
static bool in_container(const struct check *c)
{
	return c->sets[SET_MOUNTS].nr;
}

static void tell(struct check *c, const struct item *at, enum crit_check_severity severity,
		 const char *field, const char *path, const char *why)
{
	struct found_as as = { severity, NULL, at->image, true, at->index, at->off, field };

	found_as(c, RULE_HOST_FILE, &as, "%s: %s", path, why);
}

static void check_mode(struct check *c, const struct item *at, const Criu__RegFileEntry *reg,
		       const struct mapped_file *file)
{
	if (reg->has_mode && file->pub.local_path && (file->local.st_mode ^ reg->mode) & 07777)
		tell(c, at, CRIT_CHECK_ERROR, "reg.mode", reg->name,
		     "its permissions differ; --skip-file-rwx-check ignores that");
}

static void check_verdict(struct check *c, const struct item *at, const Criu__RegFileEntry *reg,
			  const struct mapped_file *file)
{
	const char *why = crit_file_verdict_text(file->pub.verdict);

	switch (file->pub.verdict) {
	case CRIT_FILE_USED:
	case CRIT_FILE_GHOST:
	case CRIT_FILE_UNVERIFIED:
	case CRIT_FILE_NOT_REGULAR:
		break;
	case CRIT_FILE_CHANGED:
		tell(c, at, CRIT_CHECK_NOTE, "reg.name", reg->name, why);
		break;
	case CRIT_FILE_BUILD_ID_DIFFERS:
		tell(c, at, CRIT_CHECK_ERROR, "reg.build_id", reg->name, why);
		break;
	case CRIT_FILE_SIZE_DIFFERS:
		tell(c, at, CRIT_CHECK_ERROR, "reg.size", reg->name, why);
		break;
	default:
		tell(c, at, CRIT_CHECK_ERROR, "reg.name", reg->name, why);
		break;
	}
	check_mode(c, at, reg, file);
}

static void check_file(struct check *c, struct files *files, const struct item *at)
{
	const Criu__RegFileEntry *reg = file_body(at, CRIU__FD_TYPES__REG);
	struct mapped_file *file = NULL;

	if (!reg || reg->ext || files_find(files, reg->id, &file, NULL) || !file || !file->regular)
		return;
	file_look_up(files, file);
	check_verdict(c, at, reg, file);
}

void check_host_files(struct check *c)
{
	const struct items *set = &c->sets[SET_FILES];
	struct files *files;
	struct crit_error err;

	if (!c->options->files)
		return;
	files = check_files_get(c);
	if (!files)
		return; // files.img is damaged: told where it was read
	if (in_container(c) && !c->options->sysroot) {
		found_as(c, RULE_HOST_FILE, &(struct found_as){ .severity = CRIT_CHECK_WARNING },
			 "the files are those of a container; --sysroot says where its root is");
		return;
	}
	if (c->options->sysroot && files_set_sysroot(files, c->options->sysroot, &err)) {
		check_fail(c, err.status, &err);
		return;
	}
	for (size_t i = 0; i < set->nr && goes_on(c); i++)
		check_file(c, files, &set->items[i]);
}
