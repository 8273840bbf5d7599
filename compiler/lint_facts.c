/*
 * lint_facts.c: what is kept of a dimension to know later whether it must be looked at beside the others again.
 * In: a checked dimension, with the sketches of its texts.
 * Out: hashes of its keywords and texts; whether a warning about two dimensions may come of what is new in one of them.
 *
 * What may follow from what, in lint_keywords and lint_texts: a pair that is warned of has a form or a mark in common,
 * and there was no warning before, so one of the two is new. Where more have it in common than are compared, one that
 * is gone makes room for others; which are compared depends on what there is, and not on its order.
 *
 * Facts are made by every full compile, and compared where little is new: so nothing is sorted but that little, and the
 * facts of all others are only walked through.
 */
#include "lint_facts.h"

#include <stdlib.h>
#include <string.h>

#include "lint.h"
#include "near_words.h"
#include "sketch.h"
#include "unicode.h"
#include "word_table.h"

/* --- made --- */

bool lint_facts_wanted(const struct diag *diag)
{
	return diag_wants(diag, CHECK_KEYWORD_CASE) || diag_wants(diag, CHECK_KEYWORD_SIMILAR) ||
	       diag_wants(diag, CHECK_NORMALIZATION) || diag_wants(diag, CHECK_LAYER_DUPLICATE) ||
	       diag_wants(diag, CHECK_LAYER_SIMILAR);
}

static void take_words(const struct dimension *dimension, struct lint_groups *ret)
{
	struct word_table table = {0};
	struct arena arena = {0};
	size_t room = 0, capacity = 0, i, count;

	word_table_add_keywords(&table, dimension);
	for (i = 0; i < table.count; i++) {
		struct text folded = unicode_fold(table.words[i].text, &arena);

		room = ret->count + 2 + folded.size + 1;
		if (room > capacity)
			ret->values = mem_grow(ret->values, capacity = room * 2, sizeof(*ret->values));
		count = near_words_forms(folded, ret->values + ret->count + 2);
		ret->values[ret->count] = table.words[i].hash;
		ret->values[ret->count + 1] = count;
		ret->count += 2 + count;
	}
	arena_free(&arena);
	word_table_free(&table);
}

static void take_texts(const struct dimension *dimension, struct lint_groups *ret)
{
	size_t i, k;

	ret->values = mem_alloc(dimension->layer_count * (2 + SKETCH_MARKS) * sizeof(*ret->values));
	for (i = 0; i < dimension->layer_count; i++) {
		const struct sketch *s = dimension->layers[i].sketch;
		uint64_t *group = ret->values + ret->count;

		if (s == NULL || s->word_count < SKETCH_MIN_WORDS)
			continue;
		group[0] = s->words;
		group[1] = 0;
		for (k = 0; k < SKETCH_MARKS; k++)
			if (s->marks[k] != 0)
				group[2 + group[1]++] = (uint64_t)k << 32 | s->marks[k];
		ret->count += 2 + (size_t)group[1];
	}
}

void lint_facts_of(const struct dimension *dimension, struct lint_facts *ret)
{
	*ret = (struct lint_facts){{NULL, 0}, {NULL, 0}};
	take_words(dimension, &ret->words);
	take_texts(dimension, &ret->texts);
}

void lint_facts_free(struct lint_facts *facts)
{
	free(facts->words.values);
	free(facts->texts.values);
	*facts = (struct lint_facts){{NULL, 0}, {NULL, 0}};
}

/* --- kept --- */

static void pack(const struct lint_groups *groups, struct buf *ret)
{
	uint64_t count = groups->count;

	buf_add(ret, &count, sizeof(count));
	buf_add(ret, groups->values, groups->count * sizeof(*groups->values));
}

void lint_facts_pack(const struct lint_facts *facts, struct buf *ret)
{
	pack(&facts->words, ret);
	pack(&facts->texts, ret);
}

/* Takes groups from `words`, which go on behind them. false where they do not end where they should. */
static bool unpack(const uint64_t **words, size_t *count, struct lint_groups *ret)
{
	size_t at;

	if (*count == 0 || **words > *count - 1)
		return false;
	*ret = (struct lint_groups){(uint64_t *)(uintptr_t)(*words + 1), (size_t) * *words};
	*words += 1 + ret->count;
	*count -= 1 + ret->count;
	for (at = 0; at < ret->count; at += 2 + (size_t)ret->values[at + 1])
		if (ret->count - at < 2 || ret->values[at + 1] > ret->count - at - 2)
			return false;
	return true;
}

bool lint_facts_unpack(const uint64_t *words, size_t count, struct lint_facts *ret)
{
	return unpack(&words, &count, &ret->words) && unpack(&words, &count, &ret->texts) && count == 0;
}

/* --- sets of numbers --- */

/* Sorted, each once, with how often it was met; most others are kept out by one look at `filter`. */
struct set {
	uint64_t *values;
	size_t *met;
	size_t count;
	uint64_t filter[64];
};

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void add(struct set *set, uint64_t value)
{
	set->values[set->count++] = value;
	set->filter[value >> 6 & 63] |= UINT64_C(1) << (value & 63);
}

/* Room for `count` values, which are added, and then the set is closed. */
static void begin(struct set *set, size_t count)
{
	*set = (struct set){.values = mem_alloc(count * sizeof(*set->values))};
}

