/*
 * edges_test.c: regions at the edges of the format, options that nobody knows, and what errors say.
 * In: the volume that tests/unit.bats compiles: D01 in the page layout, D02 packed.
 * Out: nothing while the edge itself is accepted and the step beyond it is refused.
 */
#include <sys/mman.h>

#include "accessors.h"
#include "draft.h"
#include "volumes.h"

/* --- regions made by hand --- */

enum { LAYOUT_PAGE = 0, LAYOUT_PACKED = 1, NAME = 1, ROOM = 16384 };

/* The sizes of the sections of a region without layers or keywords, `more` of them of kinds that nobody knows. */
struct sizes {
	uint64_t of[DIM_SECTION_KNOWN + 1];
};

static const struct sizes nothing_in_them = {
	{[DIM_SECTION_DIMENSION] = sizeof(struct dim_dimension_record), [DIM_SECTION_STRINGS] = NAME}};

/* Returns the size of the file, of which the first ROOM bytes are made. */
static uint64_t make(uint8_t bytes[ROOM], uint32_t layout, const struct sizes *sizes, uint32_t more)
{
	struct dim_header *h = (struct dim_header *)(void *)bytes;
	struct dim_section *s = (struct dim_section *)(void *)(bytes + sizeof(*h));
	uint32_t count = DIM_SECTION_KNOWN + more, i;
	uint64_t at = sizeof(*h) + count * sizeof(*s), total;
	struct draft d = {.bytes = bytes, .header = h};

	memcpy(h->magic, DIM_FORMAT_MAGIC, sizeof(h->magic));
	h->version = dim_put32(1);
	h->dimension_id = dim_put32(1);
	h->header_size = dim_put32(sizeof(*h));
	h->alignment = dim_put32(4096);
	h->layout = dim_put32(layout);
	h->metadata_offset = dim_put64(sizeof(*h));
	h->section_count = dim_put32(count);
	for (i = 0; i < count; i++) {
		uint64_t size = i < DIM_SECTION_KNOWN ? sizes->of[i + 1] : 3;

		at = (at + 63) & ~UINT64_C(63);
		s[i].kind = dim_put32(i + 1);
		s[i].offset = dim_put64(at);
		s[i].size = dim_put64(size);
		if (i + 1 == DIM_SECTION_DIMENSION) {
			struct dim_dimension_record *record = (struct dim_dimension_record *)(void *)(bytes + at);

			record->name.size = record->description.offset = dim_put32(NAME);
		}
		if (i + 1 == DIM_SECTION_STRINGS && at < ROOM)
			bytes[at] = 'N';
		at += size;
	}
	h->metadata_size = dim_put64(at - sizeof(*h));
	total = layout == LAYOUT_PAGE ? (at + 4095) & ~UINT64_C(4095) : at;
	h->total_size = dim_put64(total);
	if (total <= ROOM)
		sign(&d);
	return total;
}

/* A dimension may have no layer and no keyword, as far as a reader cares; and up to 64 sections. */
static void check_nothing(uint32_t layout, uint32_t more)
{
	uint8_t bytes[ROOM] = {0};
	size_t size = (size_t)make(bytes, layout, &nothing_in_them, more);
	const struct dim_layer *layer = NULL;
	uint32_t first = 42, count = 42;
	struct dim_region *r = NULL;
	struct dim_error error;
	uint8_t buffer[1];
	size_t read = 42;

	CHECK(judge(bytes, size, false) == SOUND);
	write_file("nothing", bytes, size);
	CHECK(dim_region_open("nothing", NULL, &r, &error) == DIM_OK && dim_region_check(r, &error) == DIM_OK);
	CHECK(dim_region_find_keyword(r, "a", 1, &first) == DIM_ERR_NOT_FOUND && first == 42);
	CHECK(dim_region_find_prefix(r, "", 0, &first, &count) == DIM_OK && count == 0);
	CHECK(dim_region_find_frequency(r, 0, INFINITY, &first, &count) == DIM_OK && count == 0);
	CHECK(dim_region_layer_at(r, 0, &layer) == DIM_ERR_NOT_FOUND && layer == NULL);
	dim_region_close(r);
	CHECK(dim_region_from_memory(bytes, size, NULL, &r, &error) == DIM_OK);
	CHECK(dim_layer_read(r, 1, buffer, 1, &read, &error) == DIM_ERR_NOT_FOUND && read == 42);
	CHECK(error.layer_id == 1 && error.dimension_id == 1);
	dim_region_close(r);
	bytes[size - 1] ^= 1;
	CHECK(judge(bytes, size, false) == DAMAGED);
}

/* Larger sections than version 1 has: files of many gigabytes, of which nearly nothing is there. */
static void check_huge(void)
{
	static const struct {
		enum dim_format_section kind;
		uint64_t size;
	} huge[] = {{DIM_SECTION_KEYWORDS, ((UINT64_C(1) << 30) + 1) * sizeof(struct dim_keyword_record)},
		    {DIM_SECTION_POSTINGS, (UINT64_C(1) << 32) * 4},
		    {DIM_SECTION_STRINGS, UINT64_C(1) << 32}};
	struct dim_options options = {.max_region_size = UINT64_MAX};
	size_t i;

	for (i = 0; i < sizeof(huge) / sizeof(huge[0]); i++) {
		uint8_t bytes[ROOM] = {0};
		struct sizes sizes = nothing_in_them;
		int fd = memfd_create("huge", MFD_CLOEXEC);
		struct dim_region *r = NULL;
		struct dim_error error;
		char path[32];

		sizes.of[huge[i].kind] = huge[i].size;
		CHECK(fd >= 0 && ftruncate(fd, (off_t)make(bytes, LAYOUT_PAGE, &sizes, 0)) == 0);
		CHECK(pwrite(fd, bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes));
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		CHECK(dim_region_open(path, &options, &r, &error) == DIM_ERR_DAMAGED && r == NULL);
		CHECK(strstr(error.message, "larger than version 1 allows") != NULL);
		close(fd);
	}
}

