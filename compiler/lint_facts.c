/*
 * lint_facts.c: what is kept of a dimension to know later whether it must be looked at beside the others again.
 * In: a checked dimension, with the sketches of its texts.
 * Out: hashes of its keywords and texts; whether a warning about two dimensions may come of what is new in one of them.
 *
 * What may follow from what, in lint_keywords and lint_texts: a pair that is warned of has a form or a mark in common,
 * and there was no warning before, so one of the two is new. Where more have it in common than are compared, one that
 * is gone makes room for others; which are compared depends on what there is, and not on its order.
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

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void sort(struct lint_list *list)
{
	if (list->count > 0)
		qsort(list->values, list->count, sizeof(*list->values), by_value);
}

static struct lint_list make_list(size_t count)
{
	return (struct lint_list){mem_alloc(count * sizeof(uint64_t)), 0};
}

static void add(struct lint_list *list, uint64_t value)
{
	list->values[list->count++] = value;
}

/* Puts a key, the number of what belongs to it, and that. */
static void add_group(struct lint_list *list, uint64_t key, const uint64_t *values, size_t count)
{
	size_t i;

	add(list, key);
	add(list, count);
	for (i = 0; i < count; i++)
		add(list, values[i]);
}

static void take_words(const struct dimension *dimension, struct lint_facts *ret)
{
	struct word_table table = {0};
	struct arena arena = {0};
	struct text *folded;
	uint64_t *forms;
	size_t room = 0, longest = 0, count, i, k;

	word_table_add_keywords(&table, dimension);
	folded = mem_zalloc(table.count, sizeof(*folded));
	for (i = 0; i < table.count; i++) {
		folded[i] = unicode_fold(table.words[i].text, &arena);
		room += folded[i].size + 1;
		longest = folded[i].size > longest ? folded[i].size : longest;
	}
	forms = mem_alloc((longest + 1) * sizeof(*forms));
	ret->kept[LINT_WORDS] = make_list(table.count);
	ret->kept[LINT_FORMS] = make_list(room);
	ret->by_word = make_list(room + 2 * table.count);
	for (i = 0; i < table.count; i++) {
		count = near_words_forms(folded[i], forms);
		add(&ret->kept[LINT_WORDS], table.words[i].hash);
		add_group(&ret->by_word, table.words[i].hash, forms, count);
		for (k = 0; k < count; k++)
			add(&ret->kept[LINT_FORMS], forms[k]);
	}
	sort(&ret->kept[LINT_WORDS]);
	sort(&ret->kept[LINT_FORMS]);
	free(forms);
	free(folded);
	arena_free(&arena);
	word_table_free(&table);
}

static void take_texts(const struct dimension *dimension, struct lint_facts *ret)
{
	uint64_t marks[SKETCH_MARKS];
	size_t i, k, count;

	ret->kept[LINT_TEXTS] = make_list(dimension->layer_count);
	ret->kept[LINT_MARKS] = make_list(dimension->layer_count * SKETCH_MARKS);
	ret->by_text = make_list(dimension->layer_count * (2 + SKETCH_MARKS));
	for (i = 0; i < dimension->layer_count; i++) {
		const struct sketch *s = dimension->layers[i].sketch;

		if (s == NULL || s->word_count < SKETCH_MIN_WORDS)
			continue;
		for (count = 0, k = 0; k < SKETCH_MARKS; k++)
			if (s->marks[k] != 0)
				marks[count++] = (uint64_t)k << 32 | s->marks[k];
		add(&ret->kept[LINT_TEXTS], s->words);
		add_group(&ret->by_text, s->words, marks, count);
		for (k = 0; k < count; k++)
			add(&ret->kept[LINT_MARKS], marks[k]);
	}
	sort(&ret->kept[LINT_TEXTS]);
	sort(&ret->kept[LINT_MARKS]);
}

bool lint_facts_wanted(const struct diag *diag)
{
	return diag_wants(diag, CHECK_KEYWORD_CASE) || diag_wants(diag, CHECK_KEYWORD_SIMILAR) ||
	       diag_wants(diag, CHECK_NORMALIZATION) || diag_wants(diag, CHECK_LAYER_DUPLICATE) ||
	       diag_wants(diag, CHECK_LAYER_SIMILAR);
}

void lint_facts_of(const struct dimension *dimension, struct lint_facts *ret)
{
	take_words(dimension, ret);
	take_texts(dimension, ret);
}

void lint_facts_free(struct lint_facts *facts)
{
	size_t i;

	for (i = 0; i < LINT_KINDS; i++)
		free(facts->kept[i].values);
	free(facts->by_word.values);
	free(facts->by_text.values);
	memset(facts, 0, sizeof(*facts));
}

/* --- kept --- */

void lint_facts_pack(const struct lint_facts *facts, struct buf *ret)
{
	uint64_t count;
	size_t i;

	for (i = 0; i < LINT_KINDS; i++) {
		count = facts->kept[i].count;
		buf_add(ret, &count, sizeof(count));
		buf_add(ret, facts->kept[i].values, facts->kept[i].count * sizeof(uint64_t));
	}
}

