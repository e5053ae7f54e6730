// SPDX-License-Identifier: LGPL-2.1-or-later
/* symtab.c - sorted symbols of a file. See symtab.h. */
#include "symbols/symtab.h"

#include <stdlib.h>
#include <string.h>

#include "util/array.h"

enum {
	MAX_SYMBOLS = 32 * 1024 * 1024,
	MAX_SCAN = 4096, /* symbols without a size in a row that are looked behind */
};

static bool is_function(const struct elf_file *file, const GElf_Sym *symbol, const char *name)
{
	unsigned int type = GELF_ST_TYPE(symbol->st_info);
	GElf_Shdr header;
	Elf_Scn *section;

	if (symbol->st_shndx == SHN_UNDEF || !name || !*name)
		return false;
	if (type == STT_FUNC || type == STT_GNU_IFUNC)
		return true;
	// Labels of assembly code, but not those of compilers, nor arm's "$t".
	if (type != STT_NOTYPE || name[0] == '$' || (name[0] == '.' && name[1] == 'L') ||
	    symbol->st_shndx >= SHN_LORESERVE)
		return false;
	section = elf_getscn(file->elf, symbol->st_shndx);
	return section && gelf_getshdr(section, &header) && header.sh_flags & SHF_EXECINSTR;
}

static void add(struct symtab *table, const GElf_Sym *from, const char *name,
		enum symtab_source source)
{
	struct symbol *symbol;

	if (table->nr == MAX_SYMBOLS ||
	    !array_grow(&table->symbols, table->nr, &table->cap, sizeof(*symbol)))
		return;
	symbol = &table->symbols[table->nr++];
	*symbol = (struct symbol){ from->st_value, from->st_size, name, (uint8_t)source };
	if (table->thumb)
		symbol->vaddr &= ~1ULL;
}

void symtab_add(struct symtab *table, const struct elf_file *file, uint32_t section_type,
		enum symtab_source source)
{
	Elf_Scn *section = elf_file_section(file, NULL, section_type);
	GElf_Shdr header;
	Elf_Data *data = section ? elf_getdata(section, NULL) : NULL;
	GElf_Sym symbol;
	GElf_Ehdr ehdr;

	if (!data || !gelf_getshdr(section, &header) || !gelf_getehdr(file->elf, &ehdr))
		return;
	table->thumb = ehdr.e_machine == EM_ARM;
	for (int i = 0; gelf_getsym(data, i, &symbol); i++) {
		const char *name = elf_strptr(file->elf, header.sh_link, symbol.st_name);

		if (is_function(file, &symbol, name))
			add(table, &symbol, name, source);
	}
}

static int compare(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->vaddr != y->vaddr)
		return x->vaddr < y->vaddr ? -1 : 1;
	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	return strcmp(x->name, y->name); // gdb, too, takes read rather than __libc_read
}

void symtab_sort(struct symtab *table)
{
	if (table->nr)
		qsort(table->symbols, table->nr, sizeof(table->symbols[0]), compare);
}

void symtab_deinit(struct symtab *table)
{
	free(table->symbols);
	memset(table, 0, sizeof(*table));
}

/** How many symbols are at @p vaddr or before. */
static size_t count_up_to(const struct symtab *table, uint64_t vaddr)
{
	size_t low = 0, high = table->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (table->symbols[mid].vaddr > vaddr)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static bool holds(const struct symbol *symbol, uint64_t vaddr)
{
	return vaddr - symbol->vaddr < symbol->size;
}

const struct symbol *symtab_find(const struct symtab *table, uint64_t vaddr)
{
	const struct symbol *unsized = NULL;
	size_t nr = count_up_to(table, vaddr);

	for (size_t scanned = 0; nr && scanned < MAX_SCAN; nr--, scanned++) {
		const struct symbol *symbol = &table->symbols[nr - 1];

		if (holds(symbol, vaddr))
			return symbol;
		if (symbol->size) // the one before may be longer
			return nr > 1 && holds(symbol - 1, vaddr) ? symbol - 1 : unsized;
		if (!unsized)
			unsized = symbol;
	}
	return unsized;
}

bool symtab_address(const struct symtab *table, const char *name, uint64_t *vaddr)
{
	for (size_t i = 0; i < table->nr; i++) {
		if (strcmp(table->symbols[i].name, name) == 0) {
			*vaddr = table->symbols[i].vaddr;
			return true;
		}
	}
	return false;
}
