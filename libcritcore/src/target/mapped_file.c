// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * From a name to a mapped file.
 *
 * A debugger takes library names from the dynamic linker's list, where they stand as the linker
 * was asked for them; the checkpoint has the names of the files behind all symbolic links:
 *
 *	/lib64/ld-linux-x86-64.so.2	    /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
 *	/lib/x86_64-linux-gnu/libz.so.1	    /usr/lib/x86_64-linux-gnu/libz.so.1.2.13
 *
 * The links themselves may be on another machine, so a shared library that no mapping has under
 * its full name is looked for by its last component, alone or with more version numbers behind it.
 * It must be the only one. Names of separate debug files are not guessed: one often ends like the
 * library it belongs to, which holds none of what is looked for.
 */
#include "target/mapped_file.h"

#include <string.h>

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_library_name(const char *path)
{
	return strstr(last_component(path), ".so") &&
	       strncmp(path, "/usr/lib/debug/", strlen("/usr/lib/debug/")) != 0 &&
	       !strstr(path, "/.debug/");
}

/* "libz.so.1" and "libz.so.1.2.13" */
static bool is_same_library(const char *wanted, const char *mapped)
{
	size_t len = strlen(wanted);

	return strncmp(wanted, mapped, len) == 0 && (mapped[len] == '\0' || mapped[len] == '.');
}

static bool find_by_path(struct crit_task *task, const char *path, struct crit_file *out)
{
	for (size_t i = 0; crit_task_file_at(task, i, out); i++)
		if (strcmp(out->path, path) == 0)
			return true;
	return crit_task_exe(task, out, NULL) == CRIT_OK && strcmp(out->path, path) == 0;
}

static bool find_library(struct crit_task *task, const char *path, struct crit_file *out)
{
	const char *wanted = last_component(path);
	struct crit_file file;
	size_t nr_found = 0;

	if (!is_library_name(path))
		return false;
	for (size_t i = 0; crit_task_file_at(task, i, &file); i++) {
		if (!is_same_library(wanted, last_component(file.path)))
			continue;
		*out = file;
		nr_found++;
	}
	return nr_found == 1;
}

bool mapped_file_find(struct crit_task *task, const char *path, struct crit_file *out)
{
	if (!find_by_path(task, path, out) && !find_library(task, path, out))
		return false;
	return out->verdict == CRIT_FILE_GHOST ||
	       (out->verdict == CRIT_FILE_USED && out->local_path);
}
