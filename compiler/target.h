/*
 * target.h: the regions that a path stands for, for the commands that read.
 * In: a volume, a generation, a dimension's directory, a region file (also proto/NAME.mmap) or a bundle.
 * Out: its regions, open, by ascending dimension_id.
 */
#ifndef DIMC_TARGET_H
#define DIMC_TARGET_H

#include "../include/dim.h"
#include "diag.h"
#include "model.h"
#include "settings.h"

enum target_kind {
	TARGET_VOLUME,	   /* has consciousness/ */
	TARGET_GENERATION, /* consciousness/ itself, .previous, or a copy of one */
	TARGET_DIMENSION,  /* a directory with region.mmap */
	TARGET_REGION,	   /* a file */
	TARGET_BUNDLE,	   /* a tar.gz and the like */
};

struct target {
	enum target_kind kind;
	const char *path;
	size_t count;
	const struct dim_region **regions;
	struct dim_volume *volume;
	const struct dim_snapshot *snapshot; /* owns the regions of a volume */
	struct dim_region **owned;	     /* the regions that this target owns itself, in any order */
	size_t owned_count;
};

/* What a path is. false, reported, where it is nothing of ours. */
bool target_kind(const char *path, struct diag *diag, enum target_kind *ret);

/* Whether an operand that may be a path or a word is a path: a volume or the like, or something with a slash in it. */
bool target_is_path(const char *operand);

/* Opens what `path` stands for (of a bundle: unpacked in TMPDIR, every byte proven), and proves all metadata by
 * dim_region_check, so that no accessor fails. false, reported with status 3, 5, 6 or 9. Free with target_close. */
bool target_open(const char *path, const struct settings *settings, struct diag *diag, struct target *ret);
void target_close(struct target *target);

/*
 * Proves every byte of its regions, or of the selected ones (NULL: all), by digest: whoever compares digests, or writes
 * contents down, must know that they are right. false, reported with status 5: the first fault of each region.
 */
bool target_prove(const struct target *target, const uint32_t *selected, size_t selected_count, unsigned jobs,
		  struct diag *diag);

#endif
