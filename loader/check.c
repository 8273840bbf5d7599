/*
 * check.c: proves all metadata of a region at once.
 * In: an open region.
 * Out: DIM_OK, after which no accessor can meet a bad record, or the first fault with its byte range. O(metadata).
 */
#include <stdlib.h>

#include "check.h"
#include "find.h"

enum dim_status dim_check_damaged(const struct dim_check *w, uint32_t layer_id, const void *at, uint64_t size,
				  const char *what)
{
	return dim_fail(w->err, DIM_ERR_DAMAGED, w->region->dimension_id, layer_id,
			(uint64_t)((const uint8_t *)at - w->region->base), size, "%s", what);
}

static bool all_zero(const uint8_t *bytes, uint64_t size)
{
	uint8_t all = 0;
	uint64_t i;

	for (i = 0; i < size; i++)
		all |= bytes[i];
	return all == 0;
}

/* A string reference that begins where the last one ended; the strings have no gaps and no overlaps. */
static inline bool next_string(struct dim_check *w, const struct dim_string_ref *ref, struct dim_span *ret)
{
	uint64_t all = w->region->section[DIM_SECTION_STRINGS].size, size = dim_fetch32(&ref->size);
	const char *data = (const char *)dim_section_of(w->region, DIM_SECTION_STRINGS) + w->strings;

	if (dim_fetch32(&ref->offset) != w->strings || size > all - w->strings)
		return false;
	w->strings += size;
	ret->data = data;
	ret->size = (size_t)size;
	if (w->strings_are_text)
		return w->strings == all || ((uint8_t)data[size] & 0xC0) != 0x80;
	return dim_check_text((const uint8_t *)data, (size_t)size);
}

/* The zero bytes between the directory, the sections and, in the page layout, the first slot. */
static enum dim_status check_padding(struct dim_check *w)
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
			return dim_check_damaged(w, 0, s, sizeof(*s),
						 "the section directory changed while it was read");
		if (!all_zero(r->base + last, offset - last))
			return dim_check_damaged(w, 0, r->base + last, offset - last,
						 "padding between sections is not zero");
		last = offset + size;
	}
	return DIM_OK;
}

static bool is_time(const struct dim_le64 *at)
{
	int64_t seconds = (int64_t)dim_fetch64(at);

	return seconds >= DIM_FORMAT_MIN_TIME && seconds <= DIM_FORMAT_MAX_TIME;
}

static enum dim_status check_dimension(struct dim_check *w)
{
	const struct dim_dimension_record *d =
		dim_record(w->region, DIM_SECTION_DIMENSION, 0, sizeof(struct dim_dimension_record));
	uint32_t flags = dim_fetch32(&d->flags);
	struct dim_span text;
	double low = dim_fetchf64(&d->frequency_low), high = dim_fetchf64(&d->frequency_high);

	if (!next_string(w, &d->name, &text) || w->strings == 0)
		return dim_check_damaged(w, 0, &d->name, sizeof(d->name),
					 "the dimension's name is not a text of the strings");
	if (!next_string(w, &d->description, &text))
		return dim_check_damaged(w, 0, &d->description, sizeof(d->description),
					 "the dimension's description is not a text of the strings");
	if ((flags & ~(uint32_t)DIM_DIMENSION_FLAGS) != 0 || dim_fetch32(&d->reserved) != 0 ||
	    !all_zero(d->unused, sizeof(d->unused)))
		return dim_check_damaged(w, 0, d, sizeof(*d), "reserved bits of the dimension's record are not zero");
	if ((!(flags & DIM_DIMENSION_HAS_CREATED_AT) && dim_fetch64(&d->created_at) != 0) ||
	    (!(flags & DIM_DIMENSION_HAS_UPDATED_AT) && dim_fetch64(&d->updated_at) != 0) ||
	    (!(flags & DIM_DIMENSION_HAS_FREQUENCY_RANGE) &&
	     (dim_fetch64(&d->frequency_low.bits) != 0 || dim_fetch64(&d->frequency_high.bits) != 0)))
		return dim_check_damaged(w, 0, d, sizeof(*d), "a field of the dimension that is not set is not zero");
	if (!is_time(&d->created_at) || !is_time(&d->updated_at))
		return dim_check_damaged(w, 0, &d->created_at, 16, "a time is outside of the years 0000 to 9999");
	if ((flags & DIM_DIMENSION_HAS_FREQUENCY_RANGE) && !(low > 0 && low <= high && high <= __DBL_MAX__))
		return dim_check_damaged(w, 0, &d->frequency_low, 16, "the frequency range is not a range");
	return DIM_OK;
}

static enum dim_status check_layers(struct dim_check *w)
{
	const struct dim_region *r = w->region;
	uint64_t metadata_end = r->metadata_offset + r->metadata_size;
	uint64_t at =
		r->layout == DIM_FORMAT_LAYOUT_PAGE ? dim_align_up(metadata_end, r->alignment) : DIM_FORMAT_HEADER_SIZE;
	uint64_t end = r->layout == DIM_FORMAT_LAYOUT_PAGE ? r->total_size : r->metadata_offset;
	double low = 0, high = __DBL_MAX__;
	struct dim_span title;
	uint32_t i, last_id = 0;

