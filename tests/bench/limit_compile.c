/*
 * limit_compile.c: sources to regions, by threads that take batches of files.
 * In: sources of corpus.c.
 * Out: OUT/D01.mmap and the like: header, layer table, room for the other tables, contents on pages of 4 KiB.
 *
 * The thread that reads the last file of a folder writes its region, while the others read on. What a folder's contents
 * lay in is used again for a later one.
 */
#include "limit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../../include/dim_format.h"

enum { BATCH_MAX = 32, PAGE = 4096, CHUNK = 1 << 20 };

/* Memory for contents, a list for each folder, then again free. */
struct chunk {
	struct chunk *next;
	size_t size, used;
	char bytes[];
};

struct region {
	const struct limit_folder *folder;
	struct limit_layer *layers;
	struct chunk *_Atomic chunks;
	atomic_size_t left; /* files that nobody has read yet */
	size_t first_file;
	int fd; /* written, and not yet synced */
};

struct compile {
	struct limit_tree tree;
	struct region *regions;
	size_t file_count, batch;
	atomic_size_t next;
	atomic_size_t bytes;
	enum limit_depth depth;
	int out;
	pthread_mutex_t lock;
	struct chunk *free;
};

struct worker {
	struct compile *compile;
	struct limit_sha *sha;
	char *buffer;
	size_t buffer_size;
	struct chunk *chunk; /* being filled, for `region` */
	struct region *region;
};

static const char zeros[PAGE];

static size_t padded(size_t size)
{
	return (size + PAGE - 1) & ~(size_t)(PAGE - 1);
}

/* --- memory --- */

static void give_chunk(struct worker *w)
{
	struct chunk *chunk = w->chunk;

	if (chunk == NULL)
		return;
	chunk->next = atomic_load(&w->region->chunks);
	while (!atomic_compare_exchange_weak(&w->region->chunks, &chunk->next, chunk))
		;
	w->chunk = NULL;
}

static char *room_for(struct worker *w, struct region *region, size_t size)
{
	struct compile *c = w->compile;
	struct chunk **at, *chunk;

	if (w->chunk != NULL && w->region == region && w->chunk->size - w->chunk->used >= size)
		return w->chunk->bytes + w->chunk->used;
	give_chunk(w);
	pthread_mutex_lock(&c->lock);
	for (at = &c->free; (chunk = *at) != NULL && chunk->size < size; at = &chunk->next)
		;
	if (chunk != NULL)
		*at = chunk->next;
	pthread_mutex_unlock(&c->lock);
	if (chunk == NULL) {
		size_t room = size > CHUNK - sizeof(*chunk) ? size : CHUNK - sizeof(*chunk);

		chunk = malloc(sizeof(*chunk) + room);
		LIMIT_CHECK(chunk != NULL, "memory");
		chunk->size = room;
	}
	chunk->used = 0;
	w->chunk = chunk;
	w->region = region;
	return chunk->bytes;
}

static void free_chunks(struct compile *c, struct chunk *first)
{
	struct chunk *last = first;

	if (first == NULL)
		return;
	while (last->next != NULL)
		last = last->next;
	pthread_mutex_lock(&c->lock);
	last->next = c->free;
	c->free = first;
	pthread_mutex_unlock(&c->lock);
}

/* --- regions --- */

