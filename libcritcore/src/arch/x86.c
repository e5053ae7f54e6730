// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * x86.c - register values out of thread_info_x86, for both x86 CPUs. See x86.h.
 *
 * XSAVE has an "init" optimisation: a component whose bit in xstate_bv is clear holds its initial
 * state, whatever bytes stand in its place. For vector components and PKRU that is zero. The x87
 * and SSE part is stored by the kernel with its initial values filled in, so it is taken as is.
 */
#include "arch/x86.h"

#include <string.h>

#include "util/endian.h"

enum {
	XSTATE_AVX = 1 << 2,
	XSTATE_OPMASK = 1 << 5,
	XSTATE_ZMM_HI256 = 1 << 6,
	XSTATE_HI16_ZMM = 1 << 7,
	XSTATE_PKRU = 1 << 9,
};

static const Criu__UserX86FpregsEntry *fpregs(const Criu__CoreEntry *core)
{
	return core->thread_info ? core->thread_info->fpregs : NULL;
}

static const Criu__UserX86XsaveEntry *xsave(const Criu__CoreEntry *core)
{
	const Criu__UserX86FpregsEntry *fp = fpregs(core);

	return fp ? fp->xsave : NULL;
}

bool x86_has_avx(const Criu__CoreEntry *core)
{
	return xsave(core) && xsave(core)->n_ymmh_space;
}

bool x86_has_avx512(const Criu__CoreEntry *core)
{
	const Criu__UserX86XsaveEntry *xs = xsave(core);

	return xs && (xs->n_opmask_reg || xs->n_zmm_upper || xs->n_hi16_zmm);
}

bool x86_has_pkru(const Criu__CoreEntry *core)
{
	return xsave(core) && xsave(core)->n_pkru;
}

bool x86_has_ssp(const Criu__CoreEntry *core)
{
	const Criu__UserX86CetEntry *cet = xsave(core) ? xsave(core)->cet : NULL;

	// CRIU writes zeros of threads that have no shadow stack, and of CPUs without them.
	return cet && (cet->cet || cet->ssp);
}

/** Bytes of an array of 32-bit words, as the little-endian CPU has them in memory. */
static bool bytes_of_u32(const uint32_t *words, size_t nr, size_t off, size_t len, uint8_t *out)
{
	if (off % 4 || nr < (off + len + 3) / 4)
		return false;
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(words[(off + i) / 4] >> (off + i) % 4 * 8);
	return true;
}

static bool bytes_of_u64(const uint64_t *words, size_t nr, size_t off, size_t len, uint8_t *out)
{
	if (off % 8 || nr < (off + len + 7) / 8)
		return false;
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(words[(off + i) / 8] >> (off + i) % 8 * 8);
	return true;
}

static bool get_gp(const Criu__CoreEntry *core, const struct arch_reg *reg, uint8_t *out)
{
	uint64_t value;

	if (!core->thread_info || !core->thread_info->gpregs)
		return false;
	memcpy(&value, (const char *)core->thread_info->gpregs + reg->off, sizeof(value));
	endian_put(out, reg->bits / 8, false, value);
	return true;
}

/**
 * The full x87 tag word from FXSAVE's abridged one, which only says empty or not (Intel SDM vol. 1,
 * 10.5.1.1). Tags belong to physical registers, st_space to the stack.
 */
static bool full_tag_word(const Criu__UserX86FpregsEntry *fp, uint32_t *out)
{
	unsigned int top = fp->swd >> 11 & 7;

	*out = 0;
	for (unsigned int phys = 0; phys < 8; phys++) {
		uint8_t st[10];
		uint32_t tag = 3, exponent;
		uint64_t mantissa;

		if (!bytes_of_u32(fp->st_space, fp->n_st_space, (phys + 8 - top) % 8 * 16,
				  sizeof(st), st))
			return false;
		exponent = (uint32_t)endian_get(st + 8, 2, false) & 0x7fff;
		mantissa = endian_get(st, 8, false);
		if (fp->twd >> phys & 1) {
			if (exponent == 0 && mantissa == 0)
				tag = 1; // zero
			else if (exponent == 0x7fff || !(mantissa >> 63))
				tag = 2; // special
			else
				tag = 0; // valid
		}
		*out |= tag << phys * 2;
	}
	return true;
}

