/*
 * lint_keywords.c: keywords that are likely meant to be one.
 * In: the keywords of all layers.
 * Out: warnings where two differ in case, in their Unicode form, or in one letter.
 *
 * Each word is looked at once, however often it is used; only what is suspicious is looked for in the layers again.
 */
#include <stdlib.h>
#include <string.h>

#include "lint.h"
#include "near_words.h"
#include "unicode.h"
#include "word_table.h"

enum {
	MAX_FORMS = 1 << 17, /* of words, that are held at once */
	END = 0,
};

/* Words that are equal when folded. */
struct group {
	uint32_t first; /* of the words, in the order of the sources */
	uint32_t right; /* the way that most uses are typed in; the first among equals */
	size_t uses;
	bool is_reported;
};

struct lint {
	struct word_table words; /* as they are typed */
	struct word_table folded;
	struct group *groups; /* one for each folded word */
	uint32_t *group_of;   /* of each word */
	struct arena arena;
	struct diag *diag;
	bool has_similar; /* some were reported */
};

static void make_groups(struct lint *l)
{
	size_t i;

	l->groups = mem_zalloc(l->words.count, sizeof(*l->groups));
	l->group_of = mem_zalloc(l->words.count, sizeof(*l->group_of));
	for (i = 0; i < l->words.count; i++) {
		const struct word *word = &l->words.words[i];
		size_t at = word_table_add(&l->folded, unicode_fold(word->text, &l->arena), word->at);
		struct group *group = &l->groups[at];

		if (group->uses == 0)
			group->first = group->right = (uint32_t)i;
		else if (word->uses > l->words.words[group->right].uses)
			group->right = (uint32_t)i;
		group->uses += word->uses;
		l->group_of[i] = (uint32_t)at;
	}
}

/* --- the same word, typed in two ways --- */

static void report_spelling(struct lint *l, struct text word, const struct place *at, const struct word *right)
{
	struct diag_extra extra = {.related = right->at, .related_text = "the other one is here"};
	struct text one = unicode_compose(word, &l->arena), other = unicode_compose(right->text, &l->arena);

	if (one.size == other.size && memcmp(one.bytes, other.bytes, one.size) == 0) {
		extra.help = "type it anew as the other one, so that both are found as one";
		diag_report(l->diag, CHECK_NORMALIZATION, *at, &extra,
			    "the keyword \"%s\" looks like another one and has other bytes", word.bytes);
	} else {
		extra.help = "keywords are found by their exact letters: use one form";
		diag_report(l->diag, CHECK_KEYWORD_CASE, *at, &extra,
			    "the keyword \"%s\" differs from \"%s\" in case alone", word.bytes, right->text.bytes);
	}
}

static void check_spelling_of(struct lint *l, const struct layer *layer)
{
	size_t i, word;

	for (i = 0; i < layer->keyword_count; i++) {
		word = word_table_find(&l->words, layer->keywords[i]);
		if (l->groups[l->group_of[word]].right != word)
			report_spelling(l, layer->keywords[i], &layer->keyword_at[i],
					&l->words.words[l->groups[l->group_of[word]].right]);
	}
}

static void check_spelling(struct lint *l, const struct model *model)
{
	size_t i, k;

	if (l->folded.count == l->words.count)
		return;
	for (i = 0; i < model->count; i++)
		for (k = 0; k < model->dimensions[i].layer_count; k++)
			check_spelling_of(l, &model->dimensions[i].layers[k]);
}

/* --- words one letter apart --- */

/* A form of a word, in a chain of those that may be equal. */
struct form {
	uint64_t hash;
	uint32_t group, next; /* 1 and the index of a form, or END */
};

struct form_table {
	struct form *forms;
	size_t count, capacity, mask;
	uint32_t *heads;
};

/* The rarer one is likely the slip; of equals the later one. */
static void report_similar(struct lint *l, size_t one, size_t another)
{
	const struct group *a = &l->groups[one], *b = &l->groups[another];
	bool is_a = a->uses != b->uses ? a->uses < b->uses : a->first > b->first;
	struct group *slip = &l->groups[is_a ? one : another];
	const struct word *word = &l->words.words[slip->first];
	const struct word *other = &l->words.words[(is_a ? b : a)->first];
	struct diag_extra extra = {.related = other->at,
				   .related_text = "the other one is here",
				   .help = "use one form for both; where two words are meant, -Wno-keyword-similar"};

	if (slip->is_reported)
		return;
	slip->is_reported = l->has_similar = true;
	diag_report(l->diag, CHECK_KEYWORD_SIMILAR, *word->at, &extra,
		    "the keyword \"%s\" is one letter away from \"%s\"", word->text.bytes, other->text.bytes);
}

