/*
 * shim.h: what takes libdim several calls and Go shall pay one for.
 * In: a snapshot, a region or a search of libdim's.
 * Out: all that a Layer tells, in one struct; or libdim's status.
 */
#ifndef SHIM_H
#define SHIM_H

#include <dim.h>

/* A layer as found. The pointers are libdim's, into the mapping. */
struct facts {
	const struct dim_region *region;
	const struct dim_layer *layer;
	struct dim_span content, title;
	double frequency;
	uint32_t dimension_id, id;
};

enum dim_status shim_snapshot_layer(const struct dim_snapshot *snapshot, uint32_t dimension_id, uint32_t layer_id,
				    struct facts *ret);
enum dim_status shim_region_layer(const struct dim_region *region, uint32_t layer_id, struct facts *ret);
enum dim_status shim_layer_at(const struct dim_region *region, uint32_t position, struct facts *ret);
enum dim_status shim_layer_by_frequency(const struct dim_region *region, uint32_t rank, struct facts *ret);
enum dim_status shim_keyword_layer(const struct dim_region *region, uint32_t keyword, uint32_t index,
				   struct facts *ret);
enum dim_status shim_next_layer(struct dim_cursor *cursor, struct facts *ret);

/* The details of what libdim told by a status alone. */
void shim_fail(enum dim_status status, uint32_t dimension_id, uint32_t layer_id, struct dim_error *ret);

/* Sends a volume's events to the Go function that `handle` (of runtime/cgo) stands for. */
void shim_trace(struct dim_options *options, uintptr_t handle);

#endif