static bool get_x87_control(const Criu__UserX86FpregsEntry *fp, const struct arch_reg *reg,
			    uint8_t *out)
{
	uint32_t value = 0;

	switch (reg->part) {
	case X86_FCTRL:
		value = fp->cwd & 0xffff;
		break;
	case X86_FSTAT:
		value = fp->swd & 0xffff;
		break;
	case X86_FTAG:
		if (!full_tag_word(fp, &value))
			return false;
		break;
	case X86_FISEG: // the 64-bit form of FXSAVE has pointers where these selectors were
		value = (uint32_t)(fp->rip >> 32) & 0xffff;
		break;
	case X86_FIOFF:
		value = (uint32_t)fp->rip;
		break;
	case X86_FOSEG:
		value = (uint32_t)(fp->rdp >> 32) & 0xffff;
		break;
	case X86_FOOFF:
		value = (uint32_t)fp->rdp;
		break;
	case X86_FOP: // eleven bits
		value = fp->fop & 0x7ff;
		break;
	case X86_MXCSR:
		value = fp->mxcsr;
		break;
	default:
		return false;
	}
	endian_put(out, 4, false, value);
	return true;
}

static bool get_legacy(const Criu__CoreEntry *core, const struct arch_reg *reg, uint8_t *out)
{
	const Criu__UserX86FpregsEntry *fp = fpregs(core);

	if (!fp)
		return false;
	if (reg->part == X86_ST)
		return bytes_of_u32(fp->st_space, fp->n_st_space, reg->off * 16, 10, out);
	if (reg->part == X86_XMM)
		return bytes_of_u32(fp->xmm_space, fp->n_xmm_space, reg->off * 16, 16, out);
	return get_x87_control(fp, reg, out);
}

/** An extended component: which bit of xstate_bv, which array, where in it. */
static bool get_extended(const Criu__CoreEntry *core, const struct arch_reg *reg, uint8_t *out)
{
	const Criu__UserX86XsaveEntry *xs = xsave(core);
	size_t len = reg->bits / 8, i = reg->off;
	uint64_t bit;
	bool have;

	if (!xs)
		return false;
	switch (reg->part) {
	case X86_YMMH:
		bit = XSTATE_AVX;
		have = bytes_of_u32(xs->ymmh_space, xs->n_ymmh_space, i * 16, len, out);
		break;
	case X86_K:
		bit = XSTATE_OPMASK;
		have = bytes_of_u64(xs->opmask_reg, xs->n_opmask_reg, i * 8, len, out);
		break;
	case X86_ZMMH:
		bit = XSTATE_ZMM_HI256;
		have = bytes_of_u64(xs->zmm_upper, xs->n_zmm_upper, i * 32, len, out);
		break;
	case X86_HI_XMM:
	case X86_HI_YMMH:
	case X86_HI_ZMMH:
		bit = XSTATE_HI16_ZMM;
		i = i * 64 + (reg->part == X86_HI_YMMH ? 16 : reg->part == X86_HI_ZMMH ? 32 : 0);
		have = bytes_of_u64(xs->hi16_zmm, xs->n_hi16_zmm, i, len, out);
		break;
	case X86_PKRU:
		bit = XSTATE_PKRU;
		have = bytes_of_u32(xs->pkru, xs->n_pkru, 0, len, out);
		break;
	default:
		return false;
	}
	if (have && !(xs->xstate_bv & bit))
		memset(out, 0, len);
	return have;
}

/** A thread-local segment as Linux's struct user_desc: number, base, limit, flag bits. */
static bool get_tls(const Criu__CoreEntry *core, size_t i, uint8_t *out)
{
	const Criu__UserDescT *desc;

	if (!core->thread_info || i >= core->thread_info->n_tls)
		return false;
	desc = core->thread_info->tls[i];
	endian_put(out, 4, false, desc->entry_number);
	endian_put(out + 4, 4, false, desc->base_addr);
	endian_put(out + 8, 4, false, desc->limit);
	endian_put(out + 12, 4, false,
		   (uint32_t)desc->seg_32bit << 0 | (uint32_t)desc->contents_h << 2 |
			   (uint32_t)desc->contents_l << 1 |
			   (uint32_t)desc->read_exec_only << 3 |
			   (uint32_t)desc->limit_in_pages << 4 |
			   (uint32_t)desc->seg_not_present << 5 | (uint32_t)desc->usable << 6);
	return true;
}

