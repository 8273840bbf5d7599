/*
 * options_test.c: what is asked for and cannot be, what the environment says, which names count, and what errors say.
 * In: the volume that tests/unit.bats compiles.
 * Out: nothing while each of them is refused, taken or said as dim.h has it.
 */
#include "volumes.h"

static void refused(const struct dim_options *options)
{
	struct dim_region *r = NULL;
	struct dim_volume *v = NULL;
	struct dim_error error;

	CHECK(dim_region_from_memory("MMAP", 4, options, &r, &error) == DIM_ERR_USAGE && error.message[0] != '\0');
	CHECK(dim_region_open("region", options, &r, &error) == DIM_ERR_USAGE);
	CHECK(strcmp(error.path, "region") == 0);
	CHECK(dim_volume_open("volume", options, &v, &error) == DIM_ERR_USAGE && error.message[0] != '\0');
	CHECK(dim_volume_open("volume", options, &v, NULL) == DIM_ERR_USAGE);
	CHECK(r == NULL && v == NULL);
}

static void refused_dimensions(const uint32_t *dimensions, size_t count)
{
	struct dim_options options = {.dimensions = dimensions, .dimension_count = count};
	struct dim_volume *v = NULL;
	struct dim_error error;

	CHECK(dim_volume_open("volume", &options, &v, &error) == DIM_ERR_USAGE && v == NULL);
	CHECK(error.status == DIM_ERR_USAGE && error.message[0] != '\0');
}

static void check_options(const char *region)
{
	static uint32_t many[65536];
	static const uint32_t zero[] = {1, 0}, large[] = {1, 65536};
	struct dim_options options = {0};
	uint32_t i;

	for (i = 0; i < 4; i++) {
		options = (struct dim_options){0};
		options.reserved[i] = 1;
		refused(&options);
	}
	refused(&(struct dim_options){.flags = 64});
	refused(&(struct dim_options){.flags = 1u << 31});
	refused(&(struct dim_options){.advice = DIM_ADVICE_HUGEPAGE + 1});
	for (i = 0; i <= DIM_ADVICE_HUGEPAGE; i++) {
		uint32_t flags;

		for (flags = 0; flags <= DIM_IN_MEMORY; flags += DIM_PREFAULT) {
			struct dim_region *r = NULL;

			options = (struct dim_options){.advice = i, .flags = flags};
			CHECK(dim_region_open(region, &options, &r, NULL) == DIM_OK);
			CHECK(dim_region_flags(r) == flags && dim_region_is_file(r) == ((flags & DIM_IN_MEMORY) == 0));
			CHECK(dim_verify_region(r, NULL, NULL) == DIM_OK);
			dim_region_close(r);
		}
	}
	for (i = 0; i < 65536; i++)
		many[i] = 1;
	refused_dimensions(NULL, 1);
	refused_dimensions(zero, 2);
	refused_dimensions(large, 2);
	refused_dimensions(large, 0);
	refused_dimensions(many, 65536);
}

/* What the environment says holds where the caller says nothing. */
static void check_environment(const char *volume)
{
	static const char *const wrong[] = {"x", "-1", " 1", "1x", "0", "99999999999999999999", "+5"};
	struct dim_options options = {.max_region_size = 1 << 30};
	struct dim_volume *v = NULL;
	struct dim_error error;
	size_t i;

	CHECK(mkdir("data", 0755) == 0 && symlink(volume, "data/mmap") == 0);
	CHECK(unsetenv("MMAP_BASE_PATH") == 0 && unsetenv("MMAP_MAX_SIZE") == 0);
	dim_volume_close(opened(NULL, NULL));
	CHECK(setenv("MMAP_BASE_PATH", "", 1) == 0 && setenv("MMAP_MAX_SIZE", "", 1) == 0);
	dim_volume_close(opened(NULL, NULL));
	CHECK(setenv("MMAP_BASE_PATH", volume, 1) == 0 && setenv("MMAP_MAX_SIZE", "10000000", 1) == 0);
	dim_volume_close(opened(NULL, NULL));
	CHECK(setenv("MMAP_MAX_SIZE", "4096", 1) == 0);
	CHECK(dim_volume_open(NULL, NULL, &v, &error) == DIM_ERR_LIMIT && error.limit == 4096);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		CHECK(setenv("MMAP_MAX_SIZE", wrong[i], 1) == 0);
		CHECK(dim_volume_open(NULL, NULL, &v, &error) == DIM_ERR_USAGE && v == NULL);
		CHECK(strstr(error.message, "MMAP_MAX_SIZE=") != NULL);
		dim_volume_close(opened(NULL, &options)); /* not asked */
		dim_volume_close(opened(volume, NULL));
	}
	CHECK(unsetenv("MMAP_BASE_PATH") == 0 && unsetenv("MMAP_MAX_SIZE") == 0);
}

