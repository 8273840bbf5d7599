/*
 * edges_test.c: regions at the edges of the format, and regions that change once they are open.
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
		bool fits;
		uint64_t size;
		char path[32];

		sizes.of[huge[i].kind] = huge[i].size;
		size = make(bytes, LAYOUT_PAGE, &sizes, 0);
		fits = size == (size_t)size;
		CHECK(fd >= 0 && ftruncate(fd, (off_t)size) == 0);
		CHECK(pwrite(fd, bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes));
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		CHECK(dim_region_open(path, &options, &r, &error) == (fits ? DIM_ERR_DAMAGED : DIM_ERR_MEMORY));
		CHECK(r == NULL && strstr(error.message, fits ? "larger than version 1 allows" : "system can address"));
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

/* Somebody writes to the file once it is open: the directory of the sections, and a slot of the hash. */
static void check_changed(const struct dim_region *good)
{
	static const char query[] = "attention of others";
	const uint64_t wrong[][2] = {{0, 0}, {UINT64_MAX, 0}, {0, UINT64_MAX}};
	struct draft d = draft_of(good);
	struct dim_hash_slot *slots = section(&d, DIM_SECTION_KEYWORD_HASH);
	uint32_t mask = (uint32_t)dim_format_hash_slots(d.keyword_count) - 1, position = 42, i;
	uint32_t hash = dim_format_hash(query, sizeof(query) - 1);
	struct dim_region *r = NULL;
	struct dim_error error;

	CHECK(dim_region_from_memory(d.bytes, d.size, NULL, &r, NULL) == DIM_OK);
	for (i = 0; i < 3; i++) {
		struct dim_section was = d.sections[1];

		if (i != 2)
			d.sections[1].offset = dim_put64(wrong[i][0]);
		d.sections[1].size = dim_put64(wrong[i][1]);
		CHECK(dim_region_check(r, &error) == DIM_ERR_DAMAGED && strstr(error.message, "changed") != NULL);
		d.sections[1] = was;
	}
	CHECK(dim_region_check(r, &error) == DIM_OK);
	slots[hash & mask] = (struct dim_hash_slot){dim_put32(hash), dim_put32(1)};
	d.keywords[0].text.size = dim_put32(sizeof(query) - 1);
	CHECK(dim_region_find_keyword(r, query, sizeof(query) - 1, &position) == DIM_ERR_NOT_FOUND && position == 42);
	dim_region_close(r);
	free(d.bytes);
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
	check_changed(r[1]);
	check_reading(r[0]);
	dim_region_close(r[0]);
	dim_region_close(r[1]);
	return 0;
}
