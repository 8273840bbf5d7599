/*
 * volumes.h: volumes in the working directory, replaced as a publisher replaces them; and what the kernel knows of this
 * process.
 * In: volumes that tests/volume.bats compiles.
 * Out: generations staged and published, files written, descriptors and mappings counted.
 */
#ifndef TESTS_VOLUMES_H
#define TESTS_VOLUMES_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accessors.h"

/* One of the last 256 that were asked for: nobody holds one for longer. */
static inline const char *keep_path(char *path)
{
	static char *paths[256];
	static size_t next;

	CHECK(path != NULL);
	next = (next + 1) % 256;
	free(paths[next]);
	paths[next] = path;
	return path;
}

static inline const char *in(const char *directory, const char *name)
{
	char *path = NULL;

	CHECK(asprintf(&path, "%s/%s", directory, name) > 0);
	return keep_path(path);
}

static inline const char *region_path(const char *generation, unsigned id)
{
	char *path = NULL;

	CHECK(asprintf(&path, "%s/D%02u/region.mmap", generation, id) > 0);
	return keep_path(path);
}

static inline void write_file(const char *path, const void *bytes, size_t size)
{
	int fd;

	unlink(path); /* dimc does not write into files that somebody may have mapped */
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
	CHECK(fd >= 0 && write(fd, bytes, size) == (ssize_t)size && close(fd) == 0);
}

/* All of a file. The caller frees data. */
static inline struct dim_span slurp(const char *path)
{
	int fd = open(path, O_RDONLY);
	struct dim_span span = {NULL, 0};
	struct stat st;
	char *bytes;

	CHECK(fd >= 0 && fstat(fd, &st) == 0);
	bytes = malloc((size_t)st.st_size + 1);
	CHECK(bytes != NULL && read(fd, bytes, (size_t)st.st_size) == st.st_size && close(fd) == 0);
	span.data = bytes;
	span.size = (size_t)st.st_size;
	return span;
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st, (void)type, (void)walk;
	return remove(path);
}

static inline void remove_all(const char *path)
{
	CHECK(nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT);
}

enum how { COPY, LINK };

/* Puts one dimension of a volume that was compiled into the generation that is being staged. */
static inline void stage(const char *generation, const char *from, unsigned id, enum how how)
{
	const char *source = region_path(in(from, "consciousness"), id);
	const char *target = region_path(generation, id);
	struct dim_span all;

	CHECK(mkdir(generation, 0755) == 0 || errno == EEXIST);
	CHECK(mkdir(keep_path(strndup(target, strlen(target) - strlen("/region.mmap"))), 0755) == 0);
	if (how == LINK) {
		CHECK(link(source, target) == 0);
		return;
	}
	all = slurp(source);
	write_file(target, all.data, all.size);
	free((void *)(uintptr_t)all.data);
}

/* Stages the dimensions of a volume that are in 1..9. */
static inline void stage_all(const char *generation, const char *from, enum how how)
{
	unsigned id;

	for (id = 1; id <= 9; id++)
		if (access(region_path(in(from, "consciousness"), id), F_OK) == 0)
			stage(generation, from, id, how);
}

/* The commit point: what is in VOLUME/staged is published; the former generation is removed. */
static inline void publish(const char *volume)
{
	const char *staged = in(volume, "staged"), *name = in(volume, "consciousness");

	if (access(name, F_OK) != 0) {
		CHECK(rename(staged, name) == 0);
		return;
	}
	CHECK(renameat2(AT_FDCWD, staged, AT_FDCWD, name, RENAME_EXCHANGE) == 0);
	remove_all(staged);
}

static inline void publish_all(const char *volume, const char *from, enum how how)
{
	CHECK(mkdir(volume, 0755) == 0 || errno == EEXIST);
	stage_all(in(volume, "staged"), from, how);
	publish(volume);
}

static inline unsigned descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned count = 0;

	CHECK(dir != NULL);
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

/* How many mappings of region files, or of copies of them, this process has. */
static inline unsigned mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned count = 0;
	char line[8192];

	CHECK(maps != NULL);
	while (fgets(line, sizeof(line), maps) != NULL)
		count += strstr(line, "region.mmap") != NULL || strstr(line, "memfd:dim-region") != NULL;
	fclose(maps);
	return count;
}

/* An error that is all 0xA5, and whether it still is. */
static inline struct dim_error untouched(void)
{
	struct dim_error error;

	memset(&error, 0xA5, sizeof(error));
	return error;
}

static inline bool is_untouched(const struct dim_error *error)
{
	struct dim_error same = untouched();

	return memcmp(error, &same, sizeof(same)) == 0;
}

static inline bool ends_with(const char *text, const char *end)
{
	size_t a = strlen(text), b = strlen(end);

	return a >= b && strcmp(text + a - b, end) == 0;
}

static inline bool is(struct dim_span span, const char *text)
{
	return span.size == strlen(text) && memcmp(span.data, text, span.size) == 0;
}

/* Opens what must open. Success leaves the error alone. */
static inline struct dim_volume *opened(const char *path, const struct dim_options *options)
{
	struct dim_volume *volume = NULL;
	struct dim_error error = untouched();

	CHECK(dim_volume_open(path, options, &volume, &error) == DIM_OK && volume != NULL && is_untouched(&error));
	return volume;
}

/* Whether a refresh, which must not fail, found something new. */
static inline bool refreshed(struct dim_volume *volume)
{
	struct dim_error error = untouched();
	bool changed = false;

	CHECK(dim_volume_refresh(volume, &changed, &error) == DIM_OK && is_untouched(&error));
	return changed;
}

/* The content of a layer of the generation in use, held by nobody: for comparing alone. */
static inline bool layer_is(const struct dim_snapshot *snapshot, uint32_t dimension, uint32_t layer_id,
			    const char *text)
{
	const struct dim_region *region = NULL;
	const struct dim_layer *layer = NULL;
	struct dim_span content = {0};

	CHECK(dim_snapshot_layer(snapshot, dimension, layer_id, &region, &layer) == DIM_OK);
	CHECK(dim_layer_content(region, layer, &content) == DIM_OK);
	return is(content, text);
}

static inline struct dim_usage usage_of(struct dim_volume *volume)
{
	struct dim_usage usage;

	memset(&usage, 0xA5, sizeof(usage));
	dim_volume_usage(volume, &usage);
	return usage;
}

#endif
