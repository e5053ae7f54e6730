// SPDX-License-Identifier: LGPL-2.1-or-later
/* ttys.c - terminals: a file of files.img, its settings in tty-info.img, what was typed in
 * tty-data.img. The two ends of pseudo-terminal N have the settings' ids 2 N and, the master,
 * 2 N + 1; N is less than 1088. */
#include <sys/stat.h>

#include "check/check.h"
#include "fdtable.pb-c.h"
#include "pstree.pb-c.h"

enum { CONTROL_CHARACTERS = 19, MAX_TTYS = 1088 };

/* Of Linux's device numbers, as the kernel has them in a dev_t: the low 8 bits of the minor number,
 * then 12 of the major one. */
enum {
	MAJOR_TTY = 4,
	MAJOR_AUX = 5,
	MAJOR_MASTERS = 128,
	MAJOR_SLAVES = 136,
	MAJOR_DENSE_SERIAL = 204,
	MAJOR_USB_SERIAL = 188,
	MINOR_PTMX = 2,
};

static unsigned int major_of(uint32_t rdev)
{
	return rdev >> 8 & 0xfff;
}

static bool is_master(const Criu__TtyInfoEntry *e)
{
	unsigned int major = major_of(e->rdev);

	return (major == MAJOR_AUX && (e->rdev & 0xff) == MINOR_PTMX) ||
	       (major >= MAJOR_MASTERS && major < MAJOR_SLAVES);
}

/** What CRIU knows how to open. */
static bool is_known_device(const Criu__TtyInfoEntry *e)
{
	switch (major_of(e->rdev)) {
	case MAJOR_AUX:
		return (e->rdev & 0xff) <= MINOR_PTMX;
	case MAJOR_TTY:
	case MAJOR_SLAVES:
	case MAJOR_DENSE_SERIAL:
	case MAJOR_USB_SERIAL:
		return true;
	default:
		return is_master(e);
	}
}

/** Sessions with their process groups. */
static void collect_groups(struct check *c, struct keys *groups)
{
	const struct items *tree = &c->sets[SET_PSTREE];

	for (size_t i = 0; i < tree->nr && goes_on(c); i++) {
		const Criu__PstreeEntry *e = tree->items[i].msg;

		// CRIU takes 0 for a group that the process leads.
		if (!keys_add(groups, e->sid, e->pgid ? e->pgid : e->pid, &tree->items[i]))
			check_no_memory(c);
	}
	keys_sort(groups);
}

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
	const struct item *path = file_find(c, CRIU__FD_TYPES__REG, regf_id);
	const Criu__RegFileEntry *reg = path ? file_body(path, CRIU__FD_TYPES__REG) : NULL;

	if (!info) {
		found(c, RULE_TTY, at, "tty.tty_info_id", "no terminal %u is in tty-info.img",
		      e->tty_info_id);
		return;
	}
	if (((const Criu__TtyInfoEntry *)info->item->msg)->type == CRIU__TTY_TYPE__EXT_TTY)
		found(c, RULE_NEEDS_OPTION, at, "tty.tty_info_id",
		      "needs --inherit-fd fd[N]:tty[...]: the terminal is supplied from outside");
	else if (!path)
		found(c, RULE_TTY, at, "tty.regf_id", "no regular file with id %u is in files.img",
		      regf_id);
	else if (reg && reg->has_mode && !S_ISCHR(reg->mode))
		found(c, RULE_TTY, at, "tty.regf_id", "its name is that of file %u, no device",
		      regf_id);
}

static void check_termios(struct check *c, const struct item *at, const char *field,
			  const Criu__TermiosEntry *e)
{
	if (e && e->n_c_cc < CONTROL_CHARACTERS)
		found(c, RULE_TTY, at, field, "%zu control characters of %d", e->n_c_cc,
		      CONTROL_CHARACTERS);
}

static void check_pair(struct check *c, const struct item *at, const Criu__TtyInfoEntry *e)
{
	if (e->type != CRIU__TTY_TYPE__PTY || !e->pty || !is_known_device(e))
		return;
	if (e->pty->index >= MAX_TTYS)
		found(c, RULE_TTY, at, "pty.index", "CRIU has pseudo-terminals up to %d, not %u",
		      MAX_TTYS - 1, e->pty->index);
	else if (e->id != e->pty->index * 2 + is_master(e))
		found(c, RULE_TTY, at, "pty.index",
		      "the %s of pseudo-terminal %u has id %u, not %u",
		      is_master(e) ? "master" : "slave", e->pty->index,
		      e->pty->index * 2 + is_master(e), e->id);
}

