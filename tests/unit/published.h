/*
 * published.h: opens a volume whose one region may be anything, in every way there is.
 * In: bytes that claim to be a region of D01.
 * Out: nothing while the volume opens where the region does, and refuses where it does not.
 */
#ifndef TESTS_PUBLISHED_H
#define TESTS_PUBLISHED_H

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accessors.h"

/* A volume in `path`, whose D01/region.mmap is a file in memory. */
struct published {
	char path[4096];
	int file;
	unsigned round; /* which way comes next */
};

static inline void published_new(struct published *p, const char *path)
{
	static const char *const names[] = {"", "/consciousness", "/consciousness/D01"};
	char name[sizeof(p->path) + 64], target[64];
	size_t i;

	snprintf(p->path, sizeof(p->path), "%s", path);
	p->round = 0;
	p->file = memfd_create("region.mmap", MFD_CLOEXEC);
	CHECK(p->file >= 0);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", path, names[i]);
		mkdir(name, 0755);
	}
	snprintf(name, sizeof(name), "%s/consciousness/D01/region.mmap", path);
	snprintf(target, sizeof(target), "/proc/self/fd/%d", p->file);
	unlink(name);
	CHECK(symlink(target, name) == 0);
}

/* What opening must say, by what the same bytes in memory say. */
static inline enum dim_status expected(const void *bytes, size_t size, const struct dim_options *options)
{
	struct dim_region *r = NULL;
	enum dim_status status;

	if (size == 0)
		return DIM_ERR_NOT_REGION;
	status = dim_region_from_memory(bytes, size, NULL, &r, NULL);
	if (status != DIM_OK)
		return status;
	if ((options->flags & DIM_CHECK) != 0)
		status = dim_region_check(r, NULL);
	if (status == DIM_OK && dim_region_dimension_id(r) != 1)
		status = DIM_ERR_DAMAGED;
	if (status == DIM_OK && options->prove != NULL)
		status = dim_verify_region(r, NULL, NULL);
	dim_region_close(r);
	return status;
}

static inline void look_at_volume(struct dim_volume *volume, enum trust trust)
{
	const struct dim_snapshot *s = dim_volume_acquire(volume);
	const struct dim_region *r = dim_snapshot_region_at(s, 0);
	struct dim_usage usage;
	uint8_t digest[32];
	bool changed = true;

	dim_volume_usage(volume, &usage);
	CHECK(usage.loaded_count == 1 && usage.loaded_size == dim_region_file_size(r));
	look_at_everything(r, trust);
	CHECK(dim_snapshot_digest(s, digest) == DIM_OK);
	CHECK(dim_verify_snapshot(s, NULL, NULL) == dim_verify_region(r, NULL, NULL));
	CHECK(dim_volume_refresh(volume, &changed, NULL) == DIM_OK && !changed);
	CHECK(dim_volume_unload(volume, 1, NULL) == DIM_OK);
	dim_snapshot_release(s);
}

static inline void judge_published(struct published *p, const void *bytes, size_t size)
{
	static const uint32_t flags[] = {0,
					 DIM_CHECK,
					 DIM_IN_MEMORY,
					 DIM_LAZY,
					 DIM_KEEP_FILES,
					 DIM_PREFAULT | DIM_READS_ONCE,
					 DIM_LAZY | DIM_IN_MEMORY | DIM_CHECK,
					 DIM_KEEP_FILES | DIM_CHECK | DIM_PREFAULT};
	unsigned round = p->round++, ways = sizeof(flags) / sizeof(flags[0]);
	struct dim_options options = {.flags = flags[round % ways], .advice = round / ways % 5};
	struct dim_volume *volume = NULL;
	struct dim_error error;
	enum dim_status status, want;

	if (round / ways % 3 == 2)
		options.prove = dim_verify_prove;
	CHECK(ftruncate(p->file, 0) == 0 && pwrite(p->file, bytes, size, 0) == (ssize_t)size);
	want = expected(bytes, size, &options);
	status = dim_volume_open(p->path, &options, &volume, &error);
	if (status == DIM_OK && (options.flags & DIM_LAZY) != 0)
		status = dim_volume_load(volume, 1, &error);
	CHECK(status == want);
	if (status == DIM_OK)
		look_at_volume(volume, (options.flags & DIM_CHECK) != 0 ? PROVEN : UNPROVEN);
	else
		look_at_error(&error, status, size);
	CHECK(status == DIM_OK || error.dimension_id == 1);
	dim_volume_close(volume);
}

#endif
