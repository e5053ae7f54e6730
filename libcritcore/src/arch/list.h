/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* list.h - the CPUs there are, one line each; arch.c puts them in order. */
#ifndef CRIT_ARCH_LIST_H
#define CRIT_ARCH_LIST_H

#include "arch/arch.h"

extern const struct arch arch_x86_64;
extern const struct arch arch_i386;
extern const struct arch arch_aarch64, arch_aarch64_be;
extern const struct arch arch_arm, arch_arm_be;
extern const struct arch arch_ppc64, arch_ppc64_be;
extern const struct arch arch_s390x;
extern const struct arch arch_mips64, arch_mips64_be;
extern const struct arch arch_loongarch64;
extern const struct arch arch_riscv64;

#endif
