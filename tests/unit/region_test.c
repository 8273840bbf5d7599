/*
 * region_test.c: what dim.h says about one region: fields, layers, keywords, lookups, and how opening fails.
 * In: the volume that tests/unit.bats compiles: D01 in the page layout, D02 packed, D03 with 300 layers.
 * Out: nothing while every function gives what the sources say.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../include/dim_format.h"
#include "accessors.h"

static bool is(struct dim_span span, const char *text)
{
	return span.size == strlen(text) && memcmp(span.data, text, span.size) == 0;
}

static const struct dim_layer *layer_of(const struct dim_region *r, uint32_t id)
{
	const struct dim_layer *layer = NULL;

	CHECK(dim_region_layer(r, id, &layer) == DIM_OK);
	CHECK(dim_layer_id(layer) == id);
	return layer;
}

static void check_emotion(const struct dim_region *r)
{
	/* sha256 of "Joy is bright.\n", by sha256sum */
	static const uint8_t digest[] = {0xd5, 0x4e, 0x97, 0x57, 0x7a, 0x8e, 0x57, 0x13, 0x42, 0xb8, 0x1a,
					 0xe9, 0x34, 0x27, 0xb7, 0x8a, 0xe4, 0xcd, 0x88, 0x89, 0xec, 0x7c,
					 0xcd, 0x26, 0x89, 0x40, 0x45, 0x1b, 0x74, 0xd9, 0x2a, 0x22};
	const struct dim_layer *layer = NULL, *other = NULL;
	struct dim_span span = {0};
	int64_t seconds = 0;
	double low = 0, high = 0;
	uint32_t position = 0, count = 0, first = 0;

	CHECK(dim_region_dimension_id(r) == 1);
	CHECK(dim_region_layer_count(r) == 3);
	CHECK(dim_region_alignment(r) == 4096);
	CHECK(dim_region_layout(r) == 0);
	CHECK(dim_region_total_size(r) == 4096 * 4);
	CHECK(dim_region_file_size(r) == 4096 * 4);
	CHECK(dim_region_metadata_offset(r) == 256);
	CHECK(memcmp(dim_region_bytes(r).data + 24, dim_region_checksum(r), 32) == 0);
	CHECK(dim_region_name(r, &span) == DIM_OK && is(span, "Emotion"));
	CHECK(dim_region_description(r, &span) == DIM_OK && is(span, "What is felt."));
	CHECK(dim_region_created_at(r, &seconds) == DIM_OK && seconds == 1729764000);
	CHECK(dim_region_updated_at(r, &seconds) == DIM_OK && seconds == 1729771200);
	CHECK(dim_region_frequency_range(r, &low, &high) == DIM_OK && low == 0.1 && high == 4.5);

	CHECK(dim_region_layer_at(r, 0, &layer) == DIM_OK && layer == layer_of(r, 1));
	CHECK(dim_layer_position(r, layer) == 0);
	CHECK(dim_layer_frequency(layer) == 1.5);
	CHECK(dim_layer_offset(layer) == 4096 && dim_layer_slot_size(layer) == 4096);
	CHECK(dim_layer_content(r, layer, &span) == DIM_OK && is(span, "Joy is bright.\n"));
	CHECK(memcmp(dim_layer_digest(layer), digest, sizeof(digest)) == 0);
	CHECK(dim_layer_title(r, layer, &span) == DIM_OK && is(span, "Joy"));
	CHECK(dim_layer_keyword_count(layer) == 2);
	CHECK(dim_layer_keyword(r, layer, 0, &span) == DIM_OK && is(span, "joy"));
	CHECK(dim_layer_keyword(r, layer, 1, &span) == DIM_OK && is(span, "feeling"));
	CHECK(dim_layer_keyword(r, layer, 2, &span) == DIM_ERR_NOT_FOUND && is(span, "feeling"));
	CHECK(dim_layer_title(r, layer_of(r, 2), &span) == DIM_OK && span.size == 0 && span.data != NULL);
	CHECK(dim_layer_title(r, layer_of(r, 7), &span) == DIM_OK && is(span, "\xC3\x89t\xC3\xA9"));
	CHECK(dim_layer_content(r, layer_of(r, 7), &span) == DIM_OK && is(span, "x"));
	CHECK(dim_layer_position(r, layer_of(r, 7)) == 2);
	layer = NULL;
	CHECK(dim_region_layer(r, 3, &layer) == DIM_ERR_NOT_FOUND && layer == NULL);
	CHECK(dim_region_layer(r, 0, &layer) == DIM_ERR_NOT_FOUND && layer == NULL);
	CHECK(dim_region_layer(r, UINT32_MAX, &layer) == DIM_ERR_NOT_FOUND && layer == NULL);
	CHECK(dim_region_layer_at(r, 3, &layer) == DIM_ERR_NOT_FOUND && layer == NULL);

	/* Keywords in the order of their bytes: e-acute comes after all of ASCII. */
	CHECK(dim_region_keyword_count(r) == 4);
	CHECK(dim_region_keyword_at(r, 0, &span) == DIM_OK && is(span, "feeling"));
	CHECK(dim_region_keyword_at(r, 1, &span) == DIM_OK && is(span, "grief"));
	CHECK(dim_region_keyword_at(r, 2, &span) == DIM_OK && is(span, "joy"));
	CHECK(dim_region_keyword_at(r, 3, &span) == DIM_OK && is(span, "\xC3\xA9t\xC3\xA9"));
	CHECK(dim_region_keyword_at(r, 4, &span) == DIM_ERR_NOT_FOUND);
	CHECK(dim_region_find_keyword(r, "joy", 3, &position) == DIM_OK && position == 2);
	CHECK(dim_region_find_keyword(r, "\xC3\xA9t\xC3\xA9", 5, &position) == DIM_OK && position == 3);
	position = 77;
	CHECK(dim_region_find_keyword(r, "joys", 4, &position) == DIM_ERR_NOT_FOUND && position == 77);
	CHECK(dim_region_find_keyword(r, "joys", 3, &position) == DIM_OK && position == 2);
	CHECK(dim_region_find_keyword(r, "Joy", 3, &position) == DIM_ERR_NOT_FOUND);
	CHECK(dim_region_find_keyword(r, "jo", 2, &position) == DIM_ERR_NOT_FOUND);
	CHECK(dim_region_find_keyword(r, "", 0, &position) == DIM_ERR_NOT_FOUND);
	CHECK(dim_region_find_keyword(r, NULL, 0, &position) == DIM_ERR_NOT_FOUND);
	CHECK(dim_keyword_layer_count(r, 0, &count) == DIM_OK && count == 2);
	CHECK(dim_keyword_layer(r, 0, 0, &layer) == DIM_OK && layer == layer_of(r, 1));
	CHECK(dim_keyword_layer(r, 0, 1, &layer) == DIM_OK && layer == layer_of(r, 2));
	CHECK(dim_keyword_layer(r, 0, 2, &layer) == DIM_ERR_NOT_FOUND);
	CHECK(dim_keyword_layer(r, 2, 1, &layer) == DIM_OK && layer == layer_of(r, 7));
	CHECK(dim_keyword_layer(r, 3, 0, &layer) == DIM_OK && layer == layer_of(r, 2));

	/* Both ends count; equal frequencies stand in the order of their ids. */
	CHECK(dim_region_layer_by_frequency(r, 0, &layer) == DIM_OK && layer == layer_of(r, 2));
	CHECK(dim_region_layer_by_frequency(r, 1, &layer) == DIM_OK && layer == layer_of(r, 1));
	CHECK(dim_region_layer_by_frequency(r, 2, &layer) == DIM_OK && layer == layer_of(r, 7));
	CHECK(dim_region_layer_by_frequency(r, 3, &other) == DIM_ERR_NOT_FOUND && other == NULL);
	CHECK(dim_region_find_frequency(r, 0.5, 1.5, &first, &count) == DIM_OK && first == 0 && count == 3);
	CHECK(dim_region_find_frequency(r, 0.6, 1.5, &first, &count) == DIM_OK && first == 1 && count == 2);
	CHECK(dim_region_find_frequency(r, 0.5, 1.4, &first, &count) == DIM_OK && first == 0 && count == 1);
	CHECK(dim_region_find_frequency(r, 1.5, 1.5, &first, &count) == DIM_OK && first == 1 && count == 2);
	CHECK(dim_region_find_frequency(r, 1.6, 9.0, &first, &count) == DIM_OK && count == 0);
	CHECK(dim_region_find_frequency(r, 1.5, 0.5, &first, &count) == DIM_OK && count == 0);
	CHECK(dim_region_find_frequency(r, -INFINITY, INFINITY, &first, &count) == DIM_OK && count == 3);
	CHECK(dim_region_find_frequency(r, NAN, 9.0, &first, &count) == DIM_OK && count == 0);
	CHECK(dim_region_find_frequency(r, 0.5, NAN, &first, &count) == DIM_OK && count == 0);
}

