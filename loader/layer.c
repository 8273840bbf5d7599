/*
 * layer.c: the accessors: from an open region to its fields, layers, keywords and lookups.
 * In: an open region and a key, a position or a layer's record.
 * Out: pointers into the mapping. Nothing here allocates, locks or trusts a byte that it has not just checked.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "internal.h"

static const struct dim_layer_record *record_of(const struct dim_layer *layer)
{
	return (const struct dim_layer_record *)layer;
}

static enum dim_status give_layer(const struct dim_region *region, uint64_t position, const struct dim_layer **ret)
{
	const struct dim_layer_record *record = dim_layer_record_at(region, position);

	if (record == NULL)
		return DIM_ERR_DAMAGED;
	*ret = (const struct dim_layer *)record;
	return DIM_OK;
}

enum dim_status dim_string(const struct dim_region *region, const struct dim_string_ref *ref, struct dim_span *ret)
{
	uint64_t all = region->section[DIM_SECTION_STRINGS].size;
	uint64_t offset = dim_fetch32(&ref->offset);
	uint64_t size = dim_fetch32(&ref->size);
	const char *data;

	if (size > all || offset > all - size)
		return DIM_ERR_DAMAGED;
	data = dim_door(region, region->section[DIM_SECTION_STRINGS].offset + offset, size);
	if (data == NULL)
		return DIM_ERR_DAMAGED;
	ret->data = data;
	ret->size = (size_t)size;
	return DIM_OK;
}

/* --- the region itself --- */

uint32_t dim_region_dimension_id(const struct dim_region *region)
{
	return region->dimension_id;
}

uint32_t dim_region_layer_count(const struct dim_region *region)
{
	return region->layer_count;
}

uint32_t dim_region_alignment(const struct dim_region *region)
{
	return region->alignment;
}

uint32_t dim_region_layout(const struct dim_region *region)
{
	return region->layout;
}

uint64_t dim_region_total_size(const struct dim_region *region)
{
	return region->total_size;
}

uint64_t dim_region_file_size(const struct dim_region *region)
{
	return region->size;
}

uint64_t dim_region_metadata_offset(const struct dim_region *region)
{
	return region->metadata_offset;
}

uint64_t dim_region_metadata_size(const struct dim_region *region)
{
	return region->metadata_size;
}

const uint8_t *dim_region_checksum(const struct dim_region *region)
{
	return region->checksum;
}

struct dim_span dim_region_bytes(const struct dim_region *region)
{
	struct dim_span span = {(const char *)region->base, (size_t)region->size};

	return span;
}

static const struct dim_dimension_record *dimension_of(const struct dim_region *region)
{
	return dim_record(region, DIM_SECTION_DIMENSION, 0, sizeof(struct dim_dimension_record));
}

enum dim_status dim_region_name(const struct dim_region *region, struct dim_span *ret_name)
{
	return dim_string(region, &dimension_of(region)->name, ret_name);
}

enum dim_status dim_region_description(const struct dim_region *region, struct dim_span *ret_description)
{
	return dim_string(region, &dimension_of(region)->description, ret_description);
}

enum dim_status dim_region_created_at(const struct dim_region *region, int64_t *ret_seconds)
{
	const struct dim_dimension_record *d = dimension_of(region);

	if ((dim_fetch32(&d->flags) & DIM_DIMENSION_HAS_CREATED_AT) == 0)
		return DIM_ERR_NOT_FOUND;
	*ret_seconds = (int64_t)dim_fetch64(&d->created_at);
	return DIM_OK;
}

enum dim_status dim_region_updated_at(const struct dim_region *region, int64_t *ret_seconds)
{
	const struct dim_dimension_record *d = dimension_of(region);

	if ((dim_fetch32(&d->flags) & DIM_DIMENSION_HAS_UPDATED_AT) == 0)
		return DIM_ERR_NOT_FOUND;
	*ret_seconds = (int64_t)dim_fetch64(&d->updated_at);
	return DIM_OK;
}

enum dim_status dim_region_frequency_range(const struct dim_region *region, double *ret_low, double *ret_high)
{
	const struct dim_dimension_record *d = dimension_of(region);

	if ((dim_fetch32(&d->flags) & DIM_DIMENSION_HAS_FREQUENCY_RANGE) == 0)
		return DIM_ERR_NOT_FOUND;
	*ret_low = dim_fetchf64(&d->frequency_low);
	*ret_high = dim_fetchf64(&d->frequency_high);
	return DIM_OK;
}

enum dim_status dim_region_resident(const struct dim_region *region, uint64_t *ret_bytes)
{
	enum { CHUNK = 4096 };
	unsigned char in_core[CHUNK];
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t pages = dim_align_up(region->size, page) / page;
	uint64_t first, count, i, resident = 0;

	if (!region->is_mapped)
		return DIM_ERR_USAGE;
	for (first = 0; first < pages; first += count) {
		count = pages - first < CHUNK ? pages - first : CHUNK;
		if (mincore((void *)(uintptr_t)(region->base + first * page), (size_t)(count * page), in_core) != 0)
			return DIM_ERR_SYSTEM;
		for (i = 0; i < count; i++)
			resident += in_core[i] & 1;
	}
	*ret_bytes = resident * page;
	return DIM_OK;
}

/* --- layers --- */

