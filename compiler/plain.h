/*
 * plain.h: all of YAML as events with places, by libyaml.
 * In: the bytes of one file, of allowed characters.
 * Out: events, aliases already replaced by what they stand for; or one reported problem, after which nothing comes.
 *
 * events.h is the door that everybody else takes; the functions are described there.
 */
#ifndef DIMC_PLAIN_H
#define DIMC_PLAIN_H

#include "event.h"

struct plain;

struct plain *plain_open(const char *bytes, size_t size, uint32_t file, struct diag *diag, struct arena *arena);
struct yaml_event plain_next(struct plain *r);
bool plain_failed(const struct plain *plain);
bool plain_is_broken(const struct plain *plain);
bool plain_fails_next(struct plain *plain);
const struct yaml_span *plain_spans(const struct plain *r, size_t *ret_count);
void plain_close(struct plain *r);

#endif
