/*
 * read_test.c: what dim_verify.h says about reading one layer, proving regions before they are used, and digests.
 * In: the volumes A and B that tests/volume.bats compiles; the digest of A's generation, as its manifest states it.
 * Out: nothing while what is read is what was compiled, or an error, and no signal, whatever happens to the file.
 */
#include <sys/mman.h>

#include "volumes.h"

static const char *a, *b;

static struct dim_region *kept(const char *path, uint32_t flags)
{
	struct dim_options options = {.flags = flags};
	struct dim_region *region = NULL;

	CHECK(dim_region_open(path, &options, &region, NULL) == DIM_OK);
	return region;
}

static void expect(const struct dim_region *region, uint32_t layer_id, const char *text)
{
	struct dim_error error = untouched();
	char buffer[256];
	size_t size = 4242, length = strlen(text);

	memset(buffer, '#', sizeof(buffer));
	CHECK(dim_layer_read(region, layer_id, buffer, sizeof(buffer), &size, &error) == DIM_OK);
	CHECK(size == length && memcmp(buffer, text, length) == 0 && buffer[length] == '#' && is_untouched(&error));
	/* Exactly as large as it must be, then one byte too small, then none at all: how people ask for the size. */
	memset(buffer, '#', sizeof(buffer));
	CHECK(dim_layer_read(region, layer_id, buffer, length, &size, NULL) == DIM_OK && buffer[length] == '#');
	size = 4242;
	CHECK(dim_layer_read(region, layer_id, buffer, length - 1, &size, &error) == DIM_ERR_LIMIT && size == length);
	look_at_error(&error, DIM_ERR_LIMIT, dim_region_file_size(region));
	CHECK(error.limit == length - 1 && error.usage == length && error.layer_id == layer_id);
	CHECK(error.dimension_id == dim_region_dimension_id(region) && buffer[length - 1] != '\0');
	CHECK(dim_layer_read(region, layer_id, NULL, 0, &size, NULL) == DIM_ERR_LIMIT && size == length);
}

static void fails(const struct dim_region *region, uint32_t layer_id, enum dim_status status)
{
	struct dim_error error;
	char buffer[256];
	size_t size = 42;

	CHECK(dim_layer_read(region, layer_id, buffer, sizeof(buffer), &size, &error) == status && size == 42);
	look_at_error(&error, status, UINT64_MAX);
	CHECK(error.dimension_id == dim_region_dimension_id(region) && error.layer_id == layer_id);
	CHECK(dim_layer_read(region, layer_id, buffer, sizeof(buffer), &size, NULL) == status && size == 42);
}

static void check_right(const struct dim_region *page, const struct dim_region *packed)
{
	expect(page, 1, "a one\n");
	expect(page, 2, "a two\n");
	fails(page, 3, DIM_ERR_NOT_FOUND);
	fails(page, 0, DIM_ERR_NOT_FOUND);
	fails(page, UINT32_MAX, DIM_ERR_NOT_FOUND);
	expect(packed, 7, "the same\n"); /* ids far apart */
	expect(packed, UINT32_MAX, "the last\n");
	fails(packed, 1, DIM_ERR_NOT_FOUND);
	fails(packed, 8, DIM_ERR_NOT_FOUND);
	fails(packed, UINT32_MAX - 1, DIM_ERR_NOT_FOUND);
}

static void check_sources(const char *one, const char *two)
{
	static const uint32_t flags[] = {DIM_KEEP_FILES, DIM_IN_MEMORY, DIM_IN_MEMORY | DIM_KEEP_FILES,
					 DIM_KEEP_FILES | DIM_LAZY | DIM_PREFAULT};
	struct dim_region *page, *packed;
	struct dim_span bytes[2] = {slurp(one), slurp(two)};
	size_t i;

	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		page = kept(one, flags[i]), packed = kept(two, flags[i]);
		check_right(page, packed);
		dim_region_close(page);
		dim_region_close(packed);
	}
	CHECK(dim_region_from_memory(bytes[0].data, bytes[0].size, NULL, &page, NULL) == DIM_OK);
	CHECK(dim_region_from_memory(bytes[1].data, bytes[1].size, NULL, &packed, NULL) == DIM_OK);
	check_right(page, packed);
	((char *)(uintptr_t)bytes[0].data)[dim_region_file_size(page) - 4096] ^= 1; /* the last content */
	fails(page, 2, DIM_ERR_DAMAGED);
	dim_region_close(page);
	dim_region_close(packed);
	page = kept(one, 0);
	fails(page, 1, DIM_ERR_USAGE);
	dim_region_close(page);
	free((void *)(uintptr_t)bytes[0].data);
	free((void *)(uintptr_t)bytes[1].data);
}

