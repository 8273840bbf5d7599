/*
 * layer.c: a layer, by id or position, and what its record says.
 * In: an open region and an id, a position or a layer's record.
 * Out: pointers into the mapping. Nothing here allocates, locks or trusts a byte that it has not just checked.
 */
#include "internal.h"

static const struct dim_layer_record *record_of(const struct dim_layer *layer)
{
	return (const struct dim_layer_record *)layer;
}

enum dim_status dim_region_layer_at(const struct dim_region *region, uint32_t position,
				    const struct dim_layer **ret_layer)
{
	if (position >= region->layer_count)
		return DIM_ERR_NOT_FOUND;
	return dim_give_layer(region, position, ret_layer);
}

enum dim_status dim_layer_search(const struct dim_region *region, uint32_t layer_id, const struct dim_layer **ret)
{
	const struct dim_layer_record *layers = dim_section_of(region, DIM_SECTION_LAYERS);
	uint32_t low = 0, high = region->layer_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		uint32_t id = dim_fetch32(&layers[middle].layer_id);

		if (id == layer_id) {
			*ret = (const struct dim_layer *)&layers[middle];
			return DIM_OK;
		}
		if (id < layer_id)
			low = middle + 1;
		else
			high = middle;
	}
	return DIM_ERR_NOT_FOUND;
}

enum dim_status dim_region_layer(const struct dim_region *region, uint32_t layer_id, const struct dim_layer **ret_layer)
{
	return dim_layer_by_id(region, layer_id, ret_layer);
}

uint32_t dim_layer_position(const struct dim_region *region, const struct dim_layer *layer)
{
	return (uint32_t)(record_of(layer) - dim_layer_record_at(region, 0));
}

uint32_t dim_layer_id(const struct dim_layer *layer)
{
	return dim_fetch32(&record_of(layer)->layer_id);
}

double dim_layer_frequency(const struct dim_layer *layer)
{
	return dim_fetchf64(&record_of(layer)->frequency);
}

uint32_t dim_layer_keyword_count(const struct dim_layer *layer)
{
	return dim_fetch32(&record_of(layer)->keyword_count);
}

uint64_t dim_layer_offset(const struct dim_layer *layer)
{
	return dim_fetch64(&record_of(layer)->offset);
}

uint64_t dim_layer_slot_size(const struct dim_layer *layer)
{
	return dim_fetch64(&record_of(layer)->size);
}

const uint8_t *dim_layer_digest(const struct dim_layer *layer)
{
	return record_of(layer)->digest;
}

uint64_t dim_layer_content_size(const struct dim_layer *layer)
{
	return dim_fetch64(&record_of(layer)->content_size);
}

enum dim_status dim_layer_content(const struct dim_region *region, const struct dim_layer *layer,
				  struct dim_span *ret_content)
{
	uint64_t offset = dim_fetch64(&record_of(layer)->offset);
	uint64_t size = dim_fetch64(&record_of(layer)->content_size);
	const char *data = dim_door(region, offset, size);

	if (data == NULL)
		return DIM_ERR_DAMAGED;
	ret_content->data = data;
	ret_content->size = (size_t)size;
	return DIM_OK;
}

enum dim_status dim_layer_title(const struct dim_region *region, const struct dim_layer *layer,
				struct dim_span *ret_title)
{
	return dim_string(region, &record_of(layer)->title, ret_title);
}

enum dim_status dim_layer_keyword(const struct dim_region *region, const struct dim_layer *layer, uint32_t index,
				  struct dim_span *ret_keyword)
{
	uint64_t first = dim_fetch32(&record_of(layer)->keyword_first);
	uint32_t keyword;

	if (index >= dim_layer_keyword_count(layer))
		return DIM_ERR_NOT_FOUND;
	if (!dim_number_at(region, DIM_SECTION_LAYER_KEYWORDS, first + index, &keyword) ||
	    keyword >= region->keyword_count)
		return DIM_ERR_DAMAGED;
	return dim_region_keyword_at(region, keyword, ret_keyword);
}
