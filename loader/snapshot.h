/*
 * snapshot.h: a generation's directory, and the snapshots that are made of it.
 * In: internal.h.
 * Out: struct dim_generation and struct dim_snapshot, and who frees them; see generation.c and snapshot.c.
 */
#ifndef DIM_SNAPSHOT_H
#define DIM_SNAPSHOT_H

#include "../include/dim.h"
#include "internal.h"

/* One dimension of a generation. */
struct dim_place {
	uint32_t dimension_id;
	int descriptor; /* of its region file, kept where dimensions are loaded later (DIM_LAZY), else -1 */
};

/*
 * The directory of a generation, open: while it is, its inode cannot be another's, so that comparing inodes tells
 * whether something else was published.
 */
struct dim_generation {
	atomic_uint references; /* snapshots */
	int directory;
	dev_t device;
	ino_t inode;
	uint64_t serial;
	size_t count;
	size_t capacity;
	struct dim_place *places; /* by ascending dimension_id */
};

/*
 * Immutable but for its count. `references` is what was acquired (added when the snapshot is replaced, and not before)
 * less what was released: it reaches zero only when the snapshot was replaced and nobody holds it.
 */
struct dim_snapshot {
	_Alignas(64) _Atomic int64_t references;
	_Alignas(64) struct dim_volume *volume;
	struct dim_generation *generation;
	unsigned slot; /* of the volume's table */
	uint32_t first_id;
	size_t count;
	struct dim_region *regions[]; /* of generation->places, NULL where not loaded */
};

/* A generation without places yet, of a directory whose descriptor it takes, also on failure. */
enum dim_status dim_generation_new(int directory, struct dim_generation **ret, struct dim_error *err);
void dim_generation_release(struct dim_generation *generation);

/* Lists its dimensions, or takes those of `options`; opens their files where they are to be loaded later. */
enum dim_status dim_generation_list(struct dim_generation *generation, const struct dim_options *options,
				    struct dim_error *err);

/* "D01/region.mmap" */
struct dim_place_path {
	char text[32];
};
struct dim_place_path dim_place_path(uint32_t dimension_id);

/* The file of a place, to be closed by the caller; -1 and errno. */
int dim_place_open(const struct dim_generation *generation, const struct dim_place *place);

/*
 * After dim_place_open failed with `number`: DIM_OK where a place without a file is no dimension (an empty directory of
 * `dimc init`, or a generation on its way out), else why it is wrong. Here and below, `err` is never NULL.
 */
enum dim_status dim_place_absent(const struct dim_place *place, int number, const struct dim_options *options,
				 struct dim_error *err);

/* A snapshot with nothing loaded; holds the generation. NULL: out of memory. */
struct dim_snapshot *dim_snapshot_new(struct dim_volume *volume, struct dim_generation *generation);

/* Closes what it has and frees it. */
void dim_snapshot_free(struct dim_snapshot *snapshot);

/* The position of a dimension, or SIZE_MAX. */
size_t dim_snapshot_position(const struct dim_snapshot *snapshot, uint32_t dimension_id);

/* Of volume.c: called by the last release of a snapshot that was replaced. */
void dim_volume_forget(struct dim_volume *volume, struct dim_snapshot *snapshot);

#endif
