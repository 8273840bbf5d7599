/*
 * volume.c: opens one whole generation of a volume.
 * In: the path of a volume.
 * Out: all its regions, by ascending dimension_id, every one opened from one generation directory that was opened once.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

struct dim_volume {
	size_t count;
	size_t capacity;
	struct dim_region **regions;
};

/*
 * A publisher replaces the directory in one step; who opened the old one just before may see its files go away, and,
 * where the file system cannot exchange directories, who comes in between finds none: up to a quarter of a second is
 * waited for.
 */
enum { ATTEMPTS = 250 };
static const struct timespec PAUSE = {0, 1000000};

/* "D01" to "D65535", as dimc writes them. Returns 0 for any other name. */
static uint32_t dimension_of_name(const char *name)
{
	uint32_t id = 0;
	size_t digits = 0;
	char canonical[16];

	if (name[0] != 'D')
		return 0;
	while (name[1 + digits] >= '0' && name[1 + digits] <= '9' && digits < 6)
		id = id * 10 + (uint32_t)(name[1 + digits++] - '0');
	if (id == 0 || id > 65535)
		return 0;
	snprintf(canonical, sizeof(canonical), "D%02u", id);
	return strcmp(canonical, name) == 0 ? id : 0;
}

static int by_dimension(const void *a, const void *b)
{
	const struct dim_region *x = *(struct dim_region *const *)a, *y = *(struct dim_region *const *)b;

	return (x->dimension_id > y->dimension_id) - (x->dimension_id < y->dimension_id);
}

static bool reserve(struct dim_volume *v)
{
	size_t capacity = v->capacity == 0 ? 16 : v->capacity * 2;
	struct dim_region **grown;

	if (v->count < v->capacity)
		return true;
	grown = realloc(v->regions, capacity * sizeof(struct dim_region *));
	if (grown == NULL)
		return false;
	v->regions = grown;
	v->capacity = capacity;
	return true;
}

