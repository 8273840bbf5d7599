/*
 * find.h: the searches of one region that a search across regions is made of.
 * In: internal.h.
 * Out: a hash used many times, and ranks: how much comes before a bound. All of it in find.c.
 */
#ifndef DIM_FIND_H
#define DIM_FIND_H

#include "internal.h"

/* dim_region_find_keyword for a hash that is known already. */
enum dim_status dim_find_hashed(const struct dim_region *region, uint32_t hash, const void *bytes, size_t size,
				uint32_t *ret_position);

/* Which keywords dim_keyword_rank counts: those before the bound, those up to it, or those up to all it is a prefix of.
 */
enum dim_bound { DIM_BOUND_BEFORE, DIM_BOUND_THROUGH, DIM_BOUND_PREFIX };

/*
 * *ret_next is the first keyword that is not counted, as it was when it was compared: not before the bound, whatever
 * order the region claims. Its data is NULL where all are counted.
 */
enum dim_status dim_keyword_rank(const struct dim_region *region, struct dim_span bound, enum dim_bound kind,
				 uint32_t *ret_rank, struct dim_span *ret_next);

/* More than any position, for dim_layer_rank. */
#define DIM_EVERY_POSITION (UINT64_C(1) << 32)

/* A layer, or NULL, and its frequency as it was when it was compared. */
struct dim_ranked {
	const struct dim_layer *layer;
	double frequency;
};

/* How many layers come before (frequency, position) in the order of frequency, and the first that does not. */
enum dim_status dim_layer_rank(const struct dim_region *region, double frequency, uint64_t position, uint32_t *ret_rank,
			       struct dim_ranked *ret_next);

/* As memcmp does; where one begins with the other, the shorter comes first. */
static inline int dim_compare(struct dim_span a, struct dim_span b)
{
	size_t common = a.size < b.size ? a.size : b.size;
	int order = common == 0 ? 0 : memcmp(a.data, b.data, common);

	return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

#endif
