/*
 * build.h: from a checked model to regions in memory, on several threads.
 * In: the model, settings and flags.
 * Out: a region for every selected dimension, by ascending id; a region that is too large is reported.
 */
#ifndef DIMC_BUILD_H
#define DIMC_BUILD_H

#include "compile.h"
#include "region.h"

struct build {
	struct region *regions; /* by ascending dimension_id */
	size_t count;
};

/* false where something was reported. Free with build_free in either case. */
bool build_regions(const struct model *model, const struct compile_options *options, struct diag *diag,
		   struct build *ret);
void build_free(struct build *build);

/* Appends the index.json of a region that was built. */
void build_index(const struct region *region, const struct settings *settings, struct buf *ret);

#endif