/* Compares a word with the first that have a form, and puts it behind them. */
static void find_near(struct lint *l, struct form_table *table, uint32_t group, uint64_t hash)
{
	uint32_t *link = &table->heads[hash & table->mask];
	size_t found = 0;

	table->forms = mem_reserve(table->forms, table->count, &table->capacity, sizeof(*table->forms));
	for (; *link != END; link = &table->forms[*link - 1].next) {
		const struct form *other = &table->forms[*link - 1];

		if (other->hash != hash || other->group == group)
			continue;
		if (near_words_are_apart(l->folded.words[other->group].text, l->folded.words[group].text))
			report_similar(l, other->group, group);
		if (++found == LINT_MAX_COMPARED)
			return;
	}
	table->forms[table->count] = (struct form){hash, group, END};
	*link = (uint32_t)++table->count;
}

struct long_word {
	uint64_t hash;
	uint32_t group;
};

static int by_hash(const void *a, const void *b)
{
	const struct long_word *x = a, *y = b;

	return (x->hash > y->hash) - (x->hash < y->hash);
}

/* In an order that depends on the words alone: so does then which of them are compared, where many have one form. */
static struct long_word *sort_long_words(const struct lint *l, size_t *ret_count)
{
	struct long_word *sorted = mem_zalloc(l->folded.count, sizeof(*sorted));
	size_t i, count = 0;

	for (i = 0; i < l->folded.count; i++)
		if (near_words_is_long(l->folded.words[i].text))
			sorted[count++] = (struct long_word){l->folded.words[i].hash, (uint32_t)i};
	qsort(sorted, count, sizeof(*sorted), by_hash);
	*ret_count = count;
	return sorted;
}

/* Where there are more forms than are held at once: those of one part of the hashes after another. */
static void check_similar(struct lint *l)
{
	size_t count, room = 0, longest = 0, slots = 16, parts, part, i, k, form_count;
	struct long_word *words = sort_long_words(l, &count);
	struct form_table table = {0};
	uint64_t *forms;

	for (i = 0; i < count; i++) {
		size_t size = l->folded.words[words[i].group].text.size + 1;

		room += size;
		longest = size > longest ? size : longest;
	}
	parts = 1 + room / MAX_FORMS;
	while (slots < room / parts)
		slots *= 2;
	table.mask = slots - 1;
	table.heads = mem_alloc(slots * sizeof(*table.heads));
	forms = mem_alloc(longest * sizeof(*forms));
	for (part = 0; part < parts; part++) {
		memset(table.heads, 0, slots * sizeof(*table.heads));
		table.count = 0;
		for (i = 0; i < count; i++) {
			form_count = near_words_forms(l->folded.words[words[i].group].text, forms);
			for (k = 0; k < form_count; k++)
				if ((forms[k] >> 32) % parts == part)
					find_near(l, &table, words[i].group, forms[k]);
		}
	}
	free(forms);
	free(table.heads);
	free(table.forms);
	free(words);
}

/* A slip is told once, and every file that has it is wrong: the same is to be told where it stays when that is mended.
 */
static void mark_uses(struct lint *l, const struct layer *layer)
{
	size_t i;

	for (i = 0; i < layer->keyword_count; i++)
		if (l->groups[l->group_of[word_table_find(&l->words, layer->keywords[i])]].is_reported)
			diag_mark_wrong(l->diag, layer->keyword_at[i].file);
}

static void mark_all_uses(struct lint *l, const struct model *model)
{
	size_t i, k;

	for (i = 0; i < model->count && l->has_similar; i++)
		for (k = 0; k < model->dimensions[i].layer_count; k++)
			mark_uses(l, &model->dimensions[i].layers[k]);
}

void lint_keywords(const struct model *model, struct diag *diag)
{
	struct lint l = {.diag = diag};
	size_t i;

	if (!diag_wants(diag, CHECK_KEYWORD_CASE) && !diag_wants(diag, CHECK_KEYWORD_SIMILAR) &&
	    !diag_wants(diag, CHECK_NORMALIZATION))
		return;
	for (i = 0; i < model->count; i++)
		word_table_add_keywords(&l.words, &model->dimensions[i]);
	make_groups(&l);
	check_spelling(&l, model);
	if (diag_wants(diag, CHECK_KEYWORD_SIMILAR))
		check_similar(&l);
	mark_all_uses(&l, model);
	word_table_free(&l.words);
	word_table_free(&l.folded);
	free(l.groups);
	free(l.group_of);
	arena_free(&l.arena);
}
