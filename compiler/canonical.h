/*
 * canonical.h: the one form in which a source is written.
 * In: the outline of a source.
 * Out: its text: the same values and comments, keys in their order, each as plainly as it can be.
 */
#ifndef DIMC_CANONICAL_H
#define DIMC_CANONICAL_H

#include "buf.h"
#include "outline.h"

/* Appends the text. Its canonical form is itself. */
void canonical_write(const struct outline *outline, struct buf *ret);

#endif
