/*
 * lint_keywords.c: keywords that are likely meant to be one.
 * In: the keywords of all layers.
 * Out: warnings where two differ in case, in their Unicode form, or in one letter.
 *
 * Words one letter apart share a form with one letter left out (SymSpell, W. Garbe, 2012): all such forms of all words
 * are sorted, and only words with a form in common are compared. The work grows with the letters, not with pairs of
 * words.
 */
#include <stdlib.h>
#include <string.h>

#include "lint.h"
#include "unicode.h"
#include "utf8.h"

enum {
	SIMILAR_MIN_LETTERS = 5, /* shorter words are too often one letter apart: cat, car */
	MAX_COMPARED = 16,	 /* words that share one form, which are compared with each other */
};

/* One keyword of one layer. */
struct use {
	struct text word, composed, folded;
	struct place at;
	size_t order; /* of the sources */
};

/* Uses whose folded words are equal: `count` of them in a row, the first in the order of the sources in front. */
struct group {
	const struct use *uses;
	size_t count;
	uint32_t *letters; /* of the folded word */
	size_t letter_count;
	bool is_reported;
};

/* A word with one letter left out. */
struct form {
	uint64_t hash;
	size_t group;
};

static int compare_texts(struct text a, struct text b)
{
	int order = memcmp(a.bytes, b.bytes, a.size < b.size ? a.size : b.size);

	return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static int by_word(const void *a, const void *b)
{
	const struct use *x = a, *y = b;
	int order = compare_texts(x->folded, y->folded);

	return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

/* --- the same word, typed in two ways --- */

/* How many of the uses of a group are typed exactly as this one. */
static size_t count_same(const struct use *uses, size_t count, struct text word)
{
	size_t i, same = 0;

	for (i = 0; i < count; i++)
		same += compare_texts(uses[i].word, word) == 0;
	return same;
}

/* The way that most uses are typed in is taken for the right one; the first among equals. */
static void check_spelling(const struct use *uses, size_t count, struct diag *diag)
{
	const struct use *right = uses;
	size_t most = 0, same, i;

	for (i = 1; i < count && compare_texts(uses[i].word, uses[0].word) == 0; i++)
		;
	if (i >= count)
		return;
	for (i = 0; i < count; i++) {
		same = i > MAX_COMPARED ? 0 : count_same(uses, count, uses[i].word);
		if (same > most) {
			most = same;
			right = &uses[i];
		}
	}
	for (i = 0; i < count; i++) {
		struct diag_extra extra = {.related = &right->at, .related_text = "the other one is here"};

		if (compare_texts(uses[i].word, right->word) == 0)
			continue;
		if (compare_texts(uses[i].composed, right->composed) == 0) {
			extra.help = "type it anew as the other one, so that both are found as one";
			diag_report(diag, CHECK_NORMALIZATION, uses[i].at, &extra,
				    "the keyword \"%s\" looks like another one and has other bytes",
				    uses[i].word.bytes);
		} else {
			extra.help = "keywords are found by their exact letters: use one form";
			diag_report(diag, CHECK_KEYWORD_CASE, uses[i].at, &extra,
				    "the keyword \"%s\" differs from \"%s\" in case alone", uses[i].word.bytes,
				    right->word.bytes);
		}
	}
}

/* --- words one letter apart --- */

static void read_letters(struct group *group, struct arena *arena)
{
	struct text folded = group->uses->folded;
	size_t at, length;

	group->letters = arena_alloc(arena, folded.size * sizeof(*group->letters));
	for (at = 0; at < folded.size; at += length) {
		length = utf8_decode(folded.bytes + at, folded.size - at, &group->letters[group->letter_count]);
		if (length == 0)
			length = 1;
		group->letter_count++;
	}
}

/* FNV-1a over all letters but one; `without` = count leaves none out. */
static uint64_t hash_letters(const uint32_t *letters, size_t count, size_t without)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	size_t i;

	for (i = 0; i < count; i++)
		if (i != without)
			hash = (hash ^ letters[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* Whether one letter is put in, left out, another one, or swapped with its neighbour; digits count things and are
 * meant. */
static bool is_one_apart(const struct group *a, const struct group *b)
{
	const uint32_t *x = a->letters, *y = b->letters;
	size_t n = a->letter_count, m = b->letter_count, i = 0, k = 0;

	while (i < n && i < m && x[i] == y[i])
		i++;
	while (k < n - i && k < m - i && x[n - 1 - k] == y[m - 1 - k])
		k++;
	n -= i + k; /* what is between the equal ends */
	m -= i + k;
	if (n == 2 && m == 2)
		return x[i] == y[i + 1] && x[i + 1] == y[i];
	if (n > 1 || m > 1)
		return false;
	return !(n == 1 && unicode_is_digit(x[i])) && !(m == 1 && unicode_is_digit(y[i]));
}

/* The rarer one is likely the slip; of equals the later one. */
static void report_similar(struct group *a, struct group *b, struct diag *diag)
{
	bool is_a = a->count != b->count ? a->count < b->count : a->uses->order > b->uses->order;
	struct group *slip = is_a ? a : b;
	const struct group *other = is_a ? b : a;
	struct diag_extra extra = {.related = &other->uses->at,
				   .related_text = "the other one is here",
				   .help = "use one form for both; where two words are meant, -Wno-keyword-similar"};

	if (slip->is_reported)
		return;
	slip->is_reported = true;
	diag_report(diag, CHECK_KEYWORD_SIMILAR, slip->uses->at, &extra,
		    "the keyword \"%s\" is one letter away from \"%s\"", slip->uses->word.bytes,
		    other->uses->word.bytes);
}

static int by_hash(const void *a, const void *b)
{
	const struct form *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->group > y->group) - (x->group < y->group);
}

static void check_similar(struct group *groups, size_t count, struct diag *diag)
{
	size_t form_count = 0, i, k, first = 0;
	struct form *forms;

	for (i = 0; i < count; i++)
		form_count += groups[i].letter_count + 1;
	forms = mem_zalloc(form_count, sizeof(*forms));
	form_count = 0;
	for (i = 0; i < count; i++) {
		if (groups[i].letter_count < SIMILAR_MIN_LETTERS)
			continue;
		for (k = 0; k <= groups[i].letter_count; k++)
			forms[form_count++] =
				(struct form){hash_letters(groups[i].letters, groups[i].letter_count, k), i};
	}
	qsort(forms, form_count, sizeof(*forms), by_hash);
	for (i = 0; i < form_count; i++) {
		if (forms[i].hash != forms[first].hash)
			first = i;
		for (k = i - first > MAX_COMPARED ? i - MAX_COMPARED : first; k < i; k++)
			if (forms[k].group != forms[i].group &&
			    is_one_apart(&groups[forms[k].group], &groups[forms[i].group]))
				report_similar(&groups[forms[k].group], &groups[forms[i].group], diag);
	}
	free(forms);
}

/* --- all of it --- */

static size_t count_uses(const struct model *model)
{
	size_t i, k, count = 0;

	for (i = 0; i < model->count; i++)
		for (k = 0; k < model->dimensions[i].layer_count; k++)
			count += model->dimensions[i].layers[k].keyword_count;
	return count;
}

static void take_uses(const struct model *model, struct arena *arena, struct use *ret)
{
	size_t i, k, w, order = 0;

	for (i = 0; i < model->count; i++) {
		for (k = 0; k < model->dimensions[i].layer_count; k++) {
			const struct layer *layer = &model->dimensions[i].layers[k];

			for (w = 0; w < layer->keyword_count; w++, order++) {
				struct use *use = &ret[order];

				use->word = layer->keywords[w];
				use->composed = unicode_compose(use->word, arena);
				use->folded = unicode_fold(use->word, arena);
				use->at = layer->keyword_at[w];
				use->order = order;
			}
		}
	}
}

void lint_keywords(const struct model *model, struct diag *diag)
{
	size_t count = count_uses(model), group_count = 0, i, next;
	struct arena arena = {0};
	struct group *groups;
	struct use *uses;

	if (!diag_wants(diag, CHECK_KEYWORD_CASE) && !diag_wants(diag, CHECK_KEYWORD_SIMILAR) &&
	    !diag_wants(diag, CHECK_NORMALIZATION))
		return;
	uses = mem_zalloc(count, sizeof(*uses));
	groups = mem_zalloc(count, sizeof(*groups));
	take_uses(model, &arena, uses);
	qsort(uses, count, sizeof(*uses), by_word);
	for (i = 0; i < count; i = next) {
		struct group *group = &groups[group_count++];

		for (next = i + 1; next < count && compare_texts(uses[next].folded, uses[i].folded) == 0; next++)
			;
		group->uses = &uses[i];
		group->count = next - i;
		read_letters(group, &arena);
		check_spelling(group->uses, group->count, diag);
	}
	if (diag_wants(diag, CHECK_KEYWORD_SIMILAR))
		check_similar(groups, group_count, diag);
	free(uses);
	free(groups);
	arena_free(&arena);
}
