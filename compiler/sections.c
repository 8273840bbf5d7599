/*
 * sections.c: what the metadata of a region consist of.
 * In: an open region of libdim.
 * Out: its sections, as the directory in the file names them.
 *
 * libdim keeps where its tables are to itself: a service has no use for it. Whoever draws a region has.
 */
#include "sections.h"

#include "../include/dim_format.h"

static const char *section_name(uint32_t kind)
{
	static const char *const names[] = {"unknown",	       "dimension",	 "layers",
					    "frequency order", "layer keywords", "keywords",
					    "postings",	       "keyword hash",	 "strings"};

	return names[kind <= DIM_SECTION_KNOWN ? kind : 0];
}

size_t sections_read(const struct dim_region *region, struct section_facts ret[SECTIONS_MAX])
{
	struct dim_span bytes = dim_region_bytes(region);
	uint64_t at = dim_region_metadata_offset(region), size = dim_region_metadata_size(region);
	struct dim_header header;
	struct dim_section entry;
	uint32_t count, i;

	_Static_assert(SECTIONS_MAX == DIM_FORMAT_MAX_SECTIONS, "SECTIONS_MAX");
	/* libdim has seen that header and metadata lie in the file; what they say may have changed since. */
	memcpy(&header, bytes.data, sizeof(header));
	count = dim_get32(header.section_count);
	if (count > SECTIONS_MAX || count * sizeof(entry) > size)
		return 0;
	for (i = 0; i < count; i++) {
		memcpy(&entry, bytes.data + at + i * sizeof(entry), sizeof(entry));
		ret[i].name = section_name(dim_get32(entry.kind));
		ret[i].offset = dim_get64(entry.offset);
		ret[i].size = dim_get64(entry.size);
	}
	return count;
}
