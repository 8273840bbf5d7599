/*
 * keywords.h: reads the keywords of a layer.
 * In: the event of their list.
 * Out: 1 to 64 different words, or a located problem for each that is wrong.
 */
#ifndef DIMC_KEYWORDS_H
#define DIMC_KEYWORDS_H

#include "scalar.h"

/*
 * Fills the keywords of the layer, which live in the arena. false, reported, unless all of it is right; the event is
 * taken whole in either case.
 */
bool keywords_read(struct scalar_reader *r, const struct yaml_event *value, struct layer *ret);

/*
 * Whether a text may be a keyword: a line of 1 to 128 characters that neither begins nor ends with a space. Where not,
 * false with the reason and a way out, as scalar_is_limited gives them.
 */
bool keywords_is_word(struct text text, char ret_reason[SCALAR_REASON_SIZE], const char **ret_help);

#endif
