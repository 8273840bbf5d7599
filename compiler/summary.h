/*
 * summary.h: what compile and check say when they are done.
 * In: the report of a run.
 * Out: lines on standard output, or one JSON document.
 */
#ifndef DIMC_SUMMARY_H
#define DIMC_SUMMARY_H

#include <time.h>

#include "compile.h"

/* When a run began, and how long it took until now. */
struct timespec summary_start(void);
double summary_seconds_since(struct timespec start);

/* The whole of it as one document. */
void summary_print_json(const struct compile_options *options, const struct compile_report *report,
			struct timespec start);

/* How much there is in the sources, on one line. */
void summary_print_totals(const struct compile_report *report, struct timespec start);

/* What changed and what was published; `verbose`: with whole digests. */
void summary_print(const struct compile_options *options, const struct compile_report *report, struct timespec start,
		   bool verbose);

#endif
