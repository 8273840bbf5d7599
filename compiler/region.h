/*
 * region.h: from a checked dimension to the bytes of its region; the writer's side of dim_format.h.
 * In: a dimension with its layers in ascending layer_id, a layout, an alignment.
 * Out: header and metadata with the region digest, and the whole file through a sink.
 */
#ifndef DIMC_REGION_H
#define DIMC_REGION_H

#include "buf.h"
#include "digest.h"
#include "layout.h"
#include "out.h"

struct region_tables; /* keywords and the sizes of the metadata's sections, between measuring and filling */

struct region {
	const struct dimension *dimension;
	enum layout layout;
	uint32_t alignment;
	uint64_t metadata_size;
	struct slot *slots;	 /* of the layers, in their order */
	struct region_layout at; /* layout.h fills slots and this, between measuring and filling */
	struct digest *contents; /* SHA-256 of each layer's content */
	uint8_t header[256];
	struct buf metadata;
	struct digest digest; /* the region digest: the header's checksum */
	struct region_tables *tables;
};

/*
 * Counts keywords and sizes the metadata, for layout_region. false where a count does not fit the format.
 * Free *ret with region_free in either case.
 */
bool region_measure(const struct dimension *dimension, enum layout layout, uint32_t alignment, struct region *ret);

/* Computes the contents' digests, the metadata and the region digest of a region that was measured and laid out. */
void region_fill(struct region *region);

/* Writes all total_size bytes to an open sink. */
void region_write(const struct region *region, struct out *out);

/* Frees all but what it is called: its digest, and where its parts lie. */
void region_drop(struct region *region);

void region_free(struct region *region);

#endif
