/*
 * word_table.c: which words there are, each once.
 * In: words, as often as they are used.
 * Out: their hashes, how often each was given, and what came with it the first time.
 */
#include "word_table.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum { MIN_SLOTS = 64, EIGHT = 8 };

static uint64_t mix(uint64_t hash)
{
	hash *= UINT64_C(0x9E3779B97F4A7C15);
	return hash ^ hash >> 32;
}

/* The same for the same bytes, in every run. */
static uint64_t word_hash(struct text text)
{
	uint64_t hash = mix(text.size), eight = 0;
	size_t at;

	for (at = 0; text.size - at > EIGHT; at += EIGHT) {
		memcpy(&eight, text.bytes + at, EIGHT);
		hash = mix(hash ^ le64toh(eight));
	}
	for (eight = 0; at < text.size; at++)
		eight = eight << 8 | (unsigned char)text.bytes[at];
	return mix(hash ^ eight);
}

/* The slot of a word, or the free one where it belongs. */
static uint32_t *find_slot(const struct word_table *table, struct text text, uint64_t hash)
{
	size_t mask = table->slot_count - 1, at;

	for (at = hash & mask; table->slots[at] != 0; at = (at + 1) & mask) {
		const struct word *word = &table->words[table->slots[at] - 1];

		if (word->hash == hash && word->text.size == text.size &&
		    memcmp(word->text.bytes, text.bytes, text.size) == 0)
			break;
	}
	return &table->slots[at];
}

/* Twice the slots, so that at least half of them are free. */
static void make_room(struct word_table *table)
{
	size_t i, mask, at;

	if (table->count * 2 < table->slot_count)
		return;
	free(table->slots);
	table->slot_count = table->slot_count == 0 ? MIN_SLOTS : table->slot_count * 2;
	table->slots = mem_zalloc(table->slot_count, sizeof(*table->slots));
	mask = table->slot_count - 1;
	for (i = 0; i < table->count; i++) {
		for (at = table->words[i].hash & mask; table->slots[at] != 0;)
			at = (at + 1) & mask;
		table->slots[at] = (uint32_t)i + 1;
	}
}

size_t word_table_add(struct word_table *table, struct text text, const struct place *at)
{
	uint64_t hash = word_hash(text);
	uint32_t *slot;

	make_room(table);
	slot = find_slot(table, text, hash);
	if (*slot == 0) {
		table->words = mem_reserve(table->words, table->count, &table->capacity, sizeof(*table->words));
		table->words[table->count] = (struct word){.text = text, .hash = hash, .at = at};
		*slot = (uint32_t)++table->count;
	}
	table->words[*slot - 1].uses++;
	return *slot - 1;
}

size_t word_table_find(const struct word_table *table, struct text text)
{
	return *find_slot(table, text, word_hash(text)) - 1;
}

void word_table_add_keywords(struct word_table *table, const struct dimension *dimension)
{
	size_t i, k;

	for (i = 0; i < dimension->layer_count; i++) {
		const struct layer *layer = &dimension->layers[i];

		for (k = 0; k < layer->keyword_count; k++)
			word_table_add(table, layer->keywords[k],
				       layer->keyword_at == NULL ? NULL : &layer->keyword_at[k]);
	}
}

void word_table_free(struct word_table *table)
{
	free(table->words);
	free(table->slots);
	memset(table, 0, sizeof(*table));
}
