/*
 * generation.c: the directory of one generation, and which dimensions it has.
 * In: the descriptor of consciousness/.
 * Out: its dimensions, by ascending id; with their files open where they are loaded later.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "snapshot.h"
#include "source.h"

struct dim_place_path dim_place_path(uint32_t dimension_id)
{
	struct dim_place_path path;

	snprintf(path.text, sizeof(path.text), "D%02u/region.mmap", dimension_id);
	return path;
}

int dim_place_open(const struct dim_generation *generation, const struct dim_place *place)
{
	if (place->descriptor >= 0)
		return fcntl(place->descriptor, F_DUPFD_CLOEXEC, 0);
	return dim_source_descriptor(generation->directory, dim_place_path(place->dimension_id).text);
}

enum dim_status dim_generation_new(int directory, struct dim_generation **ret, struct dim_error *err)
{
	struct dim_generation *g;
	enum dim_status status;
	struct stat st;

	if (fstat(directory, &st) != 0) {
		status = dim_fail_errno(err, errno, "cannot open the generation");
		close(directory);
		return status;
	}
	g = calloc(1, sizeof(*g));
	if (g == NULL) {
		close(directory);
		return dim_fail(err, DIM_ERR_MEMORY, 0, 0, 0, 0, "out of memory");
	}
	atomic_init(&g->references, 1);
	g->directory = directory;
	g->device = st.st_dev;
	g->inode = st.st_ino;
	*ret = g;
	return DIM_OK;
}

void dim_generation_release(struct dim_generation *generation)
{
	size_t i;

	if (atomic_fetch_sub_explicit(&generation->references, 1, memory_order_acq_rel) != 1)
		return;
	for (i = 0; i < generation->count; i++)
		if (generation->places[i].descriptor >= 0)
			close(generation->places[i].descriptor);
	free(generation->places);
	close(generation->directory);
	free(generation);
}

/* "D01" to "D65535", as dimc writes them: at least two digits, and no more zeros than that takes. Else 0. */
static uint32_t dimension_of_name(const char *name)
{
	uint32_t id = 0;
	size_t digits = 0;

	if (name[0] != 'D')
		return 0;
	while (name[1 + digits] >= '0' && name[1 + digits] <= '9' && digits < 6)
		id = id * 10 + (uint32_t)(name[1 + digits++] - '0');
	if (name[1 + digits] != '\0' || digits < 2 || (digits > 2 && name[1] == '0') || id > 65535)
		return 0;
	return id;
}

static enum dim_status add_place(struct dim_generation *g, uint32_t dimension_id, struct dim_error *err)
{
	if (g->count == g->capacity) {
		size_t capacity = g->capacity == 0 ? 16 : g->capacity * 2;
		struct dim_place *grown = realloc(g->places, capacity * sizeof(*grown));

		if (grown == NULL)
			return dim_fail_dimension(err, DIM_ERR_MEMORY, dimension_id, "out of memory");
		g->places = grown;
		g->capacity = capacity;
	}
	g->places[g->count++] = (struct dim_place){dimension_id, -1};
	return DIM_OK;
}

/* By the descriptor that is there anyway: nobody else reads from it. */
static enum dim_status list_directory(struct dim_generation *g, struct dim_error *err)
{
	_Alignas(struct dirent64) char entries[8192];
	enum dim_status status = DIM_OK;
	ssize_t size, at;

	while (status == DIM_OK && (size = getdents64(g->directory, entries, sizeof(entries))) != 0) {
		if (size < 0) /* ENOENT: a directory that was removed meanwhile, and is empty */
			return errno == ENOENT ? DIM_OK : dim_fail_errno(err, errno, "cannot read the generation");
		for (at = 0; status == DIM_OK && at < size;) {
			const struct dirent64 *entry = (const struct dirent64 *)(const void *)(entries + at);
			uint32_t id = dimension_of_name(entry->d_name);

			if (id != 0)
				status = add_place(g, id, err);
			at += entry->d_reclen;
		}
	}
	return status;
}

static int by_dimension(const void *a, const void *b)
{
	const struct dim_place *x = a, *y = b;

	return (x->dimension_id > y->dimension_id) - (x->dimension_id < y->dimension_id);
}

/* Opens every file, for later. What has none is left out, where the caller did not name it. */
static enum dim_status open_places(struct dim_generation *g, const struct dim_options *options, struct dim_error *err)
{
	enum dim_status status = DIM_OK;
	size_t i, kept = 0;

	for (i = 0; i < g->count; i++) {
		struct dim_place place = g->places[i];

		place.descriptor = dim_place_open(g, &place);
		if (place.descriptor < 0 && status == DIM_OK)
			status = dim_place_absent(&place, errno, options, err);
		if (place.descriptor >= 0)
			g->places[kept++] = place;
	}
	g->count = kept;
	return status;
}

enum dim_status dim_place_absent(const struct dim_place *place, int number, const struct dim_options *options,
				 struct dim_error *err)
{
	if (number == ENOENT && options->dimensions == NULL)
		return DIM_OK;
	if (number == ENOENT)
		return dim_fail_dimension(err, DIM_ERR_NOT_FOUND, place->dimension_id,
					  "the volume does not have this dimension");
	dim_fail_errno(err, number, "cannot open the region");
	err->dimension_id = place->dimension_id;
	return err->status;
}

enum dim_status dim_generation_list(struct dim_generation *generation, const struct dim_options *options,
				    struct dim_error *err)
{
	enum dim_status status = DIM_OK;
	size_t i;

	if (options->dimensions == NULL)
		status = list_directory(generation, err);
	for (i = 0; options->dimensions != NULL && status == DIM_OK && i < options->dimension_count; i++)
		status = add_place(generation, options->dimensions[i], err);
	if (status == DIM_OK && generation->count > 0)
		qsort(generation->places, generation->count, sizeof(*generation->places), by_dimension);
	if (status == DIM_OK && (options->flags & DIM_LAZY) != 0)
		status = open_places(generation, options, err);
	return status;
}