static void check_settings(struct check *c, const struct item *at, const Criu__TtyInfoEntry *e)
{
	bool any = e->termios || e->termios_locked || e->winsize;

	if (any && !(e->termios && e->termios_locked && e->winsize))
		found(c, RULE_TTY, at, "termios",
		      "some of the settings are there, and some are not");
	if (!any && is_master(e))
		found(c, RULE_TTY, at, "termios", "a master without settings");
	check_termios(c, at, "termios", e->termios);
	check_termios(c, at, "termios_locked", e->termios_locked);
}

/** The session that the terminal controls, and its foreground. */
static void check_session(struct check *c, const struct item *at, const Criu__TtyInfoEntry *e,
			  const struct keys *groups)
{
	const struct key *key = keys_find(&c->tasks, 0, e->sid);
	const Criu__PstreeEntry *leader = key ? key->item->msg : NULL;

	if (!e->sid || e->type == CRIU__TTY_TYPE__EXT_TTY)
		return;
	if (!leader)
		found(c, RULE_NEEDS_OPTION, at, "sid",
		      "needs --shell-job: its session %u is of a process outside", e->sid);
	else if (leader->sid != e->sid)
		found(c, RULE_TTY, at, "sid",
		      "it controls session %u, but process %u is in session %u", e->sid, e->sid,
		      leader->sid);
	else if (e->pgrp && !keys_find(groups, e->sid, e->pgrp))
		found(c, RULE_TTY, at, "pgrp",
		      "group %u is in the foreground, but session %u has no such group", e->pgrp,
		      e->sid);
}

static void check_info(struct check *c, const struct item *at, const Criu__TtyInfoEntry *e)
{
	if (e->type == CRIU__TTY_TYPE__PTY && !e->pty)
		found(c, RULE_TTY, at, "pty", "a pseudo-terminal without its number");
	if (e->type != CRIU__TTY_TYPE__PTY && e->pty)
		found(c, RULE_TTY, at, "pty", "the number of a pseudo-terminal, which it is not");
	if (e->type == CRIU__TTY_TYPE__UNKNOWN)
		found(c, RULE_TTY, at, "type", "a terminal of unknown type");
	else if (e->type != CRIU__TTY_TYPE__EXT_TTY && !is_known_device(e))
		found(c, RULE_TTY, at, "rdev", "no terminal has device number %#x", e->rdev);
	check_settings(c, at, e);
}

/** Of settings without a file nothing is restored. */
static void check_used(struct check *c, const struct key *info, const struct keys *groups,
		       bool again)
{
	if (!info || again)
		return;
	check_pair(c, info->item, info->item->msg);
	check_session(c, info->item, info->item->msg, groups);
}

void check_ttys(struct check *c)
{
	const struct items *files = &c->sets[SET_FILES], *info = &c->sets[SET_TTY_INFO];
	const struct items *data = &c->sets[SET_TTY_DATA];
	struct keys infos = { 0 }, groups = { 0 }, used = { 0 };

	collect_infos(c, &infos);
	collect_groups(c, &groups);
	for (size_t i = 0; i < files->nr && goes_on(c); i++) {
		const Criu__TtyFileEntry *tty = file_body(&files->items[i], CRIU__FD_TYPES__TTY);

		if (tty)
			check_file(c, &files->items[i], tty, &infos);
		if (tty && !keys_add(&used, 0, tty->tty_info_id, NULL))
			check_no_memory(c);
	}
	keys_sort(&used);
	for (size_t i = 0; i < info->nr && goes_on(c); i++)
		check_info(c, &info->items[i], info->items[i].msg);
	for (size_t i = 0; i < used.nr && goes_on(c); i++)
		check_used(c, keys_find(&infos, 0, used.keys[i].number), &groups,
			   i && used.keys[i].number == used.keys[i - 1].number);
	for (size_t i = 0; i < data->nr && goes_on(c); i++) {
		const Criu__TtyDataEntry *e = data->items[i].msg;

		if (!keys_find(&infos, 0, e->tty_id))
			found(c, RULE_TTY, &data->items[i], "tty_id",
			      "no terminal %u is in tty-info.img", e->tty_id);
	}
	keys_deinit(&infos);
	keys_deinit(&groups);
	keys_deinit(&used);
}
