/*
 * mend.h: does what safe fixes say.
 * In: the problems of a run that read sources.
 * Out: the files with those edits and nothing else changed; a line for each.
 */
#ifndef DIMC_MEND_H
#define DIMC_MEND_H

#include <stdio.h>

#include "diag.h"

/*
 * Edits each file once, in one step. What overlaps an edit waits for the next run. Prints what was done where to
 * `stream` (NULL: nothing); failures go to `report`, which may be `found`. The number of edits.
 */
size_t mend_sources(struct diag *found, struct diag *report, FILE *stream);

#endif
