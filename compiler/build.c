/*
 * build.c: from checked dimensions to regions, one by one as they come.
 * In: a dimension, settings and flags.
 * Out: its region and its index, in memory or spilled; a region that is too large is reported.
 */
#include "build.h"

#include <stdlib.h>
#include <string.h>

#include "../include/dim_format.h"
#include "index.h"
#include "text.h"
#include "trace.h"

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

void build_begin(struct build *build, const struct compile_options *options, struct diag *diag)
{
	*build = (struct build){.options = options, .diag = diag};
	pthread_mutex_init(&build->lock, NULL);
}

static struct built *new_built(void)
{
	struct built *built = mem_zalloc(1, sizeof(*built));

	built->region_file.fd = built->index_file.fd = -1;
	return built;
}

static void add_item(struct build *build, struct built *built)
{
	pthread_mutex_lock(&build->lock);
	build->items = mem_reserve(build->items, build->count, &build->capacity, sizeof(*build->items));
	build->items[build->count++] = built;
	pthread_mutex_unlock(&build->lock);
}

void build_add_known(struct build *build, const struct dimension *d)
{
	struct built *built = new_built();

	built->region.dimension = d;
	built->region.digest = d->known->digest;
	built->region.at.total_size = d->known->total_size;
	built->layer_count = (size_t)d->known->layer_count;
	built->content_size = d->known->content_size;
	built->is_spared = true;
	add_item(build, built);
}

struct built *build_add(struct build *build, const struct dimension *d)
{
	const struct compile_options *options = build->options;
	struct built *built = new_built();
	struct region *region = &built->region;
	enum layout layout = options->layout != LAYOUT_UNSET ? options->layout
			     : d->layout != LAYOUT_UNSET     ? d->layout
							     : LAYOUT_PAGE;
	uint32_t alignment = options->alignment != 0 ? options->alignment
			     : d->alignment != 0     ? d->alignment
						     : DIM_FORMAT_MIN_ALIGNMENT;
	size_t i;

	built->layer_count = d->layer_count;
	for (i = 0; i < d->layer_count; i++)
		built->content_size += d->layers[i].content.size;
	if (!region_measure(d, layout, alignment, region) ||
	    !layout_region(layout, alignment, region->metadata_size, region->slots, d->layer_count, &region->at))
		region->at.total_size = UINT64_MAX;
	add_item(build, built);
	if (region->at.total_size > options->settings->max_size) {
		report_size(region, options->settings->max_size, build->diag);
		return NULL;
	}
	region_fill(region);
	warn_size(region, options->settings->max_size, build->diag);
	return built;
}

bool build_spill(struct build *build, struct built *built)
{
	const struct settings *settings = build->options->settings;
	struct region_file file = {&built->region, settings};
	struct buf index = {0};

	if (built->region.at.total_size < SPILL_MIN ||
	    !spill_write(&build->spills, build_write, &file, &built->region_file))
		return false;
	build_index(&built->region, settings, &index);
	if (!spill_write(&build->spills, out_write_buf, &index, &built->index_file))
		spill_free(&build->spills, &built->region_file);
	else
		region_drop(&built->region);
	buf_free(&index);
	return built->index_file.fd >= 0;
}

static int by_id(const void *a, const void *b)
{
	const struct built *x = *(const struct built *const *)a, *y = *(const struct built *const *)b;

	return (x->region.dimension->dimension_id > y->region.dimension->dimension_id) -
	       (x->region.dimension->dimension_id < y->region.dimension->dimension_id);
}

void build_end(struct build *build)
{
	if (build->count > 0)
		qsort(build->items, build->count, sizeof(*build->items), by_id);
}

void build_free(struct build *build)
{
	size_t i;

	for (i = 0; i < build->count; i++) {
		spill_free(&build->spills, &build->items[i]->region_file);
		spill_free(&build->spills, &build->items[i]->index_file);
		region_free(&build->items[i]->region);
		free(build->items[i]);
	}
	spills_close(&build->spills);
	free(build->items);
	pthread_mutex_destroy(&build->lock);
	memset(build, 0, sizeof(*build));
}

void build_write(void *region_file, struct out *out)
{
	const struct region_file *file = region_file;

	region_write(file->region, out);
	out_extend_to(out, file->settings->initial_size);
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

	trace_begin(TRACE_BUILD, "index");
	text_time(d->has_created_at ? d->created_at : updated, created_text);
	text_time(updated, updated_text);
	facts.created_at = (struct text){created_text, strlen(created_text)};
	facts.updated_at = (struct text){updated_text, strlen(updated_text)};
	index_write(&facts, ret);
	trace_end(TRACE_BUILD);
}
