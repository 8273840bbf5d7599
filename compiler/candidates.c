/*
 * candidates.c: the names that a volume, a part of it or sources hold, for completion.
 * In: a path, what was typed so far.
 * Out: lines "WORD<tab>DESCRIPTION"; nothing at all where the path holds nothing that can be read.
 */
#include "candidates.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "source.h"
#include "target.h"
#include "text.h"

void candidates_add(struct buf *buf, const char *typed, const char *word, size_t size, const char *about,
		    size_t about_size)
{
	size_t start = buf->size, typed_size = strlen(typed);

	if (typed_size > size || strncasecmp(word, typed, typed_size) != 0)
		return;
	text_add_printable(buf, word, size);
	if (memcmp(buf->bytes + start, word, size) != 0 || buf->size - start != size) {
		buf->size = start; /* what no terminal should see cannot be typed either */
		return;
	}
	buf_puts(buf, "\t");
	text_add_printable(buf, about, about_size);
	buf_puts(buf, "\n");
}

static void add_layers(struct buf *buf, const char *typed, const struct dim_region *region)
{
	uint32_t i;

	for (i = 0; i < dim_region_layer_count(region); i++) {
		struct dim_span title = {"", 0};
		const struct dim_layer *layer;
		char name[32];
		int size;

		if (dim_region_layer_at(region, i, &layer) != DIM_OK)
			continue;
		dim_layer_title(region, layer, &title);
		size = snprintf(name, sizeof(name), "D%02u/%u", dim_region_dimension_id(region), dim_layer_id(layer));
		candidates_add(buf, typed, name, (size_t)size, title.data, title.size);
	}
}

static void add_keywords(struct buf *buf, const char *typed, const struct dim_region *region)
{
	struct dim_span word;
	uint32_t i;

	for (i = 0; i < dim_region_keyword_count(region); i++)
		if (dim_region_keyword_at(region, i, &word) == DIM_OK)
			candidates_add(buf, typed, word.data, word.size, "", 0);
}

static void add_dimension(struct buf *buf, const char *typed, uint32_t id, const char *name, size_t size)
{
	char word[16];

	candidates_add(buf, typed, word, (size_t)snprintf(word, sizeof(word), "D%02u", id), name, size);
}

/* Of what is published: by libdim. */
static void find_published(struct buf *buf, enum argument_kind kind, const char *typed, const char *path,
			   const struct settings *settings, struct diag *diag)
{
	struct target target;
	size_t i;

	if (!target_open(path, settings, diag, &target))
		return;
	for (i = 0; i < target.count; i++) {
		const struct dim_region *region = target.regions[i];
		struct dim_span name = {"", 0};

		if (kind == ARGUMENT_LAYER) {
			add_layers(buf, typed, region);
		} else if (kind == ARGUMENT_KEYWORD) {
			add_keywords(buf, typed, region);
		} else {
			dim_region_name(region, &name);
			add_dimension(buf, typed, dim_region_dimension_id(region), name.data, name.size);
		}
	}
	target_close(&target);
}

/* Of sources: only every dimension.yaml is read, since no dimension has the number 0. */
static void find_in_sources(struct buf *buf, const char *typed, const char *path, const struct settings *settings,
			    struct diag *diag)
{
	static const uint32_t none = 0;
	struct source_options options = {.max_region_size = settings->max_size,
					 .jobs = 1,
					 .selected = &none,
					 .selected_count = 1,
					 .allow_one = true};
	struct model model = {0};
	size_t i;

	source_read(path, &options, diag, &model);
	for (i = 0; i < model.count; i++)
		if (model.dimensions[i].dimension_id != 0)
			add_dimension(buf, typed, model.dimensions[i].dimension_id, model.dimensions[i].name.bytes,
				      model.dimensions[i].name.size);
	model_free(&model);
}

void candidates_find(struct buf *buf, enum argument_kind kind, const char *typed, const char *path,
		     const struct settings *settings)
{
#define CHECK_ROW(id, name, level, about) {name, about},
	static const struct {
		const char *name, *about;
	} checks[] = {CHECKS(CHECK_ROW)};
#undef CHECK_ROW
	struct diag *diag = diag_new(); /* nobody sees it */
	enum target_kind is;
	struct stat st;
	size_t i;

	if (kind == ARGUMENT_CHECK) {
		for (i = 0; i < CHECK_COUNT; i++)
			candidates_add(buf, typed, checks[i].name, strlen(checks[i].name), checks[i].about,
				       strlen(checks[i].about));
	} else if (stat(path, &st) == 0 && target_kind(path, diag, &is)) {
		if (is != TARGET_BUNDLE)
			find_published(buf, kind, typed, path, settings, diag);
	} else if (kind == ARGUMENT_DIMENSION || kind == ARGUMENT_DIMENSIONS) {
		find_in_sources(buf, typed, path, settings, diag);
	}
	diag_free(diag);
}
