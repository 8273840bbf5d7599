/*
 * gzip.c: writes gzip files (RFC 1952) on several threads.
 * In: bytes, in any pieces; a descriptor.
 * Out: one gzip member for every MiB (a quarter of it for the first eight), the same for the same bytes whatever the
 * number of threads; and the proof that the file, read again, holds them.
 */
#include "gzip.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deflate.h"
#include "fs.h"
#include "mem.h"
#include "trace.h"

/*
 * Blocks that are filled, packed or wait to be written, and threads beside the one that fills, which could not fill
 * blocks for more: memory stays under 60 MiB on any machine.
 */
enum { SLOTS = 12, HELPERS = 8 };

/* The first blocks are smaller, so that small files are compressed by several threads, too. */
enum { SMALL_BLOCK = DEFLATE_BLOCK / 4, SMALL_BLOCKS = 8 };

/* One block. The thread that gave it away touches it no more until it is packed. */
struct slot {
	char *plain, *packed; /* DEFLATE_BLOCK bytes; deflate_bound of that */
	size_t size, packed_size;
	bool is_packed, is_damaged;
};

/* What a thread needs for itself. */
struct packer {
	struct deflater *deflater;
	struct inflater *inflater;
	char *again;
};

struct gzip {
	int fd, error;
	struct slot slots[SLOTS];
	/* Numbers of blocks, each in slots[number % SLOTS]: filled >= taken to be packed, filled >= written. */
	uint64_t filled, taken, written;
	uint64_t start, size; /* where the file begins, and what was written of it */
	struct digest_state *digest;
	struct digest file_digest; /* once it is finished */
	pthread_mutex_t mutex;	   /* of filled, taken, is_packed and is_over */
	pthread_cond_t changed;
	bool is_over;
	struct packer own; /* of the thread that fills */
	pthread_t threads[HELPERS];
	unsigned thread_count;
	enum trace_stage stage; /* that all threads are at, for whoever asks where the time goes */
};

static void packer_free(struct packer *packer)
{
	deflater_free(packer->deflater);
	inflater_free(packer->inflater);
	free(packer->again);
}

/* Packs one block, and proves it at once, while all of it is in the processor's caches: it must give what it is of. */
static void pack_slot(struct packer *packer, struct slot *slot)
{
	size_t used, size;

	if (packer->deflater == NULL) {
		packer->deflater = deflater_new();
		packer->inflater = inflater_new();
		packer->again = mem_alloc(DEFLATE_BLOCK);
	}
	slot->packed_size = deflater_pack(packer->deflater, slot->plain, slot->size, slot->packed);
	slot->is_damaged = !inflater_unpack(packer->inflater, slot->packed, slot->packed_size, packer->again,
					    DEFLATE_BLOCK, &used, &size) ||
			   used != slot->packed_size || size != slot->size ||
			   memcmp(packer->again, slot->plain, size) != 0;
}

/* Packs a block that waits for it, with the mutex held before and after. false: none does. */
static bool pack_one(struct gzip *gzip, struct packer *packer)
{
	struct slot *slot;

	if (gzip->taken == gzip->filled)
		return false;
	slot = &gzip->slots[gzip->taken++ % SLOTS];
	pthread_mutex_unlock(&gzip->mutex);
	pack_slot(packer, slot);
	pthread_mutex_lock(&gzip->mutex);
	slot->is_packed = true;
	pthread_cond_broadcast(&gzip->changed);
	return true;
}

static void wait_for_others(struct gzip *gzip)
{
	trace_begin(TRACE_WAIT, NULL);
	pthread_cond_wait(&gzip->changed, &gzip->mutex);
	trace_end(TRACE_WAIT);
}

static void *run(void *argument)
{
	struct gzip *gzip = argument;
	struct packer packer = {0};

	trace_enter_thread(gzip->stage);
	pthread_mutex_lock(&gzip->mutex);
	while (pack_one(gzip, &packer) || !gzip->is_over)
		if (gzip->taken == gzip->filled && !gzip->is_over)
			wait_for_others(gzip);
	pthread_mutex_unlock(&gzip->mutex);
	trace_leave_thread();
	packer_free(&packer);
	return NULL;
}

struct gzip *gzip_new(int fd, unsigned jobs)
{
	struct gzip *gzip = mem_zalloc(1, sizeof(*gzip));
	off_t start = lseek(fd, 0, SEEK_CUR);
	size_t i;

	gzip->fd = fd;
	gzip->start = start > 0 ? (uint64_t)start : 0;
	gzip->digest = digest_new();
	for (i = 0; i < SLOTS; i++) {
		gzip->slots[i].plain = mem_alloc(DEFLATE_BLOCK);
		gzip->slots[i].packed = mem_alloc(deflate_bound(DEFLATE_BLOCK));
	}
	gzip->stage = trace_outermost();
	pthread_mutex_init(&gzip->mutex, NULL);
	pthread_cond_init(&gzip->changed, NULL);
	/* A thread that the system does not give is done without: the one that fills takes its blocks. */
	while (gzip->thread_count + 1 < jobs && gzip->thread_count < HELPERS &&
	       pthread_create(&gzip->threads[gzip->thread_count], NULL, run, gzip) == 0)
		gzip->thread_count++;
	return gzip;
}