bool lint_facts_unpack(const uint64_t *words, size_t count, struct lint_facts *ret)
{
	size_t at = 0, i;

	*ret = (struct lint_facts){0};
	for (i = 0; i < LINT_KINDS; i++) {
		if (at == count || words[at] > count - at - 1)
			return false;
		ret->kept[i] = (struct lint_list){(uint64_t *)(uintptr_t)&words[at + 1], (size_t)words[at]};
		at += 1 + (size_t)words[at];
	}
	return at == count;
}

/* --- compared --- */

/* How many values of a list are below `value`. */
static size_t count_below(const struct lint_list *list, uint64_t value)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list->values[middle] < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* How often a value is there, as far as anybody wants to know. */
static size_t count_of(const struct lint_list *list, uint64_t value)
{
	size_t first = count_below(list, value), end = first;

	while (end < list->count && list->values[end] == value && end - first <= LINT_MAX_COMPARED)
		end++;
	return end - first;
}

/* What is compared: what is new, what was before (NULL: nothing is known), and all others. */
struct comparison {
	const struct lint_facts *now, *before;
	const struct lint_facts *const *others;
	size_t other_count;
};

static bool was_before(const struct comparison *c, enum lint_kind kind, uint64_t value)
{
	return c->before != NULL && count_of(&c->before->kept[kind], value) > 0;
}

static size_t count_of_others(const struct comparison *c, enum lint_kind kind, uint64_t value)
{
	size_t i, count = 0;

	for (i = 0; i < c->other_count; i++)
		count += count_of(&c->others[i]->kept[kind], value);
	return count;
}

/* Whether something meets one of the others that belongs to a new key. */
static bool meets(const struct comparison *c, const uint64_t *values, size_t count, enum lint_kind kind)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (count_of_others(c, kind, values[i]) > 0)
			return true;
	return false;
}

/* A word that another dimension has as well brings no form that was not there before. */
static bool new_words_meet(const struct comparison *c)
{
	const struct lint_list *groups = &c->now->by_word;
	size_t at;

	for (at = 0; at < groups->count; at += 2 + groups->values[at + 1]) {
		uint64_t word = groups->values[at];

		if (!was_before(c, LINT_WORDS, word) && count_of_others(c, LINT_WORDS, word) == 0 &&
		    meets(c, &groups->values[at + 2], groups->values[at + 1], LINT_FORMS))
			return true;
	}
	return false;
}

static bool new_texts_meet(const struct comparison *c)
{
	const struct lint_list *groups = &c->now->by_text;
	size_t at;

	for (at = 0; at < groups->count; at += 2 + groups->values[at + 1]) {
		uint64_t text = groups->values[at];

		if (!was_before(c, LINT_TEXTS, text) &&
		    (count_of_others(c, LINT_TEXTS, text) > 0 ||
		     meets(c, &groups->values[at + 2], groups->values[at + 1], LINT_MARKS)))
			return true;
	}
	return false;
}

/* The values that belong to keys that were there before. */
static struct lint_list staying(const struct comparison *c, const struct lint_list *groups, enum lint_kind keys)
{
	struct lint_list ret = make_list(groups->count);
	size_t at, next, i;

	for (at = 0; at < groups->count; at = next) {
		next = at + 2 + groups->values[at + 1];
		for (i = at + 2; i < next && was_before(c, keys, groups->values[at]); i++)
			add(&ret, groups->values[i]);
	}
	sort(&ret);
	return ret;
}

/*
 * Whether something is gone that stood in the way of comparing others. What is new does not stand in its place: another
 * dimension may have it already.
 */
static bool makes_room(const struct comparison *c, const struct lint_list *groups, enum lint_kind keys,
		       enum lint_kind kind)
{
	const struct lint_list *before = &c->before->kept[kind];
	struct lint_list stays = staying(c, groups, keys);
	size_t first, end, there;
	bool ret = false;

	for (first = 0; first < before->count && !ret; first = end) {
		uint64_t value = before->values[first];

		for (end = first + 1; end < before->count && before->values[end] == value;)
			end++;
		if (count_of(&stays, value) >= end - first)
			continue;
		there = count_of_others(c, kind, value);
		ret = there > 0 && there + (end - first) > LINT_MAX_COMPARED;
	}
	free(stays.values);
	return ret;
}

bool lint_may_concern(const struct lint_facts *now, const struct lint_facts *before,
		      const struct lint_facts *const *others, size_t other_count)
{
	struct comparison c = {now, before, others, other_count};

	return new_words_meet(&c) || new_texts_meet(&c) ||
	       (before != NULL && (makes_room(&c, &now->by_word, LINT_WORDS, LINT_FORMS) ||
				   makes_room(&c, &now->by_text, LINT_TEXTS, LINT_MARKS)));
}
