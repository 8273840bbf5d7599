/*
 * contradictions.c: regions made by somebody who knows the format and can sign, but whose parts do not fit together.
 * In: the volume that tests/unit.bats compiles.
 * Out: nothing while dim_region_check refuses each of them, and accepts a section that is of a later day.
 */
#include <unistd.h>

#include "accessors.h"
#include "draft.h"

/* Opens the draft, with its checksum made right, and says what the check says. Frees it. */
static enum dim_status checked(struct draft *d)
{
	struct dim_region *r = NULL;
	struct dim_error error;
	enum dim_status status;

	sign(d);
	judge(d->bytes, d->size, false);
	CHECK(dim_verify_metadata(d->bytes, d->size, &error) == DIM_OK);
	CHECK(dim_region_from_memory(d->bytes, d->size, NULL, &r, &error) == DIM_OK);
	status = dim_region_check(r, &error);
	dim_region_close(r);
	free(d->bytes);
	return status;
}

static void check_drafts(const struct dim_region *good)
{
	struct draft d = draft_of(good);
	struct dim_layer_record *last;
	struct digest nothing;

	hash_again(&d);
	CHECK(memcmp(d.bytes, dim_region_bytes(good).data, d.size) == 0); /* the writer's table is the document's */
	CHECK(checked(&d) == DIM_OK);

	d = draft_of(good); /* a string that belongs to nothing */
	add64(&d.header->metadata_size, 1);
	add64(&d.sections[DIM_SECTION_STRINGS - 1].size, 1);
	CHECK(checked(&d) == DIM_ERR_DAMAGED);

	d = draft_of(good); /* a page that belongs to nothing */
	add64(&d.header->total_size, 4096);
	d.size += 4096;
	CHECK(checked(&d) == DIM_ERR_DAMAGED);

	d = draft_of(good); /* a slot with a page of padding */
	add64(&d.header->total_size, 4096);
	add64(&d.layers[d.layer_count - 1].size, 4096);
	d.size += 4096;
	CHECK(checked(&d) == DIM_ERR_DAMAGED);

	d = draft_of(good); /* a layer without content */
	last = &d.layers[d.layer_count - 1];
	CHECK(dim_get64(last->size) == 4096);
	add64(&d.header->total_size, -4096);
	last->size = last->content_size = dim_put64(0);
	digest_of("", 0, &nothing);
	memcpy(last->digest, nothing.bytes, sizeof(last->digest));
	d.size -= 4096;
	CHECK(checked(&d) == DIM_ERR_DAMAGED);

	d = draft_of(good); /* an empty keyword; the one behind it takes both texts */
	CHECK(d.keyword_count >= 2);
	d.keywords[1].text.offset = d.keywords[0].text.offset;
	d.keywords[1].text.size = dim_put32(dim_get32(d.keywords[0].text.size) + dim_get32(d.keywords[1].text.size));
	d.keywords[0].text.size = dim_put32(0);
	hash_again(&d);
	CHECK(checked(&d) == DIM_ERR_DAMAGED);

	d = draft_of(good); /* the last keyword forgets a layer */
	CHECK(dim_get32(d.keywords[d.keyword_count - 1].posting_count) == 2);
	d.keywords[d.keyword_count - 1].posting_count = dim_put32(1);
	CHECK(checked(&d) == DIM_ERR_DAMAGED);

	d = draft_of(good); /* two layers lie upon each other */
	d.layers[1].offset = d.layers[0].offset;
	CHECK(checked(&d) == DIM_ERR_DAMAGED);

	d = draft_of(good); /* a time after the year 9999, and one before the year 0 */
	((struct dim_dimension_record *)section(&d, DIM_SECTION_DIMENSION))->created_at = dim_put64(253402300800);
	CHECK(checked(&d) == DIM_ERR_DAMAGED);
	d = draft_of(good);
	((struct dim_dimension_record *)section(&d, DIM_SECTION_DIMENSION))->updated_at =
		dim_put64((uint64_t)INT64_C(-62167219201));
	CHECK(checked(&d) == DIM_ERR_DAMAGED);

	d = draft_of(good); /* a frequency outside of the dimension's range, which ends at 4.5 */
	d.layers[2].frequency = dim_putf64(4.5);
	CHECK(checked(&d) == DIM_OK);
	d = draft_of(good);
	d.layers[2].frequency = dim_putf64(4.6);
	CHECK(checked(&d) == DIM_ERR_DAMAGED);

	d = draft_of(good); /* the dimension has no name; its description takes the bytes */
	{
		struct dim_dimension_record *record = section(&d, DIM_SECTION_DIMENSION);

		record->description.size =
			dim_put32(dim_get32(record->name.size) + dim_get32(record->description.size));
		record->description.offset = record->name.offset;
		record->name.size = dim_put32(0);
	}
	CHECK(checked(&d) == DIM_ERR_DAMAGED);
}

