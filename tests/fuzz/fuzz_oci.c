// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fuzz_oci.c - the folder of a container image, and what an engine left in its layer. So that the
 * fuzzer gets behind the digests, they are computed here:
 *
 *	input = { u8 kind, u24 length (little-endian), bytes }		see folder.h
 *
 *	kind	0	index.json
 *		1, 2	a blob, named after its sha256 or sha512
 *		3	a blob under the name of the one before it: it has another digest
 *		4..	a file of the next layer: names[kind - 4]
 *		255	those files become a blob, a tar archive
 *
 * In the bytes of 0 to 3 the bytes 0x01 0x61 ('a') stand for the descriptor of the first blob,
 * 0x01 0x62 for that of the second, and so on.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "critcore.h"
#include "folder.h"
#include "source/source.h"
#include "util/buf.h"
#include "util/digest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {
	"checkpoint/inventory.img", "checkpoint/pstree.img", "config.dump", "spec.dump",
	"network.status", "status", "deleted.files", "bind.mounts", "rootfs-diff.tar",
	".wh.checkpoint", "checkpoint/.wh..wh..opq", "../config.dump", "checkpoint",
};

enum { NR_NAMES = sizeof(names) / sizeof(names[0]), MAX_BLOBS = 16 };

struct image {
	int dir;
	struct digest blobs[MAX_BLOBS];
	size_t sizes[MAX_BLOBS], nr_blobs;
	struct buf layer;
};

static void require(bool sound)
{
	if (!sound)
		abort();
}

