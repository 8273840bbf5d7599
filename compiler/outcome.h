/*
 * outcome.h: what tells a build tool how a run ended: a stamp that was touched, and a depfile.
 * In: their names, before the work; the generation, after it.
 * Out: both files, whole, where the run succeeded; else neither.
 */
#ifndef DIMC_OUTCOME_H
#define DIMC_OUTCOME_H

#include <time.h>

#include "aside.h"
#include "depfile.h"
#include "digest.h"

/* Zero-initialised, nothing is wanted. */
struct outcome {
	const char *stamp_path, *depfile_path; /* NULL: none */
	struct aside stamp_file, depfile_file;
	struct timespec began; /* by the clock of the stamp's file system */
	struct arena arena;    /* holds the paths */
	struct depfile depfile;
};

/*
 * Opens both, aside, so that what hinders them is known before the work. They, and the trace that the caller has open
 * (fd -1: none), must be different files, and none inside of `generation`, a path, since publishing puts another
 * directory in its place. false, reported; free with outcome_close in either case.
 */
bool outcome_open(struct outcome *outcome, const char *stamp_path, const char *depfile_path, const struct aside *trace,
		  const char *generation, struct diag *diag);

/*
 * Gives the depfile its text, unless it has it already, and the stamp the generation and the time at which the run
 * began: what is saved while dimc works is newer. false, reported with `status`.
 */
bool outcome_commit(struct outcome *outcome, const struct digest *generation, enum exit_status status,
		    struct diag *diag);

void outcome_close(struct outcome *outcome);

#endif
