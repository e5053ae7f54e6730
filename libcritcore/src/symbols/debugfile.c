// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * debugfile.c - separate debug files, where gdb looks for them:
 *
 *	/usr/lib/debug/.build-id/ab/cdef....debug	of the sysroot, then of this machine
 *	DIR/NAME, DIR/.debug/NAME,			NAME from .gnu_debuglink, in the sysroot
 *	/usr/lib/debug/DIR/NAME
 *
 * A file found by build-id may be this machine's also when there is a sysroot: no name out of the
 * checkpoint leads there.
 */
#include "symbols/debugfile.h"

#include <elfutils/libdwelf.h>
#include <lzma.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/hostfile.h"

enum { PATH_LEN = 4096, MAX_CHECKSUM_LEN = 1 << 30 };

static bool same_build_id(Elf *elf, const void *id, ssize_t len)
{
	const void *its;

	return dwelf_elf_gnu_build_id(elf, &its) == len && !memcmp(its, id, (size_t)len);
}

static bool open_by_build_id(const void *id, ssize_t len, int root_fd, struct elf_file *out)
{
	char path[64 + 2 * ELFID_MAX];
	const uint8_t *bytes = id;
	struct stat st;
	int at, fd;

	if (len < 2 || len > ELFID_MAX)
		return false;
	at = snprintf(path, sizeof(path), "/usr/lib/debug/.build-id/%02x/", bytes[0]);
	for (ssize_t i = 1; i < len; i++)
		at += snprintf(path + at, sizeof(path) - (size_t)at, "%02x", bytes[i]);
	snprintf(path + at, sizeof(path) - (size_t)at, ".debug");
	fd = hostfile_open(root_fd, path, &st);
	if (fd < 0 || !elf_file_open(out, fd))
		return false;
	if (same_build_id(out->elf, id, len))
		return true;
	elf_file_close(out);
	return false;
}

static bool has_checksum(int fd, off_t len, uint32_t wanted)
{
	uint8_t piece[16384];
	uint32_t sum = 0;
	ssize_t got = 0;

	if (len > MAX_CHECKSUM_LEN)
		return false;
	for (off_t off = 0; off < len; off += got) {
		got = pread(fd, piece, sizeof(piece), off);
		if (got <= 0)
			return false;
		sum = lzma_crc32(piece, (size_t)got, sum);
	}
	return sum == wanted;
}

static bool open_by_link(const char *dir_prefix, const char *path, const char *dir_suffix,
			 const char *name, uint32_t checksum, int root_fd, struct elf_file *out)
{
	int dir_len = (int)(strrchr(path, '/') - path);
	char full[PATH_LEN];
	struct stat st;
	int fd;

	if (snprintf(full, sizeof(full), "%s%.*s%s/%s", dir_prefix, dir_len, path, dir_suffix,
		     name) >= (int)sizeof(full))
		return false;
	fd = hostfile_open(root_fd, full, &st);
	if (fd < 0)
		return false;
	if (has_checksum(fd, st.st_size, checksum))
		return elf_file_open(out, fd);
	close(fd);
	return false;
}

bool debugfile_open(const struct elf_file *file, const char *path, int root_fd,
		    struct elf_file *out)
{
	GElf_Word checksum;
	const void *id;
	const char *name;
	ssize_t len = dwelf_elf_gnu_build_id(file->elf, &id);

	if (len > 0 && (open_by_build_id(id, len, root_fd, out) ||
			(root_fd >= 0 && open_by_build_id(id, len, -1, out))))
		return true;
	name = dwelf_elf_gnu_debuglink(file->elf, &checksum);
	if (!name || !*name || strchr(name, '/') || path[0] != '/')
		return false;
	return open_by_link("", path, "", name, checksum, root_fd, out) ||
	       open_by_link("", path, "/.debug", name, checksum, root_fd, out) ||
	       open_by_link("/usr/lib/debug", path, "", name, checksum, root_fd, out);
}
