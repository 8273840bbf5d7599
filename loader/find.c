/*
 * find.c: lookups in one region: keywords by hash and by prefix, layers by frequency.
 * In: an open region and a key.
 * Out: positions and layers. Nothing here allocates, locks or trusts a byte that it has not just checked.
 */
#include "find.h"

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

static inline uint64_t word_at(const char *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/* memcmp(3) without the call: keywords are short, and nearly always the same where their hashes are. */
static inline bool is_same(const char *a, const char *b, size_t size)
{
	size_t i;

	if (size >= sizeof(uint64_t)) {
		for (i = 0; i < size - sizeof(uint64_t); i += sizeof(uint64_t))
			if (word_at(a + i) != word_at(b + i))
				return false;
		return word_at(a + size - sizeof(uint64_t)) == word_at(b + size - sizeof(uint64_t));
	}
	for (i = 0; i < size; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

enum dim_status dim_find_hashed(const struct dim_region *region, uint32_t hash, const void *bytes, size_t size,
				uint32_t *ret_position)
{
	const struct dim_hash_slot *slots = dim_section_of(region, DIM_SECTION_KEYWORD_HASH);
	uint32_t slot = hash & region->hash_mask;
	uint32_t tries;

	if (region->keyword_count == 0)
		return DIM_ERR_NOT_FOUND;
	/* At most once around: a hostile table without an empty slot ends the search, too. */
	for (tries = 0; tries <= region->hash_mask; tries++, slot = (slot + 1) & region->hash_mask) {
		uint32_t keyword = dim_fetch32(&slots[slot].keyword);
		const struct dim_keyword_record *record;
		struct dim_span text;

		if (keyword == 0)
			return DIM_ERR_NOT_FOUND;
		if (dim_fetch32(&slots[slot].hash) != hash)
			continue;
		if (keyword > region->keyword_count)
			return DIM_ERR_DAMAGED;
		record = (const struct dim_keyword_record *)dim_section_of(region, DIM_SECTION_KEYWORDS) + keyword - 1;
		if (dim_string(region, &record->text, &text) != DIM_OK)
			return DIM_ERR_DAMAGED;
		if (text.size == size && is_same(text.data, bytes, size)) {
			*ret_position = keyword - 1;
			return DIM_OK;
		}
	}
	return DIM_ERR_NOT_FOUND;
}

enum dim_status dim_region_find_keyword(const struct dim_region *region, const void *bytes, size_t size,
					uint32_t *ret_position)
{
	return dim_find_hashed(region, dim_format_hash(bytes, size), bytes, size, ret_position);
}

enum dim_status dim_keyword_rank(const struct dim_region *region, struct dim_span bound, enum dim_bound kind,
				 uint32_t *ret_rank, struct dim_span *ret_next)
{
	uint32_t low = 0, high = region->keyword_count;
	struct dim_span next = {NULL, 0};

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		struct dim_span text, start;
		enum dim_status status = dim_region_keyword_at(region, middle, &text);
		int order;

		if (status != DIM_OK)
			return status;
		start = text;
		if (kind == DIM_BOUND_PREFIX && start.size > bound.size)
			start.size = bound.size;
		order = dim_compare(start, bound);
		if (order < 0 || (order == 0 && kind != DIM_BOUND_BEFORE)) {
			low = middle + 1;
		} else {
			high = middle;
			next = text;
		}
	}
	*ret_rank = low;
	*ret_next = next;
	return DIM_OK;
}

enum dim_status dim_region_find_prefix(const struct dim_region *region, const void *bytes, size_t size,
				       uint32_t *ret_first, uint32_t *ret_count)
{
	struct dim_span prefix = {bytes, size}, next;
	uint32_t first, end = 0;
	enum dim_status status = dim_keyword_rank(region, prefix, DIM_BOUND_BEFORE, &first, &next);

	if (status == DIM_OK)
		status = dim_keyword_rank(region, prefix, DIM_BOUND_PREFIX, &end, &next);
	if (status != DIM_OK)
		return status;
	*ret_first = first;
	*ret_count = end > first ? end - first : 0;
	return DIM_OK;
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
	return dim_give_layer(region, layer, ret_layer);
}

enum dim_status dim_region_layer_by_frequency(const struct dim_region *region, uint32_t rank,
					      const struct dim_layer **ret_layer)
{
	uint32_t position;

	if (!dim_number_at(region, DIM_SECTION_FREQUENCY_ORDER, rank, &position))
		return DIM_ERR_NOT_FOUND;
	return dim_give_layer(region, position, ret_layer);
}

enum dim_status dim_layer_rank(const struct dim_region *region, double frequency, uint64_t position, uint32_t *ret_rank,
			       struct dim_ranked *ret_next)
{
	uint32_t low = 0, high = region->layer_count;
	struct dim_ranked next = {NULL, 0};

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct dim_layer *layer;
		enum dim_status status = dim_region_layer_by_frequency(region, middle, &layer);
		double f;

		if (status != DIM_OK)
			return status;
		f = dim_layer_frequency(layer);
		if (f < frequency || (f == frequency && dim_layer_position(region, layer) < position)) {
			low = middle + 1;
		} else {
			high = middle;
			next = (struct dim_ranked){layer, f};
		}
	}
	*ret_rank = low;
	*ret_next = next;
	return DIM_OK;
}

enum dim_status dim_region_find_frequency(const struct dim_region *region, double low, double high, uint32_t *ret_first,
					  uint32_t *ret_count)
{
	struct dim_ranked next;
	uint32_t first = 0, end = 0;
	enum dim_status status = DIM_OK;

	if (low <= high) /* not so where either is no number */
		status = dim_layer_rank(region, low, 0, &first, &next);
	if (status == DIM_OK && low <= high)
		status = dim_layer_rank(region, high, DIM_EVERY_POSITION, &end, &next);
	if (status != DIM_OK)
		return status;
	*ret_first = first;
	*ret_count = end > first ? end - first : 0;
	return DIM_OK;
}
