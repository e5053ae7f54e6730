// SPDX-License-Identifier: LGPL-2.1-or-later
/* open.c - opening a checkpoint with the options that say where its parts are. See cli.h. */
#include <errno.h>
#include <stdlib.h>

#include "cli.h"

static const char *take_parent(void *to, const char *value)
{
	struct cli_places *places = to;

	if (places->nr_parents < CLI_PARENTS)
		places->parents[places->nr_parents] = value;
	places->nr_parents++;
	return NULL;
}

const struct cli_option cli_limit_options[] = {
	CLI_TEXT(0, "unpack-limit", "GIB", struct cli_places, unpack_limit,
		 "how much a compressed archive may hold (64)"),
	CLI_END,
};

const struct cli_option cli_archive_options[] = {
	CLI_TAKE(0, "parent", "DIR|ARCHIVE", take_parent,
		 "the checkpoint that this one builds on, where its `parent` does not lead there: "
		 "the other archive of a pre-checkpoint; once more for the one that that one "
		 "builds on"),
	{ .kind = CLI_IS_ROWS, .rows = cli_limit_options },
	CLI_END,
};

const struct cli_option cli_places_options[] = {
	CLI_TEXT(0, "sysroot", "DIR", struct cli_places, sysroot,
		 "look up the program and its libraries below DIR"),
	CLI_TEXT(0, "exe", "FILE", struct cli_places, exe,
		 "a copy of the program or of a mapped file, known by its build-id"),
	CLI_FLAG(0, "trust-files", struct cli_places, trust_files,
		 "use them even when size or build-id differ from the checkpoint's"),
	CLI_TEXT(0, "pages", "DIR", struct cli_places, pages,
		 "look for pages in DIR, too: the folder of a page server"),
	{ .kind = CLI_IS_ROWS, .rows = cli_archive_options },
	CLI_END,
};

static bool keep_going(void *ctx, uint64_t done, uint64_t total)
{
	cli_bar_draw(ctx, done, total);
	return !cli_caught();
}

static bool parse_limit(const char *text, uint64_t *out)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end || *text < '0' || *text > '9' || !value || value >> 33)
		return false;
	*out = (uint64_t)value << 30;
	return true;
}

bool cli_places_open(const struct cli_places *places, struct crit_open_options *out)
{
	const char *limit = places->unpack_limit;

	out->parents = places->parents;
	if (limit && !parse_limit(limit, &out->unpack_limit)) {
		fprintf(stderr, "critcore: '%s' is not a number of GiB\n", limit);
		return false;
	}
	if (places->nr_parents > CLI_PARENTS)
		fprintf(stderr, "critcore: more than %d parents\n", CLI_PARENTS);
	return places->nr_parents <= CLI_PARENTS;
}

/** An archive may have to be unpacked: with a bar, and until a signal comes. */
static enum crit_status open_watched(const char *dir, struct crit_open_options *options,
				     bool pre_dump, struct crit_checkpoint **out,
				     struct crit_error *err)
{
	bool catching = cli_catching();
	enum crit_status status;
	struct cli_bar bar;

	cli_bar_init(&bar, true);
	options->keep_going = keep_going;
	options->ctx = &bar;
	cli_catch_signals();
	status = pre_dump ? crit_pre_dump_open_with(dir, options, out, err)
			  : crit_checkpoint_open_with(dir, options, out, err);
	if (!catching)
		cli_uncatch_signals();
	cli_bar_erase(&bar);
	if (cli_caught())
		cli_end_as_caught();
	return status;
}

struct crit_checkpoint *cli_open_pre_dump(const char *dir, const struct cli_places *places)
{
	struct crit_open_options options = { 0 };
	struct crit_checkpoint *ckpt;

	if (places->unpack_limit && !parse_limit(places->unpack_limit, &options.unpack_limit))
		return NULL;
	return open_watched(dir, &options, true, &ckpt, NULL) ? NULL : ckpt;
}

struct crit_checkpoint *cli_open(const char *dir, const struct cli_places *places)
{
	struct crit_open_options options = { 0 };
	struct crit_checkpoint *ckpt;
	struct crit_error err;

	if (!cli_places_open(places, &options))
		return NULL;
	if (open_watched(dir, &options, false, &ckpt, &err)) {
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
