// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * guard.c - see guard.h. The handler may run in any thread at any time, so it takes no lock: it
 * looks for the address in a table whose slots are never freed. A slot is written under the lock
 * with its sequence number odd meanwhile, and the handler passes over one that changes: the region
 * that a thread is reading does not.
 *
 * A file that was cut inside a page gives no fault there, but zeros up to the end of that page.
 * That is why guard_intact() also asks for its size, and why a region has a descriptor: one for
 * all regions of a file, since there may be thousands.
 */
#include "util/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 64 };

struct slot {
	atomic_uint seq;
	atomic_uintptr_t start, end; /* addresses of whole pages; equal: free */
	atomic_bool lost;
	_Atomic(guard_lost_fn) on_loss;
	_Atomic(void *) ctx; /* for it */
	struct slot *next_free;
};

struct chunk {
	struct slot slots[CHUNK];
	_Atomic(struct chunk *) next;
};

/** One descriptor for all regions of a file. */
struct guard_file {
	struct guard_file *next;
	dev_t dev;
	ino_t ino;
	int fd;
	size_t nr_regions;
};

struct guarded {
	struct slot *slot;
	struct guard_file *file;
	uint8_t *pages; /* what is mapped */
	size_t nr_bytes;
	size_t skip;	   /* from there to the first byte */
	uint64_t file_end; /* the file must not be shorter */
};

static struct {
	pthread_mutex_t lock;
	_Atomic(struct chunk *) chunks;
	struct slot *free_slots;
	struct guard_file *files;
	size_t nr_regions;
	bool installed;
	struct sigaction previous; /* only changes while ours is not installed */
} guards = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* ---- In the handler ------------------------------------------------------------------------- */

static bool slot_holds(struct slot *slot, uintptr_t addr, uintptr_t *end)
{
	unsigned int seq = atomic_load(&slot->seq);
	uintptr_t start = atomic_load(&slot->start);

	*end = atomic_load(&slot->end);
	return !(seq & 1) && start <= addr && addr < *end && atomic_load(&slot->seq) == seq;
}

static void note_loss(struct slot *slot)
{
	guard_lost_fn on_loss = atomic_load(&slot->on_loss);

	if (!atomic_exchange(&slot->lost, true) && on_loss)
		on_loss(atomic_load(&slot->ctx));
}

static bool put_zeros(uintptr_t start, size_t len)
{
	// Writable, should the region be: see guard_data_private().
	return mmap((void *)start, len, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
}

/** Is the address in a region? It can then be read, and the region knows that it is not intact. */
static bool absorb(uintptr_t addr)
{
	uintptr_t page_size = (uintptr_t)sysconf(_SC_PAGESIZE), page = addr & ~(page_size - 1);
	uintptr_t end;

	for (struct chunk *chunk = atomic_load(&guards.chunks); chunk;
	     chunk = atomic_load(&chunk->next)) {
		for (size_t i = 0; i < CHUNK; i++) {
			if (!slot_holds(&chunk->slots[i], addr, &end))
				continue;
			note_loss(&chunk->slots[i]);
			// All of the rest in one piece where the kernel has no room for more.
			return put_zeros(page, page_size) || put_zeros(page, end - page);
		}
	}
	return false;
}

/** Do what would have been done without us. */
static void pass_on(int signo, siginfo_t *info, void *context)
{
	struct sigaction previous = guards.previous;
	bool sent = info->si_code <= 0;

	if (previous.sa_flags & SA_RESETHAND) {
		guards.previous.sa_flags = 0;
		guards.previous.sa_handler = SIG_DFL;
	}
	if (previous.sa_flags & SA_SIGINFO) {
		previous.sa_sigaction(signo, info, context);
	} else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
		previous.sa_handler(signo);
	} else if (previous.sa_handler == SIG_DFL || !sent) {
		// A fault cannot be ignored; it comes again when we return, and ends the process.
		signal(signo, SIG_DFL);
		if (sent)
			raise(signo);
	}
}

static void on_fault(int signo, siginfo_t *info, void *context)
{
	int kept = errno;

	if (info->si_code <= 0 || !absorb((uintptr_t)info->si_addr))
		pass_on(signo, info, context);
	errno = kept;
}

