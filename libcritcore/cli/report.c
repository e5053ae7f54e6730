// SPDX-License-Identifier: LGPL-2.1-or-later
/* report.c - printing what a verb of the library reports. See cli.h. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static bool wants_colour(void)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && !(no && *no) && term && *term && strcmp(term, "dumb") != 0;
}

static bool keep_going(void *ctx, uint64_t done, uint64_t total)
{
	cli_bar_draw(ctx, done, total);
	return !cli_caught();
}

bool cli_report_open(struct cli_report *report, bool json)
{
	struct crit_error err;

	report->options = (struct crit_report_options){
		.form = json ? CRIT_REPORT_JSON : CRIT_REPORT_TEXT,
		.colour = !json && wants_colour(),
		.keep_going = keep_going,
		.ctx = &report->bar,
	};
	cli_bar_init(&report->bar, true);
	cli_be_impatient();
	cli_catch_signals();
	if (!crit_output_from_fd(STDOUT_FILENO, &report->out, &err))
		return true;
	cli_fail(&err);
	return false;
}

int cli_report_close(struct cli_report *report, enum crit_status status,
		     const struct crit_error *err)
{
	cli_bar_erase(&report->bar);
	crit_output_close(report->out);
	if (cli_caught())
		cli_end_as_caught();
	return status ? cli_fail(err) : EXIT_DONE;
}