static void check_cognition(const struct dim_region *r)
{
	const struct dim_layer *layer = layer_of(r, 10), *last = layer_of(r, UINT32_MAX);
	struct dim_span span = {0};
	int64_t seconds = 42;
	double low = 42, high = 42;

	CHECK(dim_region_layout(r) == 1);
	CHECK(dim_region_layer_count(r) == 2);
	CHECK(dim_region_metadata_offset(r) == 256 + 2 * 4096);
	CHECK(dim_region_metadata_offset(r) + dim_region_metadata_size(r) == dim_region_total_size(r));
	CHECK(dim_layer_offset(layer) == 256 && dim_layer_slot_size(layer) == 4096);
	CHECK(dim_layer_offset(last) == 4352 && dim_layer_slot_size(last) == 4096);
	CHECK(dim_layer_content(r, layer, &span) == DIM_OK && is(span, "Attention selects."));
	CHECK(dim_region_description(r, &span) == DIM_OK && span.size == 0 && span.data != NULL);
	CHECK(dim_region_created_at(r, &seconds) == DIM_ERR_NOT_FOUND && seconds == 42);
	CHECK(dim_region_updated_at(r, &seconds) == DIM_ERR_NOT_FOUND && seconds == 42);
	CHECK(dim_region_frequency_range(r, &low, &high) == DIM_ERR_NOT_FOUND && low == 42 && high == 42);
}

