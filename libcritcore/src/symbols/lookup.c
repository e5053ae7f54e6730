// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * lookup.c - see lookup.h. The file is the verified one, read through libelf, which checks bounds;
 * a table is gone through once for all names, since nobody asks twice. A file that is mapped at
 * several places (dlmopen) counts at the first one that can be executed.
 */
#include "symbols/lookup.h"

#include <gelf.h>
#include <libelf.h>
#include <string.h>
#include <unistd.h>

enum { EXECUTABLE = 4 }; /* crit_mapping.prot */

/* Does a segment of the file stand in this mapping? Then *bias is what the process's addresses are
 * ahead of the file's. */
static bool bias_of_mapping(Elf *elf, const struct crit_mapping *m, uint32_t page_size,
			    uint64_t *bias)
{
	size_t nr_phdrs = 0;
	GElf_Phdr phdr;

	elf_getphdrnum(elf, &nr_phdrs);
	for (size_t i = 0; i < nr_phdrs && gelf_getphdr(elf, (int)i, &phdr); i++) {
		uint64_t first = phdr.p_offset - phdr.p_offset % page_size;

		if (phdr.p_type != PT_LOAD || !(phdr.p_flags & PF_X) || m->pgoff < first ||
		    m->pgoff - first >= phdr.p_filesz + phdr.p_offset % page_size)
			continue;
		*bias = m->start - m->pgoff - (phdr.p_vaddr - phdr.p_offset);
		return true;
	}
	return false;
}

static bool find_bias(struct crit_task *task, const struct crit_file *file, Elf *elf,
		      uint64_t *bias)
{
	uint32_t page_size = crit_task_page_size(task);
	struct crit_mapping m;

	for (size_t i = 0; page_size && crit_mapping_at(task, i, &m); i++)
		if (m.kind == CRIT_MAP_FILE && m.shmid == file->id && m.prot & EXECUTABLE &&
		    bias_of_mapping(elf, &m, page_size, bias))
			return true;
	return false;
}

static void match(const char *name, uint64_t vaddr, struct symbol_wanted *wanted, size_t nr_wanted)
{
	for (size_t i = 0; i < nr_wanted; i++) {
		if (wanted[i].found || strcmp(wanted[i].name, name) != 0)
			continue;
		wanted[i].found = true;
		wanted[i].vaddr = vaddr;
	}
}

static void search_table(Elf *elf, Elf_Scn *scn, const GElf_Shdr *shdr, uint64_t bias,
			 struct symbol_wanted *wanted, size_t nr_wanted)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	GElf_Sym sym;

	for (int i = 0; data && gelf_getsym(data, i, &sym); i++) {
		const char *name;

		if (sym.st_shndx == SHN_UNDEF || GELF_ST_TYPE(sym.st_info) == STT_TLS)
			continue;
		name = elf_strptr(elf, shdr->sh_link, sym.st_name);
		if (name)
			match(name, sym.st_value + bias, wanted, nr_wanted);
	}
}

static void search(struct crit_task *task, const struct crit_file *file, Elf *elf,
		   struct symbol_wanted *wanted, size_t nr_wanted)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr shdr;
	uint64_t bias;

	if (elf_kind(elf) != ELF_K_ELF || !find_bias(task, file, elf, &bias))
		return;
	while ((scn = elf_nextscn(elf, scn)))
		if (gelf_getshdr(scn, &shdr) &&
		    (shdr.sh_type == SHT_DYNSYM || shdr.sh_type == SHT_SYMTAB))
			search_table(elf, scn, &shdr, bias, wanted, nr_wanted);
}

void symbols_find(struct crit_task *task, const struct crit_file *file,
		  struct symbol_wanted *wanted, size_t nr_wanted)
{
	int fd = task_file_open(task, file->id);
	Elf *elf;

	if (fd < 0)
		return;
	if (elf_version(EV_CURRENT) != EV_NONE) {
		elf = elf_begin(fd, ELF_C_READ, NULL);
		if (elf)
			search(task, file, elf, wanted, nr_wanted);
		elf_end(elf);
	}
	close(fd);
}
