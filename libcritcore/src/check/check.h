/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check.h - looking through a checkpoint.
 *
 *	rules.h        what is checked
 *	kinds.c        which files there can be, and what is looked at in each
 *	load.c         every image but pagemaps, record by record, into lists
 *	sound.c        is a record a message of its kind?
 *	refs.c         the lists by number
 *	findings.c     what was found, on its way to the caller
 *	AREA.c         one function each, in the order of the table in check.c
 *
 * Everything small is in memory before the first area looks at it: two lists are compared, no image
 * is read twice. Pagemaps are streamed, pages are not read at all.
 */
#ifndef CRIT_CHECK_CHECK_H
#define CRIT_CHECK_CHECK_H

#include "check/keys.h"
#include "critcore.h"
#include "files/files.h"
#include "image/image.h"
#include "pages/chain.h"
#include "util/arena.h"

enum rule {
#define RULE(name, id, severity, summary) RULE_##name,
#include "check/rules.h"
#undef RULE
	NR_RULES,
};

/** Lists of records: one for each kind of image that is looked into. */
enum set {
	SET_NONE,
	SET_INVENTORY,
	SET_PSTREE,
	SET_CORE,
	SET_IDS,
	SET_MM,
	SET_PAGEMAP,	   /* without records */
	SET_PAGEMAP_SHMEM, /* without records */
	SET_PAGES,	   /* without records */
	SET_FDINFO,
	SET_FILES, /* also of the images before CRIU 3.4, as file_entry */
	SET_FS,
	SET_REMAP,
	SET_GHOST,	/* the head alone */
	SET_PIPES_DATA,
	SET_FIFO_DATA,
	SET_QUEUES,
	SET_TCP_STREAM,
	SET_TTY_INFO,
	SET_TTY_DATA,
	SET_MEMFD,
	SET_LOCKS,
	SET_MOUNTS,
	SET_CGROUP,
	SET_SECCOMP,
	SET_CREDS,
	SET_UTS,
	SET_USERNS,
	SET_PIDNS,
	SET_TIMENS,
	SET_NETNS,
	SET_NETDEV,
	SET_IPC_VAR,
	SET_IPC_SHM,
	SET_IPC_SEM,
	SET_IPC_MSG,
	SET_CPUINFO,
	NR_SETS,
};

/** A record, or an image without any. */
struct item {
	const char *image;	   /* name */
	uint64_t number;	   /* in the name: 5 of core-5.img; 0: none */
	uint64_t off;		   /* of the record */
	size_t index;
	const void *msg;	   /* of the set's type; NULL: an image without records */
};

struct items {
	struct item *items; /* by number of the image, then in its order */
	size_t nr, cap;
};

struct check {
	const struct crit_check_options *options;
	struct source *src;
	struct chain chain; /* followed */
	struct arena arena; /* names and messages */
	struct items sets[NR_SETS];
	bool pre_dump;	    /* pages only */
	bool big_endian;    /* the machine that dumped */
	int64_t written;    /* when the inventory was; seconds since 1970 */
	size_t nr_loaded, nr_images; /* for keep_going */
	struct files host;  /* see check_files_get() */
	bool host_ready;

	/* refs.c */
	struct keys tasks;   /* pid -> SET_PSTREE */
	struct keys threads; /* tid -> SET_PSTREE */
	struct keys files;   /* type, id -> SET_FILES */
	struct keys file_ids; /* id -> SET_FILES, whatever the type */
	struct keys mounts;  /* mnt_id -> SET_MOUNTS */
	struct keys segments; /* id -> SET_IPC_SHM; a checkpoint has one namespace of them */
	struct keys memfds;  /* inode_id -> SET_MEMFD */
	struct keys pages_ids; /* of the pagemaps of the checkpoint itself */

	/* findings.c */
	bool (*hear)(void *ctx, const struct crit_finding *finding);
	void *ctx;
	struct crit_check_result result;
	uint64_t nr_found[NR_RULES];
	bool wanted[NR_RULES];
	enum crit_status status; /* of the first failure of the check itself */
	struct crit_error err;
};

/* ---- findings.c ---- */

const struct crit_check_rule *rule_get(enum rule rule);
enum crit_status findings_init(struct check *c, struct crit_error *err);
/**
 * Report something.
 * @param at     The record it is about; its image alone when it has no message; NULL: the
 *               checkpoint as a whole.
 * @param field  May be NULL.
 */
