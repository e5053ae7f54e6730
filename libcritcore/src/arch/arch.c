// SPDX-License-Identifier: LGPL-2.1-or-later
/* arch.c - the list of CPUs, and what is the same for all of them. See arch.h. */
#include "arch/arch.h"

#include <stdlib.h>
#include <string.h>

#include "arch/list.h"

static const struct arch *const archs[] = {
	&arch_x86_64,
	&arch_i386,
	&arch_aarch64,
	&arch_aarch64_be,
	&arch_arm,
	&arch_arm_be,
	&arch_ppc64,
	&arch_ppc64_be,
	&arch_s390x,
	&arch_mips64,
	&arch_mips64_be,
	&arch_loongarch64,
	&arch_riscv64,
};

const struct arch *arch_find(const Criu__CoreEntry *core, bool big_endian)
{
	for (size_t i = 0; i < sizeof(archs) / sizeof(archs[0]); i++)
		if (archs[i]->match(core, big_endian))
			return archs[i];
	return NULL;
}

static void add_feature(struct arch_layout *layout, const struct arch_feature *feature)
{
	for (size_t i = 0; i < feature->nr_regs; i++) {
		const struct arch_reg *reg = &feature->regs[i];

		if (layout->nr_regs == ARCH_MAX_REGS ||
		    layout->nr_bytes + reg->bits / 8 > ARCH_MAX_BYTES)
			return;
		layout->reg[layout->nr_regs] = reg;
		layout->off[layout->nr_regs] = (uint16_t)layout->nr_bytes;
		layout->nr_regs++;
		layout->nr_bytes += reg->bits / 8;
	}
}

void arch_layout_init(struct arch_layout *layout, const struct arch *arch,
		      const Criu__CoreEntry *core)
{
	memset(layout, 0, sizeof(*layout));
	layout->arch = arch;
	for (size_t i = 0; arch->features[i].name; i++) {
		const struct arch_feature *feature = &arch->features[i];

		layout->present[i] = !feature->present || feature->present(core);
		if (layout->present[i])
			add_feature(layout, feature);
	}
}

bool arch_regs_init(struct arch_regs *regs, const struct arch_layout *layout,
		    const Criu__CoreEntry *core)
{
	regs->bytes = calloc(1, layout->nr_bytes + layout->nr_regs + 1); // there may be none
	if (!regs->bytes)
		return false;
	regs->known = (bool *)(regs->bytes + layout->nr_bytes);
	for (size_t i = 0; i < layout->nr_regs; i++)
		regs->known[i] = layout->arch->get(layout->arch, core, layout->reg[i],
						   regs->bytes + layout->off[i]);
	regs->has_thread_pointer = layout->arch->thread_pointer &&
				   layout->arch->thread_pointer(core, &regs->thread_pointer);
	arch_call_get(core, &regs->call);
	return true;
}

void arch_layout_settle(struct arch_layout *layout, const struct arch_space *space)
{
	const struct arch_feature *features = layout->arch->features;
	size_t last = 0;

	while (features[last].name)
		last++;
	while (last--) {
		if (!layout->present[last])
			continue;
		if (!features[last].in_space || features[last].in_space(space))
			return;
		layout->present[last] = false;
		layout->nr_regs -= features[last].nr_regs;
	}
}

void arch_regs_settle(struct arch_regs *regs, const struct arch_layout *layout,
		      const struct arch_space *space)
{
	if (!regs->bytes || !layout->arch->settle)
		return;
	for (size_t i = 0; i < layout->nr_regs; i++)
		layout->arch->settle(layout->arch, space, layout->reg[i],
				     regs->bytes + layout->off[i], &regs->known[i]);
}

void arch_regs_deinit(struct arch_regs *regs)
{
	free(regs->bytes);
	memset(regs, 0, sizeof(*regs));
}

size_t arch_reg_index(const struct arch_layout *layout, const char *name)
{
	for (size_t i = 0; i < layout->nr_regs; i++)
		if (!strcmp(layout->reg[i]->name, name))
			return i;
	return layout->nr_regs;
}
