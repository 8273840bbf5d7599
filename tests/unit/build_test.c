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
	for (i = 0; i < 4; i++) {
		struct diag *diag = diag_new();
		static const char *const want[] = {"the region of D04 has 36.0 KiB (36864 bytes); at most 32.0 KiB are "
						   "allowed (MMAP_MAX_SIZE=32768)",
						   "the region of D04-social has 36.0 KiB",
						   "the region of D04-social is larger than the format allows",
						   "the region of D04-social has 36.0 KiB"};

		d.dimension_id = i == 0 ? 4 : 0;
		d.at.file = diag_file(diag, "dimension.yaml");
		layers[1].content.size = i == 2 ? INT64_MAX : 9000;
		d.layer_count = i == 3 ? 2 : 4;
		layers[0].content.size = i == 3 ? 17000 : 5000;
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

/* Options go before what the author said, and that before what is usual. */
static void check_options(void)
{
	static char content[SPILL_MIN];
	struct layer layer = {.layer_id = 1, .frequency = 1, .content = {content, sizeof(content)}};
	struct dimension d = {
		.dimension_id = 1, .name = word, .layers = &layer, .layer_count = 1, .layout = LAYOUT_UNSET};
	struct settings settings = {.max_size = 1 << 20};
	struct compile_options options = {.settings = &settings, .layout = LAYOUT_UNSET};
	struct diag *diag = diag_new();
	struct build build;
	struct built *built;
	struct buf index = {0};

	layer.keywords = &word;
	layer.keyword_count = 1;
	build_begin(&build, &options, diag);
	built = build_one(&build, &d, diag);
	CHECK(built != NULL && built->region.layout == LAYOUT_PAGE && built->region.alignment == 4096);
	CHECK(!build_spill(&build, built)); /* nowhere */
	spills_open(&build.spills, ".", false);
	build.spills.max = 1; /* not room for both of its files */
	CHECK(!build_spill(&build, built) && built->region_file.fd < 0 && built->index_file.fd < 0);
	build_index(&built->region, &settings, &index);
	CHECK(index.size > 0);
	buf_free(&index);
	d.layout = LAYOUT_PACKED;
	d.alignment = 8192;
	built = build_one(&build, &d, diag);
	CHECK(built != NULL && built->region.layout == LAYOUT_PACKED && built->region.alignment == 8192);
	options.layout = LAYOUT_PAGE;
	options.alignment = 16384;
	built = build_one(&build, &d, diag);
	CHECK(built != NULL && built->region.layout == LAYOUT_PAGE && built->region.alignment == 16384);
	CHECK(told[0] == '\0');
	layer.content.size = 1;
	built = build_one(&build, &d, diag);
	CHECK(built != NULL && !build_spill(&build, built)); /* too small to be worth it */
	build_free(&build);
	diag_free(diag);
}

int main(void)
{
	check_counts();
	check_limits();
	check_options();
	return 0;
}
