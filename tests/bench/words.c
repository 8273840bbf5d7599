/*
 * words.c: what there is to look up in a volume.
 * In: a snapshot of it.
 * Out: every layer, every keyword of every dimension, and every keyword with the layers of all, each list shuffled.
 */
#include "bench.h"

static void *room_for(size_t count, size_t size)
{
	void *room = calloc(count + 1, size);

	NEED(room != NULL);
	return room;
}

static void shuffle(void *items, size_t count, size_t size)
{
	uint64_t state = 14;
	char *all = items, one[sizeof(struct word) + sizeof(struct key)];
	size_t i, j;

	NEED(size <= sizeof(one));
	for (i = count; i > 1; i--) {
		j = random_below(&state, i);
		memcpy(one, all + (i - 1) * size, size);
		memcpy(all + (i - 1) * size, all + j * size, size);
		memcpy(all + j * size, one, size);
	}
}

static void add_keys(struct corpus *c, const struct dim_region *region)
{
	const struct dim_layer *layer;
	uint32_t i;

	for (i = 0; dim_region_layer_at(region, i, &layer) == DIM_OK; i++) {
		struct key *key = &c->keys[c->key_count++];

		key->dimension_id = dim_region_dimension_id(region);
		key->layer_id = dim_layer_id(layer);
		NEED(dim_layer_content(region, layer, &key->content) == DIM_OK);
	}
}

static void add_words(struct corpus *c, const struct dim_region *region)
{
	uint32_t i, k, count;

	for (i = 0; i < dim_region_keyword_count(region); i++) {
		struct word *word = &c->words[c->word_count++];
		uint32_t *pairs;

		word->dimension_id = dim_region_dimension_id(region);
		NEED(dim_region_keyword_at(region, i, &word->text) == DIM_OK);
		NEED(dim_keyword_layer_count(region, i, &count) == DIM_OK);
		pairs = room_for(count, 2 * sizeof(*pairs));
		for (k = 0; k < count; k++) {
			const struct dim_layer *layer;

			NEED(dim_keyword_layer(region, i, k, &layer) == DIM_OK);
			pairs[2 * k] = word->dimension_id;
			pairs[2 * k + 1] = dim_layer_id(layer);
		}
		word->layers = pairs;
		word->count = count;
	}
}

static int compare_words(const void *a, const void *b)
{
	const struct word *x = a, *y = b;
	size_t common = x->text.size < y->text.size ? x->text.size : y->text.size;
	int order = memcmp(x->text.data, y->text.data, common);

	if (order != 0 || x->text.size != y->text.size)
		return order != 0 ? order : (x->text.size > y->text.size) - (x->text.size < y->text.size);
	return (x->dimension_id > y->dimension_id) - (x->dimension_id < y->dimension_id);
}

/* The same words, those of one text put together. */
static void join_words(struct corpus *c)
{
	struct word *sorted = room_for(c->word_count, sizeof(*sorted));
	size_t i, end, k;

	memcpy(sorted, c->words, c->word_count * sizeof(*sorted));
	qsort(sorted, c->word_count, sizeof(*sorted), compare_words);
	for (i = 0; i < c->word_count; i = end) {
		struct word *word = &c->words_of_all[c->word_of_all_count++];
		uint32_t *pairs;

		*word = (struct word){.text = sorted[i].text};
		for (end = i; end < c->word_count && sorted[end].text.size == word->text.size &&
			      memcmp(sorted[end].text.data, word->text.data, word->text.size) == 0;
		     end++)
			word->count += sorted[end].count;
		pairs = room_for(word->count, 2 * sizeof(*pairs));
		word->layers = pairs;
		for (k = i; k < end; k++) {
			memcpy(pairs, sorted[k].layers, sorted[k].count * 2 * sizeof(*pairs));
			pairs += sorted[k].count * 2;
		}
	}
	free(sorted);
}

/* Keys of our own, in the order in which they are looked up: nobody finds them warm because of where they come from. */
static void copy_texts(struct word *words, size_t count)
{
	size_t size = 0, i;
	char *to;

	for (i = 0; i < count; i++)
		size += words[i].text.size * 2;
	to = room_for(size, 1);
	for (i = 0; i < count; i++) {
		struct dim_span *text = &words[i].text, *missing = &words[i].missing;

		*missing = (struct dim_span){to + text->size, text->size};
		memcpy(to, text->data, text->size);
		memcpy(to + text->size, text->data, text->size);
		to[2 * text->size - 1] = '~';
		text->data = to;
		to += 2 * text->size;
	}
}

struct corpus corpus_of(const struct dim_snapshot *snapshot)
{
	struct corpus c = {.snapshot = snapshot};
	size_t keys = 0, words = 0, i;

	for (i = 0; i < dim_snapshot_count(snapshot); i++) {
		keys += dim_region_layer_count(dim_snapshot_region_at(snapshot, i));
		words += dim_region_keyword_count(dim_snapshot_region_at(snapshot, i));
	}
	c.keys = room_for(keys, sizeof(*c.keys));
	c.words = room_for(words, sizeof(*c.words));
	c.words_of_all = room_for(words, sizeof(*c.words_of_all));
	for (i = 0; i < dim_snapshot_count(snapshot); i++) {
		add_keys(&c, dim_snapshot_region_at(snapshot, i));
		add_words(&c, dim_snapshot_region_at(snapshot, i));
	}
	join_words(&c);
	shuffle(c.keys, c.key_count, sizeof(*c.keys));
	shuffle(c.words, c.word_count, sizeof(*c.words));
	shuffle(c.words_of_all, c.word_of_all_count, sizeof(*c.words_of_all));
	copy_texts(c.words, c.word_count);
	copy_texts(c.words_of_all, c.word_of_all_count);
	return c;
}
