// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tty.c - tty-info.img: which pseudo terminal an open terminal is. Only needed where no path was
 * recorded with it, as in images of old versions of CRIU.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/sysmacros.h>

#include "fds/fds.h"
#include "util/array.h"

enum { MASTER_MAJOR = 5 }; /* of /dev/ptmx */

static void read_ptys(struct open_files *all, struct image *img)
{
	Criu__TtyInfoEntry *tty;
	struct arena arena;
	size_t cap = 0;

	arena_init(&arena, 0);
	while (!image_next_message(img, &criu__tty_info_entry__descriptor, &arena, &tty, NULL)) {
		if (tty->pty) {
			if (!array_grow(&all->ptys, all->nr_ptys, &cap, sizeof(struct pty)))
				break;
			all->ptys[all->nr_ptys++] =
				(struct pty){ tty->id, tty->pty->index,
					      gnu_dev_major(tty->rdev) == MASTER_MAJOR };
		}
		arena_reset(&arena, 0);
	}
	arena_deinit(&arena);
}

static int compare_ptys(const void *a, const void *b)
{
	uint32_t ia = ((const struct pty *)a)->id, ib = ((const struct pty *)b)->id;

	return (ia > ib) - (ia < ib);
}

/** A damaged image is used as far as it is understood. */
static void load_ptys(struct open_files *all)
{
	struct image *img = NULL;

	if (all->ptys_loaded)
		return;
	all->ptys_loaded = true;
	if (!image_open(all->ckpt->src, "tty-info.img", IMG_TTY_INFO, &img, NULL))
		read_ptys(all, img);
	image_close(img);
	if (all->nr_ptys)
		qsort(all->ptys, all->nr_ptys, sizeof(*all->ptys), compare_ptys);
}

const char *tty_link_without_path(struct open_files *all, uint32_t tty_info_id)
{
	struct pty key = { .id = tty_info_id }, *pty = NULL;
	char *link;

	load_ptys(all);
	if (all->nr_ptys)
		pty = bsearch(&key, all->ptys, all->nr_ptys, sizeof(key), compare_ptys);
	if (!pty)
		return "";
	if (pty->master)
		return "/dev/ptmx";
	link = arena_alloc(&all->strings, 24);
	if (link)
		snprintf(link, 24, "/dev/pts/%u", pty->index);
	return link;
}
