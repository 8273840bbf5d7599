/*
 * dimension.c: what a region says of itself and of its dimension.
 * In: an open region.
 * Out: the facts of its header, and the fields that the author wrote, as pointers into the mapping.
 */
#include "internal.h"

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

int dim_region_descriptor(const struct dim_region *region)
{
	return region->descriptor;
}

uint32_t dim_region_flags(const struct dim_region *region)
{
	return region->flags;
}

bool dim_region_is_file(const struct dim_region *region)
{
	return region->backing == DIM_BACKING_FILE;
}