/* Two sections of one size change places, directory and bytes: the same facts, but there is one right order. */
static void check_order_of_sections(const struct dim_region *good)
{
	struct draft d = draft_of(good);
	struct dim_section *a = &d.sections[DIM_SECTION_LAYER_KEYWORDS - 1], *b = &d.sections[DIM_SECTION_POSTINGS - 1];
	uint8_t *first = section(&d, DIM_SECTION_LAYER_KEYWORDS), *second = section(&d, DIM_SECTION_POSTINGS);
	uint64_t size = dim_get64(a->size), i;
	struct dim_region *r = NULL;
	struct dim_error error;

	CHECK(size > 0 && size == dim_get64(b->size));
	for (i = 0; i < size; i++) {
		uint8_t byte = first[i];

		first[i] = second[i];
		second[i] = byte;
	}
	a->kind = dim_put32(DIM_SECTION_POSTINGS);
	b->kind = dim_put32(DIM_SECTION_LAYER_KEYWORDS);
	sign(&d);
	CHECK(judge(d.bytes, d.size, false) == REFUSED);
	CHECK(dim_region_from_memory(d.bytes, d.size, NULL, &r, &error) == DIM_ERR_DAMAGED);
	free(d.bytes);
}

/* Slots of the keyword hash that stand twice, are missing, or cannot be reached. */
static void check_hashes(const struct dim_region *many)
{
	uint32_t count = (uint32_t)dim_format_hash_slots(dim_region_keyword_count(many)), i, twice = 0;
	struct draft d = draft_of(many);
	struct dim_hash_slot *slots = section(&d, DIM_SECTION_KEYWORD_HASH), was;
	struct dim_region *r = NULL;
	struct dim_error error;

	CHECK(dim_region_from_memory(d.bytes, d.size, NULL, &r, &error) == DIM_OK);
	CHECK(dim_region_check(r, &error) == DIM_OK);
	for (i = 0; i < count; i++) {
		struct dim_hash_slot *next = &slots[(i + 1) % count];

		was = slots[i];
		if (dim_get32(was.keyword) != 0) {
			memset(&slots[i], 0, sizeof(*slots)); /* a keyword is missing */
			CHECK(dim_region_check(r, &error) == DIM_ERR_DAMAGED);
			slots[i] = was;
		}
		was = *next;
		if (memcmp(&was, &slots[i], sizeof(was)) == 0)
			continue;
		*next = slots[i]; /* it stands twice, and where there was one, another one is missing */
		twice += dim_get32(was.keyword) != 0 && dim_get32(next->keyword) != 0;
		CHECK(dim_region_check(r, &error) == DIM_ERR_DAMAGED);
		CHECK(error.offset >= (uint64_t)((uint8_t *)slots - d.bytes) && error.size > 0);
		*next = slots[i];
		slots[i] = was; /* two change places; there is one right order */
		CHECK(dim_region_check(r, &error) == DIM_ERR_DAMAGED);
		slots[i] = *next;
		*next = was;
	}
	CHECK(twice > 10);
	CHECK(dim_region_check(r, &error) == DIM_OK);
	dim_region_close(r);
	free(d.bytes);
}

