/*
 * cursor.c: searches across the loaded dimensions of a snapshot, one answer after the other.
 * In: a snapshot and a key; then the cursor itself, which is all the memory there is.
 * Out: layers or keywords, each once, in a documented order. Ends whatever hostile bytes say: every answer is greater.
 */
#include "find.h"
#include "snapshot.h"

enum kind { KEYWORD = 1, FREQUENCY, PREFIX };

/* What is in the numbers and pointers of a struct dim_cursor. */
struct search {
	const struct dim_snapshot *snapshot;
	const char *bytes; /* the keyword, or the prefix */
	const char *last;  /* PREFIX: the last answer */
	const void *unused;
	uint32_t kind, has_ended;
	union {
		struct {
			uint64_t size;
			uint32_t hash, dimension, keyword, index, count;
		} keyword;
		struct {
			double low, high;
			uint32_t dimension, position; /* of the last answer, whose frequency is `low` */
			uint32_t has_last;
		} frequency;
		struct {
			uint64_t size, last_size;
			uint32_t has_last;
		} prefix;
	};
};

_Static_assert(sizeof(struct search) <= sizeof(struct dim_cursor), "a search fits into a cursor");

static struct search load(const struct dim_cursor *cursor)
{
	struct search s;

	memcpy(&s, cursor, sizeof(s));
	return s;
}

static void store(struct dim_cursor *cursor, const struct search *s)
{
	memset(cursor, 0, sizeof(*cursor));
	memcpy(cursor, s, sizeof(*s));
}

void dim_snapshot_find_keyword(const struct dim_snapshot *snapshot, const void *bytes, size_t size,
			       struct dim_cursor *ret_cursor)
{
	struct search s = {.snapshot = snapshot, .bytes = bytes, .kind = KEYWORD};

	s.keyword.size = size;
	s.keyword.hash = dim_format_hash(bytes, size);
	store(ret_cursor, &s);
}

void dim_snapshot_find_frequency(const struct dim_snapshot *snapshot, double low, double high,
				 struct dim_cursor *ret_cursor)
{
	struct search s = {.snapshot = snapshot, .kind = FREQUENCY, .has_ended = !(low <= high)};

	s.frequency.low = low;
	s.frequency.high = high;
	store(ret_cursor, &s);
}

void dim_snapshot_find_prefix(const struct dim_snapshot *snapshot, const void *bytes, size_t size,
			      struct dim_cursor *ret_cursor)
{
	struct search s = {.snapshot = snapshot, .bytes = bytes, .kind = PREFIX};

	s.prefix.size = size;
	store(ret_cursor, &s);
}

/* The layers of the keyword in this dimension, then the next dimension that has it. */
static enum dim_status next_of_keyword(struct search *s, const struct dim_region **ret_region,
				       const struct dim_layer **ret_layer)
{
	enum dim_status status;

	for (; s->keyword.dimension < s->snapshot->count; s->keyword.dimension++, s->keyword.count = 0) {
		const struct dim_region *region = s->snapshot->regions[s->keyword.dimension];

		if (region == NULL)
			continue;
		if (s->keyword.count == 0) {
			status = dim_find_hashed(region, s->keyword.hash, s->bytes, s->keyword.size,
						 &s->keyword.keyword);
			if (status == DIM_OK)
				status = dim_keyword_layer_count(region, s->keyword.keyword, &s->keyword.count);
			if (status == DIM_ERR_NOT_FOUND)
				continue;
			if (status != DIM_OK)
				return status;
			s->keyword.index = 0;
		}
		if (s->keyword.index == s->keyword.count)
			continue;
		status = dim_keyword_layer(region, s->keyword.keyword, s->keyword.index++, ret_layer);
		if (status == DIM_OK)
			*ret_region = region;
		return status;
	}
	return DIM_ERR_NOT_FOUND;
}

/* The least layer after the last answer, among the least ones of every dimension. */
static enum dim_status next_of_frequency(struct search *s, const struct dim_region **ret_region,
					 const struct dim_layer **ret_layer)
{
	struct dim_ranked best = {NULL, 0}, next;
	uint32_t i, rank, best_at = 0;

	for (i = 0; i < s->snapshot->count; i++) {
		const struct dim_region *region = s->snapshot->regions[i];
		uint64_t from = 0;
		enum dim_status status;

		if (region == NULL)
			continue;
		if (s->frequency.has_last && i <= s->frequency.dimension)
			from = i < s->frequency.dimension ? DIM_EVERY_POSITION : (uint64_t)s->frequency.position + 1;
		status = dim_layer_rank(region, s->frequency.low, from, &rank, &next);
		if (status != DIM_OK)
			return status;
		if (next.layer == NULL || !(next.frequency <= s->frequency.high)) /* it may be no number */
			continue;
		if (best.layer == NULL || next.frequency < best.frequency) {
			best = next;
			best_at = i;
		}
	}
	if (best.layer == NULL)
		return DIM_ERR_NOT_FOUND;
	s->frequency.has_last = 1;
	s->frequency.low = best.frequency;
	s->frequency.dimension = best_at;
	s->frequency.position = dim_layer_position(s->snapshot->regions[best_at], best.layer);
	*ret_region = s->snapshot->regions[best_at];
	*ret_layer = best.layer;
	return DIM_OK;
}

enum dim_status dim_cursor_next_layer(struct dim_cursor *cursor, const struct dim_region **ret_region,
				      const struct dim_layer **ret_layer)
{
	struct search s = load(cursor);
	enum dim_status status;

	if (s.kind != KEYWORD && s.kind != FREQUENCY)
		return DIM_ERR_USAGE;
	if (s.has_ended)
		return DIM_ERR_NOT_FOUND;
	if (s.kind == KEYWORD)
		status = next_of_keyword(&s, ret_region, ret_layer);
	else
		status = next_of_frequency(&s, ret_region, ret_layer);
	s.has_ended = status != DIM_OK;
	store(cursor, &s);
	return status;
}

static enum dim_status next_of_prefix(struct search *s, struct dim_span *ret_keyword)
{
	struct dim_span prefix = {s->bytes, s->prefix.size}, last = {s->last, s->prefix.last_size};
	struct dim_span best = {NULL, 0}, text;
	uint32_t i, rank;

	for (i = 0; i < s->snapshot->count; i++) {
		const struct dim_region *region = s->snapshot->regions[i];
		enum dim_status status;

		if (region == NULL)
			continue;
		status = s->prefix.has_last ? dim_keyword_rank(region, last, DIM_BOUND_THROUGH, &rank, &text)
					    : dim_keyword_rank(region, prefix, DIM_BOUND_BEFORE, &rank, &text);
		if (status != DIM_OK)
			return status;
		if (text.data == NULL || text.size < prefix.size ||
		    (prefix.size > 0 && memcmp(text.data, prefix.data, prefix.size) != 0))
			continue;
		if (best.data == NULL || dim_compare(text, best) < 0)
			best = text;
	}
	if (best.data == NULL)
		return DIM_ERR_NOT_FOUND;
	s->prefix.has_last = 1;
	s->last = best.data;
	s->prefix.last_size = best.size;
	*ret_keyword = best;
	return DIM_OK;
}

enum dim_status dim_cursor_next_keyword(struct dim_cursor *cursor, struct dim_span *ret_keyword)
{
	struct search s = load(cursor);
	enum dim_status status;

	if (s.kind != PREFIX)
		return DIM_ERR_USAGE;
	if (s.has_ended)
		return DIM_ERR_NOT_FOUND;
	status = next_of_prefix(&s, ret_keyword);
	s.has_ended = status != DIM_OK;
	store(cursor, &s);
	return status;
}
