/*
 * limit_hash.c: SHA-256 of files by threads: what proving them takes.
 * In: a directory with directories of files.
 * Out: one line on stdout; status 1 where a digest in a region is not that of its content.
 */
#include "limit.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../include/dim_format.h"

enum { BUFFER = 128 << 10 };

static struct file {
	char *path;
	off_t size;
} * files;
static size_t file_count;
static atomic_size_t next, bytes, contents;

struct hash {
	bool with_contents;
};

static int add_file(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
	(void)place;
	if (kind != FTW_F)
		return 0;
	files = realloc(files, (file_count + 1) * sizeof(*files));
	LIMIT_CHECK(files != NULL, "memory");
	files[file_count++] = (struct file){strdup(path), facts->st_size};
	return 0;
}

/* The large ones first, so that no thread is left with one at the end. */
static int by_size(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	return (x->size < y->size) - (x->size > y->size);
}

/* The metadata of a region in the page layout, and how far the bytes that come in have been compared with it. */
struct region {
	struct dim_header header;
	char *metadata;
	const struct dim_layer_record *records;
	uint32_t count, layer;
	struct limit_sha *sha;
};

static void open_region(struct region *region, int fd, struct limit_sha *sha)
{
	struct dim_header *header = &region->header;
	uint8_t wanted[LIMIT_DIGEST_SIZE], is[LIMIT_DIGEST_SIZE];
	const struct dim_section *sections;
	uint64_t at, size;
	uint32_t i;

	LIMIT_CHECK(pread(fd, header, sizeof(*header), 0) == sizeof(*header), "a header");
	at = dim_get64(header->metadata_offset);
	size = dim_get64(header->metadata_size);
	region->metadata = malloc(size);
	LIMIT_CHECK(region->metadata != NULL && pread(fd, region->metadata, size, (off_t)at) == (ssize_t)size,
		    "metadata");
	memcpy(wanted, header->checksum, sizeof(wanted));
	memset(header->checksum, 0, sizeof(header->checksum));
	limit_sha_start(sha);
	limit_sha_add(sha, header, sizeof(*header));
	limit_sha_add(sha, region->metadata, size);
	limit_sha_end(sha, is);
	LIMIT_CHECK(memcmp(is, wanted, sizeof(is)) == 0, "the digest of a region");
	sections = (const struct dim_section *)region->metadata;
	for (i = 0; i < dim_get32(header->section_count); i++)
		if (dim_get32(sections[i].kind) == DIM_SECTION_LAYERS)
			region->records = (const void *)(region->metadata + (dim_get64(sections[i].offset) - at));
	LIMIT_CHECK(region->records != NULL, "a layer table");
	region->count = dim_get32(header->layer_count);
	region->layer = 0;
	region->sha = sha;
}

/* Bytes [at, at + size) of the file: what of them is content goes to its layer's digest. */
static void add_contents(struct region *region, const char *buffer, uint64_t at, uint64_t size)
{
	for (; region->layer < region->count; region->layer++) {
		const struct dim_layer_record *record = &region->records[region->layer];
		uint64_t begin = dim_get64(record->offset), end = begin + dim_get64(record->content_size);
		uint64_t from = begin > at ? begin : at, to = end < at + size ? end : at + size;
		uint8_t is[LIMIT_DIGEST_SIZE];

		if (from >= at + size)
			return;
		if (from == begin)
			limit_sha_start(region->sha);
		limit_sha_add(region->sha, buffer + (from - at), to - from);
		if (to < end)
			return;
		limit_sha_end(region->sha, is);
		LIMIT_CHECK(memcmp(is, record->digest, sizeof(is)) == 0, "the digest of a content");
		atomic_fetch_add_explicit(&contents, 1, memory_order_relaxed);
	}
}

static void hash_files(void *data, int thread)
{
	const struct hash *hash = data;
	struct limit_sha *whole = limit_sha_new(), *single = limit_sha_new();
	char *buffer = aligned_alloc(4096, BUFFER);
	uint8_t digest[LIMIT_DIGEST_SIZE];
	size_t i;

	(void)thread;
	LIMIT_CHECK(buffer != NULL, "memory");
	while ((i = atomic_fetch_add(&next, 1)) < file_count) {
		const char *slash = strrchr(files[i].path, '/');
		bool is_region = hash->with_contents && strcmp(slash, "/region.mmap") == 0;
		int fd = open(files[i].path, O_RDONLY | O_CLOEXEC);
		struct region region = {0};
		uint64_t at = 0;
		ssize_t got;

		LIMIT_CHECK(fd >= 0, files[i].path);
		if (is_region)
			open_region(&region, fd, single);
		limit_sha_start(whole);
		while ((got = read(fd, buffer, BUFFER)) > 0) {
			limit_sha_add(whole, buffer, (size_t)got);
			if (is_region)
				add_contents(&region, buffer, at, (uint64_t)got);
			at += (uint64_t)got;
		}
		LIMIT_CHECK(got == 0 && region.layer == region.count, files[i].path);
		limit_sha_end(whole, digest);
		close(fd);
		free(region.metadata);
		atomic_fetch_add_explicit(&bytes, at, memory_order_relaxed);
	}
}

void limit_hash(const char *path, bool with_contents)
{
	struct hash hash = {with_contents};

	LIMIT_CHECK(nftw(path, add_file, 16, FTW_PHYS) == 0, path);
	qsort(files, file_count, sizeof(*files), by_size);
	limit_parallel(hash_files, &hash);
	printf("%zu files, %zu bytes, %zu contents\n", file_count, (size_t)bytes, (size_t)contents);
}
