// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * calls.c - system calls of each CPU: where number, arguments and result are, what the instruction
 * looks like, and how the kernel's own notes in the registers tell one from an interrupt. See
 * calls.h.
 *
 * When a call is to be restarted, CRIU (x86, arm, ppc64, s390x, mips) or the kernel before it
 * (aarch64, loongarch64, riscv64) has put pc back and the registers right. A call that the kernel
 * continues with restart_syscall instead (sleeping for some time, waiting with a timeout) is left
 * as interrupted by the first, and is that call with the latter.
 */
#include "arch/calls.h"

#include <string.h>

enum { LINUX_EINTR = 4, LINUX_RESTART_BLOCK = 516 };

/* ---- Names ---------------------------------------------------------------------------------- */

enum abi { X86_64, I386, ARM, GENERIC, PPC64, S390X, MIPS64, NR_ABIS };

#define ROW(name, ...) { name, { __VA_ARGS__ } },
static const struct {
	const char *name;
	int16_t nr[NR_ABIS];
} rows[] = {
#include "arch/syscall_rows.h"
};
#undef ROW

/* No ABI has larger ones; what claims to be is none. */
static int32_t number(uint64_t nr)
{
	return nr <= INT16_MAX ? (int32_t)nr : -1;
}

static const char *find_name(enum abi abi, int32_t nr)
{
	for (size_t i = 0; nr >= 0 && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].nr[abi] == nr)
			return rows[i].name;
	return NULL;
}

#define NAMES(function, abi) \
	static const char *function(int32_t nr) { return find_name(abi, nr); }
NAMES(x86_64_name, X86_64)
NAMES(i386_name, I386)
NAMES(arm_name, ARM)
NAMES(generic_name, GENERIC)
NAMES(ppc64_name, PPC64)
NAMES(s390x_name, S390X)
NAMES(mips64_name, MIPS64)

/* ---- x86 ------------------------------------------------------------------------------------ */

/* orig_ax is the number, or negative when the kernel was entered in another way. `syscall' leaves
 * the address behind itself in rcx, so that no memory need be read to see that pc was put back. */
static void get_x86_64(const Criu__UserX86RegsEntry *regs, struct arch_call *out)
{
	static const struct arch_insn insns[] = { { 2, 2, { 0x0f, 0x05 } }, { 0 } };
	const uint64_t args[] = { regs->di, regs->si, regs->dx, regs->r10, regs->r8, regs->r9 };
	const uint64_t x32 = 0x40000000;
	bool put_back = regs->cx == regs->ip + 2 && regs->ax == regs->orig_ax;

	out->insns = insns;
	out->name = x86_64_name;
	memcpy(out->args, args, sizeof(args));
	out->interrupted = (int64_t)regs->ax == -LINUX_EINTR;
	if ((int64_t)regs->orig_ax < 0)
		out->says = ARCH_CALL_NONE;
	else
		out->says = put_back || out->interrupted ? ARCH_CALL_WAITED : ARCH_CALL_IN;
	out->nr_at = out->nr_past = number(regs->orig_ax & ~x32);
}

static void get_i386(const Criu__UserX86RegsEntry *regs, struct arch_call *out)
{
	static const struct arch_insn insns[] = {
		{ 2, 2, { 0xcd, 0x80 } }, { 2, 2, { 0x0f, 0x34 } }, { 2, 2, { 0x0f, 0x05 } }, { 0 },
	};
	const uint64_t args[] = { regs->bx, regs->cx, regs->dx, regs->si, regs->di, regs->bp };

	out->insns = insns;
	out->name = i386_name;
	memcpy(out->args, args, sizeof(args));
	out->interrupted = (int32_t)regs->ax == -LINUX_EINTR;
	if ((int32_t)regs->orig_ax < 0)
		out->says = ARCH_CALL_NONE;
	else
		out->says = out->interrupted ? ARCH_CALL_WAITED : ARCH_CALL_IN;
	out->nr_at = out->nr_past = number(regs->orig_ax);
}

static void get_x86(const Criu__CoreEntry *core, struct arch_call *out)
{
	const Criu__UserX86RegsEntry *regs = core->thread_info ? core->thread_info->gpregs : NULL;

	if (!regs)
		return;
	out->pc = regs->ip;
	out->sp = regs->sp;
	if (regs->has_mode && regs->mode == CRIU__USER_X86_REGS_MODE__COMPAT)
		get_i386(regs, out);
	else
		get_x86_64(regs, out);
}

