/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pages_folder.h - folders with pagemap and pages images, made for a test. Those of a chain are
 * TOP/0, whose `parent` is TOP/1, and so on.
 */
#ifndef PAGES_FOLDER_H
#define PAGES_FOLDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/pagemap_entry.h"
#include "pages/store.h"
#include "util/buf.h"

enum { PAGE = 4096, PAGEMAP_MAGIC = 0x56084025, COMMON_MAGIC = 0x54564319 };

/* ---- Folders -------------------------------------------------------------------------------- */

/** @param top  [out] A new folder, in memory where there is such a place. */
static inline void folder_make(char top[64])
{
	strcpy(top, access("/dev/shm", W_OK) ? "/tmp/critcore-pages-XXXXXX"
					     : "/dev/shm/critcore-pages-XXXXXX");
	assert_non_null(mkdtemp(top));
}

static inline void path_in(char path[128], const char *top, size_t level, const char *name)
{
	snprintf(path, 128, "%s/%zu/%s", top, level, name);
}

/** A level, with a link to the next one if there is to be one. */
static inline void folder_level(const char *top, size_t level, bool has_parent)
{
	char path[128], target[32];

	path_in(path, top, level, "");
	assert_int_equal(mkdir(path, 0700), 0);
	path_in(path, top, level, "parent");
	snprintf(target, sizeof(target), "../%zu", level + 1);
	if (has_parent)
		assert_int_equal(symlink(target, path), 0);
}

static inline void folder_file(const char *top, size_t level, const char *name, const void *data,
			       size_t len)
{
	char path[128];
	int fd;

	path_in(path, top, level, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	close(fd);
}

static inline void folder_remove(const char *top, size_t nr_levels)
{
	char path[128];

	for (size_t i = 0; i < nr_levels; i++) {
		struct dirent *entry;
		DIR *dir;

		path_in(path, top, i, "");
		dir = opendir(path);
		while (dir && (entry = readdir(dir)))
			unlinkat(dirfd(dir), entry->d_name, 0);
		if (dir)
			closedir(dir);
		rmdir(path);
	}
	assert_int_equal(rmdir(top), 0);
}

/* ---- Pagemaps ------------------------------------------------------------------------------- */

static inline void put_varint(struct buf *b, uint64_t value)
{
	for (; value > 0x7f; value >>= 7)
		buf_add_byte(b, (uint8_t)(value | 0x80));
	buf_add_byte(b, (uint8_t)value);
}

static inline void put_number(struct buf *b, unsigned int field, uint64_t value)
{
	put_varint(b, field << 3);
	put_varint(b, value);
}

static inline void put_record(struct buf *map, struct buf *record)
{
	uint32_t len = (uint32_t)record->len;

	buf_add(map, &len, sizeof(len));
	buf_add(map, record->data, record->len);
	buf_deinit(record);
}

static inline void map_begin(struct buf *map, uint32_t pages_id)
{
	uint32_t magics[] = { COMMON_MAGIC, PAGEMAP_MAGIC };
	struct buf head = { 0 };

	buf_add(map, magics, sizeof(magics));
	put_number(&head, 1, pages_id);
	put_record(map, &head);
}

/** @param sizes  Of its LZ4 blocks, @p nr_blocks of @p block_pages pages; NULL: none. */
static inline void map_add(struct buf *map, uint64_t vaddr, uint64_t nr_pages, uint32_t flags,
			   const uint32_t *sizes, size_t nr_blocks, uint32_t block_pages)
{
	struct buf record = { 0 }, blocks = { 0 };
	uint64_t sum = 0;

	put_number(&record, FIELD_VADDR, vaddr);
	put_number(&record, FIELD_COMPAT_NR_PAGES, 0);
	put_number(&record, FIELD_FLAGS, flags);
	put_number(&record, FIELD_NR_PAGES, nr_pages);
	for (size_t i = 0; sizes && i < nr_blocks; i++) {
		put_number(&blocks, BLOCKS_SIZES, sizes[i]);
		sum += sizes[i];
	}
	put_number(&blocks, BLOCKS_TOTAL, sum);
	put_number(&blocks, BLOCKS_PAGES, block_pages);
	if (sizes) {
		put_varint(&record, FIELD_BLOCKS << 3 | WIRE_LEN);
		put_varint(&record, blocks.len);
		buf_add(&record, blocks.data, blocks.len);
	}
	buf_deinit(&blocks);
	put_record(map, &record);
}

/* ---- Stores --------------------------------------------------------------------------------- */

/** A chain from TOP/0 on, and the store of pagemap-5.img in it. */
struct opened {
	struct source *src;
	struct chain chain;
	struct page_store *store;
};

static inline void open_store(struct opened *o, const char *top)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/0", top);
	assert_int_equal(source_open(path, &o->src, NULL), CRIT_OK);
	chain_init(&o->chain, o->src);
	assert_int_equal(chain_follow(&o->chain, NULL), CRIT_OK);
	assert_int_equal(page_store_open(&o->chain, "pagemap-5.img", PAGE, 0, &o->store, NULL),
			 CRIT_OK);
}

static inline void close_store(struct opened *o)
{
	page_store_close(o->store);
	chain_deinit(&o->chain);
	source_close(o->src);
}

/** @return as page_store_locate(). */
static inline bool locate(struct opened *o, uint64_t pos, uint64_t len, struct crit_origin *at)
{
	memset(at, 0, sizeof(*at));
	at->vaddr = pos;
	at->len = len;
	return page_store_locate(o->store, pos, at);
}

#endif
