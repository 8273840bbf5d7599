/*
 * look.h: looks at one answer of libdim and believes none: a status, a span, an error, the facts of a header.
 * In: an open region, and how far its answers may be trusted.
 * Out: nothing; ends with status 1 where libdim breaks a promise of dim.h.
 */
#ifndef TESTS_LOOK_H
#define TESTS_LOOK_H

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "../../compiler/utf8.h"
#include "../../include/dim.h"
#include "../../include/dim_verify.h"
#include "test.h"

/* A layer of a region that nobody has proven may claim four thousand million keywords. */
enum { ENOUGH = 80 };

/* How far the answers may be trusted: somebody is writing to the bytes; nothing is proven; dim_region_check said
 * DIM_OK. */
enum trust { CHANGING, UNPROVEN, PROVEN };

/* What reads end in, so that no compiler leaves them out. */
static volatile unsigned accessors_sink;

static inline void look_at_span(const struct dim_region *r, struct dim_span span)
{
	struct dim_span all = dim_region_bytes(r);

	CHECK(span.data != NULL);
	CHECK((uintptr_t)span.data >= (uintptr_t)all.data && span.size <= all.size);
	CHECK((uintptr_t)span.data - (uintptr_t)all.data <= all.size - span.size);
	if (span.size > 0)
		accessors_sink += (unsigned char)span.data[0] + (unsigned)(unsigned char)span.data[span.size - 1];
}

/* What is in range is there, or its record is damaged, which it cannot be in a proven region. */
static inline void look_at_status(enum dim_status status, enum trust trust)
{
	CHECK(status == DIM_OK || (status == DIM_ERR_DAMAGED && trust != PROVEN) ||
	      (status == DIM_ERR_NOT_FOUND && trust == CHANGING));
}

static inline void look_at(const struct dim_region *r, enum dim_status status, struct dim_span span, enum trust trust)
{
	look_at_status(status, trust);
	if (status == DIM_OK)
		look_at_span(r, span);
}

/* The same for a text, which is UTF-8 without NUL once that is proven. */
static inline void look_at_text(const struct dim_region *r, enum dim_status status, struct dim_span span,
				enum trust trust)
{
	look_at(r, status, span, trust);
	if (trust == PROVEN)
		CHECK(utf8_is_valid(span.data, span.size) && memchr(span.data, '\0', span.size) == NULL);
}

/* An error tells a range of bytes that the file has, and something for people. */
static inline void look_at_error(const struct dim_error *error, enum dim_status status, uint64_t file_size)
{
	char line[64];
	size_t length;

	CHECK(status != DIM_OK && error->status == status);
	CHECK(error->message[0] != '\0' && memchr(error->message, '\0', sizeof(error->message)) != NULL);
	CHECK(error->offset <= file_size && error->size <= file_size - error->offset);
	CHECK(strcmp(dim_strerror(status), "unknown status") != 0);
	length = dim_error_format(error, line, sizeof(line));
	CHECK(length >= strlen(error->message) && strlen(line) == (length < 63 ? length : 63));
}

static inline void look_at_dimension(const struct dim_region *r, enum trust trust)
{
	struct dim_span span = {0};
	enum dim_status status;
	int64_t seconds = 0;
	double low = 0, high = 0;
	struct dim_faults faults;
	uint64_t resident;

	CHECK(dim_region_dimension_id(r) >= 1 && dim_region_dimension_id(r) <= 65535);
	CHECK(dim_region_layout(r) <= 1 && dim_region_alignment(r) >= 4096);
	CHECK(dim_region_total_size(r) <= dim_region_file_size(r));
	CHECK(dim_region_metadata_size(r) <= dim_region_total_size(r));
	CHECK(dim_region_metadata_offset(r) <= dim_region_total_size(r) - dim_region_metadata_size(r));
	look_at_span(r, dim_region_bytes(r));
	CHECK(dim_region_bytes(r).size == dim_region_file_size(r));
	accessors_sink += dim_region_checksum(r)[0] + (unsigned)dim_region_checksum(r)[31];
	status = dim_region_name(r, &span);
	look_at_text(r, status, span, trust);
	CHECK(trust != PROVEN || span.size > 0);
	status = dim_region_description(r, &span);
	look_at_text(r, status, span, trust);
	status = dim_region_created_at(r, &seconds);
	CHECK(status == DIM_OK || status == DIM_ERR_NOT_FOUND);
	status = dim_region_updated_at(r, &seconds);
	CHECK(status == DIM_OK || status == DIM_ERR_NOT_FOUND);
	status = dim_region_frequency_range(r, &low, &high);
	CHECK(status == DIM_OK || status == DIM_ERR_NOT_FOUND);
	CHECK(trust != PROVEN || status != DIM_OK || (low > 0 && low <= high && isfinite(high)));
	CHECK(dim_faults(&faults) == DIM_OK);
	CHECK(dim_region_is_file(r) || dim_region_descriptor(r) == -1 || (dim_region_flags(r) & DIM_KEEP_FILES) != 0);
	dim_region_prefetch(r, dim_region_metadata_offset(r), dim_region_metadata_size(r));
	dim_region_give_back(r, dim_region_metadata_offset(r), dim_region_metadata_size(r));
	status = dim_region_resident(r, 0, dim_region_file_size(r), &resident);
	CHECK(status == DIM_OK || status == DIM_ERR_USAGE || status == DIM_ERR_UNKNOWN);
}

static inline bool same_bytes(struct dim_span a, struct dim_span b)
{
	return a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
}

#endif
