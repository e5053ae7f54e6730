// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * network.c - network.status, in one of two forms:
 *
 *	{ NETWORK: { "interfaces": { NAME: { "mac_address",
 *			"subnets": [ { "ipnet", "gateway" }, ... ] }, ... } }, ... }
 *	[ { "interfaces": [ { "name", "mac", "sandbox" }, ... ],
 *	    "ips": [ { "address", "gateway" }, ... ] }, ... ]
 *
 * The first is Podman's own since version 4, the second what CNI plugins gave it before. null, or
 * no such file: the container had no network of its own.
 */
#include "container/container.h"
#include "util/array.h"

/** What is being read. */
struct net {
	struct holder *h;
	const char *network, *interface, *mac;
	size_t first; /* row of the interface, or of the CNI result */
};

static const char *keep(struct net *n, const char *text)
{
	size_t len = strlen(text);
	char *copy = arena_alloc(&n->h->strings, len + 1);

	return copy ? memcpy(copy, text, len + 1) : NULL;
}

static struct crit_container_network *add_row(struct net *n)
{
	struct crit_container *c = &n->h->pub;

	if (!array_grow(&c->networks, c->nr_networks, &n->h->cap_networks, sizeof(*c->networks)))
		return NULL;
	c->networks[c->nr_networks] = (struct crit_container_network){
		.network = n->network, .interface = n->interface
	};
	return &c->networks[c->nr_networks++];
}

/** A value of an address: "ipnet" and "address" are the same thing. */
static enum crit_status take_address(void *ctx, struct document *doc, const char *name)
{
	struct crit_container_network *row = ctx;

	if (!strcmp(name, "ipnet") || !strcmp(name, "address"))
		return document_text(doc, &row->ip);
	return !strcmp(name, "gateway") ? document_text(doc, &row->gateway) : json_skip(&doc->r);
}

static enum crit_status add_address(void *ctx, struct document *doc, const char *name)
{
	struct crit_container_network *row = add_row(ctx);

	(void)name;
	return row ? document_object(doc, take_address, row) : error_no_memory(doc->r.err);
}

/** All addresses of an interface have its MAC; one without addresses is a row, too. */
static enum crit_status finish_interface(struct net *n, struct document *doc)
{
	struct crit_container *c = &n->h->pub;

	if (c->nr_networks == n->first && n->mac && !add_row(n))
		return error_no_memory(doc->r.err);
	for (size_t i = n->first; i < c->nr_networks; i++)
		c->networks[i].mac = n->mac;
	return CRIT_OK;
}

static enum crit_status take_interface_member(void *ctx, struct document *doc, const char *name)
{
	struct net *n = ctx;

	if (!strcmp(name, "mac_address"))
		return document_text(doc, &n->mac);
	if (!strcmp(name, "subnets"))
		return document_list(doc, add_address, n);
	return json_skip(&doc->r);
}

static enum crit_status take_interface(void *ctx, struct document *doc, const char *name)
{
	struct net *n = ctx;
	enum crit_status status;

	n->interface = keep(n, name);
	n->mac = NULL;
	n->first = n->h->pub.nr_networks;
	if (!n->interface)
		return error_no_memory(doc->r.err);
	status = document_object(doc, take_interface_member, n);
	return status ? status : finish_interface(n, doc);
}

static enum crit_status take_network_member(void *ctx, struct document *doc, const char *name)
{
	return !strcmp(name, "interfaces") ? document_object(doc, take_interface, ctx)
					   : json_skip(&doc->r);
}

static enum crit_status take_network(void *ctx, struct document *doc, const char *name)
{
	struct net *n = ctx;

	n->network = keep(n, name);
	return n->network ? document_object(doc, take_network_member, n)
			  : error_no_memory(doc->r.err);
}

/* ---- CNI ------------------------------------------------------------------------------------ */

struct cni_interface {
	const char *name, *mac, *sandbox;
};

static enum crit_status take_cni_member(void *ctx, struct document *doc, const char *name)
{
	struct cni_interface *i = ctx;

	if (!strcmp(name, "name"))
		return document_text(doc, &i->name);
	if (!strcmp(name, "mac"))
		return document_text(doc, &i->mac);
	return !strcmp(name, "sandbox") ? document_text(doc, &i->sandbox) : json_skip(&doc->r);
}

/** Those without a sandbox are of the machine, not of the container. */
static enum crit_status take_cni_interface(void *ctx, struct document *doc, const char *name)
{
	struct net *n = ctx;
	struct cni_interface found = { 0 };
	enum crit_status status = document_object(doc, take_cni_member, &found);

	(void)name;
	if (!status && found.sandbox && *found.sandbox && !n->interface) {
		n->interface = found.name;
		n->mac = found.mac;
	}
	return status;
}

static enum crit_status take_cni_result(void *ctx, struct document *doc, const char *name)
{
	if (!strcmp(name, "interfaces"))
		return document_list(doc, take_cni_interface, ctx);
	return !strcmp(name, "ips") ? document_list(doc, add_address, ctx) : json_skip(&doc->r);
}

static enum crit_status take_cni(void *ctx, struct document *doc, const char *name)
{
	struct net *n = ctx;
	enum crit_status status;

	(void)name;
	n->interface = n->mac = NULL;
	n->first = n->h->pub.nr_networks;
	status = document_object(doc, take_cni_result, n);
	if (status)
		return status;
	for (size_t i = n->first; i < n->h->pub.nr_networks; i++) // "ips" may have come first
		n->h->pub.networks[i].interface = n->interface;
	return finish_interface(n, doc);
}

enum crit_status container_read_network(struct holder *h, struct source *outside,
					struct crit_error *err)
{
	struct net n = { .h = h };
	struct document doc;
	enum crit_status status = source_open_document(outside, "network.status", DOCUMENT_MAX,
						       &h->strings, &doc, err);

	if (status)
		return status;
	if (json_peek(&doc.r) == '[')
		status = document_list(&doc, take_cni, &n);
	else
		status = document_object(&doc, take_network, &n);
	document_close(&doc);
	return status;
}
