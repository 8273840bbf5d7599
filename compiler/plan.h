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
	const struct built *built;	      /* NULL: kept or removed */
	const struct manifest_dimension *old; /* what is published; NULL: nothing that a manifest vouches for */
	const char *unsound; /* of a dimension that should be kept: the file that is not what was published */
	int unsound_error;   /* where it could not be read: why */
	bool keeps_region, keeps_index; /* the published file is sound and the same */
	struct manifest_file *files;	/* filled by stage_dimension; paths live in `arena` */
	size_t file_count, file_capacity;
	struct arena arena;
};

struct plan {
	struct plan_item *items; /* by ascending id, one for each dimension of the report */
	size_t count;
	bool changes_anything;
	bool lacks_spared; /* what was spared because it was published is not so any more */
};

/* Whether a dimension with this region digest is published just as it should be: nothing of it would change. */
bool plan_keeps(const struct compile_options *options, const struct published *published, uint32_t dimension_id,
		const struct digest *digest);

/* Fills the report's dimensions, anew, and the plan. Free with plan_free; *plan points into all arguments. */
void plan_make(const struct build *build, const struct compile_options *options, const struct published *published,
	       struct compile_report *report, struct plan *plan);

/* Reports, with status 5, dimensions that should be kept but are not what was published. false where there are any. */
bool plan_report(const struct plan *plan, struct diag *diag);

void plan_free(struct plan *plan);

#endif
