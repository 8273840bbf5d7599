/*
 * volume_test.c: what dim.h says about volumes, also while their generation is replaced under the reader.
 * In: the volume that tests/unit.bats compiles.
 * Out: nothing while a volume that opens is whole and of one generation, and one that is not whole says why.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accessors.h"

/* --- what happens between two system calls of the reader --- */

static void (*before_listing)(void);
static int listings;

/* libdim calls this one where it lists a generation: the place to be slow at, before the first entry. */
ssize_t getdents64(int fd, void *buffer, size_t size)
{
	ssize_t (*real)(int, void *, size_t) = NULL;
	void *symbol = dlsym(RTLD_NEXT, "getdents64");

	memcpy(&real, &symbol, sizeof(real));
	CHECK(real != NULL);
	if (lseek(fd, 0, SEEK_CUR) == 0) {
		listings++;
		if (before_listing != NULL)
			before_listing();
	}
	return real(fd, buffer, size);
}

/* And this one where it asks whether a publisher is between its two renames. */
static void (*before_asking)(void);

int faccessat(int dirfd, const char *path, int mode, int flags)
{
	int (*real)(int, const char *, int, int) = NULL;
	void *symbol = dlsym(RTLD_NEXT, "faccessat");

	memcpy(&real, &symbol, sizeof(real));
	CHECK(real != NULL);
	if (before_asking != NULL)
		before_asking();
	return real(dirfd, path, mode, flags);
}

static char scratch[4096];

static const char *in_scratch(const char *name)
{
	static char path[4][8192];
	static int next;

	next = (next + 1) % 4;
	snprintf(path[next], sizeof(path[next]), "%s/%s", scratch, name);
	return path[next];
}

static void make(const char *name)
{
	CHECK(mkdir(in_scratch(name), 0755) == 0);
}

static void write_file(const char *name, const void *bytes, size_t size)
{
	int fd = open(in_scratch(name), O_WRONLY | O_CREAT | O_TRUNC, 0644);

	CHECK(fd >= 0 && write(fd, bytes, size) == (ssize_t)size && close(fd) == 0);
}

static struct dim_span good[2]; /* regions of D01 and D02 */

/* A generation of two dimensions below `name`. */
static void make_generation(const char *name)
{
	char path[256];
	unsigned i;

	make(name);
	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/D%02u", name, i + 1);
		make(path);
		snprintf(path, sizeof(path), "%s/D%02u/region.mmap", name, i + 1);
		write_file(path, good[i].data, good[i].size);
	}
}

static void remove_dimension(const char *generation, unsigned id)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/D%02u/region.mmap", generation, id);
	unlink(in_scratch(path));
	snprintf(path, sizeof(path), "%s/D%02u", generation, id);
	rmdir(in_scratch(path));
}

static void remove_generation(const char *name)
{
	remove_dimension(name, 1);
	remove_dimension(name, 2);
	rmdir(in_scratch(name));
}

static void check_whole(const char *path)
{
	struct dim_volume *volume = NULL;
	const struct dim_snapshot *snapshot = NULL;
	const struct dim_region *region = NULL;
	struct dim_error error;

	CHECK(dim_volume_open(path, NULL, &volume, &error) == DIM_OK);
	snapshot = dim_volume_acquire(volume);
	CHECK(dim_snapshot_count(snapshot) == 2);
	CHECK(dim_region_dimension_id(dim_snapshot_region_at(snapshot, 0)) == 1);
	CHECK(dim_region_dimension_id(dim_snapshot_region_at(snapshot, 1)) == 2);
	CHECK(dim_snapshot_region_at(snapshot, 2) == NULL && dim_snapshot_region_at(snapshot, SIZE_MAX) == NULL);
	CHECK(dim_snapshot_region(snapshot, 1, &region) == DIM_OK && region == dim_snapshot_region_at(snapshot, 0));
	CHECK(dim_snapshot_region(snapshot, 2, &region) == DIM_OK && region == dim_snapshot_region_at(snapshot, 1));
	region = NULL;
	CHECK(dim_snapshot_region(snapshot, 0, &region) == DIM_ERR_NOT_FOUND && region == NULL);
	CHECK(dim_snapshot_region(snapshot, 3, &region) == DIM_ERR_NOT_FOUND && region == NULL);
	CHECK(dim_snapshot_region(snapshot, UINT32_MAX, &region) == DIM_ERR_NOT_FOUND && region == NULL);
	look_at_everything(dim_snapshot_region_at(snapshot, 0), PROVEN);
	look_at_everything(dim_snapshot_region_at(snapshot, 1), PROVEN);
	dim_snapshot_release(snapshot);
	dim_volume_close(volume);
	dim_volume_close(NULL);
}

