/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * request.h - the text of a request as a typed struct. Nothing here knows what is being debugged;
 * what a request *does* is in serve.c and the reply_*.c files, in a function of the same name.
 */
#ifndef CRIT_TARGET_REQUEST_H
#define CRIT_TARGET_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum request_kind {
	REQUEST_UNKNOWN = 0, /* the answer to it is an empty reply */
	REQUEST_BAD,	     /* one of those below, malformed */
	/* the session */
	REQUEST_SUPPORTED,   /* qSupported: features of the two sides */
	REQUEST_NO_ACK,	     /* QStartNoAckMode */
	REQUEST_STOP_REASON, /* ? */
	REQUEST_ATTACHED,    /* qAttached: did we start the process? */
	REQUEST_SYMBOLS,     /* qSymbol: the client offers to look up symbols */
	REQUEST_DETACH,	     /* D, vKill */
	REQUEST_KILL,	     /* k: no reply */
	/* threads */
	REQUEST_SELECT_THREAD,	/* H */
	REQUEST_CURRENT_THREAD, /* qC */
	REQUEST_THREAD_ALIVE,	/* T */
	REQUEST_FIRST_THREADS,	/* qfThreadInfo */
	REQUEST_NEXT_THREADS,	/* qsThreadInfo */
	REQUEST_THREAD_TEXT,	/* qThreadExtraInfo */
	/* what only lldb asks */
	REQUEST_HOST_INFO,	/* qHostInfo */
	REQUEST_PROCESS_INFO,	/* qProcessInfo */
	REQUEST_MEMORY_REGION,	/* qMemoryRegionInfo */
	REQUEST_THREAD_STOP,	/* qThreadStopInfo */
	REQUEST_THREADS_JSON,	/* jThreadsInfo */
	/* what only our own plugin asks */
	REQUEST_CHECKPOINT, /* qCritcore.Checkpoint */
	/* running */
	REQUEST_RUN_ACTIONS, /* vCont? */
	REQUEST_RUN,	     /* vCont;, c, s, C, S */
	REQUEST_BREAKPOINT,  /* Z0, z0 */
	/* registers */
	REQUEST_READ_REGISTERS, /* g */
	REQUEST_READ_REGISTER,	/* p */
	REQUEST_WRITE_REGISTER, /* G, P */
	/* memory */
	REQUEST_TLS_ADDRESS,  /* qGetTLSAddr */
	REQUEST_READ_HEX,     /* m */
	REQUEST_READ_BINARY,  /* x */
	REQUEST_WRITE_MEMORY, /* M, X */
	REQUEST_SEARCH,	      /* qSearch:memory */
	/* objects and files */
	REQUEST_READ_OBJECT,   /* qXfer:NAME:read */
	REQUEST_FILE_ROOT,     /* vFile:setfs */
	REQUEST_FILE_OPEN,     /* vFile:open */
	REQUEST_FILE_READ,     /* vFile:pread */
	REQUEST_FILE_STAT,     /* vFile:fstat */
	REQUEST_FILE_CLOSE,    /* vFile:close */
	REQUEST_FILE_READLINK, /* vFile:readlink */
	REQUEST_KINDS,
};

enum {
	THREAD_ANY = 0,
	THREAD_ALL = -1,
	REQUEST_MAX_PATH = 4096, /* the terminator included */
};

/** Both fields: a number, THREAD_ANY or THREAD_ALL. A process the client does not name is "any". */
struct thread_id {
	int64_t pid, tid;
};

struct request {
	enum request_kind kind;
	union {
		struct {
			bool multiprocess;  /* thread ids may be pPID.TID */
			bool error_message; /* E.text is fine as the reply to anything */
		} supported;
		struct {
			bool named; /* the request names a process */
			int64_t pid;
		} process;		 /* DETACH, ATTACHED, FILE_ROOT */
		struct thread_id thread; /* SELECT_THREAD, THREAD_ALIVE, _TEXT, _STOP, RUN */
		uint64_t regnum;	 /* READ_REGISTER */
		struct {
			struct thread_id thread;
			uint64_t offset, link_map;
		} tls;
		struct {
			uint64_t vaddr, len;
		} memory; /* READ_HEX, READ_BINARY; MEMORY_REGION: vaddr */
		struct {
			uint64_t vaddr, len;
			const uint8_t *pattern; /* in the packet */
			size_t pattern_len;	/* at least 1 */
		} search;
		struct {
			const char *name, *annex; /* in the packet, not terminated */
			size_t name_len, annex_len;
			uint64_t off, len;
		} object;
		struct {
			uint64_t handle; /* READ, STAT, CLOSE */
			uint64_t len, off; /* READ */
			uint64_t flags; /* OPEN */
			char path[REQUEST_MAX_PATH]; /* OPEN, READLINK */
		} file;
	};
};

/** Understand a packet's payload, which must outlive @p out. Never fails: see REQUEST_BAD. */
void request_parse(const uint8_t *payload, size_t len, struct request *out);

#endif
