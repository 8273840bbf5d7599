/*
 * diff_stat.h: a comparison at a glance.
 * In: a comparison.
 * Out: a line a layer with the number of its changed lines and a bar; one line that counts everything.
 */
#ifndef DIMC_DIFF_STAT_H
#define DIMC_DIFF_STAT_H

#include "compare.h"

/* Prints what `git diff --stat` does for files, in 80 columns as a rule. */
void diff_stat_print(const struct comparison *comparison, bool color);

/* Prints "dimensions: 1 changed; layers: 3 changed, 1 added; lines: +10 -4". */
void diff_stat_totals(const struct comparison *comparison);

#endif
