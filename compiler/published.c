/*
 * published.c: what is published now, and whether it is still what was published.
 * In: a volume.
 * Out: its manifest, its dimensions, and a proof that a dimension's files are sound.
 */
#include "published.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs.h"
#include "text.h"
#include "trace.h"

enum { MAX_MANIFEST = 1 << 30 };

static const char CACHE_FILE[] = VOLUME_CACHE "/" PUBLISHED_LIST;
static const char UNSYNCED[] = "\nunsynced\n";

static void read_cache(const struct volume *volume, struct published *ret)
{
	struct arena arena = {0};
	struct fs_file file;
	char hex[DIGEST_HEX_SIZE];

	trace_begin(TRACE_CACHE, "read");
	digest_hex(&ret->manifest.generation, hex);
	/* The list begins with the generation it is about. */
	if (fs_read(volume->fd, CACHE_FILE, MAX_MANIFEST, FS_NO_FOLLOW, &arena, &file) == 0 &&
	    file.size > sizeof(hex) && memcmp(file.bytes, hex, sizeof(hex) - 1) == 0)
		buf_add(&ret->cache, file.bytes, file.size);
	arena_free(&arena);
	trace_end(TRACE_CACHE);
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The dimensions that are there, whatever the manifest says. */
static bool read_ids(struct published *ret, size_t *capacity)
{
	struct arena arena = {0};
	char **names, path[300];
	size_t count, i;

	if (fs_list(ret->fd, &arena, &names, &count) != 0)
		return false;
	for (i = 0; i < count; i++) {
		uint32_t id = volume_dimension_id(names[i]);

		snprintf(path, sizeof(path), "%.200s/region.mmap", names[i]);
		if (id == 0 || faccessat(ret->fd, path, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		ret->ids = mem_reserve(ret->ids, ret->id_count, capacity, sizeof(*ret->ids));
		ret->ids[ret->id_count++] = id;
	}
	arena_free(&arena);
	return true;
}

/* And those of the manifest: one that was deleted by hand is missing, not forgotten. */
static void add_manifest_ids(struct published *ret, size_t capacity)
{
	size_t i, count = 0;

	for (i = 0; i < ret->manifest.count; i++) {
		ret->ids = mem_reserve(ret->ids, ret->id_count, &capacity, sizeof(*ret->ids));
		ret->ids[ret->id_count++] = ret->manifest.dimensions[i].dimension_id;
	}
	if (ret->id_count > 0)
		qsort(ret->ids, ret->id_count, sizeof(*ret->ids), by_number);
	for (i = 0; i < ret->id_count; i++)
		if (i == 0 || ret->ids[i] != ret->ids[i - 1])
			ret->ids[count++] = ret->ids[i];
	ret->id_count = count;
}

bool published_read(const struct volume *volume, const char *name, struct published *ret)
{
	struct arena arena = {0};
	struct fs_file file;
	bool newer = false;
	size_t capacity = 0;

	memset(ret, 0, sizeof(*ret));
	ret->fd = fs_open_dir(volume->fd, name);
	if (ret->fd < 0 && errno == ENOENT)
		return true;
	if (ret->fd < 0 || !read_ids(ret, &capacity)) {
		diag_fail(volume->diag, EXIT_SYSTEM, "cannot read %s/%s: %s", volume->path, name, strerror(errno));
		published_free(ret);
		return false;
	}
	if (fs_read(ret->fd, "manifest.json", MAX_MANIFEST, FS_NO_FOLLOW, &arena, &file) != 0) {
		if (errno == ELOOP || errno == EISDIR || errno == EINVAL || errno == EFBIG) {
			ret->manifest_wrong = "it cannot be read";
		} else if (errno != ENOENT) {
			diag_fail(volume->diag, EXIT_SYSTEM, "cannot read %s/%s/manifest.json: %s", volume->path, name,
				  strerror(errno));
			diag_help(volume->diag, "where the disk is damaged there, delete it and compile again");
			arena_free(&arena);
			published_free(ret);
			return false;
		}
	} else {
		ret->has_manifest = manifest_parse(file.bytes, file.size, &ret->manifest, &newer, &ret->manifest_wrong);
	}
	if (ret->has_manifest)
		read_cache(volume, ret);
	add_manifest_ids(ret, capacity);
	arena_free(&arena);
	return true;
}

void published_free(struct published *published)
{
	if (published->fd >= 0)
		close(published->fd);
	manifest_free(&published->manifest);
	free(published->ids);
	buf_free(&published->cache);
	memset(published, 0, sizeof(*published));
	published->fd = -1;
}

bool published_is_current(const struct volume *volume, const char *name, const struct published *published)
{
	/* Absent while a publisher without exchange is between its two renames; staging is gone after the second. */
	if (faccessat(volume->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return published->fd < 0 && faccessat(volume->fd, VOLUME_STAGING, F_OK, AT_SYMLINK_NOFOLLOW) != 0 &&
		       faccessat(volume->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0;
	return published->fd >= 0 && fs_leads_to(volume->fd, name, AT_SYMLINK_NOFOLLOW, published->fd);
}

bool published_has(const struct published *published, uint32_t dimension_id)
{
	return published->id_count > 0 &&
	       bsearch(&dimension_id, published->ids, published->id_count, sizeof(dimension_id), by_number) != NULL;
}

/* One line of the list: what a file looked like when it was published. */
static void describe_file(const char *path, const struct stat *st, struct buf *ret)
{
	buf_printf(ret, "\n%s %lld %llu %lld.%09ld\n", path, (long long)st->st_size, (unsigned long long)st->st_ino,
		   (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
}

static bool is_remembered(const struct published *published, const char *path, const struct stat *st)
{
	struct buf line = {0};
	bool yes;

	if (published->cache.size == 0)
		return false;
	describe_file(path, st, &line);
	yes = memmem(published->cache.bytes, published->cache.size, line.bytes, line.size) != NULL;
	buf_free(&line);
	return yes;
}

/* 0, or the errno of what kept it from being read; *ret: its digest. */
static int digest_file(int dirfd, const char *path, struct digest *ret)
{
	int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), error = 0;

	if (fd < 0)
		return errno;
	if (fs_digest(fd, ret) != 0)
		error = errno;
	close(fd);
	return error;
}

bool published_is_sound(const struct published *published, const struct manifest_file *file)
{
	struct digest digest;
	struct stat st;
	int error = 0;
	bool yes = false;

	if (fstatat(published->fd, file->path, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		error = errno == ENOENT || errno == ENOTDIR ? 0 : errno;
	} else if (S_ISREG(st.st_mode) && (uint64_t)st.st_size == file->size) {
		yes = is_remembered(published, file->path, &st);
		if (!yes && (error = digest_file(published->fd, file->path, &digest)) == 0)
			yes = digest_equal(&digest, &file->digest);
	}
	errno = error;
	return yes;
}

bool published_has_whole(const struct published *published, const struct manifest_dimension *d, const char **ret_path)
{
	bool has_region = false, has_index = false;
	size_t i;

	*ret_path = "region.mmap";
	for (i = 0; i < d->file_count; i++) {
		has_region = has_region || text_ends_with(d->files[i].path, "/region.mmap");
		has_index = has_index || text_ends_with(d->files[i].path, "/index.json");
	}
	errno = 0;
	if (!has_region || !has_index)
		return false;
	for (i = 0; i < d->file_count; i++) {
		*ret_path = d->files[i].path;
		if (!published_is_sound(published, &d->files[i]))
			return false;
	}
	return true;
}

bool published_is_remembered(const struct published *published, bool synced)
{
	const struct buf *cache = &published->cache;

	return cache->size > 0 && !(synced && memmem(cache->bytes, cache->size, UNSYNCED, strlen(UNSYNCED)) != NULL);
}

void published_describe(int generation, const struct manifest *manifest, bool synced, struct buf *ret)
{
	char hex[DIGEST_HEX_SIZE];
	struct stat st;
	size_t i, k;

	trace_begin(TRACE_CACHE, "describe");
	digest_hex(&manifest->generation, hex);
	buf_puts(ret, hex);
	if (!synced)
		buf_puts(ret, UNSYNCED);
	for (i = 0; i < manifest->count; i++)
		for (k = 0; k < manifest->dimensions[i].file_count; k++)
			if (fstatat(generation, manifest->dimensions[i].files[k].path, &st, AT_SYMLINK_NOFOLLOW) == 0)
				describe_file(manifest->dimensions[i].files[k].path, &st, ret);
	trace_end(TRACE_CACHE);
}