static void end(struct set *set)
{
	size_t i, count = 0;

	if (set->count > 0)
		qsort(set->values, set->count, sizeof(*set->values), by_value);
	for (i = 0; i < set->count; i++)
		if (count == 0 || set->values[count - 1] != set->values[i])
			set->values[count++] = set->values[i];
	set->count = count;
	set->met = mem_zalloc(count, sizeof(*set->met));
}

static void drop(struct set *set)
{
	free(set->values);
	free(set->met);
}

/* Where the value is, NULL where it is not in the set. */
static size_t *find(const struct set *set, uint64_t value)
{
	const uint64_t *found;

	if ((set->filter[value >> 6 & 63] >> (value & 63) & 1) == 0 || set->count == 0)
		return NULL;
	found = bsearch(&value, set->values, set->count, sizeof(value), by_value);
	return found == NULL ? NULL : set->met + (found - set->values);
}

#define EACH_GROUP(groups, at) for ((at) = 0; (at) < (groups)->count; (at) += 2 + (size_t)(groups)->values[(at) + 1])

/* Counts how often values of the set are keys of groups; are their values. */
static void meet_keys(struct set *set, const struct lint_groups *groups)
{
	size_t at, *met;

	EACH_GROUP(groups, at)
	if ((met = find(set, groups->values[at])) != NULL)
		++*met;
}

static void meet_values(struct set *set, const struct lint_groups *groups)
{
	size_t at, i, *met;

	EACH_GROUP(groups, at)
	for (i = at + 2; i < at + 2 + (size_t)groups->values[at + 1]; i++)
		if ((met = find(set, groups->values[i])) != NULL)
			++*met;
}

/* --- compared --- */

/* Words, or texts, of the dimension as it is and was, and of all others. */
struct comparison {
	const struct lint_groups *now, *before;
	const struct lint_facts *const *others;
	size_t other_count;
	bool is_words;
};

static const struct lint_groups *other(const struct comparison *c, size_t i)
{
	return c->is_words ? &c->others[i]->words : &c->others[i]->texts;
}

/* The keys of groups that others do not have, or not as often. */
static void lacking(const struct lint_groups *groups, const struct lint_groups *others, struct set *ret)
{
	struct set there;
	size_t at, *met;

	begin(&there, others->count);
	EACH_GROUP(others, at)
	add(&there, others->values[at]);
	end(&there);
	meet_keys(&there, others);
	begin(ret, groups->count);
	EACH_GROUP(groups, at)
	{
		met = find(&there, groups->values[at]);
		if (met == NULL || *met == 0)
			add(ret, groups->values[at]);
		else
			--*met;
	}
	end(ret);
	drop(&there);
}

/* The values that belong to keys of a set that were not met. */
static void values_of(const struct lint_groups *groups, const struct set *keys, struct set *ret)
{
	size_t at, i;
	const size_t *met;

	begin(ret, groups->count);
	EACH_GROUP(groups, at)
	if ((met = find(keys, groups->values[at])) != NULL && *met == 0)
		for (i = at + 2; i < at + 2 + (size_t)groups->values[at + 1]; i++)
			add(ret, groups->values[i]);
	end(ret);
}

static bool is_any_met(const struct set *set)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		if (set->met[i] > 0)
			return true;
	return false;
}

/*
 * Whether what is new meets another dimension. A text that is there already is a doubt; a word that is, brings no form
 * that was not there before.
 */
static bool new_meets(const struct comparison *c)
{
	struct set keys, values;
	bool ret;
	size_t i;

	lacking(c->now, c->before, &keys);
	for (i = 0; i < c->other_count && keys.count > 0; i++)
		meet_keys(&keys, other(c, i));
	ret = !c->is_words && is_any_met(&keys);
	values_of(c->now, &keys, &values);
	for (i = 0; i < c->other_count && values.count > 0 && !ret; i++)
		meet_values(&values, other(c, i));
	ret = ret || is_any_met(&values);
	drop(&keys);
	drop(&values);
	return ret;
}

/*
 * Whether something is gone that stood in the way of comparing others. What is new does not stand in its place: another
 * dimension may have it already.
 */
static bool gone_makes_room(const struct comparison *c)
{
	struct set keys, here, there;
	bool ret = false;
	size_t i;

	lacking(c->before, c->now, &keys);
	values_of(c->before, &keys, &here);
	values_of(c->before, &keys, &there);
	if (here.count > 0)
		meet_values(&here, c->before);
	for (i = 0; i < c->other_count && there.count > 0; i++)
		meet_values(&there, other(c, i));
	for (i = 0; i < here.count && !ret; i++)
		ret = there.met[i] > 0 && there.met[i] + here.met[i] > LINT_MAX_COMPARED;
	drop(&keys);
	drop(&here);
	drop(&there);
	return ret;
}

bool lint_may_concern(const struct lint_facts *now, const struct lint_facts *before,
		      const struct lint_facts *const *others, size_t other_count)
{
	static const struct lint_facts nothing;
	const struct lint_facts *was = before != NULL ? before : &nothing;
	struct comparison words = {&now->words, &was->words, others, other_count, true};
	struct comparison texts = {&now->texts, &was->texts, others, other_count, false};

	if (other_count == 0)
		return false;
	return new_meets(&words) || new_meets(&texts) || gone_makes_room(&words) || gone_makes_room(&texts);
}