/* Layers 1001 to 1300, each with the keywords all, kN and, where N is even, even; frequencies fall as ids rise. */
static void check_many(const struct dim_region *r)
{
	const struct dim_layer *layer = NULL;
	struct dim_span span = {0};
	uint32_t count = 0, position = 0, i;
	char word[16];

	CHECK(dim_region_layer_count(r) == 300);
	CHECK(dim_region_keyword_count(r) == 302);
	for (i = 1; i <= 300; i++) {
		CHECK(dim_layer_position(r, layer_of(r, 1000 + i)) == i - 1);
		snprintf(word, sizeof(word), "k%u", i);
		CHECK(dim_region_find_keyword(r, word, strlen(word), &position) == DIM_OK);
		CHECK(dim_region_keyword_at(r, position, &span) == DIM_OK && is(span, word));
		CHECK(dim_keyword_layer_count(r, position, &count) == DIM_OK && count == 1);
		CHECK(dim_keyword_layer(r, position, 0, &layer) == DIM_OK && dim_layer_id(layer) == 1000 + i);
		CHECK(dim_region_layer_by_frequency(r, i - 1, &layer) == DIM_OK && dim_layer_id(layer) == 1301 - i);
	}
	CHECK(dim_region_find_keyword(r, "k301", 4, &position) == DIM_ERR_NOT_FOUND);
	CHECK(dim_region_find_keyword(r, "even", 4, &position) == DIM_OK);
	CHECK(dim_keyword_layer_count(r, position, &count) == DIM_OK && count == 150);
	for (i = 0; i < count; i++)
		CHECK(dim_keyword_layer(r, position, i, &layer) == DIM_OK && dim_layer_id(layer) == 1002 + 2 * i);
}

/* The same answers from a copy in memory, at an address that no processor likes. */
static void check_copy(const struct dim_region *r, void (*check)(const struct dim_region *))
{
	struct dim_span all = dim_region_bytes(r);
	char *copy = malloc(all.size + 1);
	struct dim_region *memory = NULL;
	uint64_t resident = 42;

	CHECK(copy != NULL);
	memcpy(copy + 1, all.data, all.size);
	CHECK(dim_region_from_memory(copy + 1, all.size, NULL, &memory, NULL) == DIM_OK);
	check(memory);
	look_at_everything(memory, PROVEN);
	CHECK(dim_region_check(memory, NULL) == DIM_OK);
	CHECK(dim_verify_region(memory, NULL, NULL) == DIM_OK);
	CHECK(dim_region_resident(memory, 0, 1, &resident) == DIM_ERR_USAGE && resident == 42);
	dim_region_close(memory);
	free(copy);
}

