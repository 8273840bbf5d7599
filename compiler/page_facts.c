/*
 * page_facts.c: the facts that a report shows, counted once for its tables and its data.
 * In: open regions of libdim.
 * Out: numbers and texts of each dimension, and of all together.
 */
#include "page_facts.h"

#include <stdlib.h>
#include <string.h>

#include "loader_error.h"
#include "manifest.h"

static bool gather_layers(struct page_dimension *d)
{
	const struct dim_layer *layer;
	uint32_t i;

	for (i = 0; i < d->layers; i++) {
		if (dim_region_layer_by_frequency(d->region, i, &layer) != DIM_OK)
			return false;
		d->bytes.content += dim_layer_content_size(layer);
		d->high = dim_layer_frequency(layer);
		if (i == 0)
			d->low = d->high;
	}
	return true;
}

static bool gather(const struct dim_region *region, struct page_dimension *d)
{
	struct dim_span name, description;

	d->region = region;
	d->id = dim_region_dimension_id(region);
	d->layers = dim_region_layer_count(region);
	d->keywords = dim_region_keyword_count(region);
	d->has_range = dim_region_frequency_range(region, &d->range_low, &d->range_high) == DIM_OK;
	memcpy(d->digest.bytes, dim_region_checksum(region), DIGEST_SIZE);
	if (dim_region_name(region, &name) != DIM_OK || dim_region_description(region, &description) != DIM_OK ||
	    !gather_layers(d))
		return false;
	d->name = loader_text(name);
	d->description = loader_text(description);
	d->bytes.metadata = PAGE_HEADER_SIZE + dim_region_metadata_size(region);
	d->bytes.padding = dim_region_total_size(region) - d->bytes.metadata - d->bytes.content;
	d->bytes.file = dim_region_file_size(region);
	d->bytes.tail = d->bytes.file - dim_region_total_size(region);
	return true;
}

bool page_facts_gather(const struct target *target, struct page_facts *ret)
{
	struct manifest manifest = {0};
	bool ok = true;
	size_t i;

	memset(ret, 0, sizeof(*ret));
	ret->dimensions = mem_zalloc(target->count, sizeof(*ret->dimensions));
	for (i = 0; i < target->count && ok; i++) {
		struct page_dimension *d = &ret->dimensions[ret->count++];

		ok = gather(target->regions[i], d);
		ret->layers += d->layers;
		ret->bytes.metadata += d->bytes.metadata;
		ret->bytes.content += d->bytes.content;
		ret->bytes.padding += d->bytes.padding;
		ret->bytes.tail += d->bytes.tail;
		ret->bytes.file += d->bytes.file;
		manifest_add(&manifest, d->id)->digest = d->digest;
	}
	manifest_finish(&manifest);
	ret->digest = manifest.generation;
	manifest_free(&manifest);
	return ok;
}

void page_facts_free(struct page_facts *facts)
{
	free(facts->dimensions);
	memset(facts, 0, sizeof(*facts));
}