/* ---- The handler in its place --------------------------------------------------------------- */

static bool is_ours(const struct sigaction *action)
{
	return action->sa_flags & SA_SIGINFO && action->sa_sigaction == on_fault;
}

/** Is ours the handler, or can it be? With the lock held. */
static bool install(void)
{
	struct sigaction ours = { .sa_sigaction = on_fault }, now;

	if (sigaction(SIGBUS, NULL, &now))
		return false;
	// Below somebody's, who may call ours: on top of them again it would be a loop.
	if (guards.installed || is_ours(&now))
		return is_ours(&now);
	guards.previous = now;
	// The one before may rely on what it had asked for. On the stack that some threads keep for
	// signals in any case: runtimes with small stacks need that.
	ours.sa_mask = now.sa_mask;
	ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART | (now.sa_flags & SA_NODEFER);
	guards.installed = sigaction(SIGBUS, &ours, NULL) == 0;
	return guards.installed;
}

/** Leave, unless somebody stands on top of us and may still call. With the lock held. */
static void uninstall(void)
{
	struct sigaction now;

	if (guards.installed && !sigaction(SIGBUS, NULL, &now) && is_ours(&now))
		guards.installed = sigaction(SIGBUS, &guards.previous, NULL) != 0;
}

static bool fault_is_deadly(void)
{
	sigset_t blocked;

	return pthread_sigmask(SIG_SETMASK, NULL, &blocked) || sigismember(&blocked, SIGBUS);
}

/* ---- Slots and files, with the lock held ---------------------------------------------------- */

static bool add_chunk(void)
{
	struct chunk *chunk = calloc(1, sizeof(*chunk));

	if (!chunk)
		return false;
	for (size_t i = 0; i < CHUNK; i++) {
		chunk->slots[i].next_free = guards.free_slots;
		guards.free_slots = &chunk->slots[i];
	}
	atomic_store(&chunk->next, atomic_load(&guards.chunks));
	atomic_store(&guards.chunks, chunk);
	return true;
}

static void slot_set(struct slot *slot, uintptr_t start, uintptr_t end)
{
	atomic_fetch_add(&slot->seq, 1);
	atomic_store(&slot->start, start);
	atomic_store(&slot->end, end);
	atomic_store(&slot->lost, false);
	atomic_store(&slot->on_loss, NULL);
	atomic_fetch_add(&slot->seq, 1);
}

static struct slot *slot_take(const struct guarded *region)
{
	struct slot *slot;

	if (!guards.free_slots && !add_chunk())
		return NULL;
	slot = guards.free_slots;
	guards.free_slots = slot->next_free;
	slot_set(slot, (uintptr_t)region->pages, (uintptr_t)region->pages + region->nr_bytes);
	return slot;
}

static void slot_give(struct slot *slot)
{
	slot_set(slot, 0, 0);
	slot->next_free = guards.free_slots;
	guards.free_slots = slot;
}

static struct guard_file *file_take(int fd, const struct stat *st)
{
	struct guard_file *file = guards.files;

	while (file && (file->dev != st->st_dev || file->ino != st->st_ino))
		file = file->next;
	if (!file) {
		file = calloc(1, sizeof(*file));
		if (!file)
			return NULL;
		file->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (file->fd < 0) {
			free(file);
			return NULL;
		}
		file->dev = st->st_dev;
		file->ino = st->st_ino;
		file->next = guards.files;
		guards.files = file;
	}
	file->nr_regions++;
	return file;
}

static void file_give(struct guard_file *file)
{
	struct guard_file **at = &guards.files;

	if (--file->nr_regions)
		return;
	while (*at != file)
		at = &(*at)->next;
	*at = file->next;
	close(file->fd);
	free(file);
}

/* ---- Regions -------------------------------------------------------------------------------- */

static enum crit_status map_pages(struct guarded *region, int fd, uint64_t off, size_t len,
				  struct crit_error *err)
{
	size_t skip = (size_t)(off % (uint64_t)sysconf(_SC_PAGESIZE));
	void *at;

