/*
 * strays.h: what lies in a published generation and is not of it.
 * In: what is published, and a report of what a compile would change.
 * Out: paths below consciousness/, in the order of their bytes.
 */
#ifndef DIMC_STRAYS_H
#define DIMC_STRAYS_H

#include "compile.h"
#include "published.h"

/*
 * Fills report->strays with what the manifest does not know. Dimensions that change are left out, because publishing
 * replaces them as a whole, and so are those that were not asked for. Nothing without a manifest.
 */
void strays_find(const struct published *published, struct compile_report *report);

#endif
