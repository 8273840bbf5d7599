/*
 * quick.h: the common subset of YAML as events with places, many times as fast as libyaml.
 * In: the bytes of one file that characters_are_common knows.
 * Out: exactly the events that plain.h gives; or nothing where the file is not certain to be of the subset.
 *
 * The subset: mappings and lists in blocks, of any consistent indentation; keys without quotes; values on one line,
 * plain or in quotes without escapes; lists of such in brackets; texts behind "|" and ">"; comments; lines "---"
 * between documents. No tabs but in texts and comments.
 */
#ifndef DIMC_QUICK_H
#define DIMC_QUICK_H

#include "event.h"

struct quick;

/* NULL: it is none of its files. `bytes` must stay as they are until quick_close; scalars live in the arena. */
struct quick *quick_open(const char *bytes, size_t size, uint32_t file, struct arena *arena);

/* As the functions of events.h. */
struct yaml_event quick_next(struct quick *quick);
const struct yaml_span *quick_spans(struct quick *quick, size_t *ret_count);
void quick_close(struct quick *quick);

#endif
