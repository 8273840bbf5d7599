/*
 * region.h: how a volume opens and shares its regions.
 * In: internal.h.
 * Out: what region.c offers to volume.c beyond the public header.
 */
#ifndef DIM_LOADER_REGION_H
#define DIM_LOADER_REGION_H

#include "internal.h"

/* DIM_ERR_USAGE where the options ask for something that this library does not know. */
enum dim_status dim_options_check(const struct dim_options *options, struct dim_error *err);

/* As dim_region_openat, from a descriptor that it takes, also on failure; -1: errno tells why. The error has no path.
 */
enum dim_status dim_region_take(int fd, const struct dim_options *options, struct dim_region **ret_region,
				struct dim_error *err);

/* One more who has the region; dim_region_close lets go of it. */
static inline struct dim_region *dim_region_share(struct dim_region *region)
{
	atomic_fetch_add_explicit(&region->references, 1, memory_order_relaxed);
	return region;
}

#endif
