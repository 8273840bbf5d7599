/*
 * layout.c: where everything stands in a region; pure arithmetic.
 * In: the sizes of the contents and of the metadata, a layout, an alignment.
 * Out: offsets and sizes, or the news that they do not fit 63 bits.
 */
#include "layout.h"

#include "../include/dim_format.h"

/* Rounds up to a multiple of a power of two; false where that is beyond 63 bits. */
static bool round_up(uint64_t *value, uint32_t alignment)
{
	if (*value > (uint64_t)INT64_MAX - alignment)
		return false;
	*value = (*value + alignment - 1) & ~((uint64_t)alignment - 1);
	return true;
}

bool layout_region(enum layout layout, uint32_t alignment, uint64_t metadata_size, struct slot *slots, size_t count,
		   struct region_layout *ret)
{
	uint64_t at = DIM_FORMAT_HEADER_SIZE;
	size_t i;

	if (layout == LAYOUT_PAGE) {
		ret->metadata_offset = at;
		if (metadata_size > (uint64_t)INT64_MAX - at)
			return false;
		at += metadata_size;
		if (!round_up(&at, alignment))
			return false;
	}
	ret->contents_offset = at;
	for (i = 0; i < count; i++) {
		slots[i].offset = at;
		slots[i].size = slots[i].content_size;
		if (!round_up(&slots[i].size, alignment) || slots[i].size > (uint64_t)INT64_MAX - at)
			return false;
		at += slots[i].size;
	}
	if (layout == LAYOUT_PACKED) {
		ret->metadata_offset = at;
		if (metadata_size > (uint64_t)INT64_MAX - at)
			return false;
		at += metadata_size;
	}
	ret->total_size = at;
	return true;
}
