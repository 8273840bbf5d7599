/*
 * compare.c: what changes from one side to the other: dimensions, their facts, their layers.
 * In: two sides.
 * Out: everything that differs, in the order of dimensions and layers; nothing for what is the same.
 */
#include "compare.h"

#include <stdlib.h>
#include <string.h>

#include "utf8.h"

const char *compare_fact_name(enum compare_fact fact)
{
	static const char *const names[] = {"dimension_id",    "name",	 "description", "created_at", "updated_at",
					    "frequency_range", "layout", "alignment",	"checksum"};

	return names[fact];
}

const char *compare_field_name(enum compare_field field)
{
	static const char *const names[] = {"title", "frequency", "keywords", "content"};

	return names[field];
}

const char *compare_kind_name(enum compare_kind kind)
{
	static const char *const names[] = {"changed", "added", "removed", "moved", "left"};

	return names[kind];
}

const struct layer *compare_shown_layer(const struct compared_layer *layer)
{
	return layer->kind == COMPARE_REMOVED ? layer->from.layer : layer->to.layer;
}

static unsigned bit(unsigned number, bool is_set)
{
	return is_set ? 1u << number : 0;
}

static bool equal(struct text a, struct text b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}

/* --- keywords --- */

bool compare_has_keyword(const struct layer *layer, struct text word)
{
	size_t i;

	for (i = 0; i < layer->keyword_count; i++)
		if (equal(layer->keywords[i], word))
			return true;
	return false;
}

bool compare_is_reordered(const struct layer *from, const struct layer *to)
{
	size_t i, k = 0;

	for (i = 0; i < from->keyword_count; i++) {
		if (!compare_has_keyword(to, from->keywords[i]))
			continue;
		while (k < to->keyword_count && !compare_has_keyword(from, to->keywords[k]))
			k++;
		if (k == to->keyword_count || !equal(from->keywords[i], to->keywords[k++]))
			return true;
	}
	return false;
}

static bool have_same_keywords(const struct layer *a, const struct layer *b)
{
	size_t i;

	for (i = 0; i < a->keyword_count && i < b->keyword_count; i++)
		if (!equal(a->keywords[i], b->keywords[i]))
			return false;
	return a->keyword_count == b->keyword_count;
}

/* --- layers: who is whose partner --- */

/* A layer that has no partner of its own id, and the one that has its content. */
struct loose {
	struct compared_end end;
	struct loose *partner;
};

struct loose_list {
	struct loose *items; /* in the order of dimensions and layers */
	size_t count, capacity;
};

/* Goes through both sides side by side; each call gives what stands under one id on either side. */
struct walk {
	const struct side_dimension *a, *b; /* one may be NULL */
	size_t i, k;
};

static struct compared_end end_at(const struct side_dimension *d, size_t position)
{
	struct compared_end end = {d, &d->dimension->layers[position], &d->contents[position]};

	return end;
}

static bool next_pair(struct walk *w, struct compared_end *ret_a, struct compared_end *ret_b)
{
	size_t a_count = w->a != NULL ? w->a->dimension->layer_count : 0;
	size_t b_count = w->b != NULL ? w->b->dimension->layer_count : 0;
	uint64_t a_id = w->i < a_count ? w->a->dimension->layers[w->i].layer_id : UINT64_MAX;
	uint64_t b_id = w->k < b_count ? w->b->dimension->layers[w->k].layer_id : UINT64_MAX;

	memset(ret_a, 0, sizeof(*ret_a));
	memset(ret_b, 0, sizeof(*ret_b));
	if (a_id == UINT64_MAX && b_id == UINT64_MAX)
		return false;
	if (a_id <= b_id)
		*ret_a = end_at(w->a, w->i++);
	if (b_id <= a_id)
		*ret_b = end_at(w->b, w->k++);
	return true;
}

/* What has both another title and another text is another layer under the same number. */
static bool is_same_layer(const struct compared_end *a, const struct compared_end *b)
{
	if (a->layer == NULL || b->layer == NULL)
		return false;
	if (digest_equal(a->digest, b->digest))
		return true;
	return a->layer->title.size > 0 || b->layer->title.size > 0 ? equal(a->layer->title, b->layer->title)
								    : have_same_keywords(a->layer, b->layer);
}

static void add_loose(struct loose_list *list, struct compared_end end)
{
	if (end.layer == NULL)
		return;
	list->items = mem_reserve(list->items, list->count, &list->capacity, sizeof(*list->items));
	list->items[list->count++] = (struct loose){end, NULL};
}

static int by_content(const void *a, const void *b)
{
	const struct loose *const *x = a, *const *y = b;

	return memcmp((*x)->end.digest->bytes, (*y)->end.digest->bytes, DIGEST_SIZE);
}

