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

#include "diag.h"
#include "model.h"

/* Groups, one behind the other, in no order: a key, how many values belong to it, and these. */
struct lint_groups {
	uint64_t *values;
	size_t count; /* of all these numbers */
};

/* Zero-initialised is empty. */
struct lint_facts {
	struct lint_groups words; /* by keyword: the forms by which words near it are found: case, Unicode, a letter */
	struct lint_groups texts; /* by content: the marks by which contents are found that are nearly the same */
};

/* Whether a check is on that looks at several layers. */
bool lint_facts_wanted(const struct diag *diag);

void lint_facts_of(const struct dimension *dimension, struct lint_facts *ret);
void lint_facts_free(struct lint_facts *facts);

/* Appends them, in words of this machine. The other way round they point into `words`; false: it cannot be that. */
void lint_facts_pack(const struct lint_facts *facts, struct buf *ret);
bool lint_facts_unpack(const uint64_t *words, size_t count, struct lint_facts *ret);

/*
 * Whether a dimension with the facts `now` may cause a warning about it and one of `others`, or two of these, where
 * with the facts `before` there was none. NULL: it was not there before. false is certain, as far as different texts
 * have different hashes of 64 bits; true is a doubt. The same checks must be on as were before.
 */
bool lint_may_concern(const struct lint_facts *now, const struct lint_facts *before,
		      const struct lint_facts *const *others, size_t other_count);

#endif
