/*
 * near_words.h: words that are one letter apart.
 * In: words as unicode_fold gives them.
 * Out: the hashes by which such words are found, and whether two of them are.
 *
 * Words one letter apart have a form in common: the word itself, or with one letter left out (SymSpell, W. Garbe,
 * 2012). The work grows with the letters, not with pairs of words.
 */
#ifndef DIMC_NEAR_WORDS_H
#define DIMC_NEAR_WORDS_H

#include <stdbool.h>

#include "model.h"

/* Shorter words are too often one letter apart: cat, car. */
bool near_words_is_long(struct text folded);

/* Hashes of a word's forms, the word itself first; of a short one that alone. There is room for folded.size + 1. */
size_t near_words_forms(struct text folded, uint64_t *ret);

/*
 * Whether one letter is put in, left out, another one, or swapped with its neighbour. Digits count things and are
 * meant: a word with another digit is another word. Both are long.
 */
bool near_words_are_apart(struct text a, struct text b);

#endif
