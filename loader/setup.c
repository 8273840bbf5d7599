/*
 * setup.c: a volume before anything is opened, and its trace.
 * In: the caller's path and options, or the environment.
 * Out: a struct dim_volume of its own copies; events to the caller's function.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "region.h"
#include "volume.h"

/* MMAP_MAX_SIZE, or nothing where it is not set. */
static enum dim_status size_of_environment(uint64_t *ret, struct dim_error *err)
{
	const char *text = getenv("MMAP_MAX_SIZE");
	unsigned long long value;
	char *end;

	if (text == NULL || text[0] == '\0')
		return DIM_OK;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value == 0)
		return dim_fail(err, DIM_ERR_USAGE, 0, 0, 0, 0, "MMAP_MAX_SIZE=%.32s is not a number of bytes", text);
	*ret = value;
	return DIM_OK;
}

static const char *path_of_environment(void)
{
	const char *path = getenv("MMAP_BASE_PATH");

	return path != NULL && path[0] != '\0' ? path : "data/mmap";
}

/* "PATH" and what follows it. NULL: out of memory. */
static char *join(const char *path, const char *rest)
{
	size_t size = strlen(path) + strlen(rest) + 1;
	char *joined = malloc(size);

	if (joined != NULL)
		snprintf(joined, size, "%s%s", path, rest);
	return joined;
}

/*
 * The volume's paths. Relative ones begin from a directory that is held open, so that they stay right when somebody
 * changes the current one; its own path may lead through directories that are closed to this user. Symbolic links are
 * followed at every refresh.
 */
static enum dim_status set_paths(struct dim_volume *v, const char *path, struct dim_error *err)
{
	if (path[0] == '\0') /* and not the current directory */
		return dim_fail(err, DIM_ERR_USAGE, 0, 0, 0, 0, "the path is empty");
	if (path[0] != '/') {
		v->base = openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (v->base < 0)
			return dim_fail_errno(err, errno, "cannot open the current directory");
	}
	v->path = join(path, "");
	v->generation_path = join(path, "/consciousness");
	if (v->path == NULL || v->generation_path == NULL)
		return dim_fail(err, DIM_ERR_MEMORY, 0, 0, 0, 0, "out of memory");
	return DIM_OK;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* A copy of the selected dimensions, ascending, each once. */
static enum dim_status copy_dimensions(struct dim_volume *v, const struct dim_options *options, struct dim_error *err)
{
	size_t i, kept = 0, count = options->dimension_count;

	if (options->dimensions == NULL)
		return count == 0 ? DIM_OK : dim_fail(err, DIM_ERR_USAGE, 0, 0, 0, 0, "no dimensions given");
	for (i = 0; i < count; i++)
		if (options->dimensions[i] == 0 || options->dimensions[i] > 65535)
			return dim_fail(err, DIM_ERR_USAGE, 0, 0, 0, 0, "dimension_id %u is outside 1..65535",
					options->dimensions[i]);
	if (count == 0 || count > 65535)
		return dim_fail(err, DIM_ERR_USAGE, 0, 0, 0, 0, "dimension_count is outside 1..65535");
	v->dimensions = malloc(count * sizeof(*v->dimensions));
	if (v->dimensions == NULL)
		return dim_fail(err, DIM_ERR_MEMORY, 0, 0, 0, 0, "out of memory");
	memcpy(v->dimensions, options->dimensions, count * sizeof(*v->dimensions));
	qsort(v->dimensions, count, sizeof(*v->dimensions), by_number);
	for (i = 0; i < count; i++)
		if (i == 0 || v->dimensions[i] != v->dimensions[i - 1])
			v->dimensions[kept++] = v->dimensions[i];
	v->options.dimensions = v->dimensions;
	v->options.dimension_count = kept;
	return DIM_OK;
}

enum dim_status dim_volume_new(const char *path, const struct dim_options *options, struct dim_volume **ret,
			       struct dim_error *err)
{
	static const struct dim_options none;
	enum dim_status status = dim_options_check(options, err);
	struct dim_volume *v;

	if (status != DIM_OK)
		return status;
	v = aligned_alloc(_Alignof(struct dim_volume), sizeof(*v));
	if (v == NULL)
		return dim_fail(err, DIM_ERR_MEMORY, 0, 0, 0, 0, "out of memory");
	memset(v, 0, sizeof(*v));
	v->base = AT_FDCWD;
	pthread_mutex_init(&v->lock, NULL);
	atomic_init(&v->alive, 1);
	v->options = options != NULL ? *options : none;
	status = copy_dimensions(v, &v->options, err);
	if (status == DIM_OK && path == NULL && v->options.max_region_size == 0)
		status = size_of_environment(&v->options.max_region_size, err);
	if (status == DIM_OK)
		status = set_paths(v, path != NULL ? path : path_of_environment(), err);
	if (status == DIM_OK)
		*ret = v;
	else
		dim_volume_free(v);
	return status;
}

void dim_volume_free(struct dim_volume *volume)
{
	pthread_mutex_destroy(&volume->lock);
	if (volume->base >= 0)
		close(volume->base);
	free(volume->dimensions);
	free(volume->path);
	free(volume->generation_path);
	free(volume);
}

static uint64_t nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t dim_trace_clock(const struct dim_volume *volume)
{
	return volume->options.trace != NULL ? nanoseconds() : 0;
}

void dim_trace_event(const struct dim_volume *volume, enum dim_event_kind kind, uint32_t dimension_id, uint64_t serial,
		     uint64_t size, uint64_t started, const struct dim_error *error)
{
	struct dim_event event = {kind, dimension_id, serial, size, 0, volume->path, error};

	if (volume->options.trace == NULL)
		return;
	event.nanoseconds = nanoseconds() - started;
	volume->options.trace(volume->options.trace_context, &event);
}