static void check_packed(const struct dim_region *packed)
{
	struct draft d = draft_of(packed);
	struct dim_region *r = NULL;
	struct dim_error error;

	add64(&d.header->metadata_offset, 8);
	add64(&d.header->metadata_size, -8);
	CHECK(dim_region_from_memory(d.bytes, d.size, NULL, &r, &error) == DIM_ERR_DAMAGED && r == NULL);
	CHECK(error.offset == 64 && error.size == 16);
	free(d.bytes);
}

static void damaged(struct draft *d, uint32_t layer_id)
{
	struct dim_region *r = NULL;
	struct dim_error error;

	CHECK(dim_region_from_memory(d->bytes, d->size, NULL, &r, NULL) == DIM_OK);
	CHECK(dim_region_check(r, &error) == DIM_ERR_DAMAGED && error.layer_id == layer_id);
	dim_region_close(r);
	free(d->bytes);
}

/* What random changes do not come upon. */
static void check_rare(const struct dim_region *good)
{
	struct draft d = draft_of(good); /* a range without an end */
	struct dim_hash_slot *slots;
	uint32_t i;

	((struct dim_dimension_record *)section(&d, DIM_SECTION_DIMENSION))->frequency_high = dim_putf64(INFINITY);
	damaged(&d, 0);

	d = draft_of(good); /* it ends before its first slot begins */
	d.header->total_size = dim_put64(dim_region_metadata_offset(good) + dim_region_metadata_size(good));
	damaged(&d, 1);

	d = draft_of(good); /* a hash without an empty slot */
	slots = section(&d, DIM_SECTION_KEYWORD_HASH);
	for (i = 0; i < dim_format_hash_slots(d.keyword_count); i++)
		slots[i].keyword = dim_put32(1);
	damaged(&d, 0);
}

/* What a layer says of itself is not believed when it is read. */
static void check_reading(const struct dim_region *good)
{
	struct draft d = draft_of(good);
	struct dim_layer_record *last = &d.layers[d.layer_count - 1];
	struct dim_region *r = NULL;
	struct dim_error error;
	const struct dim_layer *layer = NULL;
	struct digest nothing;
	char buffer[64];
	size_t size = 42;

	CHECK(dim_region_from_memory(d.bytes, d.size, NULL, &r, NULL) == DIM_OK);
	CHECK(dim_layer_read(r, 7, buffer, sizeof(buffer), &size, &error) == DIM_OK && size == 1 && buffer[0] == 'x');
	CHECK(dim_region_layer(r, 7, &layer) == DIM_OK && dim_layer_content_size(layer) == 1);
	CHECK(dim_layer_read(r, 1, buffer, 4, &size, NULL) == DIM_ERR_LIMIT && size == 15);
	size = 42;
	CHECK(dim_layer_read(r, 3, buffer, sizeof(buffer), &size, &error) == DIM_ERR_NOT_FOUND && size == 42);
	CHECK(dim_layer_read(r, 0, buffer, sizeof(buffer), &size, NULL) == DIM_ERR_NOT_FOUND && size == 42);
	digest_of("", 0, &nothing);
	memcpy(last->digest, nothing.bytes, sizeof(last->digest));
	last->content_size = dim_put64(0); /* no compiler makes it; there is nothing to read */
	CHECK(dim_layer_read(r, 7, NULL, 0, &size, &error) == DIM_OK && size == 0);
	size = 42;
	last->content_size = dim_put64(d.size + 1);
	CHECK(dim_layer_read(r, 7, buffer, sizeof(buffer), &size, &error) == DIM_ERR_DAMAGED && size == 42);
	CHECK(error.layer_id == 7 && error.offset == (uint64_t)((uint8_t *)last - d.bytes));
	last->content_size = dim_put64(1);
	last->offset = dim_put64(d.size);
	CHECK(dim_layer_read(r, 7, buffer, sizeof(buffer), &size, &error) == DIM_ERR_DAMAGED && size == 42);
	CHECK(error.layer_id == 7 && error.offset == (uint64_t)((uint8_t *)last - d.bytes));
	last->offset = d.layers[0].offset;
	CHECK(dim_layer_read(r, 7, buffer, sizeof(buffer), &size, &error) == DIM_ERR_DAMAGED && size == 42);
	CHECK(dim_verify_prove(NULL, r, NULL) == DIM_ERR_DAMAGED);
	dim_region_close(r);
	free(d.bytes);
}

/* --- options --- */

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
	struct dim_region *r[2] = {NULL};
	char volume[4096];
	uint32_t i;

	CHECK(argc >= 2 && realpath(argv[1], volume) != NULL);
	CHECK(chdir(in(volume, "temp")) == 0);
	for (i = 0; i < 2; i++)
		CHECK(dim_region_open(region_path(in(volume, "consciousness"), i + 1), NULL, &r[i], NULL) == DIM_OK);
	for (i = 0; i < 2; i++) {
		check_nothing(i, 0);
		check_nothing(i, 1);
		check_nothing(i, DIM_FORMAT_MAX_SECTIONS - DIM_SECTION_KNOWN);
	}
	check_huge();
	check_packed(r[1]);
	check_rare(r[0]);
	check_reading(r[0]);
	check_options(region_path(in(volume, "consciousness"), 1));
	check_environment(volume);
	check_names(volume);
	check_words();
	dim_region_close(r[0]);
	dim_region_close(r[1]);
	return 0;
}
