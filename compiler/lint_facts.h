/*
 * lint_facts.h: what is kept of a dimension to know later whether it must be looked at beside the others again.
 * In: a checked dimension, with the sketches of its texts.
 * Out: hashes of its keywords and texts; whether a warning about two dimensions may come of what is new in one of them.
 *
 * A build that reads one dimension again has only the facts of all others. Where they say no, there is no such warning;
 * where they say maybe, all dimensions must be read and looked at by lint_keywords and lint_texts.
 */
#ifndef DIMC_LINT_FACTS_H
#define DIMC_LINT_FACTS_H

#include "model.h"

/*
 * Zero-initialised is empty. Groups of numbers, in no order: the hash of a keyword, and hashes of the forms by which
 * words near it are found (case, Unicode, a letter); behind them the hash of a content, and the marks by which contents
 * are found that are nearly the same. They may be kept and read again as they are.
 */
struct lint_facts {
	uint32_t *numbers;
	size_t word_count, count; /* of the numbers that are about keywords; of all */
};

void lint_facts_of(const struct dimension *dimension, struct lint_facts *ret);
void lint_facts_free(struct lint_facts *facts);

/* Whether numbers that were read again are such groups. */
bool lint_facts_are_whole(const struct lint_facts *facts);

/*
 * Whether a dimension with the facts `now` may cause a warning about it and one of `others`, or two of these, where
 * with the facts `before` there was none. NULL: it was not there before. false is certain, as far as different texts
 * have different hashes of 64 bits; true is a doubt. The same checks must be on as were before.
 */
bool lint_may_concern(const struct lint_facts *now, const struct lint_facts *before,
		      const struct lint_facts *const *others, size_t other_count);

#endif
