/*
 * layout.h: where everything stands in a region; pure arithmetic.
 * In: the sizes of the contents and of the metadata, a layout, an alignment.
 * Out: offsets and sizes, or the news that they do not fit 63 bits.
 */
#ifndef DIMC_LAYOUT_H
#define DIMC_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model.h"

struct slot {
	uint64_t content_size; /* in */
	uint64_t offset;       /* out: from the start of the file */
	uint64_t size;	       /* out: content_size rounded up to a multiple of the alignment */
};

struct region_layout {
	uint64_t metadata_offset;
	uint64_t contents_offset; /* of the first slot */
	uint64_t total_size;
};

/* Fills the slots, in order, and *ret. false where a sum does not fit; then nothing may be used. */
bool layout_region(enum layout layout, uint32_t alignment, uint64_t metadata_size, struct slot *slots, size_t count,
		   struct region_layout *ret);

#endif