static void check_region(const char *path, void (*check)(const struct dim_region *))
{
	struct dim_region *r = NULL;
	struct dim_error error;
	uint64_t resident = 0;

	CHECK(dim_region_open(path, NULL, &r, &error) == DIM_OK);
	check(r);
	look_at_everything(r, PROVEN);
	CHECK(dim_region_check(r, &error) == DIM_OK);
	CHECK(dim_verify_region(r, NULL, NULL) == DIM_OK);
	CHECK(dim_verify_metadata(dim_region_bytes(r).data, dim_region_bytes(r).size, &error) == DIM_OK);
	CHECK(dim_region_resident(r, 0, dim_region_file_size(r), &resident) == DIM_OK);
	CHECK(resident > 0 && resident < dim_region_file_size(r) + 65536);
	check_copy(r, check);
	dim_region_close(r);
}

static enum dim_status open_fails(const char *path, const struct dim_options *options, struct dim_error *ret)
{
	struct dim_region *r = NULL;
	enum dim_status status = dim_region_open(path, options, &r, ret);

	CHECK(status != DIM_OK && r == NULL);
	look_at_error(ret, status, UINT64_MAX);
	CHECK(dim_region_open(path, options, &r, NULL) == status);
	return status;
}

static void write_file(const char *path, const void *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	CHECK(fd >= 0 && write(fd, bytes, size) == (ssize_t)size && close(fd) == 0);
}