static struct loose **sort_loose(const struct loose_list *list)
{
	struct loose **sorted = mem_zalloc(list->count, sizeof(*sorted));
	size_t i;

	for (i = 0; i < list->count; i++)
		sorted[i] = &list->items[i];
	qsort(sorted, list->count, sizeof(*sorted), by_content);
	return sorted;
}

/* How many from `at` on have the content of the first of them. */
static size_t count_equal(struct loose *const *sorted, size_t count, size_t at)
{
	size_t end = at + 1;

	while (end < count && by_content(&sorted[at], &sorted[end]) == 0)
		end++;
	return end - at;
}

static void find_partners(const struct loose_list *a, const struct loose_list *b)
{
	struct loose **x = sort_loose(a), **y = sort_loose(b);
	size_t i = 0, k = 0;

	while (i < a->count && k < b->count) {
		int order = by_content(&x[i], &y[k]);
		size_t in_a = count_equal(x, a->count, i), in_b = count_equal(y, b->count, k);

		if (order == 0 && in_a == 1 && in_b == 1) {
			x[i]->partner = y[k];
			y[k]->partner = x[i];
		}
		i += order <= 0 ? in_a : 0;
		k += order >= 0 ? in_b : 0;
	}
	free(x);
	free(y);
}

/* --- layers: what differs --- */

static bool is_binary(struct text text)
{
	return memchr(text.bytes, '\0', text.size) != NULL || !utf8_is_valid(text.bytes, text.size);
}

static void add_layer(struct comparison *c, struct compared_dimension *d, enum compare_kind kind,
		      const struct compared_end *from, const struct compared_end *to)
{
	static const struct layer none = {.content = {"", 0}};
	const struct layer *a = from != NULL ? from->layer : &none, *b = to != NULL ? to->layer : &none;
	bool is_new_content = from == NULL || to == NULL || !digest_equal(from->digest, to->digest);
	unsigned fields = bit(FIELD_TITLE, !equal(a->title, b->title)) |
			  bit(FIELD_FREQUENCY, a->frequency != b->frequency) |
			  bit(FIELD_KEYWORDS, !have_same_keywords(a, b)) | bit(FIELD_CONTENT, is_new_content);
	struct compared_layer *layer;

	if (kind == COMPARE_CHANGED && fields == 0)
		return;
	if (kind == COMPARE_LEFT)
		fields = 0;
	d->layers = mem_reserve(d->layers, d->count, &d->capacity, sizeof(*d->layers));
	layer = &d->layers[d->count++];
	memset(layer, 0, sizeof(*layer));
	layer->kind = kind;
	layer->fields = fields;
	if (from != NULL)
		layer->from = *from;
	if (to != NULL)
		layer->to = *to;
	if (is_new_content) {
		layer->is_binary = is_binary(a->content) || is_binary(b->content);
		if (!layer->is_binary)
			textdiff_make(a->content, b->content, &layer->text);
	}
	c->layer_counts[kind]++;
	c->removed += layer->text.removed;
	c->added += layer->text.added;
}

/* Takes the loose ones in the order in which they were collected. */
static void compare_layers(struct comparison *c, struct compared_dimension *d, const struct loose **a,
			   const struct loose **b)
{
	struct walk w = {.a = d->from, .b = d->to};
	struct compared_end from, to;

	while (next_pair(&w, &from, &to)) {
		const struct loose *gone, *come;

		if (is_same_layer(&from, &to)) {
			add_layer(c, d, COMPARE_CHANGED, &from, &to);
			continue;
		}
		gone = from.layer != NULL ? (*a)++ : NULL;
		come = to.layer != NULL ? (*b)++ : NULL;
		if (gone != NULL && come != NULL && gone->partner == NULL && come->partner == NULL) {
			add_layer(c, d, COMPARE_CHANGED, &from, &to);
			continue;
		}
		if (gone != NULL && gone->partner == NULL)
			add_layer(c, d, COMPARE_REMOVED, &from, NULL);
		else if (gone != NULL && gone->partner->end.dimension != d->to)
			add_layer(c, d, COMPARE_LEFT, &from, &gone->partner->end);
		if (come != NULL && come->partner != NULL)
			add_layer(c, d, COMPARE_MOVED, &come->partner->end, &to);
		else if (come != NULL)
			add_layer(c, d, COMPARE_ADDED, NULL, &to);
	}
}

/* --- dimensions --- */

