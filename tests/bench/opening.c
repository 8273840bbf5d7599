/*
 * opening.c: what it costs to open a volume, in time and memory, warm and cold.
 * In: a published volume that nobody else has mapped; for the cold figures, one on a disk.
 * Out: medians of ROUNDS. Warm: CPU microseconds for all regions together. Cold: microseconds on the wall.
 */
#include <fcntl.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef WITH_JANSSON
#include <jansson.h>
#endif

#include "bench.h"

static const char *volume_path;
static char paths[DIMENSIONS_MAX][4096];
static size_t region_count;

static void find_regions(void)
{
	struct dim_volume *volume;
	const struct dim_snapshot *snapshot;
	size_t i;

	NEED(dim_volume_open(volume_path, NULL, &volume, NULL) == DIM_OK);
	snapshot = dim_volume_acquire(volume);
	region_count = dim_snapshot_count(snapshot);
	NEED(region_count <= DIMENSIONS_MAX);
	for (i = 0; i < region_count; i++)
		snprintf(paths[i], sizeof(paths[i]), "%s/consciousness/D%02u/region.mmap", volume_path,
			 dim_snapshot_dimension_at(snapshot, i));
	dim_snapshot_release(snapshot);
	dim_volume_close(volume);
}

static void *map_bare(const char *path, size_t *ret_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *base;

	NEED(fd >= 0 && fstat(fd, &st) == 0);
	*ret_size = (size_t)st.st_size;
	base = mmap(NULL, *ret_size, PROT_READ, MAP_SHARED, fd, 0);
	NEED(base != MAP_FAILED && close(fd) == 0);
	return base;
}

static void bare(void)
{
	size_t size, i;
	void *base;

	for (i = 0; i < region_count; i++) {
		base = map_bare(paths[i], &size);
		NEED(munmap(base, size) == 0);
	}
}

/* As a volume has them: each mapping lies beside another, which the kernel has to look at. */
static void bare_at_once(void)
{
	void *bases[DIMENSIONS_MAX];
	size_t sizes[DIMENSIONS_MAX], i;

	for (i = 0; i < region_count; i++)
		bases[i] = map_bare(paths[i], &sizes[i]);
	for (i = 0; i < region_count; i++)
		NEED(munmap(bases[i], sizes[i]) == 0);
}

static void each_region(uint32_t flags)
{
	struct dim_options options = {.flags = flags};
	struct dim_region *region;
	size_t i;

	for (i = 0; i < region_count; i++) {
		NEED(dim_region_open(paths[i], &options, &region, NULL) == DIM_OK);
		dim_region_close(region);
	}
}

static void regions(void)
{
	each_region(0);
}

static void regions_checked(void)
{
	each_region(DIM_CHECK);
}

static void open_volume(uint32_t flags)
{
	struct dim_options options = {.flags = flags};
	struct dim_volume *volume;

	NEED(dim_volume_open(volume_path, &options, &volume, NULL) == DIM_OK);
	dim_volume_close(volume);
}

static void whole_volume(void)
{
	open_volume(0);
}

static void volume_checked(void)
{
	open_volume(DIM_CHECK);
}

#ifdef WITH_JANSSON
static void jansson(void)
{
	char path[4200];
	size_t i;

	for (i = 0; i < region_count; i++) {
		json_t *json;

		snprintf(path, sizeof(path), "%.*s/index.json", (int)(strrchr(paths[i], '/') - paths[i]), paths[i]);
		json = json_load_file(path, 0, NULL);
		NEED(json != NULL);
		json_decref(json);
	}
}
#endif

static const struct way {
	const char *name;
	void (*open)(void);
	int times;
} ways[] = {
	{"open+fstat+mmap+munmap+close", bare, 40},
	{"the same, all mapped at once", bare_at_once, 40},
	{"dim_region_open", regions, 40},
	{"dim_volume_open", whole_volume, 40},
	{"dim_region_open, dim_region_check", regions_checked, 10},
	{"dim_volume_open, DIM_CHECK", volume_checked, 10},
#ifdef WITH_JANSSON
	{"jansson", jansson, 1},
#endif
};
enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