void found(struct check *c, enum rule rule, const struct item *at, const char *field,
	   const char *fmt, ...) PRINTF(5, 6);
/** Likewise about an image that is there or should be. @param dir  NULL: of the checkpoint. */
void found_image(struct check *c, enum rule rule, const char *dir, const char *image,
		 const char *fmt, ...) PRINTF(5, 6);
/** What went wrong when an image was read; a failure of the machine ends the check. */
void found_error(struct check *c, enum rule rule, const char *dir, const char *image,
		 const struct record *rec, const struct crit_error *err);
/** Any of the above with another severity than the rule's. */
struct found_as {
	enum crit_check_severity severity;
	const char *dir, *image;
	bool has_record;
	uint64_t record, off;
	const char *field;
};
void found_as(struct check *c, enum rule rule, const struct found_as *as, const char *fmt, ...)
	PRINTF(4, 5);
/** Tell of what was too much to tell. */
void findings_finish(struct check *c);
/** The check cannot go on. */
void check_fail(struct check *c, enum crit_status status, const struct crit_error *err);
void check_no_memory(struct check *c);
/** False when the check must end: it failed, or its caller does not want to hear more. */
static inline bool goes_on(const struct check *c)
{
	return !c->status;
}

/* ---- kinds.c ---- */

struct kind_row {
	const char *name;  /* # is a decimal number, % a hexadecimal one */
	const char *magic; /* CRIU's name; NULL: a raw image */
	const ProtobufCMessageDescriptor *message; /* of records that are kept; NULL: none are */
	enum set set;
	int file_type;	  /* of an image of one type of open file; else 0 */
	size_t file_field; /* where in a file_entry it is */
	bool single;	  /* one record, no more and no less */
	bool not_empty;	  /* a raw image that always has something in it */
	const char *not_checked; /* why nothing but its form is looked at; NULL: it is */
};

/** NULL: CRIU has no image of this name. @param number  [out] In the name; 0: none. */
const struct kind_row *kind_of_name(const char *name, uint64_t *number);

/* ---- load.c ---- */

/** Names of files, sorted; each in the check's arena. A zeroed one is ready to use; free names. */
struct names {
	const char **names;
	size_t nr, cap;
};

/** Those of the files in a directory that are wanted. */
void names_list(struct check *c, const struct source *src, bool (*wanted)(const char *name),
		struct names *out);
void load_images(struct check *c);
/** The first item with this number; NULL: there is no such image. */
const struct item *item_numbered(const struct check *c, enum set set, uint64_t number);

/* ---- sound.c ---- */

struct schema_message;

struct unsound {
	enum rule rule;
	char field[128]; /* "tc.comm" */
	char text[128];
};

/** Is this a message of its kind, that can be unpacked without harm? */
bool record_sound(const struct schema_message *m, const uint8_t *data, size_t len,
		  struct unsound *out);

/* ---- refs.c ---- */

void refs_make(struct check *c);
void refs_free(struct check *c);
/** The file_entry with this id and type; NULL: none. */
const struct item *file_find(const struct check *c, int type, uint32_t id);
/** The description of an open file, if it is of this type; else NULL. files.c. */
const void *file_body(const struct item *item, int type);
/** Does the process have memory, files and registers? False for a zombie. */
bool task_lives(const struct check *c, uint32_t pid);
/** What ids-PID.img or the core image says; NULL: neither says anything. */
const void *task_ids(const struct check *c, uint32_t pid);

/** What files/ knows, read when it is first asked for; NULL: it cannot be. host_files.c. */
struct files *check_files_get(struct check *c);

/* ---- Areas ---- */

void check_inventory(struct check *c);
void check_tree(struct check *c);
void check_cores(struct check *c);
void check_task_images(struct check *c);
void check_namespaces(struct check *c);
void check_mappings(struct check *c);
void check_pagemaps(struct check *c);
void check_parents(struct check *c);
void check_files(struct check *c);
void check_fds(struct check *c);
void check_kept_files(struct check *c);
void check_pipes(struct check *c);
void check_sockets(struct check *c);
void check_networks(struct check *c);
void check_ttys(struct check *c);
void check_special(struct check *c);
void check_watches(struct check *c);
void check_locks(struct check *c);
void check_all_timers(struct check *c);
void check_mounts(struct check *c);
void check_cgroups(struct check *c);
void check_ipc(struct check *c);
void check_cpu(struct check *c);
void check_host_files(struct check *c);

#endif