static void write_slot(struct gzip *gzip, struct slot *slot)
{
	if (gzip->error == 0 && slot->is_damaged)
		gzip->error = EBADMSG;
	if (gzip->error == 0 && fs_write_all(gzip->fd, slot->packed, slot->packed_size) != 0)
		gzip->error = errno;
	if (gzip->error == 0) {
		/* On its way to the disk while others are packed, so that there is little left for fsync. */
		sync_file_range(gzip->fd, (off_t)(gzip->start + gzip->size), (off_t)slot->packed_size,
				SYNC_FILE_RANGE_WRITE);
		digest_add(gzip->digest, slot->packed, slot->packed_size);
		gzip->size += slot->packed_size;
	}
	slot->size = 0;
	slot->is_packed = false;
}

/* Writes what is packed, in order, until at most `max` blocks are left; helps packing rather than to wait. */
static void write_until(struct gzip *gzip, uint64_t max)
{
	pthread_mutex_lock(&gzip->mutex);
	while (gzip->filled - gzip->written > max) {
		struct slot *slot = &gzip->slots[gzip->written % SLOTS];

		if (slot->is_packed) {
			pthread_mutex_unlock(&gzip->mutex);
			write_slot(gzip, slot);
			pthread_mutex_lock(&gzip->mutex);
			gzip->written++;
		} else if (!pack_one(gzip, &gzip->own)) {
			wait_for_others(gzip);
		}
	}
	pthread_mutex_unlock(&gzip->mutex);
}

static void give_away(struct gzip *gzip)
{
	pthread_mutex_lock(&gzip->mutex);
	gzip->filled++;
	pthread_cond_broadcast(&gzip->changed);
	pthread_mutex_unlock(&gzip->mutex);
	write_until(gzip, SLOTS - 1);
}

bool gzip_write(struct gzip *gzip, const void *bytes, size_t size)
{
	const char *from = bytes;

	while (size > 0 && gzip->error == 0) {
		struct slot *slot = &gzip->slots[gzip->filled % SLOTS];
		size_t full = gzip->filled < SMALL_BLOCKS ? SMALL_BLOCK : DEFLATE_BLOCK;
		size_t piece = full - slot->size < size ? full - slot->size : size;

		memcpy(slot->plain + slot->size, from, piece);
		slot->size += piece;
		from += piece;
		size -= piece;
		if (slot->size == full)
			give_away(gzip);
	}
	return gzip->error == 0;
}

int gzip_finish(struct gzip *gzip, uint64_t *ret_size, struct digest *ret_digest)
{
	if (gzip->slots[gzip->filled % SLOTS].size > 0)
		give_away(gzip);
	write_until(gzip, 0);
	*ret_size = gzip->size;
	digest_end(gzip->digest, &gzip->file_digest);
	*ret_digest = gzip->file_digest;
	return gzip->error;
}

int gzip_prove(struct gzip *gzip)
{
	struct digest_state *state = digest_new();
	struct digest digest;
	uint64_t done = 0;
	ssize_t n;

	trace_begin(TRACE_PROVE, NULL);
	/* What the page cache holds proves nothing about the disk. Pages that are not yet written stay, unharmed. */
	posix_fadvise(gzip->fd, 0, 0, POSIX_FADV_DONTNEED);
	posix_fadvise(gzip->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	while (done < gzip->size && gzip->error == 0) {
		uint64_t rest = gzip->size - done;

		n = pread(gzip->fd, gzip->slots[0].plain, rest < DEFLATE_BLOCK ? (size_t)rest : DEFLATE_BLOCK,
			  (off_t)(gzip->start + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			gzip->error = n < 0 ? errno : EBADMSG;
			break;
		}
		digest_add(state, gzip->slots[0].plain, (size_t)n);
		done += (uint64_t)n;
	}
	digest_end(state, &digest);
	digest_free(state);
	if (gzip->error == 0 && !digest_equal(&digest, &gzip->file_digest))
		gzip->error = EBADMSG;
	trace_count(1, done);
	trace_end(TRACE_PROVE);
	return gzip->error;
}

void gzip_free(struct gzip *gzip)
{
	size_t i;

	if (gzip == NULL)
		return;
	pthread_mutex_lock(&gzip->mutex);
	gzip->is_over = true;
	pthread_cond_broadcast(&gzip->changed);
	pthread_mutex_unlock(&gzip->mutex);
	for (i = 0; i < gzip->thread_count; i++)
		pthread_join(gzip->threads[i], NULL);
	packer_free(&gzip->own);
	for (i = 0; i < SLOTS; i++) {
		free(gzip->slots[i].plain);
		free(gzip->slots[i].packed);
	}
	digest_free(gzip->digest);
	pthread_cond_destroy(&gzip->changed);
	pthread_mutex_destroy(&gzip->mutex);
	free(gzip);
}