static void write_file(const struct image *im, const char *name, const void *data, size_t len)
{
	int fd = openat(im->dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	require(fd >= 0 && write(fd, data, len) == (ssize_t)len);
	close(fd);
}

static void add_blob(struct image *im, enum digest_kind kind, const void *data, size_t len)
{
	char name[DIGEST_NAME];
	struct digester d;

	if (im->nr_blobs == MAX_BLOBS)
		return;
	digester_init(&d, kind);
	digester_add(&d, data, len);
	im->blobs[im->nr_blobs] = digester_end(&d);
	im->sizes[im->nr_blobs] = len;
	digest_name(&im->blobs[im->nr_blobs++], name);
	write_file(im, name, data, len);
}

static void add_text(const struct image *im, const uint8_t *data, size_t len, struct buf *out)
{
	char digest[DIGEST_TEXT];

	for (size_t i = 0; i < len; i++) {
		size_t blob = i + 1 < len ? (size_t)data[i + 1] - 'a' : MAX_BLOBS;

		if (data[i] != 1 || blob >= im->nr_blobs) {
			buf_add_byte(out, data[i]);
			continue;
		}
		digest_text(&im->blobs[blob], digest);
		buf_printf(out, "{\"digest\":\"%s\",\"size\":%zu}", digest, im->sizes[blob]);
		i++;
	}
}

static void add_member(struct image *im, const char *name, const uint8_t *data, size_t len)
{
	unsigned int sum = 8 * ' ';
	char block[512] = { 0 };

	snprintf(block, 100, "%s", name);
	snprintf(block + 124, 12, "%011zo", len);
	block[156] = '0';
	memcpy(block + 257, "ustar\00000", 8);
	for (size_t i = 0; i < sizeof(block); i++)
		sum += (unsigned char)block[i];
	snprintf(block + 148, 8, "%06o", sum);
	buf_add(&im->layer, block, sizeof(block));
	buf_add(&im->layer, data, len);
	memset(block, 0, sizeof(block));
	buf_add(&im->layer, block, -len % sizeof(block));
}

static void end_layer(struct image *im)
{
	static const char end[1024];

	buf_add(&im->layer, end, sizeof(end));
	add_blob(im, DIGEST_SHA256, im->layer.data, im->layer.len);
	buf_clear(&im->layer);
}

static void add_part(struct image *im, const struct folder_file *file)
{
	struct buf text = { 0 };
	char name[DIGEST_NAME];

	if (file->which == 255) {
		end_layer(im);
		return;
	}
	if (file->which > 3) {
		add_member(im, names[(file->which - 4) % NR_NAMES], file->data, file->len);
		return;
	}
	add_text(im, file->data, file->len, &text);
	if (file->which == 0) {
		write_file(im, "index.json", text.data, text.len);
	} else if (file->which < 3) {
		add_blob(im, file->which == 1 ? DIGEST_SHA256 : DIGEST_SHA512, text.data, text.len);
	} else if (im->nr_blobs) {
		digest_name(&im->blobs[im->nr_blobs - 1], name);
		write_file(im, name, text.data, text.len);
	}
	buf_deinit(&text);
}

/* ---- What is done with it ------------------------------------------------------------------- */

static bool ignore_text(void *ctx, const void *data, size_t len)
{
	(void)ctx, (void)data, (void)len;
	return true;
}

/** Every member that there is can be read. */
static bool read_member(void *ctx, const char *name)
{
	struct member *m;
	uint8_t bytes[512];

	if (!source_open_member(ctx, name, &m, NULL)) {
		uint64_t len = m->size < sizeof(bytes) ? m->size : sizeof(bytes);

		require(!member_read(m, 0, bytes, len, NULL));
		member_close(m);
	}
	return true;
}

static void open_source(const char *path)
{
	const struct source_options options = { .archive = { .limit = 1 << 20 } };
	struct source_layer layer;
	struct source *src;
	struct crit_error err;

	if (source_open_with(path, &options, &src, NULL))
		return;
	source_each(src, read_member, src, NULL);
	if (source_layer(src, &layer) && *layer.digest && !layer.verified &&
	    !source_verify(src, &options.archive, &err))
		require(source_layer(src, &layer) && layer.verified);
	source_close(src);
}

static void inspect(const char *path, enum crit_report_form form)
{
	const struct crit_open_options open = { .unpack_limit = 1 << 20 };
	const struct crit_inspect_options options = {
		.metadata = true, .mounts = true, .open = &open,
	};
	const struct crit_report_options how = { .form = form };
	struct crit_output *out;

	require(!crit_output_from_function(ignore_text, NULL, &out, NULL));
	crit_inspect_write(&path, 1, &options, &how, out, NULL);
	crit_output_close(out);
}

static const char *const folders[] = { "blobs", "blobs/sha256", "blobs/sha512" };

enum { NR_FOLDERS = sizeof(folders) / sizeof(folders[0]) };

static void make_folder(struct image *im, char *path)
{
	require(mkdtemp(path) != NULL);
	im->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < NR_FOLDERS; i++)
		require(!mkdirat(im->dir, folders[i], 0700));
	write_file(im, "oci-layout", "{}", 2);
}

static void remove_folder(struct image *im, const char *path)
{
	char name[DIGEST_NAME];

	for (size_t i = 0; i < im->nr_blobs; i++) {
		digest_name(&im->blobs[i], name);
		unlinkat(im->dir, name, 0); // two can be the same
	}
	unlinkat(im->dir, "index.json", 0);
	unlinkat(im->dir, "oci-layout", 0);
	for (size_t i = NR_FOLDERS; i--;)
		require(!unlinkat(im->dir, folders[i], AT_REMOVEDIR));
	close(im->dir);
	require(!rmdir(path));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[32];
	struct image im = { 0 };
	struct folder_file file;

	setenv("CRITCORE_CACHE", "off", 1);
	// A disk would take most of the time.
	strcpy(path, access("/dev/shm", W_OK) ? "/tmp/critcore-fuzz-XXXXXX"
					      : "/dev/shm/critcore-fuzz-XXXXXX");
	make_folder(&im, path);
	while (folder_next(&data, &size, &file))
		add_part(&im, &file);
	open_source(path);
	inspect(path, im.nr_blobs % 2 ? CRIT_REPORT_TEXT : CRIT_REPORT_JSON);
	buf_deinit(&im.layer);
	remove_folder(&im, path);
	return 0;
}
