/*
 * accessors.h: calls every function of dim.h and dim_verify.h that takes a region, and believes no answer.
 * In: bytes that claim to be a region, or an open region.
 * Out: whether it was refused, found damaged or found sound. Ends with status 1 where libdim breaks a promise of dim.h.
 */
#ifndef TESTS_ACCESSORS_H
#define TESTS_ACCESSORS_H

#include "across.h"
#include "look.h"

static inline void look_at_keyword_of_layer(const struct dim_region *r, const struct dim_layer *layer, uint32_t index,
					    enum trust trust)
{
	struct dim_span word = {0}, found = {0};
	const struct dim_layer *other = NULL;
	enum dim_status status = dim_layer_keyword(r, layer, index, &word);
	uint32_t position = 0, count = 0, i;

	look_at_text(r, status, word, trust);
	if (trust != PROVEN)
		return;
	CHECK(word.size > 0);
	CHECK(dim_region_find_keyword(r, word.data, word.size, &position) == DIM_OK);
	CHECK(dim_region_keyword_at(r, position, &found) == DIM_OK && same_bytes(word, found));
	CHECK(dim_keyword_layer_count(r, position, &count) == DIM_OK);
	for (i = 0; i < count && other != layer; i++)
		CHECK(dim_keyword_layer(r, position, i, &other) == DIM_OK);
	CHECK(other == layer);
}

static inline void look_at_layer(const struct dim_region *r, const struct dim_layer *layer, enum trust trust)
{
	static const uint32_t far[] = {64, 65, 0x7FFFFFFF, 0x80000000, UINT32_MAX};
	struct dim_span span = {0};
	struct dim_error error;
	enum dim_status status;
	uint32_t count = dim_layer_keyword_count(layer), i;

	accessors_sink += dim_layer_id(layer) + (unsigned)dim_layer_digest(layer)[0] + dim_layer_digest(layer)[31];
	CHECK(trust != PROVEN || (isfinite(dim_layer_frequency(layer)) && dim_layer_frequency(layer) > 0));
	status = dim_layer_content(r, layer, &span);
	look_at(r, status, span, trust);
	if (trust == PROVEN) {
		CHECK(dim_layer_slot_size(layer) >= span.size);
		CHECK(dim_layer_offset(layer) + dim_layer_slot_size(layer) <= dim_region_total_size(r));
		CHECK(span.data == dim_region_bytes(r).data + dim_layer_offset(layer));
	}
	status = dim_layer_title(r, layer, &span);
	look_at_text(r, status, span, trust);
	for (i = 0; i < count && i < ENOUGH; i++)
		look_at_keyword_of_layer(r, layer, i, trust);
	for (i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
		status = dim_layer_keyword(r, layer, far[i], &span);
		CHECK(status == DIM_ERR_NOT_FOUND || trust != PROVEN);
		if (status == DIM_OK)
			look_at_span(r, span);
	}
	if (dim_layer_position(r, layer) < 8) { /* it reads the content, and each of them may claim the whole file */
		status = dim_verify_layer(r, layer, &error);
		if (status != DIM_OK)
			look_at_error(&error, status, dim_region_file_size(r));
	}
}

static inline void look_at_layers(const struct dim_region *r, enum trust trust)
{
	const struct dim_layer *layer = NULL, *same = NULL, *unset = NULL;
	uint32_t count = dim_region_layer_count(r), i, last_id = 0;

	for (i = 0; i < count; i++) {
		CHECK(dim_region_layer_at(r, i, &layer) == DIM_OK);
		CHECK(dim_layer_position(r, layer) == i);
		look_at_layer(r, layer, trust);
		if (trust == PROVEN) {
			CHECK(dim_layer_id(layer) > last_id);
			last_id = dim_layer_id(layer);
			CHECK(dim_region_layer(r, last_id, &same) == DIM_OK && same == layer);
		} else if (dim_region_layer(r, dim_layer_id(layer), &same) == DIM_OK) {
			CHECK(dim_layer_position(r, same) < count);
		}
	}
	CHECK(dim_region_layer_at(r, count, &unset) == DIM_ERR_NOT_FOUND);
	CHECK(dim_region_layer_at(r, UINT32_MAX, &unset) == DIM_ERR_NOT_FOUND);
	CHECK(unset == NULL);
	CHECK(dim_region_layer(r, 0, &unset) == DIM_ERR_NOT_FOUND || trust != PROVEN);
	accessors_sink += dim_region_layer(r, UINT32_MAX, &unset) + dim_region_layer(r, 1u << 31, &unset);
}

