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
	MAX_COMPARED = 16,	 /* texts that share one mark, which are compared with each other */
	WAYS = 1 + SKETCH_MARKS, /* to find a text: by all its words, and by each mark */
	END = 0,
};

/* Chains of texts that can be found in one way, the first of the sources in front. */
struct table {
	const struct layer **layers;
	uint32_t *next;	 /* `WAYS` of each layer: 1 and the index of the next one, or END */
	uint32_t *heads; /* a power of two of them */
	uint32_t mask;
};

/* --- one text --- */

static void check_one(const struct layer *layer, bool has_words, struct diag *diag)
{
	struct diag_extra extra = {.help = "write what the layer is to say, or turn the warning off: -Wno-text-short"};
	const struct sketch *s = layer->sketch;

	if (has_words && s->word_count < SKETCH_MIN_WORDS && s->is_utf8)
		diag_report(diag, CHECK_TEXT_SHORT, layer->content_at, &extra, "the content has %s",
			    s->word_count == 0	 ? "no words"
			    : s->word_count == 1 ? "one word"
						 : "two words");
	extra.help = "bring the file to one form, NFC: uconv -x any-nfc, or type the letters anew";
	if (s->forms.composed && s->forms.decomposed)
		diag_report(diag, CHECK_NORMALIZATION, layer->content_at, &extra,
			    "the text has accents in two forms, as part of their letters and behind them");
}

/* --- two texts --- */

/* Whether something was reported. `b` comes later in the sources. */
static bool compare(const struct layer *a, const struct layer *b, struct diag *diag)
{
	struct diag_extra extra = {.related = &a->content_at,
				   .related_text = "the other one is here",
				   .help = "keep one of the two, or say what is different about them"};

	if (sketch_is_same(a->sketch, b->sketch))
		diag_report(diag, CHECK_LAYER_DUPLICATE, b->content_at, &extra, "another layer has the same text");
	else if (sketch_is_similar(a->sketch, b->sketch))
		diag_report(diag, CHECK_LAYER_SIMILAR, b->content_at, &extra, "another layer has nearly the same text");
	else
		return false;
	return true;
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
 * Compares a text with the first of those before it that share a key, and puts it behind them. Where there are
 * MAX_COMPARED already it need not be found: chains stay short even where all texts begin with the same words.
 */
static bool find_others(const struct table *table, uint32_t layer, size_t way, bool is_reported, struct diag *diag)
{
	uint64_t key = key_of(table->layers[layer]->sketch, way);
	uint32_t *link = chain_of(table, key, way);
	size_t found = 0;

	if (key == 0)
		return is_reported;
	for (; *link != END; link = &table->next[*link - 1]) {
		const struct layer *other = table->layers[(*link - 1) / WAYS];

		if ((*link - 1) % WAYS != way || key_of(other->sketch, way) != key)
			continue;
		is_reported = is_reported || compare(other, table->layers[layer], diag);
		if (++found == MAX_COMPARED)
			return is_reported;
	}
	*link = layer * WAYS + (uint32_t)way + 1;
	return is_reported;
}

static void check_pairs(const struct layer **layers, size_t count, struct diag *diag)
{
	struct table table = {.layers = layers};
	size_t size = 16, i, way;

	while (size < count * WAYS)
		size *= 2;
	table.mask = (uint32_t)(size - 1);
	table.heads = mem_zalloc(size, sizeof(*table.heads));
	table.next = mem_zalloc(count * WAYS, sizeof(*table.next));
	for (i = 0; i < count; i++) {
		bool is_reported = false;

		for (way = 0; way < WAYS; way++)
			is_reported = find_others(&table, (uint32_t)i, way, is_reported, diag);
	}
	free(table.heads);
	free(table.next);
}

void lint_texts(const struct model *model, struct diag *diag)
{
	const struct layer **layers, *layer;
	unsigned wants = sketch_wanted(diag);
	size_t count = 0, i, k;

	if (wants == 0)
		return;
	for (i = 0; i < model->count; i++)
		count += model->dimensions[i].layer_count;
	layers = mem_alloc(count * sizeof(struct layer *));
	count = 0;
	for (i = 0; i < model->count; i++) {
		for (k = 0; k < model->dimensions[i].layer_count; k++) {
			layer = &model->dimensions[i].layers[k];
			if (layer->sketch == NULL)
				continue;
			check_one(layer, (wants & SKETCH_WORDS) != 0, diag);
			layers[count++] = layer;
		}
	}
	if ((wants & SKETCH_WORDS) != 0)
		check_pairs(layers, count, diag);
	free(layers);
}
