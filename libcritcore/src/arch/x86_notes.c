// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * x86_notes.c - the floating point and vector registers of x86 core files: FXSAVE's 512 bytes, and
 * the XSAVE area that begins with them:
 *
 *	0     FXSAVE; at 464 the components that the CPU has (XCR0), as the kernel writes it there
 *	512   which components are in use (XSTATE_BV), and 56 bytes of zeros
 *	576   AVX, 960 MPX, 1088 AVX-512, 2688 protection keys
 *
 * Where the components from MPX on stand differs from CPU to CPU, a core file does not say where,
 * and images do not know any more. These are Intel's places: they are the ones that gdb 13 always
 * assumes and newer gdbs find by the length of the note, which is therefore that of Intel's area.
 */
#include <string.h>

#include "arch/notes.h"
#include "arch/x86.h"
#include "util/endian.h"

enum {
	XCR0_AT = 464,
	HEADER_AT = 512,
	FIRST_AT = 576,
	X87_AND_SSE = 3,
};

static const Criu__UserX86FpregsEntry *fpregs(const Criu__CoreEntry *core)
{
	return core->thread_info ? core->thread_info->fpregs : NULL;
}

/** At most @p room bytes of an array of little-endian words of @p size bytes. */
static void put_words(const void *words, size_t nr, size_t size, uint8_t *to, size_t room)
{
	for (size_t i = 0; i < nr && (i + 1) * size <= room; i++) {
		uint64_t value = size == 4 ? ((const uint32_t *)words)[i]
					   : ((const uint64_t *)words)[i];

		endian_put(to + i * size, size, false, value);
	}
}

bool x86_fill_fxsave(const struct arch *arch, const Criu__CoreEntry *core, uint8_t *desc,
		     size_t *len)
{
	const Criu__UserX86FpregsEntry *fp = fpregs(core);

	(void)arch;
	if (!fp)
		return false;
	*len = HEADER_AT;
	endian_put(desc, 2, false, fp->cwd);
	endian_put(desc + 2, 2, false, fp->swd);
	endian_put(desc + 4, 2, false, fp->twd);
	endian_put(desc + 6, 2, false, fp->fop);
	endian_put(desc + 8, 8, false, fp->rip);
	endian_put(desc + 16, 8, false, fp->rdp);
	endian_put(desc + 24, 4, false, fp->mxcsr);
	endian_put(desc + 28, 4, false, fp->mxcsr_mask);
	put_words(fp->st_space, fp->n_st_space, 4, desc + 32, 128);
	put_words(fp->xmm_space, fp->n_xmm_space, 4, desc + 160, 256);
	return true;
}

/** A component: its number, its words in the message, where and how long it is in the area, and
 *  how long the area is with it as its last one. */
static const struct component {
	uint8_t bit, size;
	uint16_t nr_at, words_at, at, room, end;
} components[] = {
#define COMPONENT(bit, size, field, at, room, end)                                                \
	{ bit, size, offsetof(Criu__UserX86XsaveEntry, n_##field),                                \
	  offsetof(Criu__UserX86XsaveEntry, field), at, room, end }
	COMPONENT(2, 4, ymmh_space, 576, 256, 832),
	COMPONENT(3, 8, bndreg_state, 960, 64, 1088),
	COMPONENT(4, 8, bndcsr_state, 1024, 64, 1088),
	COMPONENT(5, 8, opmask_reg, 1088, 64, 2688),
	COMPONENT(6, 8, zmm_upper, 1152, 512, 2688),
	COMPONENT(7, 8, hi16_zmm, 1664, 1024, 2688),
	COMPONENT(9, 4, pkru, 2688, 8, 2696),
};

bool x86_fill_xsave(const struct arch *arch, const Criu__CoreEntry *core, uint8_t *desc,
		    size_t *len)
{
	const Criu__UserX86XsaveEntry *xs = fpregs(core) ? fpregs(core)->xsave : NULL;
	uint64_t has = X87_AND_SSE;

	if (!xs || !x86_fill_fxsave(arch, core, desc, len))
		return false;
	*len = FIRST_AT;
	for (size_t i = 0; i < sizeof(components) / sizeof(components[0]); i++) {
		const struct component *c = &components[i];
		const void *words;
		size_t nr;

		memcpy(&nr, (const char *)xs + c->nr_at, sizeof(nr));
		memcpy(&words, (const char *)xs + c->words_at, sizeof(words));
		if (!nr)
			continue;
		has |= 1ull << c->bit;
		*len = c->end;
		if (xs->xstate_bv >> c->bit & 1)
			put_words(words, nr, c->size, desc + c->at, c->room);
	}
	// The kernel fills in the initial values of the first two components.
	endian_put(desc + HEADER_AT, 8, false, (xs->xstate_bv & has) | X87_AND_SSE);
	endian_put(desc + XCR0_AT, 8, false, has);
	return true;
}
