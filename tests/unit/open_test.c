/*
 * open_test.c: what dim.h says about opening a volume: where, which dimensions, within what, and how it fails.
 * In: the volumes A and B that tests/volume.bats compiles.
 * Out: nothing while every option does what it says, and every error tells what is wrong with what.
 */
#include "volumes.h"

static const char *a;

static size_t count_of(const char *path, const struct dim_options *options)
{
	struct dim_volume *volume = opened(path, options);
	size_t count = usage_of(volume).dimension_count;

	dim_volume_close(volume);
	return count;
}

/* Fails, with and without somebody who wants to know why; leaves nothing open. */
static struct dim_error failure(const char *path, const struct dim_options *options, enum dim_status status)
{
	struct dim_volume *volume = NULL;
	struct dim_error error = untouched();
	unsigned fds = descriptors(), mapped = mappings();

	CHECK(dim_volume_open(path, options, &volume, &error) == status && volume == NULL);
	look_at_error(&error, status, UINT64_MAX);
	CHECK(memchr(error.path, '\0', sizeof(error.path)) != NULL && error.reserved[0] == 0 && error.reserved[1] == 0);
	CHECK((error.system_errno != 0) == (status == DIM_ERR_SYSTEM));
	CHECK(dim_volume_open(path, options, &volume, NULL) == status && volume == NULL);
	CHECK(descriptors() == fds && mappings() == mapped);
	return error;
}

/* --- where ----------------------------------------------------------------------------------------------------- */

static void check_environment(void)
{
	static const char *const bad[] = {"0", "-1", "x", "1x", " 1", "1 ", "0x10", "99999999999999999999", "+1"};
	struct dim_options options = {0};
	struct dim_error error;
	size_t i;

	/* The default, relative to here. */
	CHECK(strcmp(failure(NULL, NULL, DIM_ERR_NOT_FOUND).path, "data/mmap") == 0);
	CHECK(setenv("MMAP_BASE_PATH", "", 1) == 0);
	CHECK(strcmp(failure(NULL, NULL, DIM_ERR_NOT_FOUND).path, "data/mmap") == 0);
	CHECK(mkdir("data", 0755) == 0);
	publish_all("data/mmap", a, LINK);
	CHECK(count_of(NULL, NULL) == 3);
	remove_all("data");
	CHECK(setenv("MMAP_BASE_PATH", a, 1) == 0 && count_of(NULL, NULL) == 3);
	failure("nothing", NULL, DIM_ERR_NOT_FOUND); /* a path goes before it */
	failure("", NULL, DIM_ERR_USAGE);	     /* and not the current directory */

	CHECK(setenv("MMAP_MAX_SIZE", "4096", 1) == 0);
	error = failure(NULL, NULL, DIM_ERR_LIMIT);
	CHECK(error.limit == 4096 && error.usage > 4096 && error.dimension_id == 1);
	CHECK(ends_with(error.path, "/A/consciousness/D01/region.mmap"));
	CHECK(count_of(a, NULL) == 3); /* with a path, the environment says nothing */
	options.max_region_size = 1 << 20;
	CHECK(count_of(NULL, &options) == 3);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(setenv("MMAP_MAX_SIZE", bad[i], 1) == 0);
		error = failure(NULL, NULL, DIM_ERR_USAGE);
		CHECK(strstr(error.message, "MMAP_MAX_SIZE") != NULL && strstr(error.message, bad[i]) != NULL);
		CHECK(count_of(NULL, &options) == 3);
	}
	CHECK(setenv("MMAP_MAX_SIZE", "", 1) == 0 && count_of(NULL, NULL) == 3);
	CHECK(unsetenv("MMAP_MAX_SIZE") == 0 && unsetenv("MMAP_BASE_PATH") == 0);
}

/* A relative path is that of the directory at the time, whatever is current later. */
static void check_chdir(const char *b)
{
	struct dim_volume *volume;
	const struct dim_snapshot *s;

	publish_all("v", a, COPY);
	CHECK(mkdir("elsewhere", 0755) == 0);
	volume = opened("v", NULL);
	CHECK(dim_volume_unload(volume, 1, NULL) == DIM_OK && chdir("elsewhere") == 0);
	CHECK(!refreshed(volume) && dim_volume_load(volume, 1, NULL) == DIM_OK);
	publish_all("../v", b, COPY);
	CHECK(refreshed(volume));
	s = dim_volume_acquire(volume);
	CHECK(layer_is(s, 1, 1, "b one\n"));
	dim_snapshot_release(s);
	dim_volume_close(volume);
	CHECK(count_of("../v", NULL) == 3 && chdir("..") == 0 && rmdir("elsewhere") == 0);
	remove_all("v");
}

