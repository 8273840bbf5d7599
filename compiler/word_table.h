/*
 * word_table.h: which words there are, each once.
 * In: words, as often as they are used.
 * Out: their hashes, how often each was given, and what came with it the first time.
 */
#ifndef DIMC_WORD_TABLE_H
#define DIMC_WORD_TABLE_H

#include "model.h"

struct word {
	struct text text;
	uint64_t hash;
	const struct place *at; /* of the first use */
	size_t uses;
};

/* Zero-initialised is empty. */
struct word_table {
	struct word *words; /* in the order in which they came */
	size_t count, capacity;
	uint32_t *slots; /* 1 and an index of `words`, or 0; a power of two of them */
	size_t slot_count;
};

/* The index of a word that may be new. Neither `text` nor `at` is copied. */
size_t word_table_add(struct word_table *table, struct text text, const struct place *at);

/* The index of a word that is there. */
size_t word_table_find(const struct word_table *table, struct text text);

/* Adds all keywords of a dimension. */
void word_table_add_keywords(struct word_table *table, const struct dimension *dimension);

void word_table_free(struct word_table *table);

#endif