/* ---- The generic ABI: the number stays in its register, the result takes the first argument's */

static void get_generic(struct arch_call *out, const struct arch_insn *insns, const uint64_t *args,
			uint64_t nr, uint64_t pc, uint64_t sp)
{
	out->insns = insns;
	out->name = generic_name;
	out->pc = pc;
	out->sp = sp;
	out->nr_at = out->nr_past = number(nr);
	out->first_arg_lost = true;
	out->interrupted = (int64_t)args[0] == -LINUX_EINTR;
	memcpy(out->args, args, sizeof(out->args));
}

static void get_aarch64(const Criu__CoreEntry *core, struct arch_call *out)
{
	static const struct arch_insn svc[] = { { 4, 4, { 0x01, 0x00, 0x00, 0xd4 } }, { 0 } };
	const Criu__UserAarch64RegsEntry *regs = core->ti_aarch64 ? core->ti_aarch64->gpregs : NULL;

	if (regs && regs->n_regs > 8)
		get_generic(out, svc, regs->regs, regs->regs[8], regs->pc, regs->sp);
}

static void get_loongarch64(const Criu__CoreEntry *core, struct arch_call *out)
{
	static const struct arch_insn syscall[] = { { 4, 4, { 0x00, 0x00, 0x2b, 0x00 } }, { 0 } };
	const Criu__UserLoongarch64GpregsEntry *regs =
		core->ti_loongarch64 ? core->ti_loongarch64->gpregs : NULL;

	if (regs && regs->n_regs > 11)
		get_generic(out, syscall, regs->regs + 4, regs->regs[11], regs->pc, regs->regs[3]);
}

static void get_riscv64(const Criu__CoreEntry *core, struct arch_call *out)
{
	static const struct arch_insn ecall[] = { { 4, 4, { 0x73, 0x00, 0x00, 0x00 } }, { 0 } };
	const Criu__UserRiscv64RegsEntry *regs = core->ti_riscv64 ? core->ti_riscv64->gpregs : NULL;

	if (!regs)
		return;
	const uint64_t args[] = { regs->a0, regs->a1, regs->a2, regs->a3, regs->a4, regs->a5 };
	get_generic(out, ecall, args, regs->a7, regs->pc, regs->sp);
}

/* ---- arm ------------------------------------------------------------------------------------ */

/* Instructions are little-endian on all Linux systems of today; bit 5 of cpsr: Thumb. orig_r0 is
 * -1 after an interrupt, but that is an argument like another. */
static void get_arm(const Criu__CoreEntry *core, struct arch_call *out)
{
	static const struct arch_insn arm[] = { { 4, 4, { 0x00, 0x00, 0x00, 0xef } }, { 0 } };
	static const struct arch_insn thumb[] = { { 2, 2, { 0x00, 0xdf } }, { 0 } };
	const Criu__UserArmRegsEntry *regs = core->ti_arm ? core->ti_arm->gpregs : NULL;

	if (!regs)
		return;
	const uint64_t args[] = { regs->r0, regs->r1, regs->r2, regs->r3, regs->r4, regs->r5 };
	get_generic(out, regs->cpsr & 0x20 ? thumb : arm, args, regs->r7, regs->pc, regs->sp);
	out->name = arm_name;
	out->interrupted = (int32_t)regs->r0 == -LINUX_EINTR;
}

/* ---- ppc64 ---------------------------------------------------------------------------------- */

/* `sc' reports an error as a positive number and bit SO of the condition register, `scv' as a
 * negative one. When a call is left to restart_syscall the kernel's own code for that is in
 * orig_gpr3. */