/* Opens every region below the generation directory. */
static enum dim_status open_regions(struct dim_volume *v, int generation, const struct dim_options *options,
				    struct dim_error *err)
{
	enum dim_status status = DIM_OK;
	int copy = openat(generation, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (dir == NULL) {
		status = dim_fail_errno(err, errno, "cannot read the generation");
		if (copy >= 0)
			close(copy);
		return status;
	}
	while (status == DIM_OK && (errno = 0, entry = readdir(dir)) != NULL) {
		uint32_t id = dimension_of_name(entry->d_name);
		char path[32];
		struct dim_region *region;
		struct stat st;

		if (id == 0)
			continue;
		snprintf(path, sizeof(path), "D%02u/region.mmap", id);
		if (fstatat(generation, path, &st, 0) != 0 && errno == ENOENT)
			continue; /* an empty directory of `dimc init`, or a generation that is being removed */
		if (!reserve(v)) {
			status = dim_fail(err, DIM_ERR_MEMORY, id, 0, 0, 0, "out of memory");
			break;
		}
		status = dim_region_openat(generation, path, options, &region, err);
		if (status != DIM_OK) {
			if (err != NULL && err->dimension_id == 0)
				err->dimension_id = id;
			break;
		}
		v->regions[v->count++] = region;
		if (region->dimension_id != id)
			status = dim_fail(err, DIM_ERR_DAMAGED, id, 0, 8, 4, "the region in %.10s is that of D%02u",
					  entry->d_name, region->dimension_id);
	}
	if (status == DIM_OK && errno != 0)
		status = dim_fail_errno(err, errno, "cannot read the generation");
	closedir(dir);
	return status;
}

static void close_regions(struct dim_volume *v)
{
	size_t i;

	for (i = 0; i < v->count; i++)
		dim_region_close(v->regions[i]);
	v->count = 0;
}

/* One attempt. *ret_again: the volume was replaced meanwhile, so that another attempt will see the new generation. */
static enum dim_status try_open(struct dim_volume *v, const char *path, const struct dim_options *options,
				bool *ret_again, struct dim_error *err)
{
	enum dim_status status;
	struct stat opened, now;
	int volume, generation = -1;

	*ret_again = false;
	volume = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (volume < 0) {
		if (errno == ENOENT)
			return dim_fail(err, DIM_ERR_NOT_FOUND, 0, 0, 0, 0, "there is no volume at this path");
		return dim_fail_errno(err, errno, "cannot open the volume");
	}
	generation = openat(volume, "consciousness", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (generation < 0 || fstat(generation, &opened) != 0) {
		/* Without exchange in the file system, a publisher leaves the name empty for an instant. */
		int number = errno;

		*ret_again = number == ENOENT && (faccessat(volume, ".next", F_OK, 0) == 0 ||
						  faccessat(volume, "consciousness", F_OK, 0) == 0);
		if (number == ENOENT)
			status = dim_fail(err, DIM_ERR_NOT_FOUND, 0, 0, 0, 0, "nothing is published in this volume");
		else
			status = dim_fail_errno(err, number, "cannot open consciousness/");
		goto out;
	}
	status = open_regions(v, generation, options, err);
	/* While it is listed, a generation that was replaced may lose its dimensions one after the other. */
	if (fstatat(volume, "consciousness", &now, 0) != 0 || now.st_ino != opened.st_ino ||
	    now.st_dev != opened.st_dev)
		*ret_again = true;
	else if (status == DIM_OK && v->count == 0)
		status = dim_fail(err, DIM_ERR_NOT_FOUND, 0, 0, 0, 0, "nothing is published in this volume");
out:
	if (generation >= 0)
		close(generation);
	close(volume);
	return status;
}

enum dim_status dim_volume_open(const char *path, const struct dim_options *options, struct dim_volume **ret_volume,
				struct dim_error *ret_error)
{
	struct dim_volume *v = calloc(1, sizeof(*v));
	struct dim_error local; /* what open_regions learns from it must be there also when the caller does not care */
	enum dim_status status = DIM_ERR_MEMORY;
	bool again = true;
	int attempt;

	if (v == NULL)
		return dim_fail(ret_error, DIM_ERR_MEMORY, 0, 0, 0, 0, "out of memory");
	for (attempt = 0; attempt < ATTEMPTS && again; attempt++) {
		close_regions(v);
		if (attempt > 0)
			nanosleep(&PAUSE, NULL);
		memset(&local, 0, sizeof(local));
		status = try_open(v, path, options, &again, &local);
	}
	if (status == DIM_OK && again)
		status = dim_fail(&local, DIM_ERR_NOT_FOUND, 0, 0, 0, 0, "the volume was replaced at every attempt");
	if (status != DIM_OK) {
		if (ret_error != NULL)
			*ret_error = local;
		dim_volume_close(v);
		return status;
	}
	qsort(v->regions, v->count, sizeof(struct dim_region *), by_dimension);
	*ret_volume = v;
	return DIM_OK;
}

void dim_volume_close(struct dim_volume *volume)
{
	if (volume == NULL)
		return;
	close_regions(volume);
	free(volume->regions);
	free(volume);
}

size_t dim_volume_count(const struct dim_volume *volume)
{
	return volume->count;
}

const struct dim_region *dim_volume_region_at(const struct dim_volume *volume, size_t position)
{
	return position < volume->count ? volume->regions[position] : NULL;
}

enum dim_status dim_volume_region(const struct dim_volume *volume, uint32_t dimension_id,
				  const struct dim_region **ret_region)
{
	size_t low = 0, high = volume->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint32_t id = volume->regions[middle]->dimension_id;

		if (id == dimension_id) {
			*ret_region = volume->regions[middle];
			return DIM_OK;
		}
		if (id < dimension_id)
			low = middle + 1;
		else
			high = middle;
	}
	return DIM_ERR_NOT_FOUND;
}