static void overwrite(const char *path, const void *bytes, size_t size, off_t at)
{
	int fd = open(path, O_WRONLY);

	CHECK(fd >= 0 && pwrite(fd, bytes, size, at) == (ssize_t)size && close(fd) == 0);
}

/* The file is cut, changed, and another is written over it, under a region that is open. A touch would be a SIGBUS. */
static void check_attacks(const char *good, const char *other)
{
	struct dim_span all = slurp(good), another = slurp(other);
	struct dim_region *region, *copy;
	struct stat st;
	size_t size;

	write_file("attacked", all.data, all.size);
	region = kept("attacked", DIM_KEEP_FILES);
	copy = kept("attacked", DIM_KEEP_FILES | DIM_IN_MEMORY);
	for (size = all.size - 1; size > 0; size = size * 2 / 3) {
		CHECK(truncate("attacked", (off_t)size) == 0);
		/* Layer 2 is the last, and its slot the last page, of which little is content. */
		if (size <= all.size - 4096)
			fails(region, 2, DIM_ERR_DAMAGED);
		else
			expect(region, 2, "a two\n");
		expect(copy, 2, "a two\n");
	}
	CHECK(truncate("attacked", 0) == 0);
	fails(region, 1, DIM_ERR_DAMAGED);
	expect(copy, 1, "a one\n");

	overwrite("attacked", all.data, all.size, 0);
	expect(region, 1, "a one\n");
	overwrite("attacked", "X", 1, (off_t)all.size - 4096);
	fails(region, 2, DIM_ERR_DAMAGED);
	expect(region, 1, "a one\n");
	/* A whole region, which proves itself, but is not this one: also where this one's layers are not there. */
	overwrite("attacked", another.data, another.size, 0);
	CHECK(stat("attacked", &st) == 0);
	fails(region, 1, DIM_ERR_DAMAGED);
	fails(region, 99, DIM_ERR_DAMAGED);
	CHECK(dim_layer_read(region, 1, NULL, 0, &size, NULL) == DIM_ERR_DAMAGED);
	expect(copy, 1, "a one\n");
	/* Zeros have no layer. */
	CHECK(truncate("attacked", 0) == 0 && truncate("attacked", (off_t)all.size) == 0);
	fails(region, 1, DIM_ERR_DAMAGED);
	dim_region_close(region);
	dim_region_close(copy);
	unlink("attacked");
	free((void *)(uintptr_t)all.data);
	free((void *)(uintptr_t)another.data);
}

/* --- proving --------------------------------------------------------------------------------------------------- */

static size_t proven;

static enum dim_status count_and_prove(void *context, const struct dim_region *region, struct dim_error *error)
{
	CHECK(context == &proven);
	proven++;
	return dim_verify_prove(NULL, region, error);
}

static void flip_content(const char *volume, unsigned id)
{
	const char *path = region_path(in(volume, "consciousness"), id);
	struct dim_span all = slurp(path);
	struct dim_region *region = kept(path, 0);
	const struct dim_layer *layer = NULL;
	size_t at;

	CHECK(dim_region_layer_at(region, 0, &layer) == DIM_OK);
	at = (size_t)dim_layer_offset(layer);
	((char *)(uintptr_t)all.data)[at] ^= 1;
	write_file(path, all.data, all.size);
	dim_region_close(region);
	free((void *)(uintptr_t)all.data);
}

