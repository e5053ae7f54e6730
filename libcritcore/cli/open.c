// SPDX-License-Identifier: LGPL-2.1-or-later
/* open.c - opening a checkpoint with the options that say where its parts are. See cli.h. */
#include "cli.h"

bool cli_places_take(struct cli_places *places, int option, const char *value)
{
	switch (option) {
	case CLI_SYSROOT:
		places->sysroot = value;
		return true;
	case CLI_PAGES:
		places->pages = value;
		return true;
	case CLI_EXE:
		places->exe = value;
		return true;
	case CLI_TRUST_FILES:
		places->trust_files = true;
		return true;
	default:
		return false;
	}
}

struct crit_checkpoint *cli_open(const char *dir, const struct cli_places *places)
{
	struct crit_checkpoint *ckpt;
	struct crit_error err;

	if (crit_checkpoint_open(dir, &ckpt, &err)) {
		cli_fail(&err);
		return NULL;
	}
	crit_checkpoint_set_trust_files(ckpt, places->trust_files);
	if (crit_checkpoint_set_sysroot(ckpt, places->sysroot, &err) ||
	    (places->exe && crit_checkpoint_offer_file(ckpt, places->exe, &err)) ||
	    (places->pages && crit_checkpoint_set_pages_dir(ckpt, places->pages, &err))) {
		cli_fail(&err);
		crit_checkpoint_close(ckpt);
		return NULL;
	}
	return ckpt;
}
