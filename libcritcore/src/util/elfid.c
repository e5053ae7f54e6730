// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * elfid.c - see elfid.h. libelf does the reading: any class and byte order, bounds checked there.
 * PT_NOTE rather than .note sections, because that is what survives stripping and what CRIU reads.
 */
#include "util/elfid.h"

#include <gelf.h>
#include <libelf.h>
#include <string.h>
#include <unistd.h>

#include "util/endian.h"

static size_t find_in_notes(Elf_Data *data, uint8_t out[ELFID_MAX])
{
	size_t off = 0, name_off, desc_off;
	GElf_Nhdr note;

	while (off < data->d_size &&
	       (off = gelf_getnote(data, off, &note, &name_off, &desc_off)) > 0) {
		const char *bytes = data->d_buf;

		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
		    !memcmp(bytes + name_off, "GNU", 4) && note.n_descsz > 0 &&
		    note.n_descsz <= ELFID_MAX) {
			memcpy(out, bytes + desc_off, note.n_descsz);
			return note.n_descsz;
		}
	}
	return 0;
}

size_t elfid_read(int fd, uint8_t out[ELFID_MAX])
{
	size_t nr_phdrs, len = 0;
	Elf *elf;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return 0;
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF || elf_getphdrnum(elf, &nr_phdrs) != 0)
		nr_phdrs = 0;
	for (size_t i = 0; i < nr_phdrs && !len; i++) {
		GElf_Phdr phdr;
		Elf_Data *data;

		if (!gelf_getphdr(elf, (int)i, &phdr) || phdr.p_type != PT_NOTE)
			continue;
		data = elf_getdata_rawchunk(elf, (int64_t)phdr.p_offset, phdr.p_filesz,
					    phdr.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
		if (data)
			len = find_in_notes(data, out);
	}
	elf_end(elf);
	return len;
}

bool elfid_cpu(int fd, uint16_t *machine, bool *big_endian)
{
	uint8_t head[20];

	if (pread(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
	    memcmp(head, ELFMAG, SELFMAG) != 0)
		return false;
	*big_endian = head[EI_DATA] == ELFDATA2MSB;
	*machine = (uint16_t)endian_get(head + 18, 2, *big_endian);
	return true;
}
