/*
 * timings.h: --timings and --trace: where a run's time went.
 * In: what trace.h has counted, and the system of the process.
 * Out: a table on standard error, or a member of a JSON document; and the file of --trace.
 */
#ifndef DIMC_TIMINGS_H
#define DIMC_TIMINGS_H

#include "command.h"
#include "json.h"

/* Whether the options go together. Reported where they do not. */
void timings_check(const struct global_options *global, struct diag *diag);

/* The clock runs, if anybody asked. */
void timings_start(const struct global_options *global);

/* The command begins: opens the trace, so that what hinders it is known before the work. false, reported. */
bool timings_begin(struct context *context);

/* The member `timings` of a document that a command writes, unless nobody asked. */
void timings_add_json(struct json *json);

/* All is done and told: the table, unless a document had it, and the trace, whether the run succeeded or not. */
void timings_end(struct context *context, const struct command *command);

#endif
