/*
 * draft.h: regions by somebody who knows the format and can sign.
 * In: a good region.
 * Out: a copy of it that may be changed, with its hash and its checksum made right again.
 */
#ifndef TESTS_DRAFT_H
#define TESTS_DRAFT_H

#include <string.h>

#include "../../compiler/digest.h"
#include "../../include/dim.h"
#include "../../include/dim_format.h"
#include "test.h"

/* A copy of a good region with room behind it. */
struct draft {
	uint8_t *bytes;
	size_t size;
	struct dim_header *header;
	struct dim_section *sections;
	struct dim_layer_record *layers;
	struct dim_keyword_record *keywords;
	uint32_t layer_count, keyword_count;
};

static inline void *section(const struct draft *d, enum dim_format_section kind)
{
	return d->bytes + dim_get64(d->sections[kind - 1].offset);
}

static inline struct draft draft_of(const struct dim_region *good)
{
	struct dim_span all = dim_region_bytes(good);
	struct draft d = {.size = all.size,
			  .layer_count = dim_region_layer_count(good),
			  .keyword_count = dim_region_keyword_count(good)};

	d.bytes = calloc(1, all.size + 65536);
	CHECK(d.bytes != NULL);
	memcpy(d.bytes, all.data, all.size);
	d.header = (struct dim_header *)(void *)d.bytes;
	d.sections = (struct dim_section *)(void *)(d.bytes + dim_region_metadata_offset(good));
	d.layers = section(&d, DIM_SECTION_LAYERS);
	d.keywords = section(&d, DIM_SECTION_KEYWORDS);
	return d;
}

static inline void add64(struct dim_le64 *field, int64_t number)
{
	*field = dim_put64(dim_get64(*field) + (uint64_t)number);
}

static inline void sign(struct draft *d)
{
	struct digest_state *state = digest_new();
	struct digest digest;

	memset(d->header->checksum, 0, sizeof(d->header->checksum));
	digest_add(state, d->header, sizeof(*d->header));
	digest_add(state, d->bytes + dim_get64(d->header->metadata_offset),
		   (size_t)dim_get64(d->header->metadata_size));
	digest_end(state, &digest);
	digest_free(state);
	memcpy(d->header->checksum, digest.bytes, sizeof(d->header->checksum));
}

/* The keyword hash, written a second time. */
static inline void hash_again(struct draft *d)
{
	struct dim_hash_slot *slots = section(d, DIM_SECTION_KEYWORD_HASH);
	uint32_t count = (uint32_t)dim_format_hash_slots(d->keyword_count), i;
	const char *strings = section(d, DIM_SECTION_STRINGS);

	memset(slots, 0, count * sizeof(*slots));
	for (i = 0; i < d->keyword_count; i++) {
		uint32_t hash = dim_format_hash(strings + dim_get32(d->keywords[i].text.offset),
						dim_get32(d->keywords[i].text.size));
		uint32_t at = hash % count;

		while (dim_get32(slots[at].keyword) != 0)
			at = (at + 1) % count;
		slots[at].hash = dim_put32(hash);
		slots[at].keyword = dim_put32(i + 1);
	}
}

#endif
