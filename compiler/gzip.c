/*
 * gzip.c: writes gzip files (RFC 1952) on several threads; the only room that includes <libdeflate.h>.
 * In: bytes, in any pieces; a descriptor.
 * Out: one gzip member for every MiB (a quarter of it for the first eight), the same for the same bytes whatever the
 * number of threads; and the proof that the file, read again, holds them.
 */
#include "gzip.h"

#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs.h"
#include "mem.h"
#include "parallel.h"
#include "trace.h"

/*
 * A batch of blocks is compressed at once: enough of them that no thread waits long for the last, few enough that
 * memory stays under 40 MiB on any machine.
 */
enum { BLOCK = 1 << 20, BATCH = 12 };

/* The first blocks are smaller, so that small files are compressed by several threads, too. */
enum { SMALL_BLOCK = BLOCK / 4, SMALL_BLOCKS = 8 };

/*
 * libdeflate's levels. The high one searches 300 candidates for every match: prose has few, and becomes smaller than by
 * zlib's default. Tables of numbers, and the like, use few different bytes and have all of them: there it takes ten
 * times as long for little. A block's own bytes decide, so that the result depends on nothing else.
 */
enum { LEVEL_OF_PROSE = 8, LEVEL_OF_OTHERS = 6, BYTES_OF_PROSE = 32 };

/* A block that was written: what gzip_prove looks for. */
struct written {
	uint64_t offset;
	size_t packed_size, size;
};

/* One place of the batch. */
struct slot {
	char *plain, *packed; /* BLOCK bytes; `bound` bytes */
	size_t size, packed_size;
	struct libdeflate_compressor *of_prose, *of_others; /* NULL until there is need of it */
	struct libdeflate_decompressor *decompressor;
	int error;
};

struct gzip {
	int fd, error;
	unsigned jobs;
	size_t bound;
	struct slot slots[BATCH];
	size_t used;	      /* the blocks before `used` are full */
	uint64_t start, size; /* where the file begins, and what was written of it */
	struct digest_state *digest;
	struct digest file_digest; /* once it is finished */
	struct written *written;
	size_t written_count, written_capacity;
};

static void *have(void *pointer)
{
	return pointer != NULL ? pointer : mem_alloc(SIZE_MAX); /* says so and ends the run */
}

struct gzip *gzip_new(int fd, unsigned jobs)
{
	struct gzip *gzip = mem_zalloc(1, sizeof(*gzip));
	off_t start = lseek(fd, 0, SEEK_CUR);
	size_t i;

	gzip->fd = fd;
	gzip->jobs = jobs;
	gzip->start = start > 0 ? (uint64_t)start : 0;
	gzip->digest = digest_new();
	gzip->bound = libdeflate_gzip_compress_bound(NULL, BLOCK);
	for (i = 0; i < BATCH; i++) {
		struct slot *slot = &gzip->slots[i];

		slot->plain = mem_alloc(BLOCK);
		slot->packed = mem_alloc(gzip->bound);
	}
	return gzip;
}

/* Whether a block has as many different bytes as prose. */
static bool is_prose(const char *bytes, size_t size)
{
	bool seen[256] = {0};
	size_t count = 0, i;

	for (i = 0; i < size && count < BYTES_OF_PROSE; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		count += !seen[byte];
		seen[byte] = true;
	}
	return count == BYTES_OF_PROSE;
}

static void compress_slot(void *context, size_t item)
{
	struct gzip *gzip = context;
	struct slot *slot = &gzip->slots[item];
	bool prose = is_prose(slot->plain, slot->size);
	struct libdeflate_compressor **compressor = prose ? &slot->of_prose : &slot->of_others;

	if (*compressor == NULL)
		*compressor = have(libdeflate_alloc_compressor(prose ? LEVEL_OF_PROSE : LEVEL_OF_OTHERS));
	slot->packed_size = libdeflate_gzip_compress(*compressor, slot->plain, slot->size, slot->packed, gzip->bound);
}

