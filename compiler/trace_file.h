/*
 * trace_file.h: every span of a run in a file that chrome://tracing and Perfetto show.
 * In: a path, before the work; what trace.h has kept, after it.
 * Out: the file, whole, also of a run that failed.
 */
#ifndef DIMC_TRACE_FILE_H
#define DIMC_TRACE_FILE_H

#include "aside.h"
#include "diag.h"

/* Opens it, so that what hinders is known before the work. false, reported. */
bool trace_file_open(const char *path, struct aside *ret, struct diag *diag);

/* Writes it and gives it its name. 0 or errno; `file` is closed in any case. */
int trace_file_write(struct aside *file, const char *command);

#endif
