// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * headers.c - the ELF header, program headers and the one section header of a core file, in both
 * word sizes and byte orders; and where everything is in the file.
 */
#include <elf.h>
#include <string.h>

#include "core/core.h"
#include "util/endian.h"

enum { FLUSH_AT = 64 * 1024, WIDE = 8, EHDR_LEN = 64, EHDR32_LEN = 52 };

/** Fields one after the other. */
struct fields {
	struct buf out;
	size_t word;
	bool big;
};

static void put(struct fields *f, size_t size, uint64_t value)
{
	uint8_t bytes[8];

	endian_put(bytes, size, f->big, value);
	buf_add(&f->out, bytes, size);
}

static bool is_wide(const struct core *core)
{
	return core->arch->word_size == WIDE;
}

static size_t ehdr_len(const struct core *core)
{
	return is_wide(core) ? EHDR_LEN : EHDR32_LEN;
}

static size_t phdr_len(const struct core *core)
{
	return is_wide(core) ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
}

static size_t shdr_len(const struct core *core)
{
	return is_wide(core) ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
}

/** With PT_NOTE. */
static uint64_t nr_phdrs(const struct core *core)
{
	return (uint64_t)core->nr_segments + 1;
}

static bool has_section(const struct core *core)
{
	return nr_phdrs(core) >= PN_XNUM;
}

static uint64_t section_off(const struct core *core)
{
	return ehdr_len(core) + nr_phdrs(core) * phdr_len(core);
}

static uint64_t notes_off(const struct core *core)
{
	return section_off(core) + (has_section(core) ? shdr_len(core) : 0);
}

/** The next place in the file for a segment; false: there is none. */
static bool align(const struct core *core, uint64_t *off)
{
	uint64_t rest = *off % core->align;

	return !rest || !__builtin_add_overflow(*off, core->align - rest, off);
}

enum crit_status headers_lay_out(struct core *core, struct crit_error *err)
{
	uint64_t off = notes_off(core) + core->notes.len;
	uint64_t max = is_wide(core) ? INT64_MAX : UINT32_MAX;
	bool fits = nr_phdrs(core) <= UINT32_MAX;

	core->total = 0;
	for (size_t i = 0; fits && i < core->nr_segments; i++) {
		struct segment *s = &core->segments[i];

		fits = align(core, &off);
		s->off = off;
		fits = fits && !__builtin_add_overflow(off, s->file_len, &off) && off <= max;
		core->total += s->file_len;
	}
	if (!fits)
		return error_set(err, CRIT_UNSUPPORTED, "more memory than a core file can have");
	core->result.len = off;
	return CRIT_OK;
}

/** e_flags as the program has them, whose ELF header is before its program headers; the CPU's usual
 *  ones if that is not there. */
static uint32_t elf_flags(struct core *core)
{
	size_t word = core->arch->word_size, at = is_wide(core) ? 48 : 36;
	bool big = core->arch->big_endian;
	uint8_t header[EHDR_LEN];

	for (size_t i = 0; i + 2 * word <= core->task->auxv_len; i += 2 * word) {
		uint64_t phdr = endian_get(core->task->auxv + i + word, word, big);

		if (endian_get(core->task->auxv + i, word, big) == AT_PHDR &&
		    !crit_mem_read(core->task, phdr - ehdr_len(core), ehdr_len(core), header, NULL,
				   NULL) &&
		    !memcmp(header, ELFMAG, SELFMAG) &&
		    endian_get(header + 18, 2, big) == core->arch->elf_machine)
			return (uint32_t)endian_get(header + at, 4, big);
	}
	return core->arch->elf_flags;
}

static void put_ehdr(struct core *core, struct fields *f)
{
	const uint8_t ident[EI_NIDENT] = {
		ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3,
		is_wide(core) ? ELFCLASS64 : ELFCLASS32,
		f->big ? ELFDATA2MSB : ELFDATA2LSB, EV_CURRENT,
		ELFOSABI_LINUX, // lldb (14 to 21) takes no core file that does not say so somewhere
	};
	bool section = has_section(core);

	buf_add(&f->out, ident, sizeof(ident));
	put(f, 2, ET_CORE);
	put(f, 2, core->arch->elf_machine);
	put(f, 4, EV_CURRENT);
	put(f, f->word, 0); // entry
	put(f, f->word, ehdr_len(core));
	put(f, f->word, section ? section_off(core) : 0);
	put(f, 4, elf_flags(core));
	put(f, 2, ehdr_len(core));
	put(f, 2, phdr_len(core));
	put(f, 2, section ? PN_XNUM : nr_phdrs(core));
	put(f, 2, section ? shdr_len(core) : 0);
	put(f, 2, section ? 1 : 0);
	put(f, 2, SHN_UNDEF);
}

/** Its flags stand in different places. */
static void put_phdr(struct core *core, struct fields *f, uint32_t type, uint32_t prot,
		     const struct segment *s, uint64_t alignment)
{
	uint32_t flags = (prot & 1 ? PF_R : 0) | (prot & 2 ? PF_W : 0) | (prot & 4 ? PF_X : 0);
	bool wide = is_wide(core);

	put(f, 4, type);
	if (wide)
		put(f, 4, flags);
	put(f, f->word, s->off);
	put(f, f->word, s->start);
	put(f, f->word, 0); // physical address
	put(f, f->word, s->file_len);
	put(f, f->word, s->len);
	if (!wide)
		put(f, 4, flags);
	put(f, f->word, alignment);
}

/** Number 0, which has what the ELF header has no room for. */
static void put_section(struct core *core, struct fields *f)
{
	put(f, 4, 0);
	put(f, 4, SHT_NULL);
	for (unsigned int i = 0; i < 3; i++) // flags, address, offset
		put(f, f->word, 0);
	put(f, f->word, 1); // number of sections
	put(f, 4, 0);
	put(f, 4, nr_phdrs(core));
	put(f, f->word, 0);
	put(f, f->word, 0);
}

static enum crit_status flush(struct fields *f, struct crit_output *out, struct crit_error *err)
{
	enum crit_status status = f->out.failed ? error_no_memory(err)
						: output_write(out, f->out.data, f->out.len, err);

	buf_clear(&f->out);
	return status;
}

static enum crit_status put_all(struct core *core, struct fields *f, struct crit_output *out,
				struct crit_error *err)
{
	const struct segment notes = { .file_len = core->notes.len, .off = notes_off(core) };
	enum crit_status status = CRIT_OK;

	put_ehdr(core, f);
	put_phdr(core, f, PT_NOTE, 1, &notes, 4);
	for (size_t i = 0; !status && i < core->nr_segments; i++) {
		put_phdr(core, f, PT_LOAD, core->segments[i].prot, &core->segments[i],
			 core->align);
		if (f->out.len >= FLUSH_AT)
			status = flush(f, out, err);
	}
	if (has_section(core))
		put_section(core, f);
	return status ? status : flush(f, out, err);
}

enum crit_status headers_write(struct core *core, struct crit_output *out, struct crit_error *err)
{
	struct fields f = { .word = core->arch->word_size, .big = core->arch->big_endian };
	enum crit_status status = put_all(core, &f, out, err);

	buf_deinit(&f.out);
	return status ? status : output_write(out, core->notes.data, core->notes.len, err);
}
