/*
 * plan.h: what a compile changes in a volume.
 * In: regions that were built, and what is published.
 * Out: one item a dimension: written, kept or removed, and which of its files may be taken over.
 */
#ifndef DIMC_PLAN_H
#define DIMC_PLAN_H

#include "build.h"
#include "published.h"

struct plan_item {
	struct compiled_dimension *reported;  /* in the report */
	const struct region *region;	      /* NULL: kept or removed */
	const struct manifest_dimension *old; /* what is published; NULL: nothing that a manifest vouches for */
	bool keeps_region, keeps_index;	      /* the published file is sound and the same */
	struct manifest_file *files;	      /* filled by stage_dimension; paths live in `arena` */
	size_t file_count, file_capacity;
	struct arena arena;
};

struct plan {
	struct plan_item *items; /* by ascending id, one for each dimension of the report */
	size_t count;
	bool changes_anything;
};

/*
 * Fills the report's dimensions and the plan. false, reported with status 5, where a dimension that should be kept is
 * not what was published. Free with plan_free in either case; *plan points into all arguments.
 */
bool plan_make(const struct build *build, const struct compile_options *options, const struct published *published,
	       struct diag *diag, struct compile_report *report, struct plan *plan);
void plan_free(struct plan *plan);

#endif
