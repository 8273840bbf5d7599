/*
 * report.h: how a compile or a restore tells what it changed.
 * In: the report.
 * Out: lines on standard output, or members of a JSON document.
 */
#ifndef DIMC_REPORT_H
#define DIMC_REPORT_H

#include "compile.h"
#include "json.h"

/* "changed: D01 D05" for every kind of change that there is. */
void report_print_changes(const struct compile_report *report);

/* previous, generation and dimensions[], each with its change. */
void report_add_json(const struct compile_report *report, struct json *json);

void report_free(struct compile_report *report);

#endif
