/*
 * restore.h: from bundles to a published generation.
 * In: bundles of a whole generation or of some dimensions, a volume.
 * Out: all of it proven, then published in one step; or the volume as it was.
 */
#ifndef DIMC_RESTORE_H
#define DIMC_RESTORE_H

#include "compile.h"

struct restore_options {
	const char *const *bundles;
	size_t bundle_count;
	const char *volume;
	const struct settings *settings;
	const uint32_t *selected; /* these dimensions of the bundles; NULL: all */
	size_t selected_count;
	const char *key;   /* file of a public key that all bundles must be signed by; NULL: none */
	bool dry_run;	   /* do everything but publish */
	bool keeps_others; /* false: the generation is what the bundles hold, and nothing else */
	bool sync;
	struct progress *progress;
};

/* *ret is filled as by compile_volume, without what sources have; free with report_free. false, reported. */
bool restore_bundles(const struct restore_options *options, struct diag *diag, struct compile_report *ret);

#endif
