// SPDX-License-Identifier: LGPL-2.1-or-later
/* ttys.c - terminals: a file of files.img, its settings in tty-info.img, what was typed in
 * tty-data.img. Both ends of a pseudo-terminal have the same settings' id but for one bit. */
#include "check/check.h"
#include "fdtable.pb-c.h"

enum { CONTROL_CHARACTERS = 19 };

static void collect_infos(struct check *c, struct keys *infos)
{
	const struct items *set = &c->sets[SET_TTY_INFO];

	for (size_t i = 0; i < set->nr && goes_on(c); i++)
		if (!keys_add(infos, 0, ((const Criu__TtyInfoEntry *)set->items[i].msg)->id,
			      &set->items[i]))
			check_no_memory(c);
	keys_sort(infos);
}

static void check_file(struct check *c, const struct item *at, const Criu__TtyFileEntry *e,
		       const struct keys *infos)
{
	const struct key *info = keys_find(infos, 0, e->tty_info_id);
	uint32_t regf_id = e->has_regf_id ? e->regf_id : e->id;

	if (!info) {
		found(c, RULE_TTY, at, "tty.tty_info_id", "no terminal %u is in tty-info.img",
		      e->tty_info_id);
		return;
	}
	if (((const Criu__TtyInfoEntry *)info->item->msg)->type == CRIU__TTY_TYPE__EXT_TTY)
		found(c, RULE_NEEDS_OPTION, at, "tty.tty_info_id",
		      "needs --inherit-fd fd[N]:tty[...]: the terminal is supplied from outside");
	else if (!file_find(c, CRIU__FD_TYPES__REG, regf_id))
		found(c, RULE_TTY, at, "tty.regf_id", "no regular file with id %u is in files.img",
		      regf_id);
}

static void check_termios(struct check *c, const struct item *at, const char *field,
			  const Criu__TermiosEntry *e)
{
	if (e && e->n_c_cc < CONTROL_CHARACTERS)
		found(c, RULE_TTY, at, field, "%zu control characters of %d", e->n_c_cc,
		      CONTROL_CHARACTERS);
}

static void check_info(struct check *c, const struct item *at, const Criu__TtyInfoEntry *e)
{
	bool any = e->termios || e->termios_locked || e->winsize;

	if (e->type == CRIU__TTY_TYPE__PTY && !e->pty)
		found(c, RULE_TTY, at, "pty", "a pseudo-terminal without its number");
	if (e->type != CRIU__TTY_TYPE__PTY && e->pty)
		found(c, RULE_TTY, at, "pty", "the number of a pseudo-terminal, which it is not");
	if (e->type == CRIU__TTY_TYPE__UNKNOWN)
		found(c, RULE_TTY, at, "type", "a terminal of unknown type");
	if (any && !(e->termios && e->termios_locked && e->winsize))
		found(c, RULE_TTY, at, "termios",
		      "some of the settings are there, and some are not");
	check_termios(c, at, "termios", e->termios);
	check_termios(c, at, "termios_locked", e->termios_locked);
	if (e->sid && !keys_find(&c->tasks, 0, e->sid) && e->type != CRIU__TTY_TYPE__EXT_TTY)
		found(c, RULE_NEEDS_OPTION, at, "sid",
		      "needs --shell-job: its session %u is of a process outside", e->sid);
}

void check_ttys(struct check *c)
{
	const struct items *files = &c->sets[SET_FILES], *info = &c->sets[SET_TTY_INFO];
	const struct items *data = &c->sets[SET_TTY_DATA];
	struct keys infos = { 0 };

	collect_infos(c, &infos);
	for (size_t i = 0; i < files->nr && goes_on(c); i++) {
		const Criu__TtyFileEntry *tty = file_body(&files->items[i], CRIU__FD_TYPES__TTY);

		if (tty)
			check_file(c, &files->items[i], tty, &infos);
	}
	for (size_t i = 0; i < info->nr && goes_on(c); i++)
		check_info(c, &info->items[i], info->items[i].msg);
	for (size_t i = 0; i < data->nr && goes_on(c); i++) {
		const Criu__TtyDataEntry *e = data->items[i].msg;

		if (!keys_find(&infos, 0, e->tty_id))
			found(c, RULE_TTY, &data->items[i], "tty_id",
			      "no terminal %u is in tty-info.img", e->tty_id);
	}
	keys_deinit(&infos);
}
