// SPDX-License-Identifier: LGPL-2.1-or-later
/* sizes.c - how long the images of a checkpoint are, and what the container wrote to its files. */
#include "container/container.h"

struct sizes {
	struct holder *h;
	struct source *images;
};

static bool begins_with(const char *name, const char *prefix)
{
	return !strncmp(name, prefix, strlen(prefix));
}

static bool add_image(void *ctx, const char *name)
{
	struct sizes *s = ctx;
	struct member *m;

	if (source_open_member(s->images, name, &m, NULL)) // a folder, `parent`
		return true;
	s->h->pub.len += m->size;
	if (begins_with(name, "pages-"))
		s->h->pub.pages_len += m->size;
	else if (begins_with(name, "amdgpu-pages-"))
		s->h->pub.gpu_pages_len += m->size;
	member_close(m);
	return true;
}

enum crit_status container_read_sizes(struct holder *h, struct source *images,
				      struct source *outside, struct crit_error *err)
{
	struct sizes s = { .h = h, .images = images };
	struct member *diff;

	if (outside && !source_open_member(outside, "rootfs-diff.tar", &diff, NULL)) {
		h->pub.has_rootfs_diff = true;
		h->pub.rootfs_diff_len = diff->size;
		member_close(diff);
	}
	return source_each(images, add_image, &s, err);
}