static unsigned compare_facts(const struct side_dimension *from, const struct side_dimension *to)
{
	static const struct dimension none = {0};
	const struct dimension *a = from != NULL ? from->dimension : &none, *b = to != NULL ? to->dimension : &none;
	bool both = from != NULL && to != NULL;

	return bit(FACT_ID, both && a->dimension_id != b->dimension_id) |
	       bit(FACT_NAME, both && !equal(a->name, b->name)) |
	       bit(FACT_DESCRIPTION, !equal(a->description, b->description)) |
	       bit(FACT_CREATED_AT,
		   a->has_created_at != b->has_created_at || (a->has_created_at && a->created_at != b->created_at)) |
	       bit(FACT_UPDATED_AT,
		   a->has_updated_at != b->has_updated_at || (a->has_updated_at && a->updated_at != b->updated_at)) |
	       bit(FACT_FREQUENCY_RANGE, a->has_frequency_range != b->has_frequency_range ||
						 (a->has_frequency_range && (a->frequency_low != b->frequency_low ||
									     a->frequency_high != b->frequency_high))) |
	       bit(FACT_LAYOUT, both && from->layout != to->layout) |
	       bit(FACT_ALIGNMENT, both && from->alignment != to->alignment);
}

static void add_dimension(struct comparison *c, const struct side_dimension *from, const struct side_dimension *to,
			  const struct loose **a, const struct loose **b)
{
	struct compared_dimension d = {.from = from, .to = to};

	d.kind = from == NULL ? COMPARE_ADDED : to == NULL ? COMPARE_REMOVED : COMPARE_CHANGED;
	if (d.kind == COMPARE_CHANGED && digest_equal(&from->digest, &to->digest))
		return;
	d.facts = compare_facts(from, to);
	if ((d.facts & 1u << FACT_DESCRIPTION) != 0)
		textdiff_make(from != NULL ? from->dimension->description : (struct text){"", 0},
			      to != NULL ? to->dimension->description : (struct text){"", 0}, &d.description);
	compare_layers(c, &d, a, b);
	if (d.kind == COMPARE_CHANGED && d.facts == 0 && d.count == 0)
		d.facts = 1u << FACT_CHECKSUM;
	c->dimension_counts[d.kind]++;
	if (d.count > 0 || d.kind != COMPARE_CHANGED || (d.facts & ~(1u << FACT_LAYOUT | 1u << FACT_ALIGNMENT)) != 0)
		c->is_only_layout = false;
	c->dimensions = mem_reserve(c->dimensions, c->count, &c->capacity, sizeof(*c->dimensions));
	c->dimensions[c->count++] = d;
}

/* Goes through the dimensions of both sides, by ascending id. */
struct pairs {
	const struct side *a, *b;
	size_t i, k;
};

static bool next_dimensions(struct pairs *p, const struct side_dimension **ret_a, const struct side_dimension **ret_b)
{
	bool has_a = p->i < p->a->count, has_b = p->k < p->b->count;
	bool are_single = p->a->is_single && p->b->is_single;
	uint32_t a = has_a ? p->a->dimensions[p->i].dimension->dimension_id : 0;
	uint32_t b = has_b ? p->b->dimensions[p->k].dimension->dimension_id : 0;

	*ret_a = has_a && (!has_b || a <= b || are_single) ? &p->a->dimensions[p->i++] : NULL;
	*ret_b = has_b && (!has_a || b <= a || are_single) ? &p->b->dimensions[p->k++] : NULL;
	return has_a || has_b;
}

void compare_sides(const struct side *a, const struct side *b, struct comparison *ret)
{
	struct pairs pairs = {.a = a, .b = b};
	struct loose_list gone = {0}, come = {0};
	const struct loose *next_gone, *next_come;
	const struct side_dimension *from, *to;

	memset(ret, 0, sizeof(*ret));
	ret->is_only_layout = true;
	while (next_dimensions(&pairs, &from, &to)) {
		struct walk w = {.a = from, .b = to};
		struct compared_end x, y;

		if (from != NULL && to != NULL && digest_equal(&from->digest, &to->digest))
			continue;
		while (next_pair(&w, &x, &y)) {
			if (!is_same_layer(&x, &y)) {
				add_loose(&gone, x);
				add_loose(&come, y);
			}
		}
	}
	find_partners(&gone, &come);
	next_gone = gone.items;
	next_come = come.items;
	pairs = (struct pairs){.a = a, .b = b};
	while (next_dimensions(&pairs, &from, &to))
		add_dimension(ret, from, to, &next_gone, &next_come);
	ret->is_only_layout = ret->is_only_layout && ret->count > 0;
	free(gone.items);
	free(come.items);
}

void comparison_free(struct comparison *comparison)
{
	size_t i, k;

	for (i = 0; i < comparison->count; i++) {
		struct compared_dimension *d = &comparison->dimensions[i];

		for (k = 0; k < d->count; k++)
			textdiff_free(&d->layers[k].text);
		textdiff_free(&d->description);
		free(d->layers);
	}
	free(comparison->dimensions);
	memset(comparison, 0, sizeof(*comparison));
}