static int by_id(const void *a, const void *b)
{
	const struct limit_layer *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static void write_all(int fd, struct iovec *parts, int count)
{
	while (count > 0) {
		ssize_t done = writev(fd, parts, count < IOV_MAX ? count : IOV_MAX);

		LIMIT_CHECK(done > 0, "writev");
		for (; count > 0 && (size_t)done >= parts->iov_len; parts++, count--)
			done -= (ssize_t)parts->iov_len;
		if (done > 0) {
			parts->iov_base = (char *)parts->iov_base + done;
			parts->iov_len -= (size_t)done;
		}
	}
}

/* What dimc's tables take, had every keyword one layer alone; the layer table filled in, the others left zero. */
static char *make_metadata(const struct region *region, size_t *ret_size)
{
	size_t count = region->folder->count, mentions = 0, strings = 0, i, at;
	struct dim_layer_record *records;
	struct dim_header header = {.magic = DIM_FORMAT_MAGIC};
	char *metadata;

	for (i = 0; i < count; i++) {
		mentions += region->layers[i].keyword_count;
		strings += region->layers[i].head_size;
	}
	*ret_size = padded(sizeof(header) + DIM_SECTION_KNOWN * (sizeof(struct dim_section) + 64) +
			   sizeof(struct dim_dimension_record) + count * (sizeof(*records) + 4) +
			   mentions * (sizeof(struct dim_keyword_record) + 8) +
			   dim_format_hash_slots((uint32_t)mentions / 2) * sizeof(struct dim_hash_slot) + strings);
	metadata = calloc(1, *ret_size);
	LIMIT_CHECK(metadata != NULL, "memory");
	header.version = dim_put32(DIM_FORMAT_VERSION);
	header.layer_count = dim_put32((uint32_t)count);
	header.metadata_offset = dim_put64(sizeof(header));
	memcpy(metadata, &header, sizeof(header));
	records = (struct dim_layer_record *)(metadata + sizeof(header));
	at = *ret_size;
	for (i = 0; i < count; i++) {
		const struct limit_layer *layer = &region->layers[i];

		records[i].layer_id = dim_put32(layer->id);
		records[i].keyword_count = dim_put32(layer->keyword_count);
		records[i].offset = dim_put64(at);
		records[i].size = dim_put64(padded(layer->content_size));
		records[i].content_size = dim_put64(layer->content_size);
		records[i].frequency = dim_putf64(layer->frequency);
		memcpy(records[i].digest, layer->digest, LIMIT_DIGEST_SIZE);
		at += padded(layer->content_size);
	}
	return metadata;
}

static void write_region(struct compile *c, struct region *region)
{
	size_t count = region->folder->count, i;
	struct iovec *parts = malloc((1 + 2 * count) * sizeof(*parts));
	size_t metadata_size;
	char *metadata, name[32];
	int fd, used = 1;

	LIMIT_CHECK(parts != NULL, "memory");
	qsort(region->layers, count, sizeof(*region->layers), by_id);
	metadata = make_metadata(region, &metadata_size);
	parts[0] = (struct iovec){metadata, metadata_size};
	for (i = 0; i < count; i++) {
		const struct limit_layer *layer = &region->layers[i];
		size_t rest = padded(layer->content_size) - layer->content_size;

		parts[used++] = (struct iovec){(char *)layer->content, layer->content_size};
		if (rest > 0)
			parts[used++] = (struct iovec){(char *)zeros, rest};
	}
	snprintf(name, sizeof(name), "D%02zu.mmap", (size_t)(region - c->regions) + 1);
	fd = openat(c->out, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	LIMIT_CHECK(fd >= 0, name);
	write_all(fd, parts, used);
	if (c->depth == LIMIT_SYNC) {
		/* The disk begins at once, while others read on. */
		LIMIT_CHECK(sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE) == 0, name);
		region->fd = fd;
	} else {
		LIMIT_CHECK(close(fd) == 0, name);
	}
	free(metadata);
	free(parts);
}

static void sync_regions(void *data, int thread)
{
	struct compile *c = data;
	size_t i;

	(void)thread;
	while ((i = atomic_fetch_add(&c->next, 1)) < c->tree.count)
		LIMIT_CHECK(fsync(c->regions[i].fd) == 0 && close(c->regions[i].fd) == 0, "fsync");
}

/* --- files --- */

static size_t read_file(struct worker *w, int directory, const char *name)
{
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
	size_t size = 0;
	ssize_t got;

	LIMIT_CHECK(fd >= 0, name);
	for (;;) {
		got = read(fd, w->buffer + size, w->buffer_size - size);
		LIMIT_CHECK(got >= 0, name);
		size += (size_t)got;
		if (size < w->buffer_size)
			break;
		w->buffer_size *= 2;
		w->buffer = realloc(w->buffer, w->buffer_size);
		LIMIT_CHECK(w->buffer != NULL, "memory");
	}
	close(fd);
	return size;
}

static void take_file(struct worker *w, struct region *region, size_t i)
{
	const struct limit_folder *folder = region->folder;
	size_t size = read_file(w, folder->fd, folder->names + folder->name_at[i]);
	struct limit_layer *layer = &region->layers[i];
	char *room;

	atomic_fetch_add_explicit(&w->compile->bytes, size, memory_order_relaxed);
	if (w->compile->depth < LIMIT_PARSE)
		return;
	room = room_for(w, region, size + 1);
	w->chunk->used += limit_parse(w->buffer, size, room, layer);
	if (w->compile->depth < LIMIT_DIGEST)
		return;
	limit_sha_start(w->sha);
	limit_sha_add(w->sha, layer->content, layer->content_size);
	limit_sha_end(w->sha, layer->digest);
}

/* The files are numbered through all folders; a batch may end in the next one. */
static void compile_batches(void *data, int thread)
{
	struct compile *c = data;
	struct worker w = {.compile = c, .sha = limit_sha_new(), .buffer_size = 64 << 10};
	size_t first, i, r = 0;

	(void)thread;
	w.buffer = malloc(w.buffer_size);
	LIMIT_CHECK(w.buffer != NULL, "memory");
	while ((first = atomic_fetch_add(&c->next, c->batch)) < c->file_count) {
		size_t end = first + c->batch < c->file_count ? first + c->batch : c->file_count;

		for (i = first; i < end;) {
			struct region *region;
			size_t stop, taken;

			while (i >= c->regions[r].first_file + c->regions[r].folder->count)
				r++;
			region = &c->regions[r];
			stop = region->first_file + region->folder->count;
			stop = stop < end ? stop : end;
			taken = stop - i;
			for (; i < stop; i++)
				take_file(&w, region, i - region->first_file);
			give_chunk(&w);
			if (atomic_fetch_sub(&region->left, taken) == taken) {
				if (c->depth >= LIMIT_WRITE)
					write_region(c, region);
				free_chunks(c, atomic_exchange(&region->chunks, NULL));
			}
		}
	}
}

void limit_compile(const char *sources, const char *out, enum limit_depth depth)
{
	struct compile c = {.tree = limit_list(sources), .depth = depth, .out = -1};
	size_t i, share;

	pthread_mutex_init(&c.lock, NULL);
	c.regions = calloc(c.tree.count, sizeof(*c.regions));
	LIMIT_CHECK(c.regions != NULL, "memory");
	for (i = 0; i < c.tree.count; i++) {
		struct region *region = &c.regions[i];

		region->folder = &c.tree.folders[i];
		region->first_file = c.file_count;
		atomic_init(&region->left, region->folder->count);
		region->layers = malloc((region->folder->count + 1) * sizeof(*region->layers));
		LIMIT_CHECK(region->layers != NULL, "memory");
		c.file_count += region->folder->count;
	}
	share = c.file_count / (size_t)limit_threads / 16;
	c.batch = share < 1 ? 1 : share > BATCH_MAX ? BATCH_MAX : share;
	if (depth >= LIMIT_WRITE) {
		LIMIT_CHECK(mkdir(out, 0755) == 0, out);
		c.out = open(out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		LIMIT_CHECK(c.out >= 0, out);
	}
	limit_parallel(compile_batches, &c);
	if (depth == LIMIT_SYNC) {
		atomic_store(&c.next, 0);
		limit_parallel(sync_regions, &c);
		LIMIT_CHECK(fsync(c.out) == 0, out);
	}
	printf("%zu files, %zu bytes\n", c.file_count, (size_t)c.bytes);
}
