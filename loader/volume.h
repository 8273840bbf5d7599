/*
 * volume.h: a volume over time: the snapshot in use, and what it was opened with.
 * In: snapshot.h.
 * Out: struct dim_volume, and how the generation that is published now becomes a snapshot (published.c).
 */
#ifndef DIM_LOADER_VOLUME_H
#define DIM_LOADER_VOLUME_H

#include <pthread.h>

#include "snapshot.h"

/* As many snapshots can be alive at once; `current` has eight bits for the slot. */
enum { DIM_SLOTS = 256, DIM_SLOT_SHIFT = 56 };

struct dim_volume {
	/*
	 * The slot of the snapshot in use, above how often it was acquired: one addition both counts and tells which
	 * one was counted ("split reference count", A. Williams, C++ Concurrency in Action, 7.2.4).
	 */
	_Alignas(64) _Atomic uint64_t current;
	_Alignas(64) _Atomic(struct dim_snapshot *) slots[DIM_SLOTS];
	atomic_uint alive;	      /* snapshots, and 1 for the open handle */
	_Atomic uint64_t mapped_size; /* of all regions of all snapshots */

	pthread_mutex_t lock; /* of whoever changes something; readers do not take it */
	struct dim_options options;
	uint32_t *dimensions; /* options.dimensions: a copy, ascending, each once; or NULL */
	int base;	      /* the directory where a relative path begins; AT_FDCWD with an absolute one */
	char *path;	      /* of the volume, as the caller gave it */
	char *generation_path;
	struct {
		bool is_set;
		dev_t device;
		ino_t inode;
		struct timespec changed;
		struct dim_error error;
	} refused; /* a generation that was looked at and is not worth another look */
};

/* A volume of the caller's path and options, without a snapshot, its one owner the handle; and its end. */
enum dim_status dim_volume_new(const char *path, const struct dim_options *options, struct dim_volume **ret,
			       struct dim_error *err);
void dim_volume_free(struct dim_volume *volume);

/*
 * Opens what is published: a snapshot with what `previous` has loaded or, where that is NULL, with all that is not
 * DIM_LAZY. What did not change is shared with `previous`, what did is proved.
 */
enum dim_status dim_published_open(struct dim_volume *volume, const struct dim_snapshot *previous,
				   struct dim_snapshot **ret_snapshot, struct dim_error *err);

/* Opens one dimension's region, within `room` bytes of the budget. DIM_OK and NULL: its place has no file. */
enum dim_status dim_published_load(struct dim_volume *volume, const struct dim_snapshot *snapshot,
				   const struct dim_place *place, uint64_t room, struct dim_region **ret_region,
				   struct dim_error *err);

/* Tells the volume's trace, if it has one. `started` is dim_trace_clock's. */
uint64_t dim_trace_clock(const struct dim_volume *volume);
void dim_trace_event(const struct dim_volume *volume, enum dim_event_kind kind, uint32_t dimension_id, uint64_t serial,
		     uint64_t size, uint64_t started, const struct dim_error *error);

/* Bytes that a snapshot has mapped. */
uint64_t dim_snapshot_size(const struct dim_snapshot *snapshot);

#endif
