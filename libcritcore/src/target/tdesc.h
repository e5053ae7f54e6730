/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tdesc.h - the target description: a task's registers, told to gdb as XML. */
#ifndef CRIT_TARGET_TDESC_H
#define CRIT_TARGET_TDESC_H

#include "arch/arch.h"
#include "util/buf.h"

/** Append the document behind qXfer:features:read:target.xml. */
void tdesc_build(const struct arch_layout *layout, struct buf *out);

#endif
