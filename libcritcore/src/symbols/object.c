// SPDX-License-Identifier: LGPL-2.1-or-later
/* object.c - programs and libraries, each part of them read when it is needed. See object.h. */
#include "symbols/object.h"

#include <stdlib.h>
#include <string.h>

#include "symbols/debugfile.h"
#include "symbols/minidebug.h"

struct object *object_create(uint32_t file_id, const char *path, int fd, int root_fd)
{
	struct object *object = calloc(1, sizeof(*object));

	if (object)
		object->path = strdup(path);
	if (!object || !object->path) {
		free(object);
		return NULL;
	}
	object->file_id = file_id;
	object->root_fd = root_fd;
	object->file.fd = object->debug.fd = object->mini.fd = -1;
	if (fd >= 0)
		elf_file_open(&object->file, fd);
	return object;
}

void object_destroy(struct object *object)
{
	if (!object)
		return;
	symtab_deinit(&object->symbols);
	names_deinit(&object->names);
	if (object->eh)
		dwarf_cfi_end(object->eh);
	dwarf_end(object->dwarf);
	elf_file_close(&object->mini);
	elf_file_close(&object->debug);
	elf_file_close(&object->file);
	free(object->path);
	free(object);
}

bool object_vaddr(const struct object *object, uint64_t off, uint64_t *vaddr)
{
	size_t nr = 0;
	GElf_Phdr phdr;

	if (!object->file.elf || elf_getphdrnum(object->file.elf, &nr))
		return false;
	for (size_t i = 0; i < nr; i++) {
		uint64_t page;

		if (!gelf_getphdr(object->file.elf, (int)i, &phdr) || phdr.p_type != PT_LOAD)
			continue;
		// It is mapped from the beginning of its first page on.
		page = phdr.p_align ? phdr.p_vaddr % phdr.p_align : 0;
		page = page < phdr.p_offset ? page : phdr.p_offset;
		if (phdr.p_flags & PF_X && off >= phdr.p_offset - page &&
		    off - (phdr.p_offset - page) < phdr.p_filesz + page) {
			*vaddr = phdr.p_vaddr + (off - phdr.p_offset);
			return true;
		}
	}
	return false;
}

static void find_debug(struct object *object)
{
	struct elf_file *file = &object->file;

	if (object->found_debug || !file->elf)
		return;
	object->found_debug = true;
	if (object->path[0] != '/')
		return; // the vdso has none, and its bytes are the image's
	if (!elf_file_contents(file, ".debug_info"))
		debugfile_open(file, object->path, object->root_fd, &object->debug);
	object->dwarf = dwarf_begin_elf(object->debug.elf ? object->debug.elf : file->elf,
					DWARF_C_READ, NULL);
}

static void find_symbols(struct object *object)
{
	if (object->found_symbols || !object->file.elf)
		return;
	object->found_symbols = true;
	find_debug(object);
	symtab_add(&object->symbols, &object->file, SHT_SYMTAB, SYMTAB_OWN);
	symtab_add(&object->symbols, &object->file, SHT_DYNSYM, SYMTAB_OWN);
	if (object->debug.elf)
		symtab_add(&object->symbols, &object->debug, SHT_SYMTAB, SYMTAB_DEBUG);
	else if (minidebug_open(&object->file, &object->mini))
		symtab_add(&object->symbols, &object->mini, SHT_SYMTAB, SYMTAB_MINI);
	symtab_sort(&object->symbols);
}

const struct symbol *object_symbol(struct object *object, uint64_t vaddr)
{
	find_symbols(object);
	return symtab_find(&object->symbols, vaddr);
}

bool object_function(struct object *object, const char *name, uint64_t *vaddr)
{
	find_symbols(object);
	return symtab_address(&object->symbols, name, vaddr);
}

Dwarf_CFI *object_eh(struct object *object)
{
	if (!object->found_eh && object->file.elf) {
		object->found_eh = true;
		object->eh = dwarf_getcfi_elf(object->file.elf);
	}
	return object->eh;
}

Dwarf_CFI *object_debug_frames(struct object *object)
{
	if (!object->found_frames && object_dwarf(object)) {
		object->found_frames = true;
		object->frames = dwarf_getcfi(object->dwarf);
	}
	return object->frames;
}

Dwarf *object_dwarf(struct object *object)
{
	find_debug(object);
	return object->dwarf;
}