/* A path that fits into no error: its end is told. */
static void check_long_path(void)
{
	char path[8192], deep[256];
	struct dim_error error;
	size_t i, length;

	memset(deep, 'd', 200);
	deep[200] = '\0';
	CHECK(realpath(".", path) != NULL);
	for (i = 0; i < 6; i++) {
		length = strlen(path);
		snprintf(path + length, sizeof(path) - length, "/%s", deep);
		CHECK(mkdir(path, 0755) == 0);
	}
	error = failure(path, NULL, DIM_ERR_NOT_FOUND);
	CHECK(strlen(error.path) == sizeof(error.path) - 1 && strncmp(error.path, "...d", 4) == 0);
	CHECK(ends_with(path, error.path + 3));
	publish_all(path, a, LINK);
	CHECK(count_of(path, NULL) == 3);
	CHECK(unlink(region_path(in(path, "consciousness"), 2)) == 0);
	write_file(region_path(in(path, "consciousness"), 2), "x", 1);
	error = failure(path, NULL, DIM_ERR_NOT_REGION);
	CHECK(ends_with(error.path, "d/consciousness/D02/region.mmap") && strncmp(error.path, "...d", 4) == 0);
	remove_all(deep);
}

/* --- what ------------------------------------------------------------------------------------------------------ */

static void check_selection(void)
{
	uint32_t ids[] = {3, 1, 3, 1, 1};
	struct dim_options options = {.dimensions = ids, .dimension_count = 5};
	struct dim_volume *volume = opened(a, &options);
	const struct dim_snapshot *s = dim_volume_acquire(volume);
	const struct dim_region *region = NULL;

	CHECK(dim_snapshot_count(s) == 2 && dim_snapshot_dimension_at(s, 0) == 1 &&
	      dim_snapshot_dimension_at(s, 1) == 3);
	CHECK(dim_snapshot_region(s, 2, &region) == DIM_ERR_NOT_FOUND && region == NULL);
	CHECK(dim_volume_load(volume, 2, NULL) == DIM_ERR_NOT_FOUND);
	dim_snapshot_release(s);
	dim_volume_close(volume);
	ids[0] = 9;
	CHECK(failure(a, &options, DIM_ERR_NOT_FOUND).dimension_id == 9);
	options.flags = DIM_LAZY;
	CHECK(failure(a, &options, DIM_ERR_NOT_FOUND).dimension_id == 9);
	ids[0] = 65536;
	CHECK(strstr(failure(a, &options, DIM_ERR_USAGE).message, "65536") != NULL);
	ids[0] = 0;
	failure(a, &options, DIM_ERR_USAGE);
	ids[0] = 65535;
	failure(a, &options, DIM_ERR_NOT_FOUND);
	options.dimension_count = 0;
	failure(a, &options, DIM_ERR_USAGE);
	options.dimension_count = SIZE_MAX;
	ids[0] = 1;
	options.dimensions = NULL;
	failure(a, &options, DIM_ERR_USAGE);
	options.dimension_count = 0;
	CHECK(count_of(a, &options) == 3);
}

static void check_usage(void)
{
	struct dim_options options = {0};
	struct dim_region *region = NULL;
	size_t i;

	for (i = 6; i < 32; i++) {
		options.flags = UINT32_C(1) << i;
		failure(a, &options, DIM_ERR_USAGE);
		CHECK(dim_region_open("nowhere", &options, &region, NULL) == DIM_ERR_USAGE);
		CHECK(dim_region_from_memory("MMAP", 4, &options, &region, NULL) == DIM_ERR_USAGE && region == NULL);
	}
	options.flags = 0;
	options.advice = DIM_ADVICE_HUGEPAGE + 1;
	failure(a, &options, DIM_ERR_USAGE);
	options.advice = DIM_ADVICE_HUGEPAGE;
	CHECK(count_of(a, &options) == 3);
	for (i = 0; i < sizeof(options.reserved) / sizeof(options.reserved[0]); i++) {
		options.reserved[i] = UINT64_C(1) << 63;
		failure(a, &options, DIM_ERR_USAGE);
		options.reserved[i] = 0;
	}
	options.flags = DIM_LAZY | DIM_CHECK | DIM_PREFAULT | DIM_IN_MEMORY | DIM_KEEP_FILES | DIM_READS_ONCE;
	CHECK(count_of(a, &options) == 3);
}

