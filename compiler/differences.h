/*
 * differences.h: what `compile --check` says where a volume is not what its sources give.
 * In: the options and the report of a comparison.
 * Out: what differs, and the command that mends it.
 */
#ifndef DIMC_DIFFERENCES_H
#define DIMC_DIFFERENCES_H

#include "compile.h"

/* A line for each dimension that differs, then the command; `dimensions`: its -d as it was typed, or NULL. */
void differences_print(const struct compile_options *options, const struct compile_report *report,
		       const char *dimensions);

#endif
