/*
 * differences.h: what `compile --check` says where a volume is not what its sources give.
 * In: the options and the report of a comparison.
 * Out: what differs, and the command that mends it.
 */
#ifndef DIMC_DIFFERENCES_H
#define DIMC_DIFFERENCES_H

#include "compile.h"
#include "json.h"

/* A line for each dimension and each stray file that differs, then the command. */
void differences_print(const struct compile_options *options, const struct compile_report *report);

/* foreign[] and mend. */
void differences_add_json(const struct compile_options *options, const struct compile_report *report,
			  struct json *json);

#endif