static inline void look_at_keywords(const struct dim_region *r, enum trust trust)
{
	static const char *const words[] = {"", "a", "no such keyword, whatever the region holds"};
	uint32_t count = dim_region_keyword_count(r), layers, position, i, k;
	struct dim_span word = {0}, found = {0}, last = {"", 0};
	const struct dim_layer *layer = NULL;
	enum dim_status status;

	for (i = 0; i < count; i++) {
		status = dim_region_keyword_at(r, i, &word);
		look_at_text(r, status, word, trust);
		if (status == DIM_OK && dim_region_find_keyword(r, word.data, word.size, &position) == DIM_OK) {
			CHECK(trust == PROVEN ? position == i : position < count);
			CHECK(trust == CHANGING ||
			      (dim_region_keyword_at(r, position, &found) == DIM_OK && same_bytes(word, found)));
		} else {
			CHECK(trust != PROVEN);
		}
		if (trust == PROVEN) {
			int order = memcmp(last.data, word.data, last.size < word.size ? last.size : word.size);

			CHECK(i == 0 || order < 0 || (order == 0 && last.size < word.size));
			last = word;
		}
		layers = ENOUGH;
		status = dim_keyword_layer_count(r, i, &layers);
		look_at_status(status, trust);
		for (k = 0; k < layers && k < ENOUGH; k++) {
			status = dim_keyword_layer(r, i, k, &layer);
			CHECK(status == DIM_OK || trust != PROVEN);
			if (status == DIM_OK)
				CHECK(dim_layer_position(r, layer) < dim_region_layer_count(r));
		}
		CHECK(dim_keyword_layer(r, i, UINT32_MAX, &layer) != DIM_OK);
		CHECK(trust != PROVEN || dim_keyword_layer(r, i, layers, &layer) == DIM_ERR_NOT_FOUND);
	}
	CHECK(dim_region_keyword_at(r, count, &word) == DIM_ERR_NOT_FOUND);
	CHECK(dim_region_keyword_at(r, UINT32_MAX, &word) == DIM_ERR_NOT_FOUND);
	CHECK(dim_keyword_layer_count(r, count, &layers) == DIM_ERR_NOT_FOUND);
	CHECK(dim_keyword_layer(r, count, 0, &layer) == DIM_ERR_NOT_FOUND);
	CHECK(dim_keyword_layer(r, UINT32_MAX, UINT32_MAX, &layer) == DIM_ERR_NOT_FOUND);
	for (i = 0; i < 3; i++) {
		status = dim_region_find_keyword(r, words[i], strlen(words[i]), &position);
		CHECK(status == DIM_ERR_NOT_FOUND || status == DIM_OK ||
		      (status == DIM_ERR_DAMAGED && trust != PROVEN));
	}
}

static inline void look_at_frequencies(const struct dim_region *r, enum trust trust)
{
	static const double bounds[][2] = {{0, INFINITY}, {1, 2}, {2, 1}, {-INFINITY, 0}, {NAN, NAN}, {5e-324, 1e308}};
	uint32_t count = dim_region_layer_count(r), first, number, i;
	const struct dim_layer *layer = NULL;
	enum dim_status status;
	double last = 0;

	for (i = 0; i < count; i++) {
		status = dim_region_layer_by_frequency(r, i, &layer);
		look_at_status(status, trust);
		if (status == DIM_OK)
			CHECK(dim_layer_position(r, layer) < count);
		if (trust == PROVEN) {
			CHECK(dim_layer_frequency(layer) >= last);
			last = dim_layer_frequency(layer);
			CHECK(dim_region_find_frequency(r, last, last, &first, &number) == DIM_OK);
			CHECK(first <= i && i - first < number);
		}
	}
	CHECK(dim_region_layer_by_frequency(r, count, &layer) == DIM_ERR_NOT_FOUND);
	CHECK(dim_region_layer_by_frequency(r, UINT32_MAX, &layer) == DIM_ERR_NOT_FOUND);
	for (i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		status = dim_region_find_frequency(r, bounds[i][0], bounds[i][1], &first, &number);
		look_at_status(status, trust);
		if (status == DIM_OK)
			CHECK(first <= count && number <= count - first);
		CHECK(trust != PROVEN || i != 0 || number == count);
	}
}

static inline void look_at_everything(const struct dim_region *r, enum trust trust)
{
	look_at_dimension(r, trust);
	look_at_layers(r, trust);
	look_at_keywords(r, trust);
	look_at_frequencies(r, trust);
	look_across(r, trust);
	look_at_reads(r, trust);
}

struct reports {
	uint64_t file_size;
	size_t count;
	enum dim_status first;
};

static inline void count_report(void *context, const struct dim_error *error)
{
	struct reports *reports = context;

	look_at_error(error, error->status, reports->file_size);
	if (reports->count++ == 0)
		reports->first = error->status;
}

enum verdict { REFUSED, DAMAGED, SOUND };

/*
 * Opens, asks everything, checks, asks everything again, verifies. `changes`: somebody writes to the bytes meanwhile,
 * so that nothing that was proven stays true; only that no read leads outside.
 */
static inline enum verdict judge(const void *bytes, size_t size, bool changes)
{
	struct dim_region *r = NULL;
	struct dim_error error;
	struct reports reports = {.file_size = size}, raw = {.file_size = size};
	enum dim_status metadata = dim_verify_metadata(bytes, size, &error), status, checked;

	if (metadata != DIM_OK)
		look_at_error(&error, metadata, size);
	status = dim_verify_bytes(bytes, size, NULL, count_report, &raw);
	CHECK((status == DIM_OK) == (raw.count == 0) && status == raw.first);
	status = dim_region_from_memory(bytes, size, NULL, &r, &error);
	/* A newer version is believed if it proves itself. */
	if (!changes && status != DIM_OK)
		CHECK(raw.first == (status == DIM_ERR_VERSION && metadata != DIM_OK ? metadata : status));
	if (status != DIM_OK) {
		look_at_error(&error, status, size);
		CHECK(r == NULL);
		return REFUSED;
	}
	look_at_everything(r, changes ? CHANGING : UNPROVEN);
	checked = dim_region_check(r, &error);
	if (checked != DIM_OK)
		look_at_error(&error, checked, size);
	else if (!changes)
		look_at_everything(r, PROVEN);
	status = dim_verify_region(r, count_report, &reports);
	CHECK((status == DIM_OK) == (reports.count == 0) && status == reports.first);
	CHECK(changes || (status == raw.first && (checked == DIM_OK || status != DIM_OK)));
	CHECK(changes || (metadata == DIM_OK || status != DIM_OK));
	dim_region_close(r);
	return status == DIM_OK ? SOUND : DAMAGED;
}

#endif
