/*
 * across.h: searches through a snapshot whose regions may be anything, and reads of single layers.
 * In: an open region, also one in memory that nobody could publish: the snapshot is made by hand, of loader/snapshot.h.
 * Out: nothing while every search ends, and gives what it promises; ends with status 1 where not.
 */
#ifndef TESTS_ACROSS_H
#define TESTS_ACROSS_H

#include "../../loader/snapshot.h"
#include "look.h"

/* Three dimensions: the region, one that is not loaded, and the region again. */
struct across {
	struct dim_generation generation;
	struct dim_place places[3];
	struct dim_snapshot *snapshot;
};

static inline const struct dim_snapshot *across_new(struct across *x, const struct dim_region *r)
{
	uint32_t i;

	memset(x, 0, sizeof(*x));
	for (i = 0; i < 3; i++)
		x->places[i] = (struct dim_place){i + 1, -1};
	x->generation.count = 3;
	x->generation.places = x->places;
	x->snapshot = dim_snapshot_new(NULL, &x->generation);
	CHECK(x->snapshot != NULL);
	x->snapshot->regions[0] = x->snapshot->regions[2] = (struct dim_region *)(uintptr_t)r;
	return x->snapshot;
}

/* How many answers of a search for layers there are, `most` at most; what they say of themselves is not looked at. */
static inline uint64_t look_at_layers_found(struct dim_cursor *cursor, const struct dim_region *r, uint64_t most,
					    enum trust trust)
{
	const struct dim_region *region = NULL;
	const struct dim_layer *layer = NULL;
	struct dim_span word = {NULL, 0};
	enum dim_status status;
	uint64_t found = 0;

	while ((status = dim_cursor_next_layer(cursor, &region, &layer)) == DIM_OK) {
		CHECK(region == r && dim_layer_position(r, layer) < dim_region_layer_count(r));
		found++;
		if (trust == CHANGING && found > most)
			return most;
		CHECK(found <= most);
	}
	CHECK(status == DIM_ERR_NOT_FOUND || (status == DIM_ERR_DAMAGED && trust != PROVEN));
	CHECK(dim_cursor_next_layer(cursor, &region, &layer) == DIM_ERR_NOT_FOUND);
	CHECK(dim_cursor_next_keyword(cursor, &word) == DIM_ERR_USAGE && word.data == NULL);
	return found;
}

static inline void look_for_keyword(const struct dim_snapshot *s, const struct dim_region *r, const void *bytes,
				    size_t size, enum trust trust)
{
	struct dim_cursor cursor;
	uint32_t position, count = 0;
	uint64_t found;

	dim_snapshot_find_keyword(s, bytes, size, &cursor);
	found = look_at_layers_found(&cursor, r, 2 * (uint64_t)r->posting_count, trust);
	if (trust == PROVEN && dim_region_find_keyword(r, bytes, size, &position) == DIM_OK)
		CHECK(dim_keyword_layer_count(r, position, &count) == DIM_OK);
	CHECK(trust != PROVEN || found == 2 * (uint64_t)count);
}

static inline void look_for_prefix(const struct dim_snapshot *s, const struct dim_region *r, const void *bytes,
				   size_t size, enum trust trust)
{
	struct dim_span word = {NULL, 0}, last = {NULL, 0};
	struct dim_cursor cursor;
	enum dim_status status;
	uint32_t all = dim_region_keyword_count(r), first = 0, count = 0, found = 0;
	int order;

	status = dim_region_find_prefix(r, bytes, size, &first, &count);
	look_at_status(status, trust);
	CHECK(first <= all && count <= all - first && (trust != PROVEN || size > 0 || count == all));
	dim_snapshot_find_prefix(s, bytes, size, &cursor);
	while ((status = dim_cursor_next_keyword(&cursor, &word)) == DIM_OK) {
		look_at_span(r, word);
		if (trust == CHANGING && ++found > all)
			return;
		if (trust == CHANGING)
			continue;
		CHECK(word.size >= size && (size == 0 || memcmp(word.data, bytes, size) == 0));
		order = last.data == NULL ? -1
					  : memcmp(last.data, word.data, last.size < word.size ? last.size : word.size);
		CHECK(order < 0 || (order == 0 && last.size < word.size));
		last = word;
		CHECK(++found <= all);
	}
	CHECK(status == DIM_ERR_NOT_FOUND || (status == DIM_ERR_DAMAGED && trust != PROVEN));
	CHECK(dim_cursor_next_keyword(&cursor, &word) == DIM_ERR_NOT_FOUND);
	CHECK(trust != PROVEN || found == count);
}

static inline void look_across(const struct dim_region *r, enum trust trust)
{
	static const double bounds[][2] = {{-INFINITY, INFINITY}, {1, 2}, {NAN, 1}};
	uint32_t words = dim_region_keyword_count(r), i;
	struct dim_cursor cursor;
	struct dim_span word;
	struct across x;
	const struct dim_snapshot *s = across_new(&x, r);
	uint64_t layers = 2 * (uint64_t)dim_region_layer_count(r), found;

	for (i = 0; i < 3; i++) {
		dim_snapshot_find_frequency(s, bounds[i][0], bounds[i][1], &cursor);
		found = look_at_layers_found(&cursor, r, layers, trust);
		CHECK(trust != PROVEN || i != 0 || found == layers);
		CHECK(i != 2 || found == 0);
	}
	for (i = 0; i < words && i < 4; i++) {
		if (dim_region_keyword_at(r, i * (words - 1) / 3 % words, &word) != DIM_OK)
			continue;
		look_for_keyword(s, r, word.data, word.size, trust);
		look_for_prefix(s, r, word.data, word.size > 0 && trust != CHANGING ? 1 : 0, trust);
	}
	look_for_keyword(s, r, NULL, 0, trust);
	look_for_keyword(s, r, "no such keyword", 15, trust);
	look_for_prefix(s, r, NULL, 0, trust);
	look_for_prefix(s, r, "\xFF", 1, trust);
	free(x.snapshot);
}

static inline void look_at_read(const struct dim_region *r, uint32_t layer_id, enum trust trust)
{
	bool can = !dim_region_is_file(r) || dim_region_descriptor(r) >= 0;
	enum dim_status status;
	struct dim_error error;
	char buffer[512];
	size_t size = 0;

	status = dim_layer_read(r, layer_id, buffer, sizeof(buffer), &size, &error);
	CHECK(can ? status == DIM_OK || status == DIM_ERR_LIMIT || status == DIM_ERR_DAMAGED ||
			      (status == DIM_ERR_NOT_FOUND && trust != PROVEN)
		  : status == DIM_ERR_USAGE);
	CHECK(status == DIM_OK || status == DIM_ERR_LIMIT ? (status == DIM_OK) == (size <= sizeof(buffer)) : size == 0);
	if (status == DIM_OK && size > 0)
		accessors_sink += (unsigned char)buffer[size - 1];
	if (status != DIM_OK)
		look_at_error(&error, status, dim_region_file_size(r));
	accessors_sink += dim_layer_read(r, layer_id, NULL, 0, &size, NULL);
}

static inline void look_at_reads(const struct dim_region *r, enum trust trust)
{
	const struct dim_layer *layer;
	uint32_t i;

	for (i = 0; i < dim_region_layer_count(r) && i < 4; i++) {
		CHECK(dim_region_layer_at(r, i, &layer) == DIM_OK);
		look_at_read(r, dim_layer_id(layer), trust);
	}
	look_at_read(r, 0, UNPROVEN);
	look_at_read(r, UINT32_MAX, UNPROVEN);
}

#endif
