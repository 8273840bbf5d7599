/*
 * plan.c: what a compile changes in a volume.
 * In: regions that were built, and what is published.
 * Out: one item a dimension: written, kept or removed, and which of its files may be taken over.
 */
#include "plan.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "parallel.h"
#include "text.h"
#include "trace.h"

static const struct manifest_file *file_named(const struct manifest_dimension *d, const char *suffix)
{
	size_t i;

	for (i = 0; i < d->file_count; i++)
		if (text_ends_with(d->files[i].path, suffix))
			return &d->files[i];
	return NULL;
}

static bool has_layer_files(const struct manifest_dimension *d)
{
	size_t i;

	for (i = 0; i < d->file_count; i++)
		if (strstr(d->files[i].path, "/layers/") != NULL)
			return true;
	return false;
}

struct classification {
	const struct compile_options *options;
	const struct published *published;
	struct plan *plan;
};

/* What happens to a dimension whose region is published with the same digest. */
static enum change classify_same(const struct compile_options *options, const struct published *published,
				 const struct manifest_dimension *old, struct plan_item *item)
{
	const struct manifest_file *region = file_named(old, "/region.mmap"), *index = file_named(old, "/index.json");
	const char *path = "region.mmap";

	item->keeps_region = region != NULL && published_is_sound(published, region);
	item->keeps_index = index != NULL && published_is_sound(published, index);
	if (!item->keeps_region || !item->keeps_index || !published_has_whole(published, old, &path)) {
		item->unsound = item->keeps_region && item->keeps_index ? path
				: item->keeps_region			? "index.json"
									: "region.mmap";
		return CHANGE_REPAIRED;
	}
	assert(region != NULL); /* it is kept */
	if (region->size < options->settings->initial_size) {
		item->keeps_region = false;
		return CHANGE_FILES;
	}
	return has_layer_files(old) == options->layer_files ? CHANGE_NONE : CHANGE_FILES;
}

bool plan_keeps(const struct compile_options *options, const struct published *published, uint32_t dimension_id,
		const struct digest *digest)
{
	const struct manifest_dimension *old = manifest_find(&published->manifest, dimension_id);
	struct plan_item item = {0};

	return old != NULL && digest_equal(&old->digest, digest) &&
	       classify_same(options, published, old, &item) == CHANGE_NONE;
}

/* What happens to one dimension; reads files where nothing is remembered of them, so it runs on several threads. */
static void classify(void *context, size_t number)
{
	struct classification *c = context;
	struct plan_item *item = &c->plan->items[number];
	enum change *change = &item->reported->change;
	const char *path = "region.mmap";

	if (item->built == NULL) {
		errno = 0;
		if (*change == CHANGE_KEPT &&
		    (item->old == NULL || !published_has_whole(c->published, item->old, &path))) {
			item->unsound = path;
			item->unsound_error = errno;
		}
	} else if (item->old == NULL) {
		*change = published_has(c->published, item->reported->dimension_id) ? CHANGE_CHANGED : CHANGE_ADDED;
	} else if (!digest_equal(&item->old->digest, &item->built->region.digest)) {
		*change = CHANGE_CHANGED;
	} else {
		*change = classify_same(c->options, c->published, item->old, item);
		item->reported->damaged = item->unsound;
		item->unsound = NULL;
	}
}

static struct plan_item *add_item(struct plan *plan, struct compile_report *report, uint32_t id)
{
	struct plan_item *item = &plan->items[plan->count++];

	item->reported = &report->dimensions[report->count++];
	item->reported->dimension_id = id;
	return item;
}

static void describe_built(struct plan_item *item, struct compile_report *report)
{
	const struct region *region = &item->built->region;
	struct compiled_dimension *d = item->reported;
	struct text name = region->dimension->name;

	if (region->dimension->known != NULL && item->old != NULL)
		name = item->old->name;
	d->name = (struct text){arena_copy(&report->arena, name.bytes, name.size), name.size};
	d->layer_count = item->built->layer_count;
	d->total_size = region->at.total_size;
	d->digest = region->digest;
	d->content_size = item->built->content_size;
}

static void describe_old(struct plan_item *item, struct compile_report *report)
{
	struct compiled_dimension *d = item->reported;

	if (item->old == NULL)
		return;
	d->name.bytes = arena_copy(&report->arena, item->old->name.bytes, item->old->name.size);
	d->name.size = item->old->name.size;
	d->layer_count = (size_t)item->old->layer_count;
	d->total_size = item->old->total_size;
	d->digest = item->old->digest;
}

void plan_make(const struct build *build, const struct compile_options *options, const struct published *published,
	       struct compile_report *report, struct plan *plan)
{
	struct classification c = {options, published, plan};
	size_t built = 0, old = 0, i;

	memset(plan, 0, sizeof(*plan));
	plan->items = mem_zalloc(build->count + published->id_count, sizeof(*plan->items));
	free(report->dimensions);
	report->count = 0;
	report->dimensions = mem_zalloc(build->count + published->id_count, sizeof(*report->dimensions));
	/* Both lists ascend: merge them. */
	while (built < build->count || old < published->id_count) {
		uint32_t new_id =
			built < build->count ? build->items[built]->region.dimension->dimension_id : UINT32_MAX;
		uint32_t old_id = old < published->id_count ? published->ids[old] : UINT32_MAX;
		struct plan_item *item = add_item(plan, report, new_id < old_id ? new_id : old_id);

		item->old = manifest_find(&published->manifest, item->reported->dimension_id);
		if (new_id <= old_id) {
			item->built = build->items[built++];
			describe_built(item, report);
			item->reported->has_published_count = item->old != NULL;
			item->reported->published_count = item->old != NULL ? item->old->layer_count : 0;
		} else {
			item->reported->change = options->selected != NULL ? CHANGE_KEPT : CHANGE_REMOVED;
			describe_old(item, report);
		}
		old += old_id <= new_id;
	}
	trace_begin(TRACE_COMPARE, NULL);
	parallel_for(plan->count, options->jobs, classify, &c);
	trace_end(TRACE_COMPARE);
	plan->changes_anything = !published->has_manifest;
	for (i = 0; i < plan->count; i++) {
		struct compiled_dimension *d = plan->items[i].reported;

		/* The report outlives the manifest, which has the name; several threads may not share an arena. */
		if (d->damaged != NULL)
			d->damaged = arena_copy(&report->arena, d->damaged, strlen(d->damaged));
		if (d->change != CHANGE_NONE && d->change != CHANGE_KEPT)
			plan->changes_anything = true;
		if (d->change != CHANGE_NONE && plan->items[i].built != NULL && plan->items[i].built->is_spared)
			plan->lacks_spared = true;
	}
}

bool plan_report(const struct plan *plan, struct diag *diag)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < plan->count; i++) {
		if (plan->items[i].unsound == NULL)
			continue;
		ok = false;
		if (plan->items[i].unsound_error != 0) {
			diag_fail(diag, EXIT_SYSTEM, "D%02u would be kept, but %s cannot be read: %s",
				  plan->items[i].reported->dimension_id, plan->items[i].unsound,
				  strerror(plan->items[i].unsound_error));
			continue;
		}
		diag_fail(diag, EXIT_DAMAGED, "D%02u would be kept, but %s is not what was published",
			  plan->items[i].reported->dimension_id, plan->items[i].unsound);
		diag_help(diag, "compile it from its sources, too: add it to -d, or leave -d out");
	}
	return ok;
}

void plan_free(struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->count; i++) {
		free(plan->items[i].files);
		arena_free(&plan->items[i].arena);
	}
	free(plan->items);
	memset(plan, 0, sizeof(*plan));
}