static void check_refusals(const char *good, const char *volume)
{
	char path[4096];
	struct dim_options limit = {0};
	struct dim_region *r = NULL;
	struct dim_error error;
	struct dim_span all;
	char *bytes;
	int fd;

	CHECK(dim_region_open(good, NULL, &r, &error) == DIM_OK);
	all = dim_region_bytes(r);
	bytes = malloc(all.size);
	CHECK(bytes != NULL);
	memcpy(bytes, all.data, all.size);
	dim_region_close(r);
	r = NULL;

	limit.max_region_size = all.size - 1;
	CHECK(open_fails(good, &limit, &error) == DIM_ERR_LIMIT);
	CHECK(strstr(error.message, "MMAP_MAX_SIZE") != NULL);
	CHECK(dim_region_from_memory(bytes, all.size, &limit, &r, &error) == DIM_ERR_LIMIT && r == NULL);
	limit.max_region_size = all.size;
	CHECK(dim_region_from_memory(bytes, all.size, &limit, &r, &error) == DIM_OK);
	dim_region_close(r);
	dim_region_close(NULL);
	CHECK(dim_region_from_memory(NULL, 1, NULL, &r, &error) == DIM_ERR_USAGE);
	r = NULL;
	CHECK(dim_region_from_memory(NULL, 0, NULL, &r, &error) == DIM_ERR_NOT_REGION && r == NULL);

	CHECK(open_fails("/nowhere/at/all", NULL, &error) == DIM_ERR_SYSTEM && error.system_errno == ENOENT);
	CHECK(open_fails(volume, NULL, &error) == DIM_ERR_NOT_REGION);
	snprintf(path, sizeof(path), "%s/temp/tried", volume);
	CHECK(mkfifo(path, 0644) == 0);
	CHECK(open_fails(path, NULL, &error) == DIM_ERR_NOT_REGION);
	unlink(path);
	write_file(path, "", 0);
	CHECK(open_fails(path, NULL, &error) == DIM_ERR_NOT_REGION);
	write_file(path, "MMA", 3);
	CHECK(open_fails(path, NULL, &error) == DIM_ERR_NOT_REGION);
	write_file(path, "MMAP", 4);
	CHECK(open_fails(path, NULL, &error) == DIM_ERR_DAMAGED);
	bytes[4] = 2; /* another version is told as such even where nothing else is known about it */
	write_file(path, bytes, all.size);
	CHECK(open_fails(path, NULL, &error) == DIM_ERR_VERSION && error.dimension_id == 1);
	CHECK(dim_verify_metadata(bytes, all.size, &error) == DIM_ERR_DAMAGED);
	bytes[4] = 0;
	write_file(path, bytes, all.size);
	CHECK(open_fails(path, NULL, &error) == DIM_ERR_DAMAGED && error.offset == 4 && error.size == 4);
	bytes[4] = 1;

	/* Relative to a directory. */
	write_file(path, bytes, all.size);
	fd = open(volume, O_RDONLY | O_DIRECTORY);
	CHECK(fd >= 0 && dim_region_openat(fd, "temp/tried", NULL, &r, &error) == DIM_OK);
	dim_region_close(r);
	r = NULL;
	CHECK(dim_region_openat(fd, "temp/nothing", NULL, &r, &error) == DIM_ERR_SYSTEM && r == NULL);
	close(fd);
	unlink(path);
	/* Larger than any address space: the limit is what the caller can do something about, not what mmap says. */
	fd = memfd_create("region", MFD_CLOEXEC);
	CHECK(fd >= 0 && ftruncate(fd, INT64_C(1) << 56) == 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CHECK(open_fails(path, NULL, &error) == DIM_ERR_LIMIT);
	close(fd);
	free(bytes);
}

/* dim_verify_layer and the reports of dim_verify_region name the layer and the bytes. */
static void remember(void *context, const struct dim_error *error)
{
	*(struct dim_error *)context = *error;
}

static void check_verify(const char *path)
{
	struct dim_region *r = NULL, *bad = NULL;
	struct dim_error error;
	struct dim_span all;
	char *bytes;

	CHECK(dim_region_open(path, NULL, &r, &error) == DIM_OK);
	all = dim_region_bytes(r);
	bytes = malloc(all.size);
	CHECK(bytes != NULL);
	memcpy(bytes, all.data, all.size);
	CHECK(dim_region_from_memory(bytes, all.size, NULL, &bad, &error) == DIM_OK);
	bytes[8192] ^= 1; /* content of layer 2 */
	CHECK(dim_verify_layer(bad, layer_of(bad, 1), &error) == DIM_OK);
	CHECK(dim_verify_layer(bad, layer_of(bad, 2), &error) == DIM_ERR_DAMAGED);
	CHECK(error.dimension_id == 1 && error.layer_id == 2 && error.offset == 8192 && error.size == 15);
	CHECK(dim_verify_region(bad, remember, &error) == DIM_ERR_DAMAGED && error.layer_id == 2);
	CHECK(dim_region_check(bad, NULL) == DIM_OK); /* reads no content */
	bytes[8192] ^= 1;
	bytes[12287] = 1; /* the last byte of its padding */
	CHECK(dim_verify_layer(bad, layer_of(bad, 2), &error) == DIM_ERR_DAMAGED);
	CHECK(error.layer_id == 2 && error.offset <= 12287 && error.offset + error.size == 12288);
	bytes[12287] = 0;
	bytes[4095] = 1; /* padding after the metadata */
	CHECK(dim_verify_region(bad, remember, &error) == DIM_ERR_DAMAGED);
	CHECK(error.layer_id == 0 && error.offset == 4095 && error.size == 1);
	bytes[4095] = 0;
	CHECK(dim_verify_region(bad, NULL, NULL) == DIM_OK);
	dim_region_close(bad);
	free(bytes);
	dim_region_close(r);
}

int main(int argc, char **argv)
{
	char path[3][4096];
	int i;

	CHECK(argc >= 2);
	for (i = 0; i < 3; i++)
		snprintf(path[i], sizeof(path[i]), "%s/consciousness/D0%d/region.mmap", argv[1], i + 1);
	check_region(path[0], check_emotion);
	check_region(path[1], check_cognition);
	check_region(path[2], check_many);
	check_refusals(path[0], argv[1]);
	check_verify(path[0]);
	CHECK(strcmp(dim_version(), DIM_VERSION) == 0);
	CHECK(strcmp(dim_strerror(DIM_OK), dim_strerror(DIM_ERR_LIMIT)) != 0);
	CHECK(dim_strerror((enum dim_status)99) != NULL);
	return 0;
}