static void warm(void)
{
	static double times[WAYS][ROUNDS_MAX];
	size_t rounds = rounds_wanted(), round, i;
	double started;
	int k;

	for (round = 0; round <= rounds; round++) /* the first one warms up */
		for (i = 0; i < WAYS; i++) {
			started = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
			for (k = 0; k < ways[i].times; k++)
				ways[i].open();
			times[i][round > 0 ? round - 1 : 0] =
				(seconds_of(CLOCK_PROCESS_CPUTIME_ID) - started) * 1e6 / ways[i].times;
		}
	for (i = 0; i < WAYS; i++)
		printf("open: %s\t%.1f\n", ways[i].name, median_of(times[i], rounds));
}

/* Heap that a volume holds, all of its regions mapped. */
static void memory(void)
{
	const struct dim_snapshot *snapshot;
	struct dim_volume *volume;
	size_t before = mallinfo2().uordblks + mallinfo2().hblkhd, held;

	NEED(dim_volume_open(volume_path, NULL, &volume, NULL) == DIM_OK);
	held = mallinfo2().uordblks + mallinfo2().hblkhd - before;
	snapshot = dim_volume_acquire(volume);
	printf("heap of a volume\t%zu\n", held);
	printf("heap for each dimension\t%zu\n", held / dim_snapshot_count(snapshot));
	dim_snapshot_release(snapshot);
	dim_volume_close(volume);
}

/* Out of the page cache, if the kernel does as it is asked. Returns how many pages are in it nevertheless. */
static size_t evict(void)
{
	static unsigned char in_core[1 << 20];
	size_t left = 0, i, k;

	for (i = 0; i < region_count; i++) {
		int fd = open(paths[i], O_RDONLY | O_CLOEXEC);
		struct stat st;
		void *base;

		NEED(fd >= 0 && fstat(fd, &st) == 0 && st.st_size <= (off_t)sizeof(in_core) * 4096);
		NEED(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0);
		base = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
		NEED(base != MAP_FAILED && mincore(base, (size_t)st.st_size, in_core) == 0);
		for (k = 0; k < ((size_t)st.st_size + 4095) / 4096; k++)
			left += in_core[k] & 1;
		munmap(base, (size_t)st.st_size);
		close(fd);
	}
	return left;
}

enum cold { COLD_PAGE, COLD_OPEN, COLD_LAYER, COLD_LAYER_FAULTS, COLD_OPEN_CHECKED, COLD_FIGURES };

/* One page of a file, which the disk has and the page cache not, and nothing around it. */
static double cold_page(uint64_t *state)
{
	char page[4096];
	int fd = open(paths[random_below(state, region_count)], O_RDONLY | O_CLOEXEC);
	struct stat st;
	double started;

	NEED(fd >= 0 && fstat(fd, &st) == 0 && posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM) == 0);
	started = seconds_of(CLOCK_MONOTONIC);
	NEED(pread(fd, page, sizeof(page), (off_t)random_below(state, (size_t)st.st_size / 4096) * 4096) ==
	     (ssize_t)sizeof(page));
	started = (seconds_of(CLOCK_MONOTONIC) - started) * 1e6;
	close(fd);
	return started;
}

/* The first layer that is read of a region that was just opened: its record, and its first and last byte. */
static double cold_layer(const struct dim_snapshot *snapshot, uint64_t *state, double *ret_faults)
{
	const struct dim_region *region = dim_snapshot_region_at(snapshot, random_below(state, region_count));
	const struct dim_layer *layer;
	struct dim_span content;
	struct dim_faults before = {0, 0}, after = {0, 0};
	volatile uint64_t sink;
	double started;

	dim_faults(&before);
	started = seconds_of(CLOCK_MONOTONIC);
	NEED(dim_region_layer_at(region, (uint32_t)random_below(state, dim_region_layer_count(region)), &layer) ==
	     DIM_OK);
	NEED(dim_layer_content(region, layer, &content) == DIM_OK);
	sink = touched(content.data, content.size);
	(void)sink;
	started = (seconds_of(CLOCK_MONOTONIC) - started) * 1e6;
	dim_faults(&after);
	*ret_faults = (double)(after.major - before.major);
	return started;
}

