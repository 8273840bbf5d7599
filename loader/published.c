/*
 * published.c: from what is published in a volume at this moment to a snapshot of it.
 * In: a volume's path and options, and the snapshot in use, if there is one.
 * Out: a snapshot whose regions all come from one generation directory, proved; or why there is none.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "region.h"
#include "volume.h"

/*
 * A publisher replaces the directory in one step; who opened the old one just before may see its files go away, and,
 * where the file system cannot exchange directories, who comes in between finds none: up to a quarter of a second is
 * waited for.
 */
enum { ATTEMPTS = 250 };
static const struct timespec PAUSE = {0, 1000000};

/* Whether the region that is loaded is what this file holds: the same file, or, for a copy, the same header and size.
 */
static bool is_unchanged(const struct dim_region *region, int fd)
{
	uint8_t header[DIM_FORMAT_HEADER_SIZE];
	struct stat st;

	if (fstat(fd, &st) != 0 || (uint64_t)st.st_size != region->size)
		return false;
	if (region->backing == DIM_BACKING_FILE)
		return st.st_dev == region->device && st.st_ino == region->inode;
	return pread(fd, header, sizeof(header), 0) == (ssize_t)sizeof(header) &&
	       memcmp(header, region->base, sizeof(header)) == 0;
}

static enum dim_status within_budget(const struct dim_volume *v, uint64_t size, uint64_t room, struct dim_error *err)
{
	uint64_t used = v->options.memory_budget - room + size;

	if (v->options.memory_budget == 0 || size <= room)
		return DIM_OK;
	return dim_fail_limit(err, v->options.memory_budget, used,
			      "with this dimension, %llu bytes are more than the memory budget of %llu",
			      (unsigned long long)used, (unsigned long long)v->options.memory_budget);
}

enum dim_status dim_published_load(struct dim_volume *volume, const struct dim_snapshot *snapshot,
				   const struct dim_place *place, uint64_t room, struct dim_region **ret_region,
				   struct dim_error *err)
{
	const struct dim_options *options = &volume->options;
	const struct dim_generation *generation = snapshot->generation;
	uint64_t started = dim_trace_clock(volume);
	struct dim_region *region = NULL;
	enum dim_status status;
	int fd = dim_place_open(generation, place);
	struct stat st;

	*ret_region = NULL;
	if (fd < 0 && errno == ENOENT)
		return DIM_OK;
	if (options->memory_budget != 0 && fd >= 0 && fstat(fd, &st) == 0) {
		status = within_budget(volume, (uint64_t)st.st_size, room, err);
		if (status != DIM_OK) {
			close(fd);
			goto out;
		}
	}
	status = dim_region_take(fd, options, &region, err);
	if (status == DIM_OK && region->dimension_id != place->dimension_id)
		status = dim_fail(err, DIM_ERR_DAMAGED, place->dimension_id, 0, 8, 4,
				  "the region in D%02u is that of D%02u", place->dimension_id, region->dimension_id);
	if (status == DIM_OK && generation->serial > 1 && (options->flags & DIM_CHECK) == 0)
		status = dim_region_check(region, err);
	if (status == DIM_OK && options->prove != NULL) {
		memset(err, 0, sizeof(*err)); /* the caller's function may leave out what it likes */
		status = options->prove(options->prove_context, region, err);
		err->status = status;
		if (err->message[0] == '\0')
			snprintf(err->message, sizeof(err->message), "options.prove refuses the region");
	}
	if (status != DIM_OK)
		dim_region_close(region);
out:
	if (status != DIM_OK) {
		err->dimension_id = place->dimension_id;
		dim_error_at(err, "%s/%s", volume->generation_path, dim_place_path(place->dimension_id).text);
		return status;
	}
	region->account = &volume->mapped_size;
	atomic_fetch_add_explicit(&volume->mapped_size, region->size, memory_order_relaxed);
	dim_trace_event(volume, DIM_EVENT_LOAD, place->dimension_id, generation->serial, region->size, started, NULL);
	*ret_region = region;
	return DIM_OK;
}

/* What the snapshot in use says of a dimension: its region; or whether it is to be loaded at all. */
static struct dim_region *loaded_before(const struct dim_volume *v, const struct dim_snapshot *previous, uint32_t id,
					bool *ret_wanted)
{
	size_t position = previous == NULL ? SIZE_MAX : dim_snapshot_position(previous, id);

	*ret_wanted = (v->options.flags & DIM_LAZY) == 0;
	if (position == SIZE_MAX)
		return NULL;
	*ret_wanted = previous->regions[position] != NULL;
	return previous->regions[position];
}

static enum dim_status fill_one(struct dim_volume *v, const struct dim_snapshot *previous, struct dim_snapshot *s,
				const struct dim_place *place, uint64_t room, struct dim_region **ret_region,
				bool *ret_is_there, struct dim_error *err)
{
	bool wanted;
	struct dim_region *before = loaded_before(v, previous, place->dimension_id, &wanted);
	enum dim_status status;
	int fd;

	*ret_region = NULL;
	*ret_is_there = true;
	if (before != NULL) {
		fd = dim_place_open(s->generation, place);
		if (fd >= 0 && is_unchanged(before, fd))
			*ret_region = dim_region_share(before);
		if (fd >= 0)
			close(fd);
	}
	if (!wanted)
		return DIM_OK;
	if (*ret_region != NULL) { /* what was loaded before it may have grown */
		status = within_budget(v, before->size, room, err);
		if (status == DIM_OK)
			return DIM_OK;
		dim_region_close(*ret_region);
		err->dimension_id = place->dimension_id;
		return status;
	}
	status = dim_published_load(v, s, place, room, ret_region, err);
	if (status != DIM_OK || *ret_region != NULL)
		return status;
	*ret_is_there = false;
	return dim_place_absent(place, ENOENT, &v->options, err);
}

