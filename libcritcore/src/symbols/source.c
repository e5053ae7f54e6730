// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * source.c - from an address to what the compiler noted: which function it belongs to, which calls
 * were inlined there, and the source line of each. libdw reads DWARF; what it finds is kept by
 * those who ask (unwind/places.c).
 */
#include "symbols/source.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

/** The compilation unit of an address: by the index that compilers can leave, or one by one. */
static bool find_unit(Dwarf *dwarf, uint64_t vaddr, Dwarf_Die *unit)
{
	Dwarf_CU *at = NULL;
	uint8_t kind;

	if (dwarf_addrdie(dwarf, vaddr, unit))
		return true;
	while (!dwarf_get_units(dwarf, at, &at, NULL, &kind, unit, NULL))
		if (kind == DW_UT_compile && dwarf_haspc(unit, vaddr) > 0)
			return true;
	return false;
}

static const char *function_name(struct object *object, Dwarf_Die *die)
{
	Dwarf_Attribute attribute;
	const char *name = NULL;

	if (dwarf_attr_integrate(die, DW_AT_linkage_name, &attribute) ||
	    dwarf_attr_integrate(die, DW_AT_MIPS_linkage_name, &attribute))
		name = dwarf_formstring(&attribute);
	return name ? names_get(&object->names, name) : dwarf_diename(die);
}

/** Functions that no other file can call have no linkage name; their symbol can say more: of which
 *  class, with which parameters. */
static const char *better_name(struct object *object, const struct source_call *call)
{
	const struct symbol *symbol = object_symbol(object, call->entry);
	const char *name;

	if (!symbol || symbol->vaddr != call->entry)
		return call->function;
	name = names_get(&object->names, symbol->name);
	return name == symbol->name ? call->function : name;
}

/** A file's name without the folder that the compiler ran in, as gdb has it. */
static const char *short_name(Dwarf_Die *unit, const char *file)
{
	Dwarf_Attribute attribute;
	const char *dir = NULL;
	size_t len;

	if (dwarf_attr(unit, DW_AT_comp_dir, &attribute))
		dir = dwarf_formstring(&attribute);
	len = dir ? strlen(dir) : 0;
	return file && len && !strncmp(file, dir, len) && file[len] == '/' ? file + len + 1 : file;
}

static void line_of_address(Dwarf_Die *unit, uint64_t vaddr, struct source_call *out)
{
	Dwarf_Line *line = dwarf_getsrc_die(unit, vaddr);
	int number;

	if (!line || dwarf_lineno(line, &number) || number <= 0)
		return;
	out->line = (unsigned int)number;
	out->file = short_name(unit, dwarf_linesrc(line, NULL, NULL));
}

/** Where the inlined call @p die was made is the line of the function around it. */
static void line_of_call(Dwarf_Die *unit, Dwarf_Die *die, struct source_call *out)
{
	Dwarf_Attribute attribute;
	Dwarf_Word file, line;
	Dwarf_Files *files;
	size_t nr;

	if (dwarf_formudata(dwarf_attr(die, DW_AT_call_line, &attribute), &line) ||
	    dwarf_formudata(dwarf_attr(die, DW_AT_call_file, &attribute), &file) ||
	    dwarf_getsrcfiles(unit, &files, &nr) || file >= nr)
		return;
	out->line = (unsigned int)line;
	out->file = short_name(unit, dwarf_filesrc(files, file, NULL, NULL));
}

/** What the assembler says of its functions is less than what their symbols do. */
static bool is_assembly(Dwarf_Die *unit)
{
	return dwarf_srclang(unit) == DW_LANG_Mips_Assembler;
}

static size_t collect(struct object *object, Dwarf_Die *unit, Dwarf_Die *scopes, int nr_scopes,
		      struct source_call *out)
{
	size_t nr = 0;

	for (int i = 0; i < nr_scopes && nr < MAX_CALLS; i++) {
		int tag = dwarf_tag(&scopes[i]);
		struct source_call *call = &out[nr];

		if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram)
			continue;
		call->function = function_name(object, &scopes[i]);
		call->inlined = tag == DW_TAG_inlined_subroutine;
		call->has_entry = !dwarf_entrypc(&scopes[i], &call->entry);
		nr++;
		if (!call->inlined && call->has_entry)
			call->function = better_name(object, call);
		if (!call->inlined)
			return nr;
		if (nr < MAX_CALLS)
			line_of_call(unit, &scopes[i], &out[nr]);
	}
	return 0; // calls without the function that they are in: nothing to rely on
}

size_t source_calls(struct object *object, uint64_t vaddr, struct source_call out[MAX_CALLS])
{
	Dwarf *dwarf = object_dwarf(object);
	Dwarf_Die unit, *inner = NULL, *chain = NULL;
	int nr_chain = -1;
	size_t nr = 0;

	if (!dwarf || !find_unit(dwarf, vaddr, &unit))
		return 0;
	memset(out, 0, MAX_CALLS * sizeof(out[0]));
	line_of_address(&unit, vaddr, &out[0]);
	// What is around an inlined function in the source is not what is around it here: ask
	// twice.
	if (!is_assembly(&unit) && dwarf_getscopes(&unit, vaddr, &inner) > 0)
		nr_chain = dwarf_getscopes_die(&inner[0], &chain);
	if (nr_chain > 0)
		nr = collect(object, &unit, chain, nr_chain, out);
	free(chain);
	free(inner);
	if (!nr && out[0].line) // assembly has lines only
		nr = 1;
	return nr;
}
