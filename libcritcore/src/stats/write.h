/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* write.h - the two forms of the report. */
#ifndef CRIT_STATS_WRITE_H
#define CRIT_STATS_WRITE_H

#include "report/json_writer.h"

struct report_of {
	const struct crit_stats *stats;
	struct crit_checkpoint_info info;
};

void stats_write_text(const struct report_of *r, bool colour, struct lines *l);
void stats_write_json(const struct report_of *r, struct json_writer *w);

/* names.c */

enum { NAME_LEN = 24 };

/** "INET6", "STREAM"; of others the number. @param buf  For that. */
const char *family_name(uint32_t family, char buf[NAME_LEN]);
const char *socket_type_name(uint32_t type, char buf[NAME_LEN]);
/** "pages"; never NULL. */
const char *image_count_name(const struct crit_image_count *images);

#endif
