/*
 * meaning.h: which key somebody meant who wrote one that is not known.
 * In: a table of fields, and what stands in the place of a key.
 * Out: the field, and how certain that is.
 */
#ifndef DIMC_MEANING_H
#define DIMC_MEANING_H

#include "mapping.h"

/*
 * How a key leads to the field that is meant: it cannot but mean it, but for capitals, dashes, and a letter that is
 * wrong, or two of many; by most of its letters; or as another word for it.
 */
enum meaning { MEANING_SURE, MEANING_LIKELY, MEANING_WORD };

/* The field that a key before this value is likely meant for; table->count where there is none. */
size_t meaning_find(const struct table *table, struct text key, const struct yaml_event *value, enum meaning *ret_how);

#endif
