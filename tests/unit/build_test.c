/*
 * build_test.c: regions at the limits of the format and of MMAP_MAX_SIZE, and what stays in memory.
 * In: nothing; sizes that no memory has are claimed.
 * Out: nothing while what does not fit is refused before anything is read of it, and told by name.
 */
#include <fcntl.h>
#include <string.h>

#include "../../compiler/build.h"
#include "../../compiler/index.h"
#include "../../include/dim_format.h"
#include "test.h"

static struct text word = {"word", 4};

static bool measures(const struct dimension *d)
{
	struct region region;
	bool ok = region_measure(d, LAYOUT_PAGE, 4096, &region);

	region_free(&region);
	return ok;
}

/* More layers, keywords or bytes of text than 32 bits count. */
static void check_counts(void)
{
	struct layer layers[2] = {{.keywords = &word, .keyword_count = 1}, {.keywords = &word, .keyword_count = 1}};
	struct dimension d = {.layers = layers, .layer_count = 2};

	CHECK(measures(&d));
	d.layer_count = (size_t)UINT32_MAX + 1;
	CHECK(!measures(&d));
	d.layer_count = 2;
	layers[0].keyword_count = DIM_FORMAT_MAX_POSTINGS;
	CHECK(!measures(&d));
	layers[0].keyword_count = 1;
	layers[1].title.size = UINT32_MAX - word.size;
	CHECK(measures(&d));
	layers[1].title.size++;
	CHECK(!measures(&d));
}

static char told[4096];

/* Builds one dimension, and keeps what was reported of it. */
static struct built *build_one(struct build *build, const struct dimension *d, struct diag *diag)
{
	struct built *built = build_add(build, d);
	struct buf text = {0};

	diag_write(diag, DIAG_GITHUB, &text);
	CHECK(text.size < sizeof(told));
	memcpy(told, text.size > 0 ? text.bytes : "", text.size + 1);
	buf_free(&text);
	return built;
}

static void check_limits(void)
{
	struct layer layers[4] = {{.layer_id = 3, .content = {"", 5000}},
				  {.layer_id = 5, .content = {"", 9000}},
				  {.layer_id = 7, .content = {"", 5000}},
				  {.layer_id = 9, .content = {"", 1}}};
	struct dimension d = {.dimension_id = 4, .folder = "D04-social", .layers = layers, .layer_count = 4};
	struct settings settings = {.max_size = 32768};
	struct compile_options options = {.settings = &settings, .layout = LAYOUT_UNSET};
	struct build build;
	size_t i;

	for (i = 0; i < 4; i++) {
		layers[i].keywords = &word;
		layers[i].keyword_count = 1;
	}
	for (i = 0; i < 5; i++) {
		struct diag *diag = diag_new();
		static const char *const want[] = {
			"the region of D04 has 36.0 KiB (36864 bytes); at most 32.0 KiB",
			"the region of D04-social has 36.0 KiB",
			"the region of D04-social is larger than the format allows",
			"the region of D04-social has 36.0 KiB",
			"the region of D04-social is larger than the format allows",
		};

		d.dimension_id = i == 0 ? 4 : 0;
		d.at.file = diag_file(diag, "dimension.yaml");
		layers[1].content.size = i == 2 ? INT64_MAX : 9000;
		d.layer_count = i == 3 ? 2 : 4;
		layers[0].content.size = i == 3 ? 17000 : 5000;
		d.description.size = i == 4 ? UINT32_MAX : 0;
		build_begin(&build, &options, diag);
		CHECK(build_one(&build, &d, diag) == NULL && build.count == 1);
		if (strstr(told, want[i]) == NULL)
			fprintf(stderr, "%s", told);
		CHECK(strstr(told, want[i]) != NULL);
		CHECK(i == 3 || strstr(told, "layers are 5 (") != NULL);
		CHECK(i == 3 || (strstr(told, ", 3 (") != NULL && strstr(told, ", 7 (") != NULL &&
				 strstr(told, ", 9 (") == NULL));
		build_end(&build);
		build_free(&build);
		diag_free(diag);
	}
}

static void is_updated(const struct region *region, const struct settings *settings, const char *want)
{
	struct buf index = {0};
	struct text text;

	build_index(region, settings, &index);
	CHECK(index_find_string(index.bytes, index.size, "updated_at", &text));
	CHECK(text.size == strlen(want) && memcmp(text.bytes, want, text.size) == 0);
	buf_free(&index);
}

