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

/* Of a group: its key in two numbers, and how many values follow. */
enum { GROUP_HEAD = 3 };

static void put_group(struct lint_facts *facts, size_t *capacity, uint64_t key, const uint64_t *values, size_t count)
{
	size_t want = facts->count + GROUP_HEAD + count, i;
	uint32_t *group;

	if (want > *capacity)
		facts->numbers = mem_grow(facts->numbers, *capacity = want * 2, sizeof(*facts->numbers));
	group = facts->numbers + facts->count;
	group[0] = (uint32_t)key;
	group[1] = (uint32_t)(key >> 32);
	group[2] = (uint32_t)count;
	for (i = 0; i < count; i++) /* half of a hash is enough for a doubt */
		group[GROUP_HEAD + i] = (uint32_t)(values[i] ^ values[i] >> 32);
	facts->count = want;
}

static void take_words(const struct dimension *dimension, struct lint_facts *ret, size_t *capacity)
{
	struct word_table table = {0};
	struct arena arena = {0};
	uint64_t *forms = NULL;
	size_t room = 0, i;

	word_table_add_keywords(&table, dimension);
	for (i = 0; i < table.count; i++) {
		struct text folded = unicode_fold(table.words[i].text, &arena);

		if (folded.size >= room)
			forms = mem_grow(forms, room = folded.size + 1, sizeof(*forms));
		put_group(ret, capacity, table.words[i].hash, forms, near_words_forms(folded, forms));
	}
	free(forms);
	arena_free(&arena);
	word_table_free(&table);
}

static void take_texts(const struct dimension *dimension, struct lint_facts *ret, size_t *capacity)
{
	uint64_t marks[SKETCH_MARKS];
	size_t i, k, count;

	for (i = 0; i < dimension->layer_count; i++) {
		const struct sketch *s = dimension->layers[i].sketch;

		if (s == NULL || s->word_count < SKETCH_MIN_WORDS)
			continue;
		for (count = 0, k = 0; k < SKETCH_MARKS; k++)
			if (s->marks[k] != 0)
				marks[count++] = s->marks[k] * (2 * (uint64_t)k + 1);
		put_group(ret, capacity, s->words, marks, count);
	}
}

void lint_facts_of(const struct dimension *dimension, struct lint_facts *ret)
{
	size_t capacity = 0;

	*ret = (struct lint_facts){NULL, 0, 0};
	take_words(dimension, ret, &capacity);
	ret->word_count = ret->count;
	take_texts(dimension, ret, &capacity);
	ret->numbers = mem_grow(ret->numbers, ret->count, sizeof(*ret->numbers));
}

void lint_facts_free(struct lint_facts *facts)
{
	free(facts->numbers);
	*facts = (struct lint_facts){NULL, 0, 0};
}

/* --- walked through --- */

/* The groups about words, or those about texts. */
struct groups {
	const uint32_t *numbers;
	size_t count;
};

static struct groups groups_of(const struct lint_facts *facts, bool is_words)
{
	/* Without any numbers there are none of either kind. */
	if (facts->numbers == NULL)
		return (struct groups){NULL, 0};
	if (is_words)
		return (struct groups){facts->numbers, facts->word_count};
	return (struct groups){facts->numbers + facts->word_count, facts->count - facts->word_count};
}

static uint64_t key_at(const struct groups *groups, size_t at)
{
	return groups->numbers[at] | (uint64_t)groups->numbers[at + 1] << 32;
}

/* The end of a group, where the next one begins. */
static size_t end_of(const struct groups *groups, size_t at)
{
	return at + GROUP_HEAD + groups->numbers[at + 2];
}

static bool are_whole(struct groups groups)
{
	size_t at;

	for (at = 0; at < groups.count; at = end_of(&groups, at))
		if (groups.count - at < GROUP_HEAD || end_of(&groups, at) > groups.count)
			return false;
	return true;
}

