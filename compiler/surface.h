/*
 * surface.h: what is suspicious in how a source is typed, though YAML reads it.
 * In: the bytes of a file that was read without a syntax error, and where its scalars stand.
 * Out: warnings: blanks at the ends of lines, tabs, invisible characters, a colon without its space.
 */
#ifndef DIMC_SURFACE_H
#define DIMC_SURFACE_H

#include "events.h"

/* `spans` are in the order of the file. */
void surface_check(struct text source, const struct yaml_span *spans, size_t count, uint32_t file, struct diag *diag);

#endif
