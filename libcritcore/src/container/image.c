// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * image.c - what the annotations of a container image say of the checkpoint in it, for what is not
 * in the files beside the checkpoint.
 */
#include <stdlib.h>

#include "container/container.h"
#include "util/array.h"

#define CRIU "org.criu.checkpoint."
#define PODMAN "io.podman.annotations.checkpoint."
#define CRIO "io.kubernetes.cri-o.annotations.checkpoint."

static const struct {
	const char *name;
	size_t at; /* in struct crit_container */
} rows[] = {
	{ CRIU "container.name", offsetof(struct crit_container, name) },
	{ PODMAN "name", offsetof(struct crit_container, name) },
	{ CRIO "name", offsetof(struct crit_container, name) },
	{ CRIU "rootfsImageName", offsetof(struct crit_container, image) },
	{ PODMAN "rootfsImageName", offsetof(struct crit_container, image) },
	{ CRIU "rootfsImageID", offsetof(struct crit_container, image_id) },
	{ PODMAN "rootfsImageID", offsetof(struct crit_container, image_id) },
	{ PODMAN "runtime.name", offsetof(struct crit_container, runtime) },
	{ CRIU "runtime.name", offsetof(struct crit_container, runtime) },
	{ CRIU "engine.name", offsetof(struct crit_container, engine) },
	{ CRIU "pod.name", offsetof(struct crit_container, pod) },
	{ CRIU "pod.namespace", offsetof(struct crit_container, pod_namespace) },
};

static void use(struct crit_container *c, const struct crit_container_annotation *a)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char **field = (const char **)((char *)c + rows[i].at);

		if (a->value && !*field && !strcmp(a->name, rows[i].name))
			*field = a->value;
	}
}

static const char *keep(struct holder *h, const char *text)
{
	return arena_text(&h->strings, text, strlen(text));
}

enum crit_status container_read_image(struct holder *h, const struct source *images,
				      struct crit_error *err)
{
	struct crit_container *c = &h->pub;
	const char *name, *value;
	struct source_layer layer;
	size_t cap = 0;

	c->is_layer = source_layer(images, &layer);
	if (c->is_layer && *layer.digest && !(c->layer = keep(h, layer.digest)))
		return error_no_memory(err);
	c->layer_verified = c->is_layer && layer.verified;

	for (size_t i = 0; source_annotation(images, i, &name, &value); i++) {
		struct crit_container_annotation *to;

		if (!array_grow(&c->image_annotations, i, &cap, sizeof(*to)))
			return error_no_memory(err);
		to = &c->image_annotations[c->nr_image_annotations++];
		to->name = keep(h, name);
		to->value = value ? keep(h, value) : NULL;
		if (!to->name || (value && !to->value))
			return error_no_memory(err);
		use(c, to);
	}
	return CRIT_OK;
}
