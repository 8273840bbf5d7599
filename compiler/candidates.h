/*
 * candidates.h: the names that a volume, a part of it or sources hold, for completion.
 * In: a path, what was typed so far.
 * Out: lines "WORD<tab>DESCRIPTION"; nothing at all where the path holds nothing that can be read.
 */
#ifndef DIMC_CANDIDATES_H
#define DIMC_CANDIDATES_H

#include "arguments.h"
#include "buf.h"
#include "settings.h"

/* Adds a candidate, if it begins with `typed` in whatever case; the description is made printable, and may be empty. */
void candidates_add(struct buf *buf, const char *typed, const char *word, size_t size, const char *about,
		    size_t about_size);

/*
 * The dimensions, layers, keywords or checks, as `kind` says, that begin with `typed`. `path` must be no bundle, since
 * that would have to be unpacked first; of sources there are dimensions alone.
 */
void candidates_find(struct buf *buf, enum argument_kind kind, const char *typed, const char *path,
		     const struct settings *settings);

#endif