static void check_budget(void)
{
	struct dim_options options = {.memory_budget = 1}, lazy = {.flags = DIM_LAZY};
	struct dim_volume *volume = opened(a, NULL);
	uint64_t all = usage_of(volume).loaded_size;
	struct dim_error error;

	dim_volume_close(volume);
	error = failure(a, &options, DIM_ERR_LIMIT);
	CHECK(error.limit == 1 && error.usage > 1 && error.dimension_id == 1 && strstr(error.path, "/D01/") != NULL);
	options.memory_budget = all - 1;
	error = failure(a, &options, DIM_ERR_LIMIT);
	CHECK(error.limit == all - 1 && error.usage == all && error.dimension_id == 3);
	options.memory_budget = all;
	CHECK(count_of(a, &options) == 3);

	lazy.memory_budget = all - 1;
	volume = opened(a, &lazy);
	CHECK(usage_of(volume).budget == all - 1 && usage_of(volume).loaded_size == 0);
	CHECK(dim_volume_load(volume, 3, NULL) == DIM_OK && dim_volume_load(volume, 1, NULL) == DIM_OK);
	CHECK(dim_volume_load(volume, 2, &error) == DIM_ERR_LIMIT && error.usage == all && error.dimension_id == 2);
	CHECK(ends_with(error.path, "/A/consciousness/D02/region.mmap"));
	CHECK(dim_volume_unload(volume, 3, NULL) == DIM_OK && dim_volume_load(volume, 2, NULL) == DIM_OK);
	dim_volume_close(volume);
}

/* What the system says is what is told, with a budget, too. */
static void check_system(void)
{
	struct dim_options options[] = {{0}, {.memory_budget = 1 << 30}, {.flags = DIM_LAZY}};
	const char *file;
	size_t i;

	publish_all("v", a, LINK);
	file = strdup(region_path("v/consciousness", 2));
	for (i = 0; i < 3; i++) {
		struct dim_error error;

		CHECK(unlink(file) == 0 && symlink("region.mmap", file) == 0);
		error = failure("v", &options[i], DIM_ERR_SYSTEM);
		CHECK(error.system_errno == ELOOP && error.dimension_id == 2);
		CHECK(unlink(file) == 0 && symlink("nowhere", file) == 0);
		CHECK(count_of("v", &options[i]) == 2); /* a place without a file is no dimension */
	}
	/* What is no file at all: not when it is looked at from afar, but when it is loaded. */
	CHECK(unlink(file) == 0 && mkfifo(file, 0644) == 0);
	CHECK(failure("v", NULL, DIM_ERR_NOT_REGION).dimension_id == 2);
	CHECK(count_of("v", &options[2]) == 3);
	remove_all("v");
	free((void *)(uintptr_t)file);
}

/* --- one line for people --------------------------------------------------------------------------------------- */

static void check_format(void)
{
	struct dim_error error = {
		.status = DIM_ERR_DAMAGED, .dimension_id = 7, .layer_id = 12, .offset = 4096, .size = 2};
	static const char whole[] = "/v/D07/region.mmap: D07/12: it is bad (bytes 4096 to 4097)";
	char line[256];
	size_t size;

	strcpy(error.message, "it is bad");
	strcpy(error.path, "/v/D07/region.mmap");
	for (size = 1; size < sizeof(whole) + 3; size++) {
		memset(line, '#', sizeof(line));
		CHECK(dim_error_format(&error, line, size) == strlen(whole));
		CHECK(strlen(line) == (size <= strlen(whole) ? size - 1 : strlen(whole)));
		CHECK(strncmp(line, whole, strlen(line)) == 0 && line[size] == '#');
	}
	CHECK(dim_error_format(&error, NULL, 0) == strlen(whole));
	error.layer_id = 0, error.size = 0;
	dim_error_format(&error, line, sizeof(line));
	CHECK(strcmp(line, "/v/D07/region.mmap: D07: it is bad") == 0);
	error.dimension_id = 0;
	error.path[0] = '\0';
	dim_error_format(&error, line, sizeof(line));
	CHECK(strcmp(line, "it is bad") == 0);
	error.size = UINT64_MAX - 4096 + 1; /* to the last byte that there can be */
	dim_error_format(&error, line, sizeof(line));
	CHECK(strcmp(line, "it is bad (bytes 4096 to 18446744073709551615)") == 0);
	memset(error.path, 'p', sizeof(error.path) - 1);
	memset(error.message, 'm', sizeof(error.message) - 1);
	CHECK(dim_error_format(&error, line, sizeof(line)) > sizeof(error.path) + sizeof(error.message));
}

int main(int argc, char **argv)
{
	CHECK(argc >= 2);
	a = strdup(in(argv[1], "A"));
	check_environment();
	check_chdir(in(argv[1], "B"));
	check_long_path();
	check_selection();
	check_usage();
	check_budget();
	check_system();
	check_format();
	return 0;
}
