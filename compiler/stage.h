/*
 * stage.h: from a plan to a published generation.
 * In: a plan, a locked volume.
 * Out: every file of the new generation written or taken over, on several threads, and the generation published.
 */
#ifndef DIMC_STAGE_H
#define DIMC_STAGE_H

#include "plan.h"
#include "volume.h"

/* Fills the manifest of what the plan leads to. Before stage_generation it has no files: for the generation digest
 * alone. */
void stage_manifest(const struct plan *plan, struct manifest *ret);

/*
 * Stages and publishes. ret->is_published: the commit point was passed. false, reported, with status 3 before it and 8
 * after.
 */
bool stage_generation(const struct compile_options *options, struct volume *volume, struct plan *plan,
		      struct diag *diag, struct compile_report *ret);

#endif