/* Two keywords of the same bytes, the hash made to fit. */
static void check_twins(const struct dim_region *many)
{
	struct draft d = draft_of(many);
	char *strings = section(&d, DIM_SECTION_STRINGS);
	uint32_t i;

	for (i = 1; i < d.keyword_count; i++) {
		uint32_t size = dim_get32(d.keywords[i].text.size);

		if (size == 4 && dim_get32(d.keywords[i - 1].text.size) == size &&
		    strings[dim_get32(d.keywords[i].text.offset)] == 'k')
			break;
	}
	CHECK(i < d.keyword_count);
	memcpy(strings + dim_get32(d.keywords[i].text.offset), strings + dim_get32(d.keywords[i - 1].text.offset), 4);
	hash_again(&d);
	CHECK(checked(&d) == DIM_ERR_DAMAGED);
}

/* A ninth section of a kind that nobody knows yet: readers skip it, and the checksum covers it. */
static void check_unknown_section(const struct dim_region *good)
{
	enum { DIRECTORY = DIM_SECTION_KNOWN * 24, MORE = 64 };
	struct draft d = draft_of(good);
	size_t first = (size_t)dim_region_metadata_offset(good) + DIRECTORY;
	size_t end = (size_t)dim_region_metadata_offset(good) + (size_t)dim_region_metadata_size(good);
	uint64_t at = (end + MORE + 63) & ~UINT64_C(63);
	struct dim_region *r = NULL;
	struct dim_error error;
	int i;

	CHECK(first % 64 == 0 && at + 5 < 4096);
	memmove(d.bytes + first + MORE, d.bytes + first, end - first);
	memset(d.bytes + first, 0, MORE);
	for (i = 0; i < DIM_SECTION_KNOWN; i++)
		add64(&d.sections[i].offset, MORE);
	d.sections[DIM_SECTION_KNOWN].kind = dim_put32(0x6E6577);
	d.sections[DIM_SECTION_KNOWN].offset = dim_put64(at);
	d.sections[DIM_SECTION_KNOWN].size = dim_put64(5);
	memcpy(d.bytes + at, "later", 5);
	d.header->section_count = dim_put32(DIM_SECTION_KNOWN + 1);
	d.header->metadata_size = dim_put64(at + 5 - dim_region_metadata_offset(good));
	sign(&d);
	CHECK(judge(d.bytes, d.size, false) == SOUND);
	CHECK(dim_region_from_memory(d.bytes, d.size, NULL, &r, &error) == DIM_OK);
	CHECK(dim_region_layer_count(r) == dim_region_layer_count(good));
	dim_region_close(r);
	d.bytes[at] ^= 1;
	CHECK(judge(d.bytes, d.size, false) == DAMAGED);
	free(d.bytes);
}

/* One section of a region that is made by hand; sizes are multiples of 64 but for the last. */
static uint64_t put_section(uint8_t *bytes, uint32_t kind, uint64_t at, uint64_t size)
{
	struct dim_section *s = (struct dim_section *)(void *)(bytes + sizeof(struct dim_header)) + (kind - 1);

	s->kind = dim_put32(kind);
	s->offset = dim_put64(at);
	s->size = dim_put64(size);
	return at + size;
}

/*
 * Every layer claims the whole file. A proof that followed each would hash terabytes; one that reads no byte twice is
 * done at once. The alarm is a minute, hours before the end of the other kind.
 */