enum dim_status dim_region_layer_at(const struct dim_region *region, uint32_t position,
				    const struct dim_layer **ret_layer)
{
	if (position >= region->layer_count)
		return DIM_ERR_NOT_FOUND;
	return give_layer(region, position, ret_layer);
}

enum dim_status dim_region_layer(const struct dim_region *region, uint32_t layer_id, const struct dim_layer **ret_layer)
{
	uint32_t low = 0, high = region->layer_count;
	uint32_t guess = layer_id - region->first_layer_id;

	/* Ids mostly run without gaps from the first one on: look there before searching. */
	if (guess < high && dim_fetch32(&dim_layer_record_at(region, guess)->layer_id) == layer_id)
		return give_layer(region, guess, ret_layer);
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		uint32_t id = dim_fetch32(&dim_layer_record_at(region, middle)->layer_id);

		if (id == layer_id)
			return give_layer(region, middle, ret_layer);
		if (id < layer_id)
			low = middle + 1;
		else
			high = middle;
	}
	return DIM_ERR_NOT_FOUND;
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

/* --- lookups --- */

uint32_t dim_region_keyword_count(const struct dim_region *region)
{
	return region->keyword_count;
}

enum dim_status dim_region_keyword_at(const struct dim_region *region, uint32_t position, struct dim_span *ret_keyword)
{
	const struct dim_keyword_record *record = dim_keyword_record_at(region, position);

	if (record == NULL)
		return DIM_ERR_NOT_FOUND;
	return dim_string(region, &record->text, ret_keyword);
}

enum dim_status dim_region_find_keyword(const struct dim_region *region, const void *bytes, size_t size,
					uint32_t *ret_position)
{
	uint32_t hash = dim_format_hash(bytes, size);
	uint32_t slot = hash & region->hash_mask;
	uint32_t tries;

	if (region->keyword_count == 0)
		return DIM_ERR_NOT_FOUND;
	/* At most once around: a hostile table without an empty slot ends the search, too. */
	for (tries = 0; tries <= region->hash_mask; tries++, slot = (slot + 1) & region->hash_mask) {
		const struct dim_hash_slot *at =
			dim_record(region, DIM_SECTION_KEYWORD_HASH, slot, sizeof(struct dim_hash_slot));
		uint32_t keyword = dim_fetch32(&at->keyword);
		struct dim_span text;

		if (keyword == 0)
			return DIM_ERR_NOT_FOUND;
		if (dim_fetch32(&at->hash) != hash)
			continue;
		if (dim_region_keyword_at(region, keyword - 1, &text) != DIM_OK)
			return DIM_ERR_DAMAGED;
		if (text.size == size && memcmp(text.data, bytes, size) == 0) {
			*ret_position = keyword - 1;
			return DIM_OK;
		}
	}
	return DIM_ERR_NOT_FOUND;
}

enum dim_status dim_keyword_layer_count(const struct dim_region *region, uint32_t position, uint32_t *ret_count)
{
	const struct dim_keyword_record *record = dim_keyword_record_at(region, position);
	uint32_t count;

	if (record == NULL)
		return DIM_ERR_NOT_FOUND;
	count = dim_fetch32(&record->posting_count);
	if (count > region->posting_count)
		return DIM_ERR_DAMAGED;
	*ret_count = count;
	return DIM_OK;
}

enum dim_status dim_keyword_layer(const struct dim_region *region, uint32_t position, uint32_t index,
				  const struct dim_layer **ret_layer)
{
	const struct dim_keyword_record *record = dim_keyword_record_at(region, position);
	uint32_t layer;

	if (record == NULL || index >= dim_fetch32(&record->posting_count))
		return DIM_ERR_NOT_FOUND;
	if (!dim_number_at(region, DIM_SECTION_POSTINGS, (uint64_t)dim_fetch32(&record->posting_first) + index, &layer))
		return DIM_ERR_DAMAGED;
	return give_layer(region, layer, ret_layer);
}

enum dim_status dim_region_layer_by_frequency(const struct dim_region *region, uint32_t rank,
					      const struct dim_layer **ret_layer)
{
	uint32_t position;

	if (!dim_number_at(region, DIM_SECTION_FREQUENCY_ORDER, rank, &position))
		return DIM_ERR_NOT_FOUND;
	return give_layer(region, position, ret_layer);
}

/* The number of layers, in order of frequency, that come before `bound`: below it, or, with `through`, up to it. */
static enum dim_status rank_of(const struct dim_region *region, double bound, bool through, uint32_t *ret)
{
	uint32_t low = 0, high = region->layer_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct dim_layer *layer;
		enum dim_status status = dim_region_layer_by_frequency(region, middle, &layer);
		double f;

		if (status != DIM_OK)
			return status;
		f = dim_layer_frequency(layer);
		if (f < bound || (through && f <= bound))
			low = middle + 1;
		else
			high = middle;
	}
	*ret = low;
	return DIM_OK;
}

enum dim_status dim_region_find_frequency(const struct dim_region *region, double low, double high, uint32_t *ret_first,
					  uint32_t *ret_count)
{
	uint32_t first = 0, end = 0;
	enum dim_status status = DIM_OK;

	if (low <= high) /* not so where either is no number */
		status = rank_of(region, low, false, &first);
	if (status == DIM_OK && low <= high)
		status = rank_of(region, high, true, &end);
	if (status != DIM_OK)
		return status;
	*ret_first = first;
	*ret_count = end > first ? end - first : 0;
	return DIM_OK;
}