	if (__builtin_add_overflow(len, skip, &region->nr_bytes))
		return error_set(err, CRIT_INVALID, "a region of %zu bytes", len);
	at = mmap(NULL, region->nr_bytes, PROT_READ, MAP_PRIVATE, fd, (off_t)(off - skip));
	if (at == MAP_FAILED && (errno == ENODEV || errno == EACCES))
		return error_set(err, CRIT_UNSUPPORTED, "the file cannot be mapped");
	if (at == MAP_FAILED)
		return error_os(err, errno, "mapping %zu bytes", len);
	region->pages = at;
	region->skip = skip;
	region->nr_bytes = (region->nr_bytes + (size_t)sysconf(_SC_PAGESIZE) - 1) /
			   (size_t)sysconf(_SC_PAGESIZE) * (size_t)sysconf(_SC_PAGESIZE);
	return CRIT_OK;
}

/** The region is mapped and nobody reads it yet. */
static enum crit_status enlist(struct guarded *region, int fd, const struct stat *st,
			       struct crit_error *err)
{
	enum crit_status status = CRIT_OK;

	pthread_mutex_lock(&guards.lock);
	if (!install()) {
		status = error_set(err, CRIT_UNSUPPORTED, "somebody else handles SIGBUS");
	} else {
		region->file = file_take(fd, st);
		region->slot = region->file ? slot_take(region) : NULL;
		if (!region->slot)
			status = error_no_memory(err);
		if (!region->slot && region->file)
			file_give(region->file);
	}
	if (!status)
		guards.nr_regions++;
	else if (!guards.nr_regions)
		uninstall();
	pthread_mutex_unlock(&guards.lock);
	return status;
}

static enum crit_status check(int fd, uint64_t off, size_t len, struct stat *st,
			      struct crit_error *err)
{
	if (!len)
		return error_set(err, CRIT_INVALID, "a region of 0 bytes");
	if (fault_is_deadly())
		return error_set(err, CRIT_UNSUPPORTED, "this thread blocks SIGBUS");
	if (fstat(fd, st))
		return error_os(err, errno, "mapping %zu bytes", len);
	if (off > (uint64_t)st->st_size || len > (uint64_t)st->st_size - off)
		return error_set(err, CRIT_CORRUPT, "the file ends at byte %llu",
				 (unsigned long long)st->st_size);
	return CRIT_OK;
}

enum crit_status guard_map(int fd, uint64_t off, size_t len, struct guarded **out,
			   struct crit_error *err)
{
	struct guarded *region;
	enum crit_status status;
	struct stat st;

	status = check(fd, off, len, &st, err);
	if (status)
		return status;
	region = calloc(1, sizeof(*region));
	if (!region)
		return error_no_memory(err);
	region->file_end = off + len;
	status = map_pages(region, fd, off, len, err);
	if (!status) {
		status = enlist(region, fd, &st, err);
		if (status)
			munmap(region->pages, region->nr_bytes);
	}
	if (status)
		free(region);
	else
		*out = region;
	return status;
}

void guard_unmap(struct guarded *region)
{
	if (!region)
		return;
	pthread_mutex_lock(&guards.lock);
	// First: what comes to be at these addresses next is not ours.
	slot_give(region->slot);
	munmap(region->pages, region->nr_bytes);
	file_give(region->file);
	if (!--guards.nr_regions)
		uninstall();
	pthread_mutex_unlock(&guards.lock);
	free(region);
}

const void *guard_data(const struct guarded *region)
{
	return region->pages + region->skip;
}

void *guard_data_private(struct guarded *region)
{
	if (mprotect(region->pages, region->nr_bytes, PROT_READ | PROT_WRITE))
		return NULL;
	return region->pages + region->skip;
}

bool guard_intact(const struct guarded *region)
{
	struct stat st;

	if (fstat(region->file->fd, &st) || (uint64_t)st.st_size < region->file_end)
		atomic_store(&region->slot->lost, true);
	return !atomic_load(&region->slot->lost);
}

void guard_on_loss(struct guarded *region, guard_lost_fn on_loss, void *ctx)
{
	atomic_store(&region->slot->ctx, ctx);
	atomic_store(&region->slot->on_loss, on_loss);
}
