/*
 * build.h: from checked dimensions to regions, one by one as they come.
 * In: a dimension, settings and flags.
 * Out: its region and its index, in memory or spilled; a region that is too large is reported.
 */
#ifndef DIMC_BUILD_H
#define DIMC_BUILD_H

#include <pthread.h>

#include "compile.h"
#include "region.h"
#include "spill.h"

/* What the sources of a dimension are known to give, without being read. */
struct recalled {
	struct digest digest;
	uint64_t layer_count, content_size, total_size;
};

/* A region that was built. */
struct built {
	struct region region;
	size_t layer_count;
	uint64_t content_size;
	bool is_spared;			      /* published as it is; neither in memory nor spilled */
	struct spill region_file, index_file; /* where they were spilled, layers and metadata are no longer in memory */
};

/* Begun with build_begin, freed with build_free. */
struct build {
	struct built **items; /* by ascending dimension_id, once it is sorted */
	size_t count, capacity;
	const struct compile_options *options;
	struct diag *diag;
	struct spills spills;
	pthread_mutex_t lock;
};

void build_begin(struct build *build, const struct compile_options *options, struct diag *diag);

/*
 * Builds the region of a dimension that was checked. NULL where it is too large, as was reported; it is among the items
 * in either case. Thread-safe.
 */
struct built *build_add(struct build *build, const struct dimension *dimension);

/* Adds the region of a dimension that was not read: what is known of it is d->known. */
void build_add_known(struct build *build, const struct dimension *dimension);

/*
 * Writes the region and its index to files without names, and frees the region's metadata. The dimension's layers are
 * not needed any more. false where that cannot be: then all stays in memory. Thread-safe for different ones.
 */
bool build_spill(struct build *build, struct built *built);

/* Sorts the items. */
void build_end(struct build *build);

void build_free(struct build *build);

/* Appends the index.json of a region that was built, and was not spilled. */
void build_index(const struct region *region, const struct settings *settings, struct buf *ret);

/* What its region.mmap is written from. */
struct region_file {
	const struct region *region;
	const struct settings *settings;
};

/* Writes a struct region_file, with the length that MMAP_INITIAL_SIZE asks for; of the form that publish_write takes.
 */
void build_write(void *region_file, struct out *out);

#endif