bool lint_facts_are_whole(const struct lint_facts *facts)
{
	return facts->word_count <= facts->count && are_whole(groups_of(facts, true)) &&
	       are_whole(groups_of(facts, false));
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

/* Room for `count` values; they are added, and then it is closed. */
static void begin(struct set *set, size_t count)
{
	*set = (struct set){.values = mem_alloc(count * sizeof(*set->values))};
}

static void add(struct set *set, uint64_t value)
{
	set->values[set->count++] = value;
	set->filter[value >> 6 & 63] |= UINT64_C(1) << (value & 63);
}

static void close_set(struct set *set)
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

/* How often a value was met, to be counted on; NULL where it is not in the set. */
static size_t *find(const struct set *set, uint64_t value)
{
	const uint64_t *found;

	if ((set->filter[value >> 6 & 63] >> (value & 63) & 1) == 0)
		return NULL;
	found = bsearch(&value, set->values, set->count, sizeof(value), by_value);
	return found == NULL ? NULL : set->met + (found - set->values);
}

/* Counts how often values of the set are keys of groups. */
static void meet_keys(struct set *set, struct groups groups)
{
	size_t at, *met;

	for (at = 0; at < groups.count && set->count > 0; at = end_of(&groups, at))
		if ((met = find(set, key_at(&groups, at))) != NULL)
			++*met;
}

/* Counts how often they are values of groups. */
static void meet_values(struct set *set, struct groups groups)
{
	size_t at, i, *met;

	for (at = 0; at < groups.count && set->count > 0; at = end_of(&groups, at))
		for (i = at + GROUP_HEAD; i < end_of(&groups, at); i++)
			if ((met = find(set, groups.numbers[i])) != NULL)
				++*met;
}

static bool is_any_met(const struct set *set)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		if (set->met[i] > 0)
			return true;
	return false;
}

/* The keys of groups that others do not have, or not as often. */
static void lacking(struct groups groups, struct groups others, struct set *ret)
{
	struct set there;
	size_t at, *met;

	begin(&there, others.count);
	for (at = 0; at < others.count; at = end_of(&others, at))
		add(&there, key_at(&others, at));
	close_set(&there);
	meet_keys(&there, others);
	begin(ret, groups.count);
	for (at = 0; at < groups.count; at = end_of(&groups, at)) {
		met = there.count > 0 ? find(&there, key_at(&groups, at)) : NULL;
		if (met == NULL || *met == 0)
			add(ret, key_at(&groups, at));
		else
			--*met;
	}
	close_set(ret);
	drop(&there);
}

/* The values that belong to keys of a set that were not met. */
static void values_of(struct groups groups, const struct set *keys, struct set *ret)
{
	const size_t *met;
	size_t at, i;

	begin(ret, groups.count);
	for (at = 0; at < groups.count && keys->count > 0; at = end_of(&groups, at))
		if ((met = find(keys, key_at(&groups, at))) != NULL && *met == 0)
			for (i = at + GROUP_HEAD; i < end_of(&groups, at); i++)
				add(ret, groups.numbers[i]);
	close_set(ret);
}

/* --- compared --- */

/* Words, or texts, of the dimension as it is and was, and all others. */
struct comparison {
	bool is_words;
	struct groups now, before;
	const struct lint_facts *const *others;
	size_t other_count;
};

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
	for (i = 0; i < c->other_count; i++)
		meet_keys(&keys, groups_of(c->others[i], c->is_words));
	ret = !c->is_words && is_any_met(&keys);
	values_of(c->now, &keys, &values);
	for (i = 0; i < c->other_count && !ret; i++)
		meet_values(&values, groups_of(c->others[i], c->is_words));
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
	meet_values(&here, c->before);
	for (i = 0; i < c->other_count; i++)
		meet_values(&there, groups_of(c->others[i], c->is_words));
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
	int is_words;

	for (is_words = 0; is_words <= 1 && other_count > 0; is_words++) {
		struct comparison c = {is_words, groups_of(now, is_words),
				       groups_of(before != NULL ? before : &nothing, is_words), others, other_count};

		if (new_meets(&c) || gone_makes_room(&c))
			return true;
	}
	return false;
}
