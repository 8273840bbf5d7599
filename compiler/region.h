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

struct region {
	const struct dimension *dimension;
	enum layout layout;
	uint32_t alignment;
	struct slot *slots;	 /* of the layers, in their order */
	struct digest *contents; /* SHA-256 of each layer's content */
	struct region_layout at;
	uint8_t header[256];
	struct buf metadata;
	struct digest digest; /* the region digest: the header's checksum */
};

/*
 * Lays the region out and, unless it is larger than `max_size`, computes its metadata and digest. false where it is
 * larger (ret->at.total_size tells by how much) or too large for the format (ret->at.total_size is UINT64_MAX). Free
 * *ret with region_free in either case.
 */
bool region_build(const struct dimension *dimension, enum layout layout, uint32_t alignment, uint64_t max_size,
		  struct region *ret);

/* Writes all total_size bytes to an open sink. */
void region_write(const struct region *region, struct out *out);

void region_free(struct region *region);

#endif