/* Compresses and writes the first `count` slots. */
static void flush(struct gzip *gzip, size_t count)
{
	size_t i;

	parallel_for(count, gzip->jobs, compress_slot, gzip);
	for (i = 0; i < count && gzip->error == 0; i++) {
		struct slot *slot = &gzip->slots[i];

		if (fs_write_all(gzip->fd, slot->packed, slot->packed_size) != 0) {
			gzip->error = errno;
			break;
		}
		gzip->written = mem_reserve(gzip->written, gzip->written_count, &gzip->written_capacity,
					    sizeof(*gzip->written));
		gzip->written[gzip->written_count++] =
			(struct written){gzip->start + gzip->size, slot->packed_size, slot->size};
		digest_add(gzip->digest, slot->packed, slot->packed_size);
		gzip->size += slot->packed_size;
	}
	for (i = 0; i < count; i++)
		gzip->slots[i].size = 0;
	gzip->used = 0;
}

bool gzip_write(struct gzip *gzip, const void *bytes, size_t size)
{
	const char *from = bytes;

	while (size > 0 && gzip->error == 0) {
		struct slot *slot = &gzip->slots[gzip->used];
		size_t full = gzip->written_count + gzip->used < SMALL_BLOCKS ? SMALL_BLOCK : BLOCK;
		size_t piece = full - slot->size < size ? full - slot->size : size;

		memcpy(slot->plain + slot->size, from, piece);
		slot->size += piece;
		from += piece;
		size -= piece;
		if (slot->size == full && ++gzip->used == BATCH)
			flush(gzip, BATCH);
	}
	return gzip->error == 0;
}

int gzip_finish(struct gzip *gzip, uint64_t *ret_size, struct digest *ret_digest)
{
	bool has_rest = gzip->used < BATCH && gzip->slots[gzip->used].size > 0;

	if (gzip->error == 0)
		flush(gzip, gzip->used + has_rest);
	*ret_size = gzip->size;
	digest_end(gzip->digest, &gzip->file_digest);
	*ret_digest = gzip->file_digest;
	return gzip->error;
}

/* Reads one block again, into the slot that its number in the batch gives; libdeflate looks at its CRC-32. */
static void prove_block(void *context, size_t item)
{
	struct gzip *gzip = context;
	struct slot *slot = &gzip->slots[item];
	const struct written *block = &gzip->written[gzip->used + item];
	size_t got = 0, plain_size = 0;
	ssize_t n;

	while (got < block->packed_size) {
		n = pread(gzip->fd, slot->packed + got, block->packed_size - got, (off_t)(block->offset + got));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			slot->error = n < 0 ? errno : EBADMSG;
			return;
		}
		got += (size_t)n;
	}
	slot->packed_size = got;
	if (slot->decompressor == NULL)
		slot->decompressor = have(libdeflate_alloc_decompressor());
	if (libdeflate_gzip_decompress(slot->decompressor, slot->packed, got, slot->plain, BLOCK, &plain_size) !=
		    LIBDEFLATE_SUCCESS ||
	    plain_size != block->size)
		slot->error = EBADMSG;
}

int gzip_prove(struct gzip *gzip)
{
	struct digest_state *state = digest_new();
	struct digest digest;
	size_t done, i;

	/* What the page cache holds proves nothing about the disk. Pages that are not yet written stay, unharmed. */
	posix_fadvise(gzip->fd, 0, 0, POSIX_FADV_DONTNEED);
	for (done = 0; done < gzip->written_count && gzip->error == 0; done += BATCH) {
		size_t rest = gzip->written_count - done;
		size_t count = rest < BATCH ? rest : BATCH;

		gzip->used = done;
		trace_begin(TRACE_PROVE, NULL);
		parallel_for(count, gzip->jobs, prove_block, gzip);
		trace_end(TRACE_PROVE);
		for (i = 0; i < count && gzip->error == 0; i++) {
			gzip->error = gzip->slots[i].error;
			digest_add(state, gzip->slots[i].packed, gzip->slots[i].packed_size);
		}
	}
	digest_end(state, &digest);
	digest_free(state);
	if (gzip->error == 0 && !digest_equal(&digest, &gzip->file_digest))
		gzip->error = EBADMSG;
	return gzip->error;
}

void gzip_free(struct gzip *gzip)
{
	size_t i;

	if (gzip == NULL)
		return;
	for (i = 0; i < BATCH; i++) {
		libdeflate_free_compressor(gzip->slots[i].of_prose);
		libdeflate_free_compressor(gzip->slots[i].of_others);
		libdeflate_free_decompressor(gzip->slots[i].decompressor);
		free(gzip->slots[i].plain);
		free(gzip->slots[i].packed);
	}
	digest_free(gzip->digest);
	free(gzip->written);
	free(gzip);
}