/* Words are sorted by their bytes, whatever they begin with. */
static void check_words(void)
{
	static const char *const sorted[] = {"a", "ab", "feeling", "feelings", "feelings of grief", "feelings of joy"};
	enum { WORDS = sizeof(sorted) / sizeof(sorted[0]) };
	struct text words[WORDS];
	struct layer layers[2] = {{.layer_id = 1, .frequency = 1}, {.layer_id = 2, .frequency = 1}};
	struct dimension d = {.dimension_id = 1, .layers = layers, .layer_count = 2};
	struct region_layout at;
	struct region region;
	size_t i, place = 0;

	for (i = 0; i < WORDS; i++) /* the largest first */
		words[i] = (struct text){sorted[WORDS - 1 - i], strlen(sorted[WORDS - 1 - i])};
	for (i = 0; i < 2; i++) {
		layers[i].keywords = words;
		layers[i].keyword_count = WORDS;
	}
	CHECK(region_measure(&d, LAYOUT_PAGE, 4096, &region));
	CHECK(layout_region(LAYOUT_PAGE, 4096, region.metadata_size, region.slots, 2, &at));
	region.at = at;
	region_fill(&region);
	for (i = 0; i < WORDS; i++) {
		const char *found = memmem(region.metadata.bytes + place, region.metadata.size - place, sorted[i],
					   strlen(sorted[i]));

		CHECK(found != NULL);
		place = (size_t)(found - region.metadata.bytes) + strlen(sorted[i]);
	}
	region_free(&region);
}

/* Options go before what the author said, and that before what is usual. */
static void check_options(void)
{
	static char content[SPILL_MIN];
	struct layer layer = {.layer_id = 1, .frequency = 1, .content = {content, sizeof(content)}};
	struct dimension d = {.dimension_id = 1,
			      .name = word,
			      .layers = &layer,
			      .layer_count = 1,
			      .layout = LAYOUT_UNSET,
			      .newest_mtime = 7,
			      .updated_at = 9};
	struct settings settings = {.max_size = 1 << 20, .epoch = 8};
	struct compile_options options = {.settings = &settings, .layout = LAYOUT_UNSET};
	enum check_level levels[CHECK_COUNT];
	struct diag *diag = diag_new();
	struct build build;
	struct built *built;

	layer.keywords = &word;
	layer.keyword_count = 1;
	build_begin(&build, &options, diag);
	built = build_one(&build, &d, diag);
	CHECK(built != NULL && built->region.layout == LAYOUT_PAGE && built->region.alignment == 4096);
	CHECK(!build_spill(&build, built)); /* nowhere */
	spills_open(&build.spills, ".", false);
	build.spills.max = 1; /* not room for both of its files */
	CHECK(!build_spill(&build, built) && built->region_file.fd < 0 && built->index_file.fd < 0);
	is_updated(&built->region, &settings, "1970-01-01T00:00:07Z");
	settings.has_epoch = true;
	is_updated(&built->region, &settings, "1970-01-01T00:00:08Z");
	d.has_updated_at = true;
	is_updated(&built->region, &settings, "1970-01-01T00:00:09Z");
	d.layout = LAYOUT_PACKED;
	d.alignment = 8192;
	built = build_one(&build, &d, diag);
	CHECK(built != NULL && built->region.layout == LAYOUT_PACKED && built->region.alignment == 8192);
	options.layout = LAYOUT_PAGE;
	options.alignment = 16384;
	built = build_one(&build, &d, diag);
	CHECK(built != NULL && built->region.layout == LAYOUT_PAGE && built->region.alignment == 16384);
	CHECK(told[0] == '\0');
	diag_levels(diag, levels);
	levels[CHECK_REGION_FULL] = LEVEL_WARNING;
	diag_set_levels(diag, levels);
	d.at.file = diag_file(diag, "dimension.yaml");
	settings.max_size = built->region.at.total_size;
	built = build_one(&build, &d, diag);
	CHECK(built != NULL &&
	      strstr(told, "the region of D01 has 144.0 KiB of the 144.0 KiB that it may have") != NULL);
	layer.content.size = 1;
	built = build_one(&build, &d, diag);
	CHECK(built != NULL && !build_spill(&build, built)); /* too small to be worth it */
	build_free(&build);
	diag_free(diag);
}

int main(void)
{
	check_counts();
	check_words();
	check_limits();
	check_options();
	return 0;
}