/* --- generations with strange names, and many --- */

static void check_names(const char *volume)
{
	static const char *const strange[] = {"D",   "D0",	 "D00",	     "D000", "Dx",	   "D0x",
					      "D0:", "D1234567", "D0000001", "E01",  "d01",	   "D65536",
					      "D2",  "D002",	 "D-1",	     "D01 ", "D4294967297"};
	struct dim_volume *v;
	const struct dim_snapshot *s;
	char name[32];
	unsigned i;

	CHECK(mkdir("many", 0755) == 0 && mkdir("many/consciousness", 0755) == 0);
	stage("many/consciousness", volume, 2, COPY);
	for (i = 0; i < sizeof(strange) / sizeof(strange[0]); i++)
		CHECK(mkdir(in("many/consciousness", strange[i]), 0755) == 0);
	for (i = 10; i <= 70; i++) { /* places without a file, as `dimc init` makes them */
		snprintf(name, sizeof(name), "D%02u", i);
		CHECK(mkdir(in("many/consciousness", name), 0755) == 0);
	}
	CHECK(mkdir("many/consciousness/D65535", 0755) == 0);
	v = opened("many", NULL);
	s = dim_volume_acquire(v);
	CHECK(dim_snapshot_count(s) == 1 && dim_snapshot_dimension_at(s, 0) == 2);
	dim_snapshot_release(s);
	dim_volume_close(v);
	remove_all("many");
}

/* --- what is said --- */

static void check_format(struct dim_error error, const char *want)
{
	char line[1024], cut[6];

	CHECK(dim_error_format(&error, line, sizeof(line)) == strlen(want) && strcmp(line, want) == 0);
	CHECK(dim_error_format(&error, NULL, 0) == strlen(want));
	CHECK(dim_error_format(&error, cut, sizeof(cut)) == strlen(want) && strncmp(cut, want, 5) == 0 &&
	      cut[5] == '\0');
}

static void check_words(void)
{
	char path[600] = "", short_path[256] = "";
	struct dim_region *r = NULL;
	struct dim_error error;
	int i, k;

	for (i = 0; i <= DIM_ERR_UNKNOWN; i++)
		for (k = 0; k < i; k++)
			CHECK(strcmp(dim_strerror((enum dim_status)i), dim_strerror((enum dim_status)k)) != 0);
	CHECK(strcmp(dim_strerror((enum dim_status)(DIM_ERR_UNKNOWN + 1)), "unknown status") == 0);
	check_format((struct dim_error){.message = "message"}, "message");
	check_format((struct dim_error){.message = "message", .path = "a/b", .offset = 4, .size = 4},
		     "a/b: message (bytes 4 to 7)");
	check_format((struct dim_error){.message = "message", .path = "a", .dimension_id = 7}, "a: D07: message");
	check_format((struct dim_error){.message = "message", .dimension_id = 70, .layer_id = 3, .size = 1},
		     "D70/3: message (bytes 0 to 0)");
	memset(path, 'p', sizeof(path) - 1);
	memcpy(path + sizeof(path) - 5, "/end", 4);
	memset(short_path, 'p', sizeof(short_path) - 1);
	CHECK(dim_region_open(path, NULL, &r, &error) == DIM_ERR_SYSTEM);
	CHECK(strncmp(error.path, "...ppp", 6) == 0 && strlen(error.path) == 255);
	CHECK(ends_with(error.path, "p/end"));
	CHECK(dim_region_open(short_path, NULL, &r, &error) == DIM_ERR_SYSTEM && strcmp(error.path, short_path) == 0);
	CHECK(dim_region_open(path, NULL, &r, NULL) == DIM_ERR_SYSTEM && r == NULL);
}

int main(int argc, char **argv)
{
	char volume[4096];

	CHECK(argc >= 2 && realpath(argv[1], volume) != NULL);
	CHECK(chdir(in(volume, "temp")) == 0);
	check_options(region_path(in(volume, "consciousness"), 1));
	check_environment(volume);
	check_names(volume);
	check_words();
	return 0;
}
