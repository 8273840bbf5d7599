/*
 * check.c: proves all metadata of a region at once.
 * In: an open region.
 * Out: DIM_OK, after which no accessor can meet a bad record, or the first fault with its byte range. O(metadata).
 */
#include <stdlib.h>

#include "internal.h"

struct walk {
	const struct dim_region *region;
	struct dim_error *err;
	uint64_t strings;  /* bytes of the strings that earlier records have taken */
	uint64_t keywords; /* layer keywords, or postings, taken likewise */
};

static enum dim_status damaged(const struct walk *w, uint32_t layer_id, const void *at, uint64_t size, const char *what)
{
	return dim_fail(w->err, DIM_ERR_DAMAGED, w->region->dimension_id, layer_id,
			(uint64_t)((const uint8_t *)at - w->region->base), size, "%s", what);
}

static bool all_zero(const uint8_t *bytes, uint64_t size)
{
	uint64_t i;

	for (i = 0; i < size; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

/* UTF-8 as in RFC 3629, without NUL. */
static bool is_text(const uint8_t *s, size_t size)
{
	size_t i = 0, k, more;

	while (i < size) {
		uint8_t c = s[i];
		uint8_t second_low = 0x80, second_high = 0xBF;

		if (c == 0)
			return false;
		if (c < 0x80)
			more = 0;
		else if (c >= 0xC2 && c <= 0xDF)
			more = 1;
		else if (c >= 0xE0 && c <= 0xEF)
			more = 2;
		else if (c >= 0xF0 && c <= 0xF4)
			more = 3;
		else
			return false;
		if (c == 0xE0)
			second_low = 0xA0;
		if (c == 0xED)
			second_high = 0x9F;
		if (c == 0xF0)
			second_low = 0x90;
		if (c == 0xF4)
			second_high = 0x8F;
		if (more >= size - i)
			return false;
		for (k = 1; k <= more; k++) {
			if (s[i + k] < second_low || s[i + k] > second_high)
				return false;
			second_low = 0x80;
			second_high = 0xBF;
		}
		i += more + 1;
	}
	return true;
}

/* A string reference that begins where the last one ended; the strings have no gaps and no overlaps. */
static bool next_string(struct walk *w, const struct dim_string_ref *ref)
{
	struct dim_span span;

	if (dim_fetch32(&ref->offset) != w->strings || dim_string(w->region, ref, &span) != DIM_OK)
		return false;
	w->strings += span.size;
	return is_text((const uint8_t *)span.data, span.size);
}

/* The zero bytes between the directory, the sections and, in the page layout, the first slot. */
static enum dim_status check_padding(struct walk *w)
{
	const struct dim_region *r = w->region;
	uint64_t last = r->metadata_offset + (uint64_t)r->section_count * sizeof(struct dim_section);
	uint64_t end = r->metadata_offset + r->metadata_size;
	uint32_t i;

	for (i = 0; i < r->section_count; i++) {
		const struct dim_section *s =
			dim_door(r, r->metadata_offset + i * sizeof(struct dim_section), sizeof(*s));
		uint64_t offset = dim_fetch64(&s->offset);
		uint64_t size = dim_fetch64(&s->size);

		if (offset < last || offset > end || size > end - offset)
			return damaged(w, 0, s, sizeof(*s), "the section directory changed while it was read");
		if (!all_zero(r->base + last, offset - last))
			return damaged(w, 0, r->base + last, offset - last, "padding between sections is not zero");
		last = offset + size;
	}
	return DIM_OK;
}

static bool is_time(const struct dim_le64 *at)
{
	int64_t seconds = (int64_t)dim_fetch64(at);

	return seconds >= DIM_FORMAT_MIN_TIME && seconds <= DIM_FORMAT_MAX_TIME;
}

static enum dim_status check_dimension(struct walk *w)
{
	const struct dim_dimension_record *d =
		dim_record(w->region, DIM_SECTION_DIMENSION, 0, sizeof(struct dim_dimension_record));
	uint32_t flags = dim_fetch32(&d->flags);
	double low = dim_fetchf64(&d->frequency_low), high = dim_fetchf64(&d->frequency_high);

	if (!next_string(w, &d->name) || w->strings == 0)
		return damaged(w, 0, &d->name, sizeof(d->name), "the dimension's name is not a text of the strings");
	if (!next_string(w, &d->description))
		return damaged(w, 0, &d->description, sizeof(d->description),
			       "the dimension's description is not a text of the strings");
	if ((flags & ~(uint32_t)DIM_DIMENSION_FLAGS) != 0 || dim_fetch32(&d->reserved) != 0 ||
	    !all_zero(d->unused, sizeof(d->unused)))
		return damaged(w, 0, d, sizeof(*d), "reserved bits of the dimension's record are not zero");
	if ((!(flags & DIM_DIMENSION_HAS_CREATED_AT) && dim_fetch64(&d->created_at) != 0) ||
	    (!(flags & DIM_DIMENSION_HAS_UPDATED_AT) && dim_fetch64(&d->updated_at) != 0) ||
	    (!(flags & DIM_DIMENSION_HAS_FREQUENCY_RANGE) &&
	     (dim_fetch64(&d->frequency_low.bits) != 0 || dim_fetch64(&d->frequency_high.bits) != 0)))
		return damaged(w, 0, d, sizeof(*d), "a field of the dimension that is not set is not zero");
	if (!is_time(&d->created_at) || !is_time(&d->updated_at))
		return damaged(w, 0, &d->created_at, 16, "a time is outside of the years 0000 to 9999");
	if ((flags & DIM_DIMENSION_HAS_FREQUENCY_RANGE) && !(low > 0 && low <= high && high <= __DBL_MAX__))
		return damaged(w, 0, &d->frequency_low, 16, "the frequency range is not a range");
	return DIM_OK;
}

static enum dim_status check_layers(struct walk *w)
{
	const struct dim_region *r = w->region;
	uint64_t metadata_end = r->metadata_offset + r->metadata_size;
	uint64_t at =
		r->layout == DIM_FORMAT_LAYOUT_PAGE ? dim_align_up(metadata_end, r->alignment) : DIM_FORMAT_HEADER_SIZE;
	uint64_t end = r->layout == DIM_FORMAT_LAYOUT_PAGE ? r->total_size : r->metadata_offset;
	double low = 0, high = __DBL_MAX__;
	uint32_t i, last_id = 0;

	dim_region_frequency_range(r, &low, &high);
	for (i = 0; i < r->layer_count; i++) {
		const struct dim_layer_record *l = dim_layer_record_at(r, i);
		uint32_t id = dim_fetch32(&l->layer_id);
		uint64_t size = dim_fetch64(&l->size), content = dim_fetch64(&l->content_size);
		double f = dim_fetchf64(&l->frequency);
		uint32_t keywords = dim_fetch32(&l->keyword_count);

		if (id <= last_id)
			return damaged(w, id, l, sizeof(*l), "layer ids do not ascend");
		last_id = id;
		if (dim_fetch64(&l->offset) != at || at > end || size > end - at)
			return damaged(w, id, l, sizeof(*l), "a slot overlaps another, leaves a gap or leads outside");
		if (content == 0 || content > size || size - content >= r->alignment || size % r->alignment != 0)
			return damaged(w, id, l, sizeof(*l), "the slot's size does not fit its content");
		at += size;
		if (!(f > 0 && f >= low && f <= high && f <= __DBL_MAX__))
			return damaged(w, id, &l->frequency, sizeof(l->frequency),
				       "the frequency is not finite, not greater than zero, or outside of the range");
		if (dim_fetch32(&l->keyword_first) != w->keywords || keywords == 0 ||
		    keywords > DIM_FORMAT_MAX_LAYER_KEYWORDS)
			return damaged(w, id, l, sizeof(*l), "the layer's keywords are out of place");
		w->keywords += keywords;
		if (!next_string(w, &l->title))
			return damaged(w, id, &l->title, sizeof(l->title), "the title is not a text of the strings");
		if (!all_zero(l->reserved, sizeof(l->reserved)) || !all_zero(l->unused, sizeof(l->unused)))
			return damaged(w, id, l, sizeof(*l), "reserved bytes of the layer's record are not zero");
	}
	if (at != end)
		return dim_fail(w->err, DIM_ERR_DAMAGED, r->dimension_id, 0, 16, 8,
				"the last slot does not end where the contents do");
	if (w->keywords != r->posting_count)
		return dim_fail(w->err, DIM_ERR_DAMAGED, r->dimension_id, 0,
				r->section[DIM_SECTION_LAYER_KEYWORDS].offset,
				r->section[DIM_SECTION_LAYER_KEYWORDS].size, "keywords that belong to no layer");
	return DIM_OK;
}

/* Ranks rise by (frequency, position): with as many ranks as layers, that makes them a permutation. */
static enum dim_status check_frequency_order(struct walk *w)
{
	const struct dim_region *r = w->region;
	double last_f = 0;
	uint32_t i, position, last = 0;

	for (i = 0; i < r->layer_count; i++, last = position) {
		const struct dim_le32 *at = dim_record(r, DIM_SECTION_FREQUENCY_ORDER, i, 4);
		double f;

		position = dim_fetch32(at);
		if (position >= r->layer_count)
			return damaged(w, 0, at, 4, "the order of frequency names a layer that is not there");
		f = dim_fetchf64(&dim_layer_record_at(r, position)->frequency);
		if (i > 0 && !(f > last_f || (f == last_f && position > last)))
			return damaged(w, 0, at, 4, "the order of frequency is wrong");
		last_f = f;
	}
	return DIM_OK;
}

static bool layer_has_keyword(const struct dim_region *r, const struct dim_layer_record *l, uint32_t keyword)
{
	uint64_t first = dim_fetch32(&l->keyword_first);
	uint32_t count = dim_fetch32(&l->keyword_count), i, k;

	for (i = 0; i < count && i < DIM_FORMAT_MAX_LAYER_KEYWORDS; i++)
		if (dim_number_at(r, DIM_SECTION_LAYER_KEYWORDS, first + i, &k) && k == keyword)
			return true;
	return false;
}

/*
 * Keywords ascend, and their postings are the layers' keywords turned around: there are as many of both, each posting
 * is another (keyword, layer) pair, and each is among the layer's keywords.
 */
static enum dim_status check_keywords(struct walk *w)
{
	const struct dim_region *r = w->region;
	struct dim_span last = {"", 0}, text;
	uint64_t first = 0;
	uint32_t i, k;

	for (i = 0; i < r->keyword_count; i++) {
		const struct dim_keyword_record *kw = dim_keyword_record_at(r, i);
		uint32_t count = dim_fetch32(&kw->posting_count), layer, last_layer = 0;
		int order;

		if (!next_string(w, &kw->text) || dim_string(r, &kw->text, &text) != DIM_OK || text.size == 0)
			return damaged(w, 0, kw, sizeof(*kw), "a keyword is not a text of the strings");
		order = memcmp(last.data, text.data, last.size < text.size ? last.size : text.size);
		if (i > 0 && (order > 0 || (order == 0 && last.size >= text.size)))
			return damaged(w, 0, kw, sizeof(*kw), "the keywords do not ascend");
		last = text;
		if (dim_fetch32(&kw->posting_first) != first || count == 0 || count > r->posting_count - first)
			return damaged(w, 0, kw, sizeof(*kw), "the keyword's layers are out of place");
		for (k = 0; k < count; k++, last_layer = layer) {
			const struct dim_le32 *at = dim_record(r, DIM_SECTION_POSTINGS, first + k, 4);

			layer = dim_fetch32(at);
			if (layer >= r->layer_count || (k > 0 && layer <= last_layer) ||
			    !layer_has_keyword(r, dim_layer_record_at(r, layer), i))
				return damaged(w, 0, at, 4, "a keyword names a layer that does not have it");
		}
		first += count;
	}
	if (first != r->posting_count)
		return dim_fail(w->err, DIM_ERR_DAMAGED, r->dimension_id, 0, r->section[DIM_SECTION_POSTINGS].offset,
				r->section[DIM_SECTION_POSTINGS].size, "layers that belong to no keyword");
	if (w->strings != r->section[DIM_SECTION_STRINGS].size)
		return dim_fail(w->err, DIM_ERR_DAMAGED, r->dimension_id, 0, r->section[DIM_SECTION_STRINGS].offset,
				r->section[DIM_SECTION_STRINGS].size, "strings that belong to nothing");
	return DIM_OK;
}

/* A taken slot of the run that is being walked: its keyword, and how far from the start of the walk it is. */
struct taken {
	uint32_t keyword;
	uint64_t at;
};

/*
 * The hash table is the one that inserting the keywords in their order gives: each stands in it once, and all slots
 * from its home to its place are taken by keywords before it. The walk begins after an empty slot; `stack` holds the
 * taken slots of this run that have a greater keyword than all after them, so that the nearest greater one is on its
 * top. That keeps it linear, whatever the table holds.
 */
static bool walk_hash(struct walk *w, struct taken *stack, uint8_t *seen)
{
	const struct dim_region *r = w->region;
	uint64_t slots = (uint64_t)r->hash_mask + 1, start = 0, run = 0, height = 0, i;
	uint32_t keyword, count = 0;
	struct dim_span text;

	while (start < slots && dim_number_at(r, DIM_SECTION_KEYWORD_HASH, start * 2 + 1, &keyword) && keyword != 0)
		start++;
	for (i = 0; i < slots; i++) {
		uint64_t slot = (start + i) & r->hash_mask, distance;
		const struct dim_hash_slot *at =
			dim_record(r, DIM_SECTION_KEYWORD_HASH, slot, sizeof(struct dim_hash_slot));
		uint32_t hash = dim_fetch32(&at->hash);

		keyword = dim_fetch32(&at->keyword);
		if (keyword == 0) {
			run = height = 0;
			if (hash != 0) {
				damaged(w, 0, at, sizeof(*at), "an empty slot of the keyword hash is not zero");
				return false;
			}
			continue;
		}
		distance = (slot - hash) & r->hash_mask;
		while (height > 0 && stack[height - 1].keyword < keyword)
			height--;
		if (dim_region_keyword_at(r, keyword - 1, &text) != DIM_OK ||
		    (seen[(keyword - 1) / 8] & 1u << (keyword - 1) % 8) != 0 ||
		    dim_format_hash(text.data, text.size) != hash || distance > run ||
		    (height > 0 && i - stack[height - 1].at <= distance)) {
			damaged(w, 0, at, sizeof(*at), "a slot of the keyword hash is wrong");
			return false;
		}
		seen[(keyword - 1) / 8] |= (uint8_t)(1u << (keyword - 1) % 8);
		stack[height++] = (struct taken){keyword, i};
		count++;
		run++;
	}
	if (count == r->keyword_count)
		return true;
	dim_fail(w->err, DIM_ERR_DAMAGED, r->dimension_id, 0, r->section[DIM_SECTION_KEYWORD_HASH].offset,
		 r->section[DIM_SECTION_KEYWORD_HASH].size, "the keyword hash misses a keyword");
	return false;
}

static enum dim_status check_hash(struct walk *w)
{
	size_t count = w->region->keyword_count;
	struct taken *stack;
	uint8_t *seen;
	enum dim_status status = DIM_ERR_DAMAGED;

	if (count == 0)
		return DIM_OK;
	stack = calloc(count, sizeof(*stack));
	seen = calloc((count + 7) / 8, 1);
	if (stack == NULL || seen == NULL)
		status = dim_fail(w->err, DIM_ERR_MEMORY, w->region->dimension_id, 0, 0, 0, "out of memory");
	else if (walk_hash(w, stack, seen))
		status = DIM_OK;
	free(stack);
	free(seen);
	return status;
}

enum dim_status dim_region_check(const struct dim_region *region, struct dim_error *ret_error)
{
	struct walk w = {region, ret_error, 0, 0};
	enum dim_status status = check_padding(&w);

	if (status == DIM_OK)
		status = check_dimension(&w);
	if (status == DIM_OK)
		status = check_layers(&w);
	if (status == DIM_OK)
		status = check_frequency_order(&w);
	if (status == DIM_OK)
		status = check_keywords(&w);
	if (status == DIM_OK)
		status = check_hash(&w);
	return status;
}
