/*
 * page_facts.h: the facts that a report shows, counted once for its tables and its data.
 * In: open regions of libdim.
 * Out: numbers and texts of each dimension, and of all together.
 */
#ifndef DIMC_PAGE_FACTS_H
#define DIMC_PAGE_FACTS_H

#include "digest.h"
#include "model.h"
#include "target.h"

enum { PAGE_HEADER_SIZE = 256 };

/* Where the bytes of a region went: header, metadata, content, padding and tail are all of the file. */
struct page_bytes {
	uint64_t metadata; /* with the header */
	uint64_t content;
	uint64_t padding; /* zero bytes up to the next boundary of a page, behind contents and behind the metadata */
	uint64_t tail;	  /* behind the bytes in use, up to the end of the file */
	uint64_t file;
};

struct page_dimension {
	const struct dim_region *region;
	uint32_t id;
	struct text name, description; /* in the region */
	uint32_t layers, keywords;
	double low, high; /* frequencies of its layers; 0 without layers */
	bool has_range;
	double range_low, range_high; /* the band that the author set */
	struct page_bytes bytes;
	struct digest digest;
};

struct page_facts {
	struct page_dimension *dimensions; /* by ascending id */
	size_t count;
	uint64_t layers;
	struct page_bytes bytes;
	struct digest digest; /* of the set: the generation's where all of it is there */
};

/* false where a record is damaged. Free with page_facts_free in either case. */
bool page_facts_gather(const struct target *target, struct page_facts *ret);
void page_facts_free(struct page_facts *facts);

#endif
