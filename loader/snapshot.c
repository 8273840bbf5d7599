/*
 * snapshot.c: one generation with the dimensions that are loaded.
 * In: a generation, and the regions that volume.c opens for it.
 * Out: regions and layers by id and position, without a lock, an allocation or a write.
 */
#include <stdlib.h>

#include "region.h"
#include "snapshot.h"

struct dim_snapshot *dim_snapshot_new(struct dim_volume *volume, struct dim_generation *generation)
{
	size_t size = sizeof(struct dim_snapshot) + generation->count * sizeof(struct dim_region *);
	struct dim_snapshot *s =
		aligned_alloc(_Alignof(struct dim_snapshot), (size_t)dim_align_up(size, _Alignof(struct dim_snapshot)));

	if (s == NULL)
		return NULL;
	memset(s, 0, size);
	atomic_init(&s->references, 0);
	atomic_fetch_add_explicit(&generation->references, 1, memory_order_relaxed);
	s->volume = volume;
	s->generation = generation;
	s->count = generation->count;
	s->first_id = generation->count > 0 ? generation->places[0].dimension_id : 0;
	return s;
}

void dim_snapshot_free(struct dim_snapshot *snapshot)
{
	size_t i;

	if (snapshot == NULL)
		return;
	for (i = 0; i < snapshot->count; i++)
		dim_region_close(snapshot->regions[i]);
	dim_generation_release(snapshot->generation);
	free(snapshot);
}

void dim_snapshot_release(const struct dim_snapshot *snapshot)
{
	struct dim_snapshot *s = (struct dim_snapshot *)(uintptr_t)snapshot;

	if (s != NULL && atomic_fetch_sub_explicit(&s->references, 1, memory_order_acq_rel) == 1)
		dim_volume_forget(s->volume, s);
}

uint64_t dim_snapshot_serial(const struct dim_snapshot *snapshot)
{
	return snapshot->generation->serial;
}

size_t dim_snapshot_count(const struct dim_snapshot *snapshot)
{
	return snapshot->count;
}

uint32_t dim_snapshot_dimension_at(const struct dim_snapshot *snapshot, size_t position)
{
	return position < snapshot->count ? snapshot->generation->places[position].dimension_id : 0;
}

const struct dim_region *dim_snapshot_region_at(const struct dim_snapshot *snapshot, size_t position)
{
	return position < snapshot->count ? snapshot->regions[position] : NULL;
}

size_t dim_snapshot_position(const struct dim_snapshot *snapshot, uint32_t dimension_id)
{
	const struct dim_place *places = snapshot->generation->places;
	size_t low = 0, high = snapshot->count;
	uint32_t guess = dimension_id - snapshot->first_id;

	/* Ids mostly run without gaps from the first one on: look there before searching. */
	if (guess < high && places[guess].dimension_id == dimension_id)
		return guess;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (places[middle].dimension_id == dimension_id)
			return middle;
		if (places[middle].dimension_id < dimension_id)
			low = middle + 1;
		else
			high = middle;
	}
	return SIZE_MAX;
}

/* As for layers; the region itself tells whether the guess was right, and is needed next anyway. */
static inline enum dim_status find_region(const struct dim_snapshot *snapshot, uint32_t dimension_id,
					  const struct dim_region **ret)
{
	uint32_t guess = dimension_id - snapshot->first_id;
	const struct dim_region *region = guess < snapshot->count ? snapshot->regions[guess] : NULL;
	size_t position;

	if (region == NULL || region->dimension_id != dimension_id) {
		position = dim_snapshot_position(snapshot, dimension_id);
		if (position == SIZE_MAX)
			return DIM_ERR_NOT_FOUND;
		region = snapshot->regions[position];
		if (region == NULL)
			return DIM_ERR_NOT_LOADED;
	}
	*ret = region;
	return DIM_OK;
}

enum dim_status dim_snapshot_region(const struct dim_snapshot *snapshot, uint32_t dimension_id,
				    const struct dim_region **ret_region)
{
	return find_region(snapshot, dimension_id, ret_region);
}

enum dim_status dim_snapshot_layer(const struct dim_snapshot *snapshot, uint32_t dimension_id, uint32_t layer_id,
				   const struct dim_region **ret_region, const struct dim_layer **ret_layer)
{
	const struct dim_region *region = NULL;
	enum dim_status status = find_region(snapshot, dimension_id, &region);

	if (status == DIM_OK)
		status = dim_layer_by_id(region, layer_id, ret_layer);
	if (status == DIM_OK)
		*ret_region = region;
	return status;
}
