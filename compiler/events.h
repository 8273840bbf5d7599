/*
 * events.h: YAML as a stream of events with places.
 * In: the bytes of one file.
 * Out: events, aliases already replaced by what they stand for; or one reported problem, after which nothing comes.
 *
 * Behind this door are two readers that give the same events: quick.c for what is written the common way, and plain.c,
 * which is libyaml, for everything else and for every mistake.
 */
#ifndef DIMC_EVENTS_H
#define DIMC_EVENTS_H

#include "event.h"

struct yaml_reader;

/*
 * For all files to come: "libyaml" reads everything with the plain reader, "quick" what it can with the quick one, as
 * without a call. false for another name. Not while other threads read.
 */
bool yaml_choose_reader(const char *name);

/*
 * Begins to read. `bytes` must stay as they are until yaml_close; scalars live in the arena. `file` is the number that
 * diag_file gave.
 */
struct yaml_reader *yaml_open(const char *bytes, size_t size, uint32_t file, struct diag *diag, struct arena *arena);

/* The next event. After YAML_END comes YAML_END. */
struct yaml_event yaml_next(struct yaml_reader *reader);

/* Passes over the rest of the value that `first` began. */
void yaml_skip(struct yaml_reader *reader, const struct yaml_event *first);

/* Whether the stream ended with a problem, which was reported. */
bool yaml_failed(const struct yaml_reader *reader);

/* The same where it is no YAML; lists that are nested too deep, and what aliases do wrong, are no such problem. */
bool yaml_is_broken(const struct yaml_reader *reader);

/*
 * Whether what comes next is a problem, which is reported then. What was just read is likely not what its author meant:
 * of that there is nothing to say.
 */
bool yaml_fails_next(struct yaml_reader *reader);

/* Whether the quick reader took the file. */
bool yaml_is_quick(const struct yaml_reader *reader);

/* All scalars so far, in the order of the file, and the bytes that they stand in, until yaml_close. */
const struct yaml_span *yaml_spans(const struct yaml_reader *reader, size_t *ret_count, struct text *ret_bytes);

void yaml_close(struct yaml_reader *reader);

#endif
