/*
 * pipeline.h: the straight line from sources to a published generation.
 * In: a folder of sources, a volume, what to do.
 * Out: a report of what changed, and, unless told otherwise, a new generation.
 */
#ifndef DIMC_PIPELINE_H
#define DIMC_PIPELINE_H

#include "compile.h"

/* false where something was reported. *ret is filled as far as the work went; free with report_free. */
bool compile_volume(const struct compile_options *options, struct diag *diag, struct compile_report *ret);

/* Compiles one file, or a dimension's folder, to proto/NAME.mmap of the volume. */
bool compile_proto(const struct compile_options *options, const char *name, struct diag *diag,
		   struct compile_report *ret);

/* Reads and checks only, and lays the regions out: what `dimc check` does. The report has sizes and counts. */
bool check_sources(const struct compile_options *options, struct diag *diag, struct compile_report *ret);

#endif