static void check_prove(uint32_t flags)
{
	struct dim_options options = {.flags = flags, .prove = count_and_prove, .prove_context = &proven};
	struct dim_volume *volume = NULL, *none = NULL;
	const struct dim_snapshot *s;
	struct dim_error error;
	struct reports reports = {.file_size = UINT64_MAX};

	publish_all("v", a, COPY);
	proven = 0;
	volume = opened("v", &options);
	CHECK(proven == 3);
	publish_all("v", b, COPY);
	flip_content("v", 4);
	CHECK(dim_volume_refresh(volume, NULL, &error) == DIM_ERR_DAMAGED);
	look_at_error(&error, DIM_ERR_DAMAGED, UINT64_MAX);
	CHECK(error.dimension_id == 4 && error.layer_id == 1 && error.size > 0);
	CHECK(ends_with(error.path, "v/consciousness/D04/region.mmap"));
	/* D01, D04 and, but for a copy in memory of the same region, D02. */
	CHECK(proven == ((flags & DIM_IN_MEMORY) != 0 ? 5 : 6));
	CHECK(dim_volume_open("v", &options, &none, &error) == DIM_ERR_DAMAGED && error.dimension_id == 4);
	dim_volume_close(volume);

	/* Who does not ask for a proof does not get one: contents are not read. */
	options.prove = NULL;
	options.flags |= DIM_CHECK;
	volume = opened("v", &options);
	s = dim_volume_acquire(volume);
	CHECK(dim_verify_snapshot(s, count_report, &reports) == DIM_ERR_DAMAGED && reports.count == 1);
	CHECK(dim_verify_snapshot(s, NULL, NULL) == DIM_ERR_DAMAGED);
	error = untouched();
	CHECK(dim_verify_prove(NULL, dim_snapshot_region_at(s, 0), &error) == DIM_OK && is_untouched(&error));
	CHECK(dim_verify_prove(NULL, dim_snapshot_region_at(s, 2), NULL) == DIM_ERR_DAMAGED);
	CHECK(dim_verify_prove(NULL, dim_snapshot_region_at(s, 2), &error) == DIM_ERR_DAMAGED && error.layer_id == 1);
	CHECK(dim_volume_unload(volume, 4, NULL) == DIM_OK);
	dim_snapshot_release(s);
	s = dim_volume_acquire(volume);
	CHECK(dim_verify_snapshot(s, NULL, NULL) == DIM_OK);
	dim_snapshot_release(s);
	options.flags = flags | DIM_LAZY;
	options.prove = dim_verify_prove;
	dim_volume_close(volume);
	volume = opened("v", &options);
	CHECK(dim_volume_load(volume, 1, NULL) == DIM_OK);
	CHECK(dim_volume_load(volume, 4, &error) == DIM_ERR_DAMAGED && error.layer_id == 1);
	CHECK(usage_of(volume).loaded_count == 1 && usage_of(volume).mapped_size == usage_of(volume).loaded_size);
	dim_volume_close(volume);
	remove_all("v");
}

/* --- the digest ------------------------------------------------------------------------------------------------ */

static void check_digest(const char *hex)
{
	uint32_t two = 2;
	struct dim_options options = {.dimensions = &two, .dimension_count = 1};
	uint8_t digest[32], other[32];
	struct dim_volume *volume = opened(a, NULL);
	const struct dim_snapshot *s = dim_volume_acquire(volume);
	char text[65];
	size_t i;

	CHECK(dim_snapshot_digest(s, digest) == DIM_OK);
	for (i = 0; i < 32; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	CHECK(strcmp(text, hex) == 0);
	dim_snapshot_release(s);
	dim_volume_close(volume);
	volume = opened(a, &options);
	s = dim_volume_acquire(volume);
	CHECK(dim_snapshot_digest(s, other) == DIM_OK && memcmp(digest, other, 32) != 0);
	dim_snapshot_release(s);
	dim_volume_close(volume);
}

int main(int argc, char **argv)
{
	CHECK(argc >= 3);
	a = strdup(in(argv[1], "A"));
	b = strdup(in(argv[1], "B"));
	check_sources(region_path(in(a, "consciousness"), 1), region_path(in(a, "consciousness"), 2));
	check_attacks(region_path(in(a, "consciousness"), 1), region_path(in(b, "consciousness"), 1));
	check_prove(0);
	check_prove(DIM_IN_MEMORY);
	check_prove(DIM_READS_ONCE);
	check_digest(argv[2]);
	return 0;
}
