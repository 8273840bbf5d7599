/*
 * recall.h: what each dimension's sources gave when they were last published, for as long as nobody touched them.
 * In: .cache/sources of the volume; stat of every file and folder that was looked at then.
 * Out: dimensions that need not be read again.
 *
 * In doubt nothing is known: another dimc, other settings, a clock too coarse, a file system of the network. The file
 * may be deleted at any time; nothing but time is lost.
 */
#ifndef DIMC_RECALL_H
#define DIMC_RECALL_H

#include "build.h"
#include "volume.h"

struct recall;

/* Reads what is there for these options; what cannot be read is not known. Freed with recall_free. */
struct recall *recall_open(const struct compile_options *options, const struct diag *diag);
void recall_free(struct recall *recall);

/* Whether anything is known. */
bool recall_has_any(const struct recall *recall);

/*
 * What the sources in the folder of `d` give, where they are as they were, in d->arena; its number and the counts of
 * its files are filled in, and its inputs where a depfile is wanted. Else NULL. Thread-safe for different ones.
 */
const struct recalled *recall_dimension(const struct recall *recall, struct dimension *d);

/*
 * Takes down what a dimension that was read gives. `is_last`: its layers are about to go; else they stay until all is
 * written down, with their keywords and sketches. Thread-safe.
 */
void recall_note(struct recall *recall, const struct dimension *d, const struct built *built, bool is_last);

/*
 * Whether warnings about dimensions that are known and were not read may come of what was taken down, or of what is
 * gone; and where there were errors, since not all was taken down then. false is certain.
 */
bool recall_doubts(struct recall *recall, const struct model *model, bool has_errors);

/* Forgets what was taken down: it will be read again. */
void recall_restart(struct recall *recall);

/*
 * Writes down what is known now, of dimensions without a problem; nothing where that is what was known before, or only
 * some dimensions were asked for. The volume must be locked; `model` holds what was noted, in the same places.
 */
void recall_write(struct recall *recall, const struct model *model, const struct volume *volume, struct diag *diag);

#endif
