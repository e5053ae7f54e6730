// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * module.c - program headers in a process's memory; see module.h.
 *
 *	ELF header	at a library's load address
 *	  e_phoff, e_phentsize, e_phnum
 *	program header	p_type, p_offset, p_vaddr, p_filesz, p_memsz, p_align
 *
 * Of the executable AT_PHDR, AT_PHENT and AT_PHNUM say the same, and the kernel wrote those. All of
 * it may have been overwritten by the process, so everything is checked.
 */
#include "tls/module.h"

#include <elf.h>
#include <string.h>

#include "tls/word.h"
#include "util/error.h"

enum {
	MAX_PHDRS = 128,
	PHDR_MAX = sizeof(Elf64_Phdr),
};

/* A piece of an ELF structure in both of its sizes. */
#define FIELD(task, bytes, type, field)                                                           \
	(word_size(task) == 4 ?                                                                   \
		 word_get(task, (const uint8_t *)(bytes) + offsetof(Elf32_##type, field),         \
			  sizeof(((Elf32_##type *)0)->field)) :                                   \
		 word_get(task, (const uint8_t *)(bytes) + offsetof(Elf64_##type, field),         \
			  sizeof(((Elf64_##type *)0)->field)))
#define SIZE_OF(task, type) (word_size(task) == 4 ? sizeof(Elf32_##type) : sizeof(Elf64_##type))

struct phdr {
	uint64_t type, off, vaddr, file_len, mem_len, align;
};

/* Program headers, and what the process's addresses are ahead of theirs. */
struct table {
	uint64_t vaddr, nr, bias;
};

static enum crit_status read_phdr(struct crit_task *task, const struct table *table, uint64_t i,
				  struct phdr *out, struct crit_error *err)
{
	uint8_t bytes[PHDR_MAX];
	uint64_t vaddr = table->vaddr + i * SIZE_OF(task, Phdr);
	enum crit_status status = crit_mem_read(task, word_wrap(task, vaddr), SIZE_OF(task, Phdr),
						bytes, NULL, err);

	if (status)
		return error_prefix(err, status, "program headers: ");
	out->type = FIELD(task, bytes, Phdr, p_type);
	out->off = FIELD(task, bytes, Phdr, p_offset);
	out->vaddr = FIELD(task, bytes, Phdr, p_vaddr);
	out->file_len = FIELD(task, bytes, Phdr, p_filesz);
	out->mem_len = FIELD(task, bytes, Phdr, p_memsz);
	out->align = FIELD(task, bytes, Phdr, p_align);
	return CRIT_OK;
}

static void take_interp(struct crit_task *task, uint64_t vaddr, uint64_t len, struct module *out)
{
	if (len == 0 || len > sizeof(out->interp) ||
	    crit_mem_read(task, vaddr, (size_t)len, out->interp, NULL, NULL))
		len = 1;
	out->interp[len - 1] = '\0';
}

static void take_tls(struct crit_task *task, const struct phdr *phdr, uint64_t bias,
		     struct module *out)
{
	out->has_tls = true;
	out->image = word_wrap(task, phdr->vaddr + bias);
	out->image_len = phdr->file_len;
	out->len = phdr->mem_len;
	out->align = phdr->align ? phdr->align : 1;
	out->skew = phdr->vaddr % out->align;
}

static enum crit_status take_phdrs(struct crit_task *task, const struct table *table,
				   struct module *out, struct crit_error *err)
{
	struct phdr phdr;

	memset(out, 0, sizeof(*out));
	for (uint64_t i = 0; i < table->nr; i++) {
		enum crit_status status = read_phdr(task, table, i, &phdr, err);

		if (status)
			return status;
		if (phdr.type == PT_DYNAMIC)
			out->dynamic = word_wrap(task, phdr.vaddr + table->bias);
		if (phdr.type == PT_INTERP)
			take_interp(task, word_wrap(task, phdr.vaddr + table->bias),
				    phdr.file_len, out);
		if (phdr.type == PT_TLS)
			take_tls(task, &phdr, table->bias, out);
	}
	return CRIT_OK;
}

static bool find_in_auxv(struct crit_task *task, uint64_t type, uint64_t *out)
{
	size_t len, size = word_size(task);
	const void *auxv;

	if (crit_task_auxv(task, &auxv, &len, NULL))
		return false;
	for (const uint8_t *at = auxv; len >= 2 * size; at += 2 * size, len -= 2 * size) {
		if (word_get(task, at, size) != type)
			continue;
		*out = word_get(task, at + size, size);
		return true;
	}
	return false;
}

/* PT_PHDR says where the headers wanted to be; without one, the segment that they are in, right
 * behind the ELF header. */
static enum crit_status find_bias(struct crit_task *task, struct table *table,
				  struct crit_error *err)
{
	uint64_t off = SIZE_OF(task, Ehdr);
	bool found = false;
	struct phdr phdr;

	for (uint64_t i = 0; i < table->nr; i++) {
		enum crit_status status = read_phdr(task, table, i, &phdr, err);

		if (status)
			return status;
		if (phdr.type == PT_PHDR) {
			table->bias = table->vaddr - phdr.vaddr;
			return CRIT_OK;
		}
		if (phdr.type != PT_LOAD || found || off < phdr.off ||
		    off - phdr.off >= phdr.file_len)
			continue;
		table->bias = table->vaddr - (phdr.vaddr + (off - phdr.off));
		found = true;
	}
	return found ? CRIT_OK :
		       error_set(err, CRIT_CORRUPT, "program headers at 0x%llx are in no segment",
				 (unsigned long long)table->vaddr);
}

static enum crit_status check_table(struct crit_task *task, const struct table *table,
				    uint64_t entry_len, struct crit_error *err)
{
	if (entry_len == SIZE_OF(task, Phdr) && table->nr <= MAX_PHDRS)
		return CRIT_OK;
	return error_set(err, CRIT_CORRUPT, "%llu program headers of %llu bytes at 0x%llx",
			 (unsigned long long)table->nr, (unsigned long long)entry_len,
			 (unsigned long long)table->vaddr);
}

enum crit_status module_of_executable(struct crit_task *task, struct module *out,
				      struct crit_error *err)
{
	struct table table = { 0 };
	uint64_t entry_len;
	enum crit_status status;

	if (!find_in_auxv(task, AT_PHDR, &table.vaddr) ||
	    !find_in_auxv(task, AT_PHNUM, &table.nr) ||
	    !find_in_auxv(task, AT_PHENT, &entry_len))
		return error_set(err, CRIT_NOT_FOUND,
				 "the auxiliary vector does not name program headers");
	status = check_table(task, &table, entry_len, err);
	if (!status)
		status = find_bias(task, &table, err);
	return status ? status : take_phdrs(task, &table, out, err);
}

enum crit_status module_at(struct crit_task *task, uint64_t base, struct module *out,
			   struct crit_error *err)
{
	uint8_t bytes[sizeof(Elf64_Ehdr)];
	enum crit_status status = crit_mem_read(task, word_wrap(task, base), SIZE_OF(task, Ehdr),
						bytes, NULL, err);

	if (status)
		return error_prefix(err, status, "ELF header at 0x%llx: ",
				    (unsigned long long)base);
	if (memcmp(bytes, ELFMAG, SELFMAG) != 0)
		return error_set(err, CRIT_CORRUPT, "no ELF header at 0x%llx",
				 (unsigned long long)base);
	struct table table = { base + FIELD(task, bytes, Ehdr, e_phoff),
			       FIELD(task, bytes, Ehdr, e_phnum), base };
	status = check_table(task, &table, FIELD(task, bytes, Ehdr, e_phentsize), err);
	return status ? status : take_phdrs(task, &table, out, err);
}
