/*
 * shim.c: what takes libdim several calls and Go shall pay one for.
 * In: a snapshot, a region or a search of libdim's; events of a volume.
 * Out: all that a Layer tells, in one struct; events to Go.
 */
#include <stdio.h>
#include <string.h>

#include "_cgo_export.h"
#include "shim.h"

static enum dim_status tell(const struct dim_region *region, const struct dim_layer *layer, struct facts *ret)
{
	struct facts f = {.region = region, .layer = layer};
	enum dim_status status = dim_layer_content(region, layer, &f.content);

	if (status == DIM_OK)
		status = dim_layer_title(region, layer, &f.title);
	if (status != DIM_OK)
		return status;
	f.frequency = dim_layer_frequency(layer);
	f.dimension_id = dim_region_dimension_id(region);
	f.id = dim_layer_id(layer);
	*ret = f;
	return DIM_OK;
}

enum dim_status shim_snapshot_layer(const struct dim_snapshot *snapshot, uint32_t dimension_id, uint32_t layer_id,
				    struct facts *ret)
{
	const struct dim_region *region;
	const struct dim_layer *layer;
	enum dim_status status = dim_snapshot_layer(snapshot, dimension_id, layer_id, &region, &layer);

	return status == DIM_OK ? tell(region, layer, ret) : status;
}

enum dim_status shim_region_layer(const struct dim_region *region, uint32_t layer_id, struct facts *ret)
{
	const struct dim_layer *layer;
	enum dim_status status = dim_region_layer(region, layer_id, &layer);

	return status == DIM_OK ? tell(region, layer, ret) : status;
}

enum dim_status shim_layer_at(const struct dim_region *region, uint32_t position, struct facts *ret)
{
	const struct dim_layer *layer;
	enum dim_status status = dim_region_layer_at(region, position, &layer);

	return status == DIM_OK ? tell(region, layer, ret) : status;
}

enum dim_status shim_layer_by_frequency(const struct dim_region *region, uint32_t rank, struct facts *ret)
{
	const struct dim_layer *layer;
	enum dim_status status = dim_region_layer_by_frequency(region, rank, &layer);

	return status == DIM_OK ? tell(region, layer, ret) : status;
}

enum dim_status shim_keyword_layer(const struct dim_region *region, uint32_t keyword, uint32_t index, struct facts *ret)
{
	const struct dim_layer *layer;
	enum dim_status status = dim_keyword_layer(region, keyword, index, &layer);

	return status == DIM_OK ? tell(region, layer, ret) : status;
}

enum dim_status shim_next_layer(struct dim_cursor *cursor, struct facts *ret)
{
	const struct dim_region *region;
	const struct dim_layer *layer;
	enum dim_status status = dim_cursor_next_layer(cursor, &region, &layer);

	return status == DIM_OK ? tell(region, layer, ret) : status;
}

void shim_fail(enum dim_status status, uint32_t dimension_id, uint32_t layer_id, struct dim_error *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->status = status;
	ret->dimension_id = dimension_id;
	ret->layer_id = layer_id;
	snprintf(ret->message, sizeof(ret->message), "%s", dim_strerror(status));
}

static void trace(void *context, const struct dim_event *event)
{
	consciousnessTrace((uintptr_t)context, (struct dim_event *)(uintptr_t)event);
}

void shim_trace(struct dim_options *options, uintptr_t handle)
{
	options->trace = trace;
	options->trace_context = (void *)handle;
}
