// SPDX-License-Identifier: LGPL-2.1-or-later
/* inventory.c - inventory.img, and what a restore needs besides the images. */
#include "check/check.h"
#include "inventory.pb-c.h"

enum { FIRST_VERSION = 1, LAST_VERSION = 3, COMPRESSED_VERSION = 3 };

enum { MIN_BLOCK = 4096, MAX_BLOCK = 4 << 20 };

static void check_version(struct check *c, const struct item *at, const Criu__InventoryEntry *inv)
{
	if (inv->img_version < FIRST_VERSION || inv->img_version > LAST_VERSION)
		found(c, RULE_VERSION, at, "img_version", "no CRIU has images of version %u",
		      inv->img_version);
	if (inv->compress && inv->img_version < COMPRESSED_VERSION)
		found(c, RULE_VERSION, at, "img_version",
		      "pages are compressed, which is version %d, not %u", COMPRESSED_VERSION,
		      inv->img_version);
	if (inv->compress > 1)
		found(c, RULE_VERSION, at, "compress", "no CRIU compresses in way %u",
		      inv->compress);
	if (inv->compress && inv->has_compress_block_size &&
	    (inv->compress_block_size < MIN_BLOCK || inv->compress_block_size > MAX_BLOCK))
		found(c, RULE_VERSION, at, "compress_block_size",
		      "blocks have 4 KiB to 4 MiB, not %u bytes", inv->compress_block_size);
	if (inv->img_version >= COMPRESSED_VERSION || inv->compress)
		found(c, RULE_NEEDS_VERSION, at, NULL, "needs CRIU 4.3: compressed pages");
}

static void check_needs(struct check *c, const struct item *at, const Criu__InventoryEntry *inv)
{
	if (inv->tcp_close)
		found(c, RULE_NEEDS_OPTION, at, "tcp_close", "needs --tcp-close");
	if (inv->allow_uprobes)
		found(c, RULE_NEEDS_OPTION, at, "allow_uprobes", "needs --allow-uprobes");
	for (size_t i = 0; inv->plugins_entry && i < inv->plugins_entry->n_plugins; i++)
		found(c, RULE_NEEDS_PLUGIN, at, "plugins_entry.plugins",
		      "needs CRIU's plugin %s", inv->plugins_entry->plugins[i]);
}

static void check_ids(struct check *c, const struct item *at, const Criu__InventoryEntry *inv)
{
	if (!inv->fdinfo_per_id)
		found(c, RULE_INVENTORY, at, "fdinfo_per_id",
		      "not set: CRIU has not restored such images since 2012");
	if (!inv->root_ids)
		found(c, RULE_INVENTORY, at, "root_ids", "the field is not there");
	if (inv->has_root_cg_set && !inv->root_cg_set)
		found(c, RULE_INVENTORY, at, "root_cg_set", "there is no set 0");
}

void check_inventory(struct check *c)
{
	const struct item *at = item_numbered(c, SET_INVENTORY, 0);

	if (c->pre_dump)
		found(c, RULE_PRE_DUMP, NULL, NULL,
		      "pages and no processes: a pre-dump, or the folder of a page server; "
		      "there is nothing to restore without the dump itself");
	if (at && !c->pre_dump) {
		check_version(c, at, at->msg);
		check_needs(c, at, at->msg);
		check_ids(c, at, at->msg);
	} else if (!at && !source_has(c->src, "inventory.img") && !c->pre_dump) {
		found_image(c, RULE_INVENTORY, NULL, "inventory.img", "there is no such file");
	}
}