	dim_region_frequency_range(r, &low, &high);
	for (i = 0; i < r->layer_count; i++) {
		const struct dim_layer_record *l = dim_layer_record_at(r, i);
		uint32_t id = dim_fetch32(&l->layer_id);
		uint64_t size = dim_fetch64(&l->size), content = dim_fetch64(&l->content_size);
		double f = dim_fetchf64(&l->frequency);
		uint32_t keywords = dim_fetch32(&l->keyword_count);

		if (id <= last_id)
			return dim_check_damaged(w, id, l, sizeof(*l), "layer ids do not ascend");
		last_id = id;
		if (dim_fetch64(&l->offset) != at || at > end || size > end - at)
			return dim_check_damaged(w, id, l, sizeof(*l),
						 "a slot overlaps another, leaves a gap or leads outside");
		if (content == 0 || content > size || size - content >= r->alignment || size % r->alignment != 0)
			return dim_check_damaged(w, id, l, sizeof(*l), "the slot's size does not fit its content");
		at += size;
		if (!(f > 0 && f >= low && f <= high)) /* `high` is finite */
			return dim_check_damaged(
				w, id, &l->frequency, sizeof(l->frequency),
				"the frequency is not finite, not greater than zero, or outside of the range");
		if (dim_fetch32(&l->keyword_first) != w->keywords || keywords == 0 ||
		    keywords > DIM_FORMAT_MAX_LAYER_KEYWORDS)
			return dim_check_damaged(w, id, l, sizeof(*l), "the layer's keywords are out of place");
		w->keywords += keywords;
		if (!next_string(w, &l->title, &title))
			return dim_check_damaged(w, id, &l->title, sizeof(l->title),
						 "the title is not a text of the strings");
		if (!all_zero(l->reserved, sizeof(l->reserved)) || !all_zero(l->unused, sizeof(l->unused)))
			return dim_check_damaged(w, id, l, sizeof(*l),
						 "reserved bytes of the layer's record are not zero");
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
static enum dim_status check_frequency_order(struct dim_check *w)
{
	const struct dim_region *r = w->region;
	double last_f = 0;
	uint32_t i, position, last = 0;

	for (i = 0; i < r->layer_count; i++, last = position) {
		const struct dim_le32 *at = dim_record(r, DIM_SECTION_FREQUENCY_ORDER, i, 4);
		double f;

		position = dim_fetch32(at);
		if (position >= r->layer_count)
			return dim_check_damaged(w, 0, at, 4, "the order of frequency names a layer that is not there");
		f = dim_fetchf64(&dim_layer_record_at(r, position)->frequency);
		if (i > 0 && !(f > last_f || (f == last_f && position > last)))
			return dim_check_damaged(w, 0, at, 4, "the order of frequency is wrong");
		last_f = f;
	}
	return DIM_OK;
}

/* Eight bytes as a number that sorts as they do, those from `size` on taken as NUL. */
static inline uint64_t sortable(const uint8_t *b, size_t size)
{
	uint64_t value = (uint64_t)b[0] << 56 | (uint64_t)b[1] << 48 | (uint64_t)b[2] << 40 | (uint64_t)b[3] << 32 |
			 (uint64_t)b[4] << 24 | (uint64_t)b[5] << 16 | (uint64_t)b[6] << 8 | (uint64_t)b[7];
	uint64_t cut = size < 8 ? 64 - 8 * size : 0;

	return size == 0 ? 0 : value >> cut << cut;
}

/* The first bytes of a keyword. Keywords have no NUL, so that one that is another's beginning is less than that. */
struct head {
	uint64_t first, second;
};

static inline struct head head_of(struct dim_span text, uint64_t readable)
{
	uint8_t b[16] = {0};

	if (readable >= sizeof(b))
		memcpy(b, text.data, sizeof(b));
	else
		memcpy(b, text.data, text.size);
	return (struct head){sortable(b, text.size), sortable(b + 8, text.size < 8 ? 0 : text.size - 8)};
}

/* The keywords are texts in ascending order, and their postings follow one another. Begins their tallies. */
static enum dim_status check_keywords(struct dim_check *w)
{
	const struct dim_region *r = w->region;
	const struct dim_keyword_record *kw = dim_section_of(r, DIM_SECTION_KEYWORDS);
	uint64_t strings = r->section[DIM_SECTION_STRINGS].size;
	struct head last_head = {0, 0}, head;
	struct dim_span last = {"", 0}, text;
	uint32_t i, count, first = 0;

	for (i = 0; i < r->keyword_count; i++, kw++, last = text, last_head = head) {
		uint64_t at = w->strings;

		if (!next_string(w, &kw->text, &text) || text.size == 0)
			return dim_check_damaged(w, 0, kw, sizeof(*kw), "a keyword is not a text of the strings");
		head = head_of(text, strings - at);
		if ((head.first < last_head.first) |
			    ((head.first == last_head.first) & (head.second <= last_head.second)) &&
		    dim_compare(last, text) >= 0)
			return dim_check_damaged(w, 0, kw, sizeof(*kw), "the keywords do not ascend");
		count = dim_fetch32(&kw->posting_count);
		if (dim_fetch32(&kw->posting_first) != first || count == 0 || count > r->posting_count - first)
			return dim_check_damaged(w, 0, kw, sizeof(*kw), "the keyword's layers are out of place");
		w->hashes[i] = dim_format_hash(text.data, text.size);
		w->tallies[i] = (struct dim_tally){.next = first};
		first += count;
	}
	if (first != r->posting_count)
		return dim_fail(w->err, DIM_ERR_DAMAGED, r->dimension_id, 0, r->section[DIM_SECTION_POSTINGS].offset,
				r->section[DIM_SECTION_POSTINGS].size, "layers that belong to no keyword");
	if (w->strings != strings)
		return dim_fail(w->err, DIM_ERR_DAMAGED, r->dimension_id, 0, r->section[DIM_SECTION_STRINGS].offset,
				strings, "strings that belong to nothing");
	return DIM_OK;
}

/*
 * The postings are the layers' keywords turned around: whoever goes through the layers in their order meets, for each
 * keyword, its postings in theirs, and none is left over.
 */
static enum dim_status check_postings(struct dim_check *w)
{
	const struct dim_region *r = w->region;
	const struct dim_layer_record *layers = dim_section_of(r, DIM_SECTION_LAYERS);
	const struct dim_keyword_record *keywords = dim_section_of(r, DIM_SECTION_KEYWORDS);
	const struct dim_le32 *named = dim_section_of(r, DIM_SECTION_LAYER_KEYWORDS);
	const struct dim_le32 *postings = dim_section_of(r, DIM_SECTION_POSTINGS);
	uint32_t i, k, count, at = 0, end = 0;

	for (i = 0; i < r->layer_count; i++) {
		count = dim_fetch32(&layers[i].keyword_count);
		/* The counts' sum was proved; but the file may have changed since. */
		for (; at < r->posting_count && count > 0; count--, at++) {
			struct dim_tally *t;

			k = dim_fetch32(&named[at]);
			if (k >= r->keyword_count || w->tallies[k].next == r->posting_count)
				return dim_check_damaged(w, dim_fetch32(&layers[i].layer_id), &named[at],
							 sizeof(named[at]),
							 "a layer names a keyword that does not have it");
			t = &w->tallies[k];
			if (dim_fetch32(&postings[t->next]) != i || t->last == i + 1)
				return dim_check_damaged(w, 0, &postings[t->next], sizeof(postings[t->next]),
							 "a keyword names a layer that does not have it");
			t->next++;
			t->last = i + 1;
		}
	}
	for (k = 0; k < r->keyword_count; k++) {
		end += dim_fetch32(&keywords[k].posting_count);
		if (w->tallies[k].next != end)
			return dim_check_damaged(w, 0, &keywords[k], sizeof(keywords[k]),
						 "a keyword names a layer that does not have it");
	}
	return DIM_OK;
}

static enum dim_status check_all(struct dim_check *w)
{
	enum dim_status status = check_padding(w);

	if (status == DIM_OK)
		status = check_dimension(w);
	if (status == DIM_OK)
		status = check_layers(w);
	if (status == DIM_OK)
		status = check_frequency_order(w);
	if (status == DIM_OK)
		status = check_keywords(w);
	if (status == DIM_OK)
		status = check_postings(w);
	if (status == DIM_OK)
		status = dim_check_hash(w);
	return status;
}

/*
 * All of the metadata is read now, and page by page the disk would take long. Asking the kernel for it costs more than
 * it should where all is in memory: only if the last page had to be waited for.
 */
static void read_ahead(const struct dim_region *region)
{
	uint64_t last = region->metadata_offset + region->metadata_size - 1;
	struct dim_faults before = {0, 0}, after = {0, 0};

	if (region->backing != DIM_BACKING_FILE)
		return;
	dim_faults(&before);
	(void)*(const volatile uint8_t *)(region->base + last);
	dim_faults(&after);
	if (after.major != before.major)
		dim_region_prefetch(region, region->metadata_offset, region->metadata_size);
}

enum dim_status dim_region_check(const struct dim_region *region, struct dim_error *ret_error)
{
	struct dim_check w = {.region = region, .err = ret_error};
	enum dim_status status;

	w.hashes = malloc((region->keyword_count + (size_t)1) * (sizeof(*w.hashes) + sizeof(*w.tallies)));
	if (w.hashes == NULL)
		return dim_fail(ret_error, DIM_ERR_MEMORY, region->dimension_id, 0, 0, 0, "out of memory");
	w.tallies = (struct dim_tally *)(w.hashes + region->keyword_count + 1);
	read_ahead(region);
	w.strings_are_text = dim_check_text(dim_section_of(region, DIM_SECTION_STRINGS),
					    (size_t)region->section[DIM_SECTION_STRINGS].size);
	status = check_all(&w);
	free(w.hashes);
	return status;
}