static size_t resident(const struct dim_snapshot *snapshot)
{
	size_t all = 0, i;
	uint64_t bytes;

	for (i = 0; i < region_count; i++) {
		const struct dim_region *region = dim_snapshot_region_at(snapshot, i);

		if (dim_region_resident(region, 0, dim_region_file_size(region), &bytes) == DIM_OK)
			all += (size_t)bytes;
	}
	return all;
}

static void cold(const char *name, uint32_t advice)
{
	static double times[COLD_FIGURES][ROUNDS_MAX];
	struct dim_options options = {.advice = advice}, checked = {.advice = advice, .flags = DIM_CHECK};
	size_t rounds = rounds_wanted() * 5 < ROUNDS_MAX ? rounds_wanted() * 5 : ROUNDS_MAX, round, left = 0,
	       in_cache = 0;
	uint64_t state = 14;

	for (round = 0; round < rounds; round++) {
		struct dim_volume *volume;
		const struct dim_snapshot *snapshot;
		double started;

		left += evict();
		times[COLD_PAGE][round] = cold_page(&state);
		left += evict();
		started = seconds_of(CLOCK_MONOTONIC);
		NEED(dim_volume_open(volume_path, &options, &volume, NULL) == DIM_OK);
		times[COLD_OPEN][round] = (seconds_of(CLOCK_MONOTONIC) - started) * 1e6;
		snapshot = dim_volume_acquire(volume);
		times[COLD_LAYER][round] = cold_layer(snapshot, &state, &times[COLD_LAYER_FAULTS][round]);
		in_cache = resident(snapshot);
		dim_snapshot_release(snapshot);
		dim_volume_close(volume);
		left += evict();
		started = seconds_of(CLOCK_MONOTONIC);
		NEED(dim_volume_open(volume_path, &checked, &volume, NULL) == DIM_OK);
		times[COLD_OPEN_CHECKED][round] = (seconds_of(CLOCK_MONOTONIC) - started) * 1e6;
		dim_volume_close(volume);
	}
	printf("cold, %s: pages left in the cache\t%zu\n", name, left);
	printf("cold, %s: pread of one page\t%.1f\n", name, median_of(times[COLD_PAGE], rounds));
	printf("cold, %s: dim_volume_open\t%.1f\n", name, median_of(times[COLD_OPEN], rounds));
	printf("cold, %s: the first layer\t%.1f\n", name, median_of(times[COLD_LAYER], rounds));
	printf("cold, %s: major faults for it\t%.0f\n", name, median_of(times[COLD_LAYER_FAULTS], rounds));
	printf("cold, %s: bytes in the cache then\t%zu\n", name, in_cache);
	printf("cold, %s: dim_volume_open, DIM_CHECK\t%.1f\n", name, median_of(times[COLD_OPEN_CHECKED], rounds));
}

int main(int argc, char **argv)
{
	if (argc != 3 ||
	    (strcmp(argv[1], "warm") != 0 && strcmp(argv[1], "memory") != 0 && strcmp(argv[1], "cold") != 0)) {
		fputs("usage: opening warm|memory|cold VOLUME\n", stderr);
		return 2;
	}
	volume_path = argv[2];
	if (strcmp(argv[1], "memory") == 0) {
		memory();
		return 0;
	}
	find_regions();
	if (strcmp(argv[1], "warm") == 0) {
		warm();
	} else {
		cold("random", DIM_ADVICE_RANDOM);
		cold("normal", DIM_ADVICE_NORMAL);
	}
	return 0;
}
