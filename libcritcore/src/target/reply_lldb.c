// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What lldb asks besides ("LLDB GDB Remote Protocol Extensions" in its documentation). Without
 * these answers lldb 14 to 21 takes the process for one of macOS, and knows no name of a thread and
 * no mapping.
 *
 *	qHostInfo, qProcessInfo		{ key ':' value ';' }, numbers in hex but for ptrsize and
 *					vm-page-size, texts in hex digits
 *	qMemoryRegionInfo:ADDR		{ key ':' value ';' }; no permissions: nothing is mapped
 *	qThreadStopInfo TID		a stop reply, with the thread's name
 *	jThreadsInfo			JSON: [{"tid": N, "name": "...", "reason": "none"}, ...]
 *
 * Registers come from the target description, which lldb reads as gdb does.
 */
#include "target/server.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "checkpoint/debug.h"
#include "target/hex.h"
#include "target/xml.h"

/* ---- The machine and the process ------------------------------------------------------------- */

/* LLVM's name of a CPU. */
static const char *llvm_cpu(const struct arch *arch)
{
	static const struct {
		const char *gdb, *little, *big;
	} names[] = {
		{ "i386:x86-64", "x86_64", NULL },
		{ "i386", "i386", NULL },
		{ "aarch64", "aarch64", "aarch64_be" },
		{ "arm", "arm", "armeb" },
		{ "powerpc:common64", "powerpc64le", "powerpc64" },
		{ "s390:64-bit", NULL, "s390x" },
		{ "riscv:rv64", "riscv64", NULL },
		{ "Loongarch64", "loongarch64", NULL },
		{ "mips:isa64r2", "mips64el", "mips64" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(names[i].gdb, arch->gdb_name) == 0)
			return arch->big_endian ? names[i].big : names[i].little;
	return NULL;
}

static void add_hex_text(struct server *s, const char *key, const char *text)
{
	buf_printf(&s->reply, "%s:", key);
	hex_add(&s->reply, text, strlen(text));
	buf_add_byte(&s->reply, ';');
}

static void add_machine(struct server *s)
{
	const struct arch *arch = task_layout(s->task)->arch;
	const char *cpu = llvm_cpu(arch);
	char triple[64];

	if (cpu) {
		snprintf(triple, sizeof(triple), "%s-unknown-linux-gnu", cpu);
		add_hex_text(s, "triple", triple);
	}
	buf_printf(&s->reply, "ostype:linux;endian:%s;ptrsize:%u;",
		   arch->big_endian ? "big" : "little", arch->word_size);
}

void reply_host_info(struct server *s, const struct request *req)
{
	(void)req;
	add_machine(s);
	buf_printf(&s->reply, "vm-page-size:%u;", crit_task_page_size(s->task));
}

void reply_process_info(struct server *s, const struct request *req)
{
	struct crit_task_info info;

	(void)req;
	crit_task_info(s->task, &info, NULL);
	buf_printf(&s->reply, "pid:%x;parent-pid:%x;", info.pid, info.ppid);
	add_machine(s);
}

/* ---- Memory ---------------------------------------------------------------------------------- */

static void add_region(struct server *s, uint64_t start, uint64_t end)
{
	buf_printf(&s->reply, "start:%" PRIx64 ";size:%" PRIx64 ";", start, end - start);
}

static void add_mapping(struct server *s, const struct crit_mapping *m)
{
	struct buf name = { 0 };

	add_region(s, m->start, m->end);
	buf_printf(&s->reply, "permissions:%s%s%s;", m->prot & 1 ? "r" : "", m->prot & 2 ? "w" : "",
		   m->prot & 4 ? "x" : "");
	if (!*m->name)
		return;
	text_add_clean(&name, m->name);
	buf_add_str(&s->reply, "name:");
	hex_add(&s->reply, name.data, name.len);
	buf_add_byte(&s->reply, ';');
	buf_deinit(&name);
}

/* Mappings are in address order. */
void reply_memory_region(struct server *s, const struct request *req)
{
	uint64_t vaddr = req->memory.vaddr, hole = 0;
	size_t low = 0, high = crit_mapping_count(s->task);
	struct crit_mapping m;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		crit_mapping_at(s->task, mid, &m);
		if (m.end <= vaddr) {
			low = mid + 1;
			hole = m.end;
		} else {
			high = mid;
		}
	}
	if (!crit_mapping_at(s->task, low, &m))
		add_region(s, hole, 0);
	else if (m.start <= vaddr)
		add_mapping(s, &m);
	else
		add_region(s, hole, m.start);
}

/* ---- Threads --------------------------------------------------------------------------------- */

void reply_thread_stop(struct server *s, const struct request *req)
{
	struct crit_thread *thread = server_find_thread(s, req->thread);
	struct buf name = { 0 };

	if (!thread) {
		reply_error(s, ESRCH);
		return;
	}
	buf_add_str(&s->reply, "T00thread:");
	reply_add_thread_id(s, thread);
	buf_add_byte(&s->reply, ';');
	text_add_clean(&name, crit_thread_name(thread));
	if (name.len) {
		buf_add_str(&s->reply, "hexname:");
		hex_add(&s->reply, name.data, name.len);
		buf_add_byte(&s->reply, ';');
	}
	buf_add_str(&s->reply, "reason:none;");
	buf_deinit(&name);
}

static void add_json_thread(struct buf *out, struct crit_thread *thread)
{
	struct buf name = { 0 };

	buf_printf(out, "{\"tid\":%u", crit_thread_tid(thread));
	text_add_clean(&name, crit_thread_name(thread));
	if (name.len)
		buf_add_str(out, ",\"name\":\"");
	for (size_t i = 0; i < name.len; i++) {
		if (name.data[i] == '"' || name.data[i] == '\\')
			buf_add_byte(out, '\\');
		buf_add_byte(out, name.data[i]);
	}
	buf_add_str(out, name.len ? "\",\"reason\":\"none\"}" : ",\"reason\":\"none\"}");
	buf_deinit(&name);
}

/* One reply, whatever its length: lldb has no way to ask for the rest. */
void reply_threads_json(struct server *s, const struct request *req)
{
	struct crit_thread *thread;

	(void)req;
	for (size_t i = 0; (thread = crit_thread_at(s->task, i)); i++) {
		buf_add_byte(&s->reply, i ? ',' : '[');
		add_json_thread(&s->reply, thread);
	}
	buf_add_byte(&s->reply, ']');
}
