// SPDX-License-Identifier: LGPL-2.1-or-later
/* report.c - printing what a verb of the library reports. See cli.h. */
#include <errno.h>
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

/** Lines of the report on the terminal where the bar is: it makes room, and does not come back. */
static bool write_below_bar(void *ctx, const void *data, size_t len)
{
	struct cli_bar *bar = ctx;
	const char *at = data;

	cli_bar_erase(bar);
	bar->shown = false;
	while (len) {
		ssize_t written = write(STDOUT_FILENO, at, len);

		if (written < 0 && (errno != EINTR || cli_caught()))
			return false;
		if (written > 0) {
			at += written;
			len -= (size_t)written;
		}
	}
	return true;
}

static enum crit_status open_output(struct cli_report *report, struct crit_error *err)
{
	if (!report->bar.shown || !isatty(STDOUT_FILENO))
		return crit_output_from_fd(STDOUT_FILENO, &report->out, err);
	return crit_output_from_function(write_below_bar, &report->bar, &report->out, err);
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
	if (!open_output(report, &err))
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
