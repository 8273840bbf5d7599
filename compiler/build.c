/*
 * build.c: from a checked model to regions in memory, on several threads.
 * In: the model, settings and flags.
 * Out: a region for every selected dimension, by ascending id; a region that is too large is reported.
 */
#include "build.h"

#include <stdlib.h>
#include <string.h>

#include "../include/dim_format.h"
#include "index.h"
#include "parallel.h"
#include "text.h"

struct work {
	const struct compile_options *options;
	struct diag *diag;
	const struct dimension **dimensions;
	struct build *build;
};

/* Of the layers that are not larger than those in `largest`, nor among them, the largest; the first of equal ones. */
static size_t next_largest(const struct dimension *d, const size_t *largest, size_t count)
{
	size_t best = d->layer_count, i, k;

	for (i = 0; i < d->layer_count; i++) {
		for (k = 0; k < count && largest[k] != i; k++)
			;
		if (k == count && (best == d->layer_count || d->layers[i].content.size > d->layers[best].content.size))
			best = i;
	}
	return best;
}

/* Names the dimension, its size, the limit, the largest layers and the setting to raise. */
static void report_size(const struct region *region, uint64_t max_size, struct diag *diag)
{
	const struct dimension *d = region->dimension;
	size_t largest[3], count;
	char size[16], limit[16], name[64];
	struct buf help = {0}, subject = {0};
	struct diag_extra extra = {0};

	buf_puts(&help, "raise MMAP_MAX_SIZE (in .env or the environment) or move text out; the largest layers are");
	for (count = 0; count < 3 && count < d->layer_count; count++) {
		const struct layer *layer = &d->layers[largest[count] = next_largest(d, largest, count)];

		buf_printf(&help, "%s %u (%s)", count > 0 ? "," : "", layer->layer_id,
			   text_size(layer->content.size, name));
	}
	extra.help = help.bytes;
	if (d->dimension_id != 0)
		buf_printf(&subject, "D%02u", d->dimension_id);
	else
		buf_puts(&subject, d->folder); /* what its number is was reported, too */
	if (region->at.total_size == UINT64_MAX)
		diag_report(diag, CHECK_REGION_SIZE, d->at, &extra, "the region of %s is larger than the format allows",
			    subject.bytes);
	else
		diag_report(diag, CHECK_REGION_SIZE, d->at, &extra,
			    "the region of %s has %s (%llu bytes); at most %s are allowed (MMAP_MAX_SIZE=%llu)",
			    subject.bytes, text_size(region->at.total_size, size),
			    (unsigned long long)region->at.total_size, text_size(max_size, limit),
			    (unsigned long long)max_size);
	buf_free(&help);
	buf_free(&subject);
}

/* From nine tenths of the limit on: the next layers may not fit. */
static void warn_size(const struct region *region, uint64_t max_size, struct diag *diag)
{
	char size[16], limit[16];
	struct diag_extra extra = {
		.help = "raise MMAP_MAX_SIZE (in .env or the environment) before the next layers come"};

	if (region->at.total_size <= max_size - max_size / 10)
		return;
	diag_report(diag, CHECK_REGION_FULL, region->dimension->at, &extra,
		    "the region of D%02u has %s of the %s that it may have", region->dimension->dimension_id,
		    text_size(region->at.total_size, size), text_size(max_size, limit));
}

static void build_one(void *context, size_t item)
{
	struct work *w = context;
	const struct dimension *d = w->dimensions[item];
	struct region *region = &w->build->regions[item];
	enum layout layout = w->options->layout != LAYOUT_UNSET ? w->options->layout
			     : d->layout != LAYOUT_UNSET	? d->layout
								: LAYOUT_PAGE;
	uint32_t alignment = w->options->alignment != 0 ? w->options->alignment
			     : d->alignment != 0	? d->alignment
							: DIM_FORMAT_MIN_ALIGNMENT;

	if (!region_measure(d, layout, alignment, region) ||
	    !layout_region(layout, alignment, region->metadata_size, region->slots, d->layer_count, &region->at))
		region->at.total_size = UINT64_MAX;
	if (region->at.total_size <= w->options->settings->max_size)
		region_fill(region);
	if (region->at.total_size <= w->options->settings->max_size)
		warn_size(region, w->options->settings->max_size, w->diag);
	else
		report_size(region, w->options->settings->max_size, w->diag);
	progress_step(w->options->progress);
}

static int by_id(const void *a, const void *b)
{
	const struct dimension *x = *(const struct dimension *const *)a, *y = *(const struct dimension *const *)b;

	return (x->dimension_id > y->dimension_id) - (x->dimension_id < y->dimension_id);
}

bool build_regions(const struct model *model, const struct compile_options *options, struct diag *diag,
		   struct build *ret)
{
	struct work work = {.options = options, .diag = diag, .build = ret};
	size_t before = diag_errors(diag), i;

	memset(ret, 0, sizeof(*ret));
	work.dimensions = mem_zalloc(model->count, sizeof(struct dimension *));
	for (i = 0; i < model->count; i++)
		if (model->dimensions[i].is_selected)
			work.dimensions[ret->count++] = &model->dimensions[i];
	qsort(work.dimensions, ret->count, sizeof(*work.dimensions), by_id);
	ret->regions = mem_zalloc(ret->count, sizeof(*ret->regions));
	progress_begin(options->progress, "packing", ret->count);
	parallel_for(ret->count, options->jobs, build_one, &work);
	free(work.dimensions);
	return diag_errors(diag) == before;
}

void build_free(struct build *build)
{
	size_t i;

	for (i = 0; i < build->count; i++)
		region_free(&build->regions[i]);
	free(build->regions);
	memset(build, 0, sizeof(*build));
}

static bool give_layer(void *context, size_t position, struct index_layer *ret)
{
	const struct region *region = context;
	const struct layer *layer = &region->dimension->layers[position];

	ret->layer_id = layer->layer_id;
	ret->offset = region->slots[position].offset;
	ret->size = region->slots[position].size;
	ret->content_size = layer->content.size;
	ret->frequency = layer->frequency;
	ret->title = layer->title;
	ret->digest = region->contents[position];
	ret->keyword_count = layer->keyword_count;
	memcpy(ret->keywords, layer->keywords, layer->keyword_count * sizeof(*layer->keywords));
	return true;
}

void build_index(const struct region *region, const struct settings *settings, struct buf *ret)
{
	static const char generator[] = "dimc " DIM_VERSION;
	const struct dimension *d = region->dimension;
	int64_t updated = d->has_updated_at ? d->updated_at : settings->has_epoch ? settings->epoch : d->newest_mtime;
	char created_text[24], updated_text[24];
	struct index_facts facts = {
		.dimension_id = d->dimension_id,
		.name = d->name,
		.total_size = region->at.total_size,
		.digest = region->digest,
		.alignment = region->alignment,
		.layout = region->layout,
		.generator = {generator, sizeof(generator) - 1},
		.layer_count = d->layer_count,
		.layer = give_layer,
		.context = (void *)(uintptr_t)region,
	};

	text_time(d->has_created_at ? d->created_at : updated, created_text);
	text_time(updated, updated_text);
	facts.created_at = (struct text){created_text, strlen(created_text)};
	facts.updated_at = (struct text){updated_text, strlen(updated_text)};
	index_write(&facts, ret);
}
