/*
 * pipeline.h: the straight line from sources to a published generation.
 * In: a folder of sources, a volume, what to do.
 * Out: a report of what changed, and, unless told otherwise, a new generation.
 */
#ifndef DIMC_PIPELINE_H
#define DIMC_PIPELINE_H

#include "build.h"
#include "compile.h"

/* What options->source may be: a folder of dimensions; or the folder of one; or a folder or file of one only. */
enum source_kind { SOURCES, SOURCES_OR_ONE, ONE_DIMENSION };

/*
 * The first half of the line: reads, checks and builds in memory. false where something was reported. Free *ret_build
 * and then *ret_model in either case.
 */
bool compile_sources(const struct compile_options *options, enum source_kind kind, struct diag *diag,
		     struct model *ret_model, struct build *ret_build);

/* false where something was reported. *ret is filled as far as the work went; free with report_free. */
bool compile_volume(const struct compile_options *options, struct diag *diag, struct compile_report *ret);

/* Compiles one file, or a dimension's folder, to proto/NAME.mmap of the volume. */
bool compile_proto(const struct compile_options *options, const char *name, struct diag *diag,
		   struct compile_report *ret);

/* Reads and checks only, and lays the regions out: what `dimc check` does. The report has sizes and counts. */
bool check_sources(const struct compile_options *options, struct diag *diag, struct compile_report *ret);

#endif
