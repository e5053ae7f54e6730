// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Target descriptions ("Target Description Format" in gdb's manual), from the tables of src/arch:
 *
 *	target  = <architecture> <osabi> { feature }
 *	feature = { vector | union | flags } { reg }
 *
 * One document, without includes. The elements look as gdb's own `maint print xml-tdesc` writes
 * them, so that the two can be compared. Types are local to their feature in gdb: one that two
 * features use is written in both, so it stands in both features' tables.
 *
 * regnum is written out though it only repeats the order: `p` requests use it.
 */
#include "target/tdesc.h"

static void add_vector(struct buf *out, const struct arch_type *type)
{
	buf_printf(out, "    <vector id=\"%s\" type=\"%s\" count=\"%u\"/>\n", type->id, type->elem,
		   type->count);
}

static void add_union(struct buf *out, const struct arch_type *type)
{
	buf_printf(out, "    <union id=\"%s\">\n", type->id);
	for (const struct arch_field *f = type->fields; f->name; f++)
		buf_printf(out, "      <field name=\"%s\" type=\"%s\"/>\n", f->name, f->type);
	buf_add_str(out, "    </union>\n");
}

/* A single bit is a bool; gdb chooses an integer for wider fields. */
static void add_flags(struct buf *out, const struct arch_type *type)
{
	buf_printf(out, "    <flags id=\"%s\" size=\"%u\">\n", type->id, type->count);
	for (const struct arch_field *f = type->fields; f->name; f++)
		buf_printf(out, "      <field name=\"%s\" start=\"%u\" end=\"%u\"%s/>\n", f->name,
			   f->start, f->end, f->start == f->end ? " type=\"bool\"" : "");
	buf_add_str(out, "    </flags>\n");
}

static void add_type(struct buf *out, const struct arch_type *type)
{
	switch (type->kind) {
	case ARCH_VECTOR:
		add_vector(out, type);
		break;
	case ARCH_UNION:
		add_union(out, type);
		break;
	case ARCH_FLAGS:
		add_flags(out, type);
		break;
	}
}

static void add_reg(struct buf *out, const struct arch_reg *reg, size_t regnum)
{
	buf_printf(out, "    <reg name=\"%s\" bitsize=\"%u\"", reg->name, reg->bits);
	buf_printf(out, " type=\"%s\" regnum=\"%zu\"", reg->type, regnum);
	if (reg->group)
		buf_printf(out, " group=\"%s\"", reg->group);
	buf_add_str(out, "/>\n");
}

static void add_feature(struct buf *out, const struct arch_feature *feature, size_t first_regnum)
{
	buf_printf(out, "  <feature name=\"%s\">\n", feature->name);
	for (const struct arch_type *t = feature->types; t && t->id; t++)
		add_type(out, t);
	for (size_t i = 0; i < feature->nr_regs; i++)
		add_reg(out, &feature->regs[i], first_regnum + i);
	buf_add_str(out, "  </feature>\n");
}

void tdesc_build(const struct arch_layout *layout, struct buf *out)
{
	const struct arch_feature *features = layout->arch->features;
	size_t regnum = 0;

	buf_add_str(out, "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n");
	buf_printf(out, "<target>\n  <architecture>%s</architecture>\n", layout->arch->gdb_name);
	buf_printf(out, "  <osabi>%s</osabi>\n", layout->arch->osabi);
	for (size_t i = 0; features[i].name; i++) {
		if (!layout->present[i])
			continue;
		add_feature(out, &features[i], regnum);
		regnum += features[i].nr_regs;
	}
	buf_add_str(out, "</target>\n");
}