static void layers_over_layers(void)
{
	enum { LAYERS = 1 << 16, SIZE = 1 << 25 };
	uint8_t *bytes = calloc(1, SIZE);
	struct dim_header *h = (struct dim_header *)(void *)bytes;
	struct dim_options options = {.max_region_size = SIZE};
	struct dim_layer_record *layers;
	struct dim_region *r = NULL;
	struct dim_error error;
	uint64_t at = sizeof(*h) + DIM_SECTION_KNOWN * sizeof(struct dim_section), i;

	CHECK(bytes != NULL);
	memcpy(h->magic, DIM_FORMAT_MAGIC, sizeof(h->magic));
	h->version = dim_put32(1);
	h->dimension_id = dim_put32(1);
	h->layer_count = dim_put32(LAYERS);
	h->total_size = dim_put64(SIZE);
	h->header_size = dim_put32(sizeof(*h));
	h->alignment = dim_put32(4096);
	h->metadata_offset = dim_put64(sizeof(*h));
	h->section_count = dim_put32(DIM_SECTION_KNOWN);
	at = put_section(bytes, DIM_SECTION_DIMENSION, at, sizeof(struct dim_dimension_record));
	layers = (struct dim_layer_record *)(void *)(bytes + at);
	at = put_section(bytes, DIM_SECTION_LAYERS, at, LAYERS * sizeof(*layers));
	at = put_section(bytes, DIM_SECTION_FREQUENCY_ORDER, at, LAYERS * sizeof(struct dim_le32));
	for (i = DIM_SECTION_LAYER_KEYWORDS; i < DIM_SECTION_STRINGS; i++)
		at = put_section(bytes, (uint32_t)i, at, 0);
	at = put_section(bytes, DIM_SECTION_STRINGS, at, 64);
	h->metadata_size = dim_put64(at - sizeof(*h));
	for (i = 0; i < LAYERS; i++) {
		layers[i].layer_id = dim_put32((uint32_t)i + 1);
		layers[i].size = layers[i].content_size = dim_put64(SIZE);
	}
	sign(&(struct draft){.bytes = bytes, .header = h});
	CHECK(dim_region_from_memory(bytes, SIZE, &options, &r, &error) == DIM_OK);
	CHECK(dim_region_check(r, &error) == DIM_ERR_DAMAGED);
	alarm(60);
	CHECK(dim_verify_region(r, NULL, NULL) == DIM_ERR_DAMAGED);
	alarm(0);
	dim_region_close(r);
	free(bytes);
}

/* A later version may do as it likes behind its header; it is believed if its checksum is right. */
static void check_newer(const struct dim_region *good)
{
	struct draft d = draft_of(good);
	struct dim_region *r = NULL;
	struct dim_error error;

	d.header->version = dim_put32(2);
	d.header->layout = dim_put32(7);
	memset(d.header->reserved, 1, sizeof(d.header->reserved));
	CHECK(dim_verify_bytes(d.bytes, d.size, NULL, NULL, NULL) == DIM_ERR_DAMAGED);
	sign(&d);
	CHECK(dim_verify_bytes(d.bytes, d.size, NULL, NULL, NULL) == DIM_ERR_VERSION);
	CHECK(dim_verify_metadata(d.bytes, d.size, &error) == DIM_OK);
	CHECK(dim_region_from_memory(d.bytes, d.size, NULL, &r, &error) == DIM_ERR_VERSION && r == NULL);
	CHECK(error.dimension_id == 1 && error.offset == 4 && error.size == 4);
	d.bytes[dim_region_metadata_offset(good) + 300] ^= 1;
	CHECK(judge(d.bytes, d.size, false) == REFUSED);
	CHECK(dim_verify_bytes(d.bytes, d.size, NULL, NULL, NULL) == DIM_ERR_DAMAGED);
	free(d.bytes);
}

int main(int argc, char **argv)
{
	struct dim_volume *volume = NULL;
	const struct dim_snapshot *snapshot = NULL;

	CHECK(argc >= 2);
	CHECK(dim_volume_open(argv[1], NULL, &volume, NULL) == DIM_OK);
	snapshot = dim_volume_acquire(volume);
	check_drafts(dim_snapshot_region_at(snapshot, 0));
	check_order_of_sections(dim_snapshot_region_at(snapshot, 0));
	check_hashes(dim_snapshot_region_at(snapshot, 2));
	check_twins(dim_snapshot_region_at(snapshot, 2));
	check_unknown_section(dim_snapshot_region_at(snapshot, 0));
	check_newer(dim_snapshot_region_at(snapshot, 0));
	layers_over_layers();
	dim_snapshot_release(snapshot);
	dim_volume_close(volume);
	return 0;
}
