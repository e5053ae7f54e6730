// SPDX-License-Identifier: LGPL-2.1-or-later
/* bar.c - how far a verb is, on a terminal. See cli.h. */
#include <inttypes.h>
#include <unistd.h>

#include "cli.h"

enum { BAR_WIDTH = 40 };

void cli_bar_init(struct cli_bar *bar, bool wanted)
{
	bar->shown = wanted && isatty(STDERR_FILENO);
	bar->unit = NULL;
	bar->percent = -1;
}

void cli_bar_draw(struct cli_bar *bar, uint64_t done, uint64_t total)
{
	int percent = total ? (int)(100.0 * (double)done / (double)total) : 100;
	int full = percent * BAR_WIDTH / 100, shift = bar->unit ? 0 : 20;

	if (!bar->shown || percent == bar->percent)
		return;
	bar->percent = percent;
	// To the end of the line: another bar may have been there.
	fprintf(stderr, "\r%3d%% [%.*s%*s] %" PRIu64 " of %" PRIu64 " %s\033[K", percent, full,
		"########################################", BAR_WIDTH - full, "", done >> shift,
		total >> shift, bar->unit ? bar->unit : "MiB");
	fflush(stderr);
}

void cli_bar_erase(struct cli_bar *bar)
{
	if (bar->shown && bar->percent >= 0)
		fputs("\r\033[K", stderr);
	bar->percent = -1;
}