/* Loads what is to be loaded. Places without a file are dropped from the generation, which nobody else has seen yet. */
static enum dim_status fill(struct dim_volume *v, const struct dim_snapshot *previous, struct dim_snapshot *s,
			    struct dim_error *err)
{
	struct dim_generation *g = s->generation;
	enum dim_status status = DIM_OK;
	uint64_t used = 0, budget = v->options.memory_budget;
	size_t i, kept = 0;

	for (i = 0; i < g->count && status == DIM_OK; i++) {
		struct dim_region *region;
		bool is_there;

		status = fill_one(v, previous, s, &g->places[i], budget > used ? budget - used : 0, &region, &is_there,
				  err);
		if (status != DIM_OK || !is_there)
			continue;
		s->regions[kept] = region;
		g->places[kept++] = g->places[i];
		used += region != NULL ? region->size : 0;
	}
	if (status == DIM_OK) {
		s->count = g->count = kept;
		s->first_id = kept > 0 ? g->places[0].dimension_id : 0;
	}
	return status;
}

static enum dim_status nothing_published(struct dim_error *err)
{
	return dim_fail(err, DIM_ERR_NOT_FOUND, 0, 0, 0, 0, "nothing is published in this volume");
}

/* Opens the generation's directory. *ret_again: a publisher without exchange leaves the name empty for an instant. */
static enum dim_status open_directory(int volume, int *ret_directory, bool *ret_again, struct dim_error *err)
{
	int number;

	*ret_directory = openat(volume, "consciousness", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*ret_directory >= 0)
		return DIM_OK;
	number = errno;
	if (number != ENOENT)
		return dim_fail_errno(err, number, "cannot open consciousness/");
	*ret_again = faccessat(volume, ".next", F_OK, 0) == 0 || faccessat(volume, "consciousness", F_OK, 0) == 0;
	return nothing_published(err);
}

/* One attempt. *ret_again: the volume was replaced meanwhile, so that another attempt will see the new generation. */
static enum dim_status try_open(struct dim_volume *v, int volume, const struct dim_snapshot *previous,
				struct dim_snapshot **ret, bool *ret_again, struct dim_error *err)
{
	struct dim_generation *generation;
	struct dim_snapshot *s = NULL;
	struct stat now;
	int directory;
	enum dim_status status = open_directory(volume, &directory, ret_again, err);

	if (status == DIM_OK)
		status = dim_generation_new(directory, &generation, err);
	if (status != DIM_OK)
		return status;
	generation->serial = previous == NULL ? 1 : previous->generation->serial + 1;
	status = dim_generation_list(generation, &v->options, err);
	if (status == DIM_OK) {
		s = dim_snapshot_new(v, generation);
		if (s == NULL)
			status = dim_fail(err, DIM_ERR_MEMORY, 0, 0, 0, 0, "out of memory");
		else
			status = fill(v, previous, s, err);
	}
	/* While it is listed, a generation that was replaced may lose its dimensions one after the other. */
	if (fstatat(volume, "consciousness", &now, 0) != 0 || now.st_ino != generation->inode ||
	    now.st_dev != generation->device)
		*ret_again = true;
	else if (s != NULL && status == DIM_OK && s->count == 0)
		status = nothing_published(err);
	dim_generation_release(generation);
	if (status != DIM_OK || *ret_again)
		dim_snapshot_free(s);
	else
		*ret = s;
	return status;
}

enum dim_status dim_published_open(struct dim_volume *volume, const struct dim_snapshot *previous,
				   struct dim_snapshot **ret_snapshot, struct dim_error *err)
{
	enum dim_status status = DIM_ERR_NOT_FOUND;
	bool again = true;
	int attempt, fd;

	for (attempt = 0; attempt < ATTEMPTS && again; attempt++) {
		again = false;
		if (attempt > 0)
			nanosleep(&PAUSE, NULL);
		memset(err, 0, sizeof(*err));
		fd = openat(volume->base, volume->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0) {
			status = try_open(volume, fd, previous, ret_snapshot, &again, err);
			close(fd);
		} else if (errno == ENOENT) {
			status = dim_fail(err, DIM_ERR_NOT_FOUND, 0, 0, 0, 0, "there is no volume at this path");
		} else {
			status = dim_fail_errno(err, errno, "cannot open the volume");
		}
	}
	if (status == DIM_OK && again)
		status = dim_fail(err, DIM_ERR_NOT_FOUND, 0, 0, 0, 0, "the volume was replaced at every attempt");
	if (status != DIM_OK && err->path[0] == '\0')
		dim_error_at(err, "%s", volume->path);
	return status;
}
