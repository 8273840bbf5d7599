/*
 * region_facts.h: the facts of a region that was read, as index.json states them.
 * In: an open region of libdim.
 * Out: its layers in index.h's terms, the index.json that belongs to it, and the dimension as sources would give it.
 */
#ifndef DIMC_REGION_FACTS_H
#define DIMC_REGION_FACTS_H

#include "../include/dim.h"
#include "buf.h"
#include "index.h"

/* The layer at `position`; texts point into the region. false where a record is damaged. */
bool region_facts_layer(const struct dim_region *region, uint32_t position, struct index_layer *ret);

/*
 * Appends the index.json that the region calls for, with created_at, updated_at and generator taken from an index.json
 * that is there, since a region does not hold them. false where that has none of them or the region is damaged.
 */
bool region_facts_index(const struct dim_region *region, const char *json, size_t size, struct buf *ret);

/*
 * The dimension as the sources would give it, its texts in the region and without a NUL behind them. false where a
 * record is damaged. Free with model_free, as a dimension of a model, in either case.
 */
bool region_facts_dimension(const struct dim_region *region, struct dimension *ret);

#endif