bool x86_get(const struct arch *arch, const Criu__CoreEntry *core, const struct arch_reg *reg,
	     uint8_t *out)
{
	(void)arch;
	if (reg->part == X86_GP)
		return get_gp(core, reg, out);
	if (reg->part <= X86_MXCSR)
		return get_legacy(core, reg, out);
	if (reg->part == X86_TLS)
		return get_tls(core, reg->off, out);
	if (reg->part == X86_SSP) {
		if (!x86_has_ssp(core))
			return false;
		endian_put(out, reg->bits / 8, false, xsave(core)->cet->ssp);
		return true;
	}
	return get_extended(core, reg, out);
}

#define VECTOR(id, elem, count) { id, ARCH_VECTOR, elem, count, NULL }

static const struct arch_field eflags_fields[] = {
	{ "CF", NULL, 0, 0 },	{ "", NULL, 1, 1 },	{ "PF", NULL, 2, 2 },
	{ "AF", NULL, 4, 4 },	{ "ZF", NULL, 6, 6 },	{ "SF", NULL, 7, 7 },
	{ "TF", NULL, 8, 8 },	{ "IF", NULL, 9, 9 },	{ "DF", NULL, 10, 10 },
	{ "OF", NULL, 11, 11 }, { "NT", NULL, 14, 14 }, { "RF", NULL, 16, 16 },
	{ "VM", NULL, 17, 17 }, { "AC", NULL, 18, 18 }, { "VIF", NULL, 19, 19 },
	{ "VIP", NULL, 20, 20 }, { "ID", NULL, 21, 21 }, { NULL, NULL, 0, 0 },
};

static const struct arch_field mxcsr_fields[] = {
	{ "IE", NULL, 0, 0 },	{ "DE", NULL, 1, 1 },	{ "ZE", NULL, 2, 2 },
	{ "OE", NULL, 3, 3 },	{ "UE", NULL, 4, 4 },	{ "PE", NULL, 5, 5 },
	{ "DAZ", NULL, 6, 6 },	{ "IM", NULL, 7, 7 },	{ "DM", NULL, 8, 8 },
	{ "ZM", NULL, 9, 9 },	{ "OM", NULL, 10, 10 }, { "UM", NULL, 11, 11 },
	{ "PM", NULL, 12, 12 }, { "FZ", NULL, 15, 15 }, { NULL, NULL, 0, 0 },
};

static const struct arch_field vec128_fields[] = {
	{ "v8_bfloat16", "v8bf16", 0, 0 }, { "v8_half", "v8h", 0, 0 },
	{ "v4_float", "v4f", 0, 0 },	   { "v2_double", "v2d", 0, 0 },
	{ "v16_int8", "v16i8", 0, 0 },	   { "v8_int16", "v8i16", 0, 0 },
	{ "v4_int32", "v4i32", 0, 0 },	   { "v2_int64", "v2i64", 0, 0 },
	{ "uint128", "uint128", 0, 0 },	   { NULL, NULL, 0, 0 },
};

#define VEC128_TYPES                                                                              \
	VECTOR("v8bf16", "bfloat16", 8), VECTOR("v8h", "ieee_half", 8),                           \
	VECTOR("v4f", "ieee_single", 4), VECTOR("v2d", "ieee_double", 2),                         \
	VECTOR("v16i8", "int8", 16), VECTOR("v8i16", "int16", 8), VECTOR("v4i32", "int32", 4),    \
	VECTOR("v2i64", "int64", 2), { "vec128", ARCH_UNION, NULL, 0, vec128_fields }

const struct arch_type x86_core_types[] = {
	{ "i386_eflags", ARCH_FLAGS, NULL, 4, eflags_fields },
	{ NULL, ARCH_FLAGS, NULL, 0, NULL },
};

const struct arch_type x86_sse_types[] = {
	VEC128_TYPES,
	{ "i386_mxcsr", ARCH_FLAGS, NULL, 4, mxcsr_fields },
	{ NULL, ARCH_FLAGS, NULL, 0, NULL },
};

const struct arch_type x86_avx512_types[] = {
	VEC128_TYPES, // types are local to a feature
	VECTOR("v2ui128", "uint128", 2),
	{ NULL, ARCH_FLAGS, NULL, 0, NULL },
};

const struct arch_type x86_tls_types[] = {
	VECTOR("i386_tls_gdt_reg", "uint32", 4),
	{ NULL, ARCH_FLAGS, NULL, 0, NULL },
};
