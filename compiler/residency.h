/*
 * residency.h: what of a volume is in the page cache, and who has it mapped.
 * In: a snapshot.
 * Out: numbers, and the same as a table or as JSON; `dimc top` and `dimc info --resident` show it.
 */
#ifndef DIMC_RESIDENCY_H
#define DIMC_RESIDENCY_H

#include <stdbool.h>

#include "buf.h"
#include "diag.h"
#include "digest.h"
#include "json.h"
#include "readers.h"

/* One dimension: its file, its metadata and the rest. Resident bytes are of whole pages. */
struct residency_of {
	uint32_t dimension_id;
	bool is_known; /* the kernel tells this process (dim_region_resident) */
	uint64_t file_size, metadata_size;
	uint64_t resident, metadata_resident;
};

struct residency {
	size_t count;
	struct residency_of *dimensions;
	const struct dim_region **regions; /* of the snapshot */
	bool is_whole;			   /* all dimensions of the volume, so that they are a generation */
	struct digest generation;
	struct readers readers;
};

/*
 * Opens the volume for looking: some dimensions, or, with NULL, all. Touches nothing of a region. NULL, reported, where
 * that fails.
 */
struct dim_volume *residency_open(const char *path, uint64_t max_size, const uint32_t *dimensions, size_t count,
				  struct diag *diag);

/* Looks. Reads no page of a region, so that looking changes nothing. All dimensions of the snapshot are loaded. */
void residency_take(const char *path, const struct dim_snapshot *snapshot, bool is_whole, struct residency *ret);
void residency_free(struct residency *residency);

/*
 * A table of at most `rows` lines, 80 columns wide, then the processes. `before`, or NULL, is what the former look
 * gave: faults are then told since that. Names are read from the regions, one or two pages each.
 */
void residency_table(const struct residency *r, const struct residency *before, const char *path, size_t rows,
		     struct buf *buf);
void residency_json(const struct residency *r, const char *path, struct json *json);

#endif
