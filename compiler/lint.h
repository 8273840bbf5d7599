/*
 * lint.h: what is allowed and yet likely a slip: words and texts that are nearly, but not quite, the same.
 * In: the checked model.
 * Out: warnings, each with the other place.
 */
#ifndef DIMC_LINT_H
#define DIMC_LINT_H

#include "diag.h"
#include "model.h"

/* Of more texts, or words, that could be nearly the same as one, only that many are compared with it. */
enum { LINT_MAX_COMPARED = 16 };

/* Whether a check is on that one of these makes. */
bool lint_is_wanted(const struct diag *diag);

/* Keywords that differ in case, in their Unicode form, or in one letter. */
void lint_keywords(const struct model *model, struct diag *diag);

/* Texts that are short, the same in two layers or nearly so, or in two Unicode forms, as far as they have sketches. */
void lint_texts(const struct model *model, struct diag *diag);

#endif
