/*
 * sketch.h: what is kept of a layer's texts to tell later which of them are likely a slip.
 * In: a title and a content.
 * Out: a hundred bytes that stand for both: what texts have in common is estimated by them.
 *
 * A content is a sequence of words: letters, digits and marks. Case (of ASCII), white space and punctuation do not
 * count. What two contents share is counted in runs of five words.
 */
#ifndef DIMC_SKETCH_H
#define DIMC_SKETCH_H

#include "diag.h"
#include "model.h"
#include "unicode.h"

enum {
	SKETCH_MARKS = 4,
	SKETCH_BINS = 256,
	SKETCH_BINS_IN_ONE = 32, /* of two bits each */
	SKETCH_MIN_RUNS = 8,	 /* a text of fewer has too little to be told by */
	SKETCH_MIN_WORDS = 3,
};

struct sketch {
	uint64_t words;		      /* hash of all words, one by one */
	uint32_t marks[SKETCH_MARKS]; /* of runs; what is nearly the same has one in common, at the same index; 0: none
				       */
	uint64_t bins[SKETCH_BINS / SKETCH_BINS_IN_ONE]; /* of runs, each in one of them; 0: no run */
	uint32_t word_count;				 /* no more than UINT32_MAX */
	struct unicode_forms forms;			 /* of title and content */
	bool is_utf8; /* the content; looked at where it has fewer than SKETCH_MIN_WORDS */
};

enum { SKETCH_WORDS = 1, SKETCH_FORMS = 2 };

/* What is to be taken for the checks that are on: SKETCH_WORDS, SKETCH_FORMS, both or 0. */
unsigned sketch_wanted(const struct diag *diag);

void sketch_take(struct text title, struct text content, unsigned wants, struct sketch *ret);

/* Whether the contents have the same words, and enough of them to mean something. */
bool sketch_is_same(const struct sketch *a, const struct sketch *b);

/*
 * Whether the contents share about four fifths of all runs that stand in one or both of them. Of texts of many runs a
 * sample tells, so that the border is not sharp: where they share that many this is true nearly always, where they
 * share less than three fifths never.
 */
bool sketch_is_similar(const struct sketch *a, const struct sketch *b);

#endif
