/*
 * region_facts.c: the facts of a region that was read, as index.json states them.
 * In: an open region of libdim.
 * Out: its layers in index.h's terms, the index.json that belongs to it, and the dimension as sources would give it.
 */
#include "region_facts.h"

#include <string.h>

#include "loader_error.h"
#include "text.h"

static bool read_facts(const struct dim_region *region, uint32_t position, struct index_layer *ret,
		       struct dim_span *ret_content)
{
	const struct dim_layer *layer;
	struct dim_span title, keyword;
	uint32_t i, count;

	if (dim_region_layer_at(region, position, &layer) != DIM_OK ||
	    dim_layer_content(region, layer, ret_content) != DIM_OK || dim_layer_title(region, layer, &title) != DIM_OK)
		return false;
	count = dim_layer_keyword_count(layer);
	if (count > MODEL_MAX_KEYWORDS)
		return false;
	memset(ret, 0, sizeof(*ret));
	ret->layer_id = dim_layer_id(layer);
	ret->offset = dim_layer_offset(layer);
	ret->size = dim_layer_slot_size(layer);
	ret->content_size = ret_content->size;
	ret->frequency = dim_layer_frequency(layer);
	ret->title = loader_text(title);
	memcpy(ret->digest.bytes, dim_layer_digest(layer), DIGEST_SIZE);
	for (i = 0; i < count; i++) {
		if (dim_layer_keyword(region, layer, i, &keyword) != DIM_OK)
			return false;
		ret->keywords[ret->keyword_count++] = loader_text(keyword);
	}
	return true;
}

bool region_facts_layer(const struct dim_region *region, uint32_t position, struct index_layer *ret)
{
	struct dim_span content;

	return read_facts(region, position, ret, &content);
}

static bool give_layer(void *context, size_t position, struct index_layer *ret)
{
	return region_facts_layer(context, (uint32_t)position, ret);
}

/* The author's time as the region has it; else the index's own, where that is a time in the form that is written. */
static bool find_time(const struct dim_region *region,
		      enum dim_status (*authored)(const struct dim_region *, int64_t *), const char *json, size_t size,
		      const char *name, char text[24], struct text *ret)
{
	int64_t seconds;

	if (authored(region, &seconds) == DIM_OK) {
		text_time(seconds, text);
		*ret = (struct text){text, strlen(text)};
		return true;
	}
	return index_find_string(json, size, name, ret) && ret->size == 20 &&
	       text_parse_time(ret->bytes, ret->size, &seconds);
}

bool region_facts_index(const struct dim_region *region, const char *json, size_t size, struct buf *ret)
{
	struct index_facts facts = {
		.dimension_id = dim_region_dimension_id(region),
		.total_size = dim_region_total_size(region),
		.alignment = dim_region_alignment(region),
		.layout = dim_region_layout(region) == 1 ? LAYOUT_PACKED : LAYOUT_PAGE,
		.layer_count = dim_region_layer_count(region),
		.layer = give_layer,
		.context = (void *)(uintptr_t)region,
	};
	char created[24], updated[24];
	struct dim_span name;

	memcpy(facts.digest.bytes, dim_region_checksum(region), DIGEST_SIZE);
	if (dim_region_name(region, &name) != DIM_OK ||
	    !find_time(region, dim_region_created_at, json, size, "created_at", created, &facts.created_at) ||
	    !find_time(region, dim_region_updated_at, json, size, "updated_at", updated, &facts.updated_at) ||
	    !index_find_string(json, size, "generator", &facts.generator))
		return false;
	facts.name = loader_text(name);
	return index_write(&facts, ret);
}

static bool read_layer(const struct dim_region *region, uint32_t position, struct arena *arena, struct layer *ret)
{
	struct index_layer facts;
	struct dim_span content;

	if (!read_facts(region, position, &facts, &content))
		return false;
	ret->layer_id = facts.layer_id;
	ret->frequency = facts.frequency;
	ret->title = facts.title;
	ret->keyword_count = facts.keyword_count;
	ret->keywords = arena_alloc(arena, facts.keyword_count * sizeof(*facts.keywords));
	memcpy(ret->keywords, facts.keywords, facts.keyword_count * sizeof(*facts.keywords));
	ret->content = loader_text(content);
	ret->is_complete = true;
	return true;
}

bool region_facts_dimension(const struct dim_region *region, struct dimension *ret)
{
	struct dim_span name, description;
	uint32_t i;

	memset(ret, 0, sizeof(*ret));
	if (dim_region_name(region, &name) != DIM_OK || dim_region_description(region, &description) != DIM_OK)
		return false;
	ret->is_selected = true;
	ret->dimension_id = dim_region_dimension_id(region);
	ret->name = loader_text(name);
	ret->description = loader_text(description);
	ret->has_created_at = dim_region_created_at(region, &ret->created_at) == DIM_OK;
	ret->has_updated_at = dim_region_updated_at(region, &ret->updated_at) == DIM_OK;
	ret->has_frequency_range =
		dim_region_frequency_range(region, &ret->frequency_low, &ret->frequency_high) == DIM_OK;
	ret->layout = dim_region_layout(region) == 1 ? LAYOUT_PACKED : LAYOUT_PAGE;
	ret->alignment = dim_region_alignment(region);
	ret->layer_capacity = dim_region_layer_count(region);
	ret->layers = mem_zalloc(ret->layer_capacity, sizeof(*ret->layers));
	for (i = 0; i < ret->layer_capacity; i++, ret->layer_count++)
		if (!read_layer(region, i, &ret->arena, &ret->layers[i]))
			return false;
	return true;
}