static void get_ppc64(const Criu__CoreEntry *core, struct arch_call *out)
{
	static const struct arch_insn little[] = {
		{ 4, 4, { 0x02, 0x00, 0x00, 0x44 } }, { 4, 4, { 0x01, 0x00, 0x00, 0x44 } }, { 0 },
	};
	static const struct arch_insn big[] = {
		{ 4, 4, { 0x44, 0x00, 0x00, 0x02 } }, { 4, 4, { 0x44, 0x00, 0x00, 0x01 } }, { 0 },
	};
	const uint64_t msr_le = 1, cr_so = 0x10000000;
	const Criu__UserPpc64RegsEntry *regs = core->ti_ppc64 ? core->ti_ppc64->gpregs : NULL;

	if (!regs || regs->n_gpr <= 8)
		return;
	get_generic(out, regs->msr & msr_le ? little : big, regs->gpr + 3, regs->gpr[0], regs->nip,
		    regs->gpr[1]);
	out->name = ppc64_name;
	out->interrupted |= regs->gpr[3] == LINUX_EINTR && regs->ccr & cr_so;
	if (regs->orig_gpr3 == LINUX_RESTART_BLOCK && out->interrupted)
		out->says = ARCH_CALL_WAITED;
}

/* ---- s390x ---------------------------------------------------------------------------------- */

/* system_call has the number and, above it, the length of the instruction; 0 after an interrupt. */
static void get_s390x(const Criu__CoreEntry *core, struct arch_call *out)
{
	static const struct arch_insn svc[] = { { 2, 1, { 0x0a } }, { 0 } };
	const Criu__UserS390RegsEntry *regs = core->ti_s390 ? core->ti_s390->gpregs : NULL;

	if (!regs || regs->n_gprs <= 15)
		return;
	get_generic(out, svc, regs->gprs + 2, regs->system_call & 0xffff, regs->psw_addr,
		    regs->gprs[15]);
	out->name = s390x_name;
	if (!regs->system_call)
		out->says = ARCH_CALL_NONE;
	else
		out->says = out->interrupted ? ARCH_CALL_WAITED : ARCH_CALL_IN;
}

/* ---- mips64 --------------------------------------------------------------------------------- */

/* The cause register says why the kernel was entered. The result takes the number's place. */
static void get_mips64(const Criu__CoreEntry *core, struct arch_call *out)
{
	static const struct arch_insn syscall[] = {
		{ 4, 4, { 0x0c, 0x00, 0x00, 0x00 } }, { 4, 4, { 0x00, 0x00, 0x00, 0x0c } }, { 0 },
	};
	enum { EXC_SYSCALL = 8 };
	const Criu__UserMipsRegsEntry *regs = core->ti_mips ? core->ti_mips->gpregs : NULL;

	if (!regs)
		return;
	const uint64_t args[] = { regs->r4, regs->r5, regs->r6, regs->r7, regs->r8, regs->r9 };
	get_generic(out, syscall, args, regs->r2, regs->cp0_epc, regs->r29);
	out->name = mips64_name;
	out->nr_past = -1;
	out->first_arg_lost = false;
	out->interrupted = (int64_t)regs->r2 == -LINUX_EINTR;
	if ((regs->cp0_cause >> 2 & 0x1f) != EXC_SYSCALL)
		out->says = ARCH_CALL_NONE;
	else
		out->says = out->interrupted ? ARCH_CALL_WAITED : ARCH_CALL_IN;
}

/* ---- All of them ---------------------------------------------------------------------------- */

void arch_call_get(const Criu__CoreEntry *core, struct arch_call *out)
{
	static void (*const get[])(const Criu__CoreEntry *core, struct arch_call *out) = {
		[CRIU__CORE_ENTRY__MARCH__X86_64] = get_x86,
		[CRIU__CORE_ENTRY__MARCH__ARM] = get_arm,
		[CRIU__CORE_ENTRY__MARCH__AARCH64] = get_aarch64,
		[CRIU__CORE_ENTRY__MARCH__PPC64] = get_ppc64,
		[CRIU__CORE_ENTRY__MARCH__S390] = get_s390x,
		[CRIU__CORE_ENTRY__MARCH__MIPS] = get_mips64,
		[CRIU__CORE_ENTRY__MARCH__LOONGARCH64] = get_loongarch64,
		[CRIU__CORE_ENTRY__MARCH__RISCV64] = get_riscv64,
	};
	size_t mtype = (size_t)core->mtype;

	memset(out, 0, sizeof(*out));
	out->nr_at = out->nr_past = -1;
	if (mtype < sizeof(get) / sizeof(get[0]) && get[mtype])
		get[mtype](core, out);
}
