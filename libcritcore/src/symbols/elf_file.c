// SPDX-License-Identifier: LGPL-2.1-or-later
/* elf_file.c - opening ELF files for libelf. See elf_file.h. */
#include "symbols/elf_file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Larger ones are not looked into: no program or debug file comes near it. */
static const uint64_t max_len = 16ULL << 30;

static bool is_elf(struct elf_file *file)
{
	if (file->elf && elf_kind(file->elf) == ELF_K_ELF)
		return true;
	elf_file_close(file);
	return false;
}

bool elf_file_open(struct elf_file *file, int fd)
{
	struct stat st;
	void *data = NULL;

	*file = (struct elf_file){ .fd = fd };
	if (elf_version(EV_CURRENT) == EV_NONE || fstat(fd, &st) || st.st_size <= 0 ||
	    (uint64_t)st.st_size > max_len) {
		elf_file_close(file);
		return false;
	}
	if (!guard_map(fd, 0, (size_t)st.st_size, &file->region, NULL))
		// libelf notes in the section headers that it has unpacked something.
		data = guard_data_private(file->region);
	file->elf = data ? elf_memory(data, (size_t)st.st_size) : elf_begin(fd, ELF_C_READ, NULL);
	return is_elf(file);
}

bool elf_file_from_memory(struct elf_file *file, void *data, size_t len)
{
	*file = (struct elf_file){ .fd = -1, .data = data };
	if (elf_version(EV_CURRENT) != EV_NONE)
		file->elf = elf_memory(data, len);
	return is_elf(file);
}

void elf_file_close(struct elf_file *file)
{
	elf_end(file->elf);
	guard_unmap(file->region);
	free(file->data);
	if (file->fd >= 0)
		close(file->fd);
	*file = (struct elf_file){ .fd = -1 };
}

Elf_Scn *elf_file_section(const struct elf_file *file, const char *name, uint32_t type)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	size_t names;

	if (!file->elf || elf_getshdrstrndx(file->elf, &names))
		return NULL;
	while ((section = elf_nextscn(file->elf, section))) {
		const char *its = gelf_getshdr(section, &header)
					  ? elf_strptr(file->elf, names, header.sh_name)
					  : NULL;

		if (name ? its && !strcmp(its, name) : its && header.sh_type == type)
			return section;
	}
	return NULL;
}

Elf_Data *elf_file_contents(const struct elf_file *file, const char *name)
{
	Elf_Scn *section = elf_file_section(file, name, 0);
	GElf_Shdr header;

	if (!section || !gelf_getshdr(section, &header) || header.sh_type == SHT_NOBITS)
		return NULL;
	return elf_rawdata(section, NULL);
}
