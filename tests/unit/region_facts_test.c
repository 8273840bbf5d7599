/*
 * region_facts_test.c: the facts of a region as index.json, sources and pages have them, and of one whose records are
 * damaged. In: the volume that tests/unit.bats compiles. Out: nothing while the facts are those of the region, and a
 * record that leads outside gives none, without a harm.
 */
#include "../../compiler/region_facts.h"
#include "../../compiler/sections.h"
#include "draft.h"

static const char times[] =
	"{\n  \"created_at\": \"2024-10-24T10:00:00Z\",\n  \"updated_at\": \"2024-10-24T12:00:00Z\",\n"
	"  \"generator\": \"dimc 1\"\n}\n";

static struct dim_region *open_region(const void *bytes, size_t size)
{
	struct dim_region *region = NULL;

	CHECK(dim_region_from_memory(bytes, size, NULL, &region, NULL) == DIM_OK);
	return region;
}

/* Whether all that asks for the region's facts gives them. */
struct given {
	bool layer, index, dimension;
};

static struct given ask(struct draft *d)
{
	struct dim_region *region = open_region(d->bytes, d->size);
	struct index_layer layer;
	struct dimension dimension;
	struct buf buf = {0};
	struct given given;

	given.layer = region_facts_layer(region, 0, &layer);
	given.index = region_facts_index(region, times, sizeof(times) - 1, &buf);
	given.dimension = region_facts_dimension(region, &dimension);
	CHECK(!given.dimension || dimension.layer_count == d->layer_count);
	free(dimension.layers);
	arena_free(&dimension.arena);
	buf_free(&buf);
	dim_region_close(region);
	free(d->bytes);
	return given;
}

static void check_sound(const struct dim_region *good)
{
	struct draft d = draft_of(good);
	struct given given = ask(&d);
	struct index_layer layer;

	CHECK(given.layer && given.index && given.dimension);
	CHECK(region_facts_layer(good, 2, &layer) && layer.layer_id == 7 && layer.keyword_count == 2);
	CHECK(layer.title.size == 5 && layer.content_size == 1 && layer.frequency == 1.5);
	CHECK(!region_facts_layer(good, 3, &layer));
}

/* A text, a content or a keyword that leads outside; more keywords than a layer may have. */
static void check_damaged(const struct dim_region *good)
{
	struct dim_le32 outside = dim_put32(UINT32_MAX);
	struct dim_dimension_record *record;
	struct draft d = draft_of(good);
	struct given given;

	d.layers[0].offset = dim_put64(UINT64_MAX);
	given = ask(&d);
	CHECK(!given.layer && !given.index && !given.dimension);
	d = draft_of(good);
	d.layers[0].title.offset = outside;
	given = ask(&d);
	CHECK(!given.layer && !given.index && !given.dimension);
	d = draft_of(good);
	d.layers[0].keyword_first = outside;
	given = ask(&d);
	CHECK(!given.layer && !given.index && !given.dimension);
	d = draft_of(good);
	d.layers[0].keyword_count = dim_put32(MODEL_MAX_KEYWORDS + 1);
	given = ask(&d);
	CHECK(!given.layer && !given.index && !given.dimension);
	d = draft_of(good);
	record = section(&d, DIM_SECTION_DIMENSION);
	record->name.offset = outside;
	given = ask(&d);
	CHECK(given.layer && !given.index && !given.dimension);
	d = draft_of(good);
	record = section(&d, DIM_SECTION_DIMENSION);
	record->description.offset = outside;
	given = ask(&d);
	CHECK(given.layer && given.index && !given.dimension);
}

static bool has_index(const struct dim_region *region, const char *json)
{
	struct buf buf = {0};
	bool ok = region_facts_index(region, json, strlen(json), &buf);

	buf_free(&buf);
	return ok;
}

/* What the region does not say comes from the index beside it, which may be anybody's. */
static void check_times(const struct dim_region *good)
{
	struct draft d = draft_of(good);
	struct dim_dimension_record *record = section(&d, DIM_SECTION_DIMENSION);
	struct dim_region *region = open_region(d.bytes, d.size);

	CHECK(has_index(region, "\n  \"generator\": \"x\"") && !has_index(region, ""));
	record->flags = dim_put32(DIM_DIMENSION_HAS_CREATED_AT);
	CHECK(has_index(region, times) && !has_index(region, "\n  \"generator\": \"x\""));
	record->flags = dim_put32(0);
	CHECK(has_index(region, times) && !has_index(region, strstr(times, "\n  \"updated_at\"")));
	CHECK(!has_index(region,
			 "\n  \"created_at\": \"2024-10-24T10:00:00\"\n  \"updated_at\": \"2024-10-24T12:00:00Z\""));
	CHECK(!has_index(region,
			 "\n  \"created_at\": \"2024-13-24T10:00:00Z\"\n  \"updated_at\": \"2024-10-24T12:00:00Z\""));
	dim_region_close(region);
	free(d.bytes);
}

/* The directory of sections, of a later day, and while somebody writes to it. */
static void check_sections(const struct dim_region *good)
{
	struct draft d = draft_of(good);
	struct dim_region *region = open_region(d.bytes, d.size);
	struct section_facts facts[SECTIONS_MAX];

	CHECK(sections_read(region, facts) == DIM_SECTION_KNOWN);
	CHECK(strcmp(facts[0].name, "dimension") == 0 && strcmp(facts[DIM_SECTION_KNOWN - 1].name, "strings") == 0);
	CHECK(facts[1].offset == dim_get64(d.sections[1].offset) && facts[1].size == d.layer_count * sizeof(*d.layers));
	d.sections[3].kind = dim_put32(DIM_SECTION_KNOWN + 1);
	CHECK(sections_read(region, facts) == DIM_SECTION_KNOWN && strcmp(facts[3].name, "unknown") == 0);
	d.header->section_count = dim_put32(SECTIONS_MAX + 1);
	CHECK(sections_read(region, facts) == 0);
	d.header->section_count = dim_put32(SECTIONS_MAX); /* more than its metadata hold */
	CHECK(sections_read(region, facts) == 0);
	dim_region_close(region);
	free(d.bytes);
}

int main(int argc, char **argv)
{
	struct dim_region *good = NULL;
	char path[4096];

	CHECK(argc == 2);
	snprintf(path, sizeof(path), "%s/consciousness/D01/region.mmap", argv[1]);
	CHECK(dim_region_open(path, NULL, &good, NULL) == DIM_OK);
	check_sound(good);
	check_damaged(good);
	check_times(good);
	check_sections(good);
	dim_region_close(good);
	return 0;
}
