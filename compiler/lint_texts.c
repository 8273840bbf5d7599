/*
 * lint_texts.c: texts that are likely a slip: short, the same in two layers or nearly so, in two Unicode forms.
 * In: the sketches of all layers.
 * Out: warnings, each with the other place.
 *
 * Only texts that have a mark in common are compared; what is nearly the same has one, nearly always.
 */
#include <stdlib.h>

#include "lint.h"
#include "sketch.h"

enum {
	WAYS = 1 + SKETCH_MARKS, /* to find a text: by all its words, and by each mark */
	END = 0,
};

struct entry {
	const struct sketch *sketch;
	const struct place *at; /* of the content */
	uint32_t order;		/* of the sources */
	bool is_reported;
};

/* Chains of texts that can be found in one way. */
struct table {
	struct entry *entries;
	uint32_t *next;	 /* `WAYS` of each entry: 1 and the index of the next one, or END */
	uint32_t *heads; /* a power of two of them */
	uint32_t mask;
};

/* --- one text --- */

static void check_one(const struct entry *entry, bool has_words, struct diag *diag)
{
	struct diag_extra extra = {.help = "write what the layer is to say, or turn the warning off: -Wno-text-short"};
	const struct sketch *s = entry->sketch;

	if (has_words && s->word_count < SKETCH_MIN_WORDS && s->is_utf8)
		diag_report(diag, CHECK_TEXT_SHORT, *entry->at, &extra, "the content has %s",
			    s->word_count == 0	 ? "no words"
			    : s->word_count == 1 ? "one word"
						 : "two words");
	extra.help = "bring the file to one form, NFC: uconv -x any-nfc, or type the letters anew";
	if (s->forms.composed && s->forms.decomposed)
		diag_report(diag, CHECK_NORMALIZATION, *entry->at, &extra,
			    "the text has accents in two forms, as part of their letters and behind them");
}

/* --- two texts --- */

static void compare(struct entry *a, struct entry *b, struct diag *diag)
{
	struct entry *first = a->order < b->order ? a : b, *later = first == a ? b : a;
	struct diag_extra extra = {.related = first->at,
				   .related_text = "the other one is here",
				   .help = "keep one of the two, or say what is different about them"};

	if (later->is_reported)
		return;
	if (sketch_is_same(a->sketch, b->sketch))
		diag_report(diag, CHECK_LAYER_DUPLICATE, *later->at, &extra, "another layer has the same text");
	else if (sketch_is_similar(a->sketch, b->sketch))
		diag_report(diag, CHECK_LAYER_SIMILAR, *later->at, &extra, "another layer has nearly the same text");
	else
		return;
	later->is_reported = true;
}

/* What a text is found by; 0: it is not found that way. */
static uint64_t key_of(const struct sketch *s, size_t way)
{
	if (way > 0)
		return s->marks[way - 1];
	return s->word_count < SKETCH_MIN_WORDS ? 0 : s->words;
}

static uint32_t *chain_of(const struct table *table, uint64_t key, size_t way)
{
	return &table->heads[((key + way) * UINT64_C(0x9E3779B97F4A7C15) >> 32) & table->mask];
}

/*
 * Compares a text with the first that share a key, and puts it behind them. Where there are LINT_MAX_COMPARED already
 * it need not be found: chains stay short even where all texts have the same words somewhere.
 */
static void find_others(const struct table *table, uint32_t index, size_t way, struct diag *diag)
{
	struct entry *entry = &table->entries[index];
	uint64_t key = key_of(entry->sketch, way);
	uint32_t *link = chain_of(table, key, way);
	size_t found = 0;

	if (key == 0)
		return;
	for (; *link != END; link = &table->next[*link - 1]) {
		struct entry *other = &table->entries[(*link - 1) / WAYS];

		if ((*link - 1) % WAYS != way || key_of(other->sketch, way) != key)
			continue;
		compare(other, entry, diag);
		if (++found == LINT_MAX_COMPARED)
			return;
	}
	*link = index * WAYS + (uint32_t)way + 1;
}

/* By what they say: which are compared, where many share a key, does not depend on where they stand. */
static int by_words(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	uint64_t left = x->sketch->words, right = y->sketch->words;

	if (left != right)
		return left < right ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static void check_pairs(struct entry *entries, size_t count, struct diag *diag)
{
	struct table table = {.entries = entries};
	size_t size = 16, i, way;

	qsort(entries, count, sizeof(*entries), by_words);
	while (size < count * WAYS / 2)
		size *= 2;
	table.mask = (uint32_t)(size - 1);
	table.heads = mem_zalloc(size, sizeof(*table.heads));
	table.next = mem_zalloc(count * WAYS, sizeof(*table.next));
	for (i = 0; i < count; i++)
		for (way = 0; way < WAYS; way++)
			find_others(&table, (uint32_t)i, way, diag);
	free(table.heads);
	free(table.next);
}

bool lint_is_wanted(const struct diag *diag)
{
	return diag_wants(diag, CHECK_KEYWORD_CASE) || diag_wants(diag, CHECK_KEYWORD_SIMILAR) ||
	       diag_wants(diag, CHECK_NORMALIZATION) || diag_wants(diag, CHECK_LAYER_DUPLICATE) ||
	       diag_wants(diag, CHECK_LAYER_SIMILAR) || diag_wants(diag, CHECK_TEXT_SHORT);
}

static void add_entry(struct entry *entries, size_t *count, const struct sketch *sketch, const struct place *at)
{
	if (sketch == NULL)
		return;
	entries[*count] = (struct entry){.sketch = sketch, .at = at, .order = (uint32_t)*count};
	++*count;
}

void lint_texts(const struct model *model, struct diag *diag)
{
	unsigned wants = sketch_wanted(diag);
	struct entry *entries;
	size_t count = 0, i, k;

	if (wants == 0)
		return;
	for (i = 0; i < model->count; i++)
		count += model->dimensions[i].layer_count + model->dimensions[i].text_count;
	entries = mem_zalloc(count, sizeof(*entries));
	count = 0;
	for (i = 0; i < model->count; i++) {
		const struct dimension *d = &model->dimensions[i];

		for (k = 0; k < d->layer_count; k++)
			add_entry(entries, &count, d->layers[k].sketch, &d->layers[k].content_at);
		for (k = 0; k < d->text_count; k++)
			add_entry(entries, &count, d->texts[k].sketch, &d->texts[k].content_at);
	}
	for (i = 0; i < count; i++)
		check_one(&entries[i], (wants & SKETCH_WORDS) != 0, diag);
	if ((wants & SKETCH_WORDS) != 0)
		check_pairs(entries, count, diag);
	free(entries);
}