static enum dim_status fails(const char *path, struct dim_error *ret)
{
	struct dim_volume *volume = NULL;
	enum dim_status status = dim_volume_open(path, NULL, &volume, ret);

	CHECK(status != DIM_OK && volume == NULL);
	look_at_error(ret, status, UINT64_MAX);
	CHECK(dim_volume_open(path, NULL, &volume, NULL) == status && volume == NULL);
	return status;
}

static void check_refusals(void)
{
	struct dim_options limit = {.max_region_size = 4096};
	struct dim_volume *volume = NULL;
	struct dim_error error;

	CHECK(fails(in_scratch("nothing"), &error) == DIM_ERR_NOT_FOUND);
	write_file("file", "x", 1);
	CHECK(fails(in_scratch("file"), &error) == DIM_ERR_SYSTEM && error.system_errno == ENOTDIR);
	unlink(in_scratch("file"));
	CHECK(fails(scratch, &error) == DIM_ERR_NOT_FOUND); /* no consciousness/ */
	make("consciousness");
	CHECK(fails(scratch, &error) == DIM_ERR_NOT_FOUND); /* nothing in it */
	make("consciousness/D01");
	CHECK(fails(scratch, &error) == DIM_ERR_NOT_FOUND); /* as `dimc init` leaves it */

	/* Names that are no dimension's are nobody's business. */
	write_file("consciousness/D01/region.mmap", good[0].data, good[0].size);
	make("consciousness/D02");
	write_file("consciousness/D02/region.mmap", good[1].data, good[1].size);
	make("consciousness/D002");
	make("consciousness/D1");
	make("consciousness/D65536");
	write_file("consciousness/D65536/region.mmap", "junk", 4);
	make("consciousness/D2-old");
	make("consciousness/D99999999999999999999");
	write_file("consciousness/D002/region.mmap", "junk", 4);
	write_file("consciousness/D1/region.mmap", "junk", 4);
	write_file("consciousness/manifest.json", "junk", 4);
	write_file("test.txt", "junk", 4);
	check_whole(scratch);
	unlink(in_scratch("consciousness/D002/region.mmap"));
	unlink(in_scratch("consciousness/D1/region.mmap"));
	unlink(in_scratch("consciousness/D65536/region.mmap"));
	rmdir(in_scratch("consciousness/D65536"));
	rmdir(in_scratch("consciousness/D002"));
	rmdir(in_scratch("consciousness/D1"));
	rmdir(in_scratch("consciousness/D2-old"));
	rmdir(in_scratch("consciousness/D99999999999999999999"));
	unlink(in_scratch("consciousness/manifest.json"));
	unlink(in_scratch("test.txt"));

	CHECK(dim_volume_open(scratch, &limit, &volume, &error) == DIM_ERR_LIMIT && volume == NULL);
	CHECK(error.dimension_id != 0);
	write_file("consciousness/D02/region.mmap", good[0].data, good[0].size);
	CHECK(fails(scratch, &error) == DIM_ERR_DAMAGED && error.dimension_id == 2);
	write_file("consciousness/D02/region.mmap", "MMAP", 4);
	CHECK(fails(scratch, &error) == DIM_ERR_DAMAGED && error.dimension_id == 2);
	write_file("consciousness/D02/region.mmap", "", 0);
	CHECK(fails(scratch, &error) == DIM_ERR_NOT_REGION && error.dimension_id == 2);
	remove_generation("consciousness");
}

/* --- the publisher, at the worst moments --- */

/* Publishes once; the former generation is on its way out when the reader begins to list it. */
static void replace_and_remove_first(void)
{
	before_listing = NULL;
	CHECK(rename(in_scratch("consciousness"), in_scratch("old")) == 0);
	make_generation("consciousness");
	remove_dimension("old", 1);
}

/* The same, but a file is gone and its directory is still there. */
static void replace_and_remove_a_file(void)
{
	before_listing = NULL;
	CHECK(rename(in_scratch("consciousness"), in_scratch("old")) == 0);
	make_generation("consciousness");
	CHECK(unlink(in_scratch("old/D02/region.mmap")) == 0);
}

static void replace_and_remove_all(void)
{
	before_listing = NULL;
	CHECK(rename(in_scratch("consciousness"), in_scratch("old")) == 0);
	make_generation("consciousness");
	remove_generation("old");
}

/* Always somebody publishing: the reader gives up some day, and says so. */
static void replace_every_time(void)
{
	char name[64];

	snprintf(name, sizeof(name), "old%d", listings);
	CHECK(rename(in_scratch("consciousness"), in_scratch(name)) == 0);
	remove_generation(name);
	make_generation("consciousness");
}

/* Where the file system cannot exchange, a reader finds nothing; and the moment it asks why, all is there. */
static void complete(void)
{
	before_asking = NULL;
	CHECK(rename(in_scratch(".next"), in_scratch("consciousness")) == 0);
}

static void complete_later(void)
{
	before_asking = complete;
}

static void check_completed(void (*how)(void))
{
	make_generation(".next");
	before_asking = how;
	check_whole(scratch);
	CHECK(before_asking == NULL);
	remove_generation("consciousness");
}

static void check_replaced(void (*how)(void))
{
	make_generation("consciousness");
	before_listing = how;
	check_whole(scratch);
	CHECK(before_listing == NULL);
	remove_generation("old");
	remove_generation("consciousness");
}

static void check_volume(const char *path)
{
	struct dim_volume *volume = NULL;
	const struct dim_snapshot *snapshot = NULL;
	struct dim_error error;
	size_t i;

	CHECK(dim_volume_open(path, NULL, &volume, &error) == DIM_OK);
	snapshot = dim_volume_acquire(volume);
	CHECK(dim_snapshot_count(snapshot) == 3);
	for (i = 0; i < 3; i++)
		CHECK(dim_region_dimension_id(dim_snapshot_region_at(snapshot, i)) == i + 1);
	dim_snapshot_release(snapshot);
	dim_volume_close(volume);
}

int main(int argc, char **argv)
{
	struct dim_region *regions[2] = {NULL};
	struct dim_error error;
	char path[8192];
	int i;

	CHECK(argc >= 2);
	check_volume(argv[1]);
	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/consciousness/D0%d/region.mmap", argv[1], i + 1);
		CHECK(dim_region_open(path, NULL, &regions[i], NULL) == DIM_OK);
		good[i] = dim_region_bytes(regions[i]);
	}
	snprintf(scratch, sizeof(scratch), "%s/temp/volume_test", argv[1]);
	CHECK(mkdir(scratch, 0755) == 0);
	check_refusals();
	check_replaced(replace_and_remove_all);
	check_replaced(replace_and_remove_a_file);
	check_replaced(replace_and_remove_first);
	check_completed(complete);
	check_completed(complete_later);
	make_generation("consciousness");
	listings = 0;
	before_listing = replace_every_time;
	CHECK(fails(scratch, &error) == DIM_ERR_NOT_FOUND && listings > 2);
	before_listing = NULL;
	check_whole(scratch);
	remove_generation("consciousness");
	CHECK(rmdir(scratch) == 0);
	dim_region_close(regions[0]);
	dim_region_close(regions[1]);
	return 0;
}
