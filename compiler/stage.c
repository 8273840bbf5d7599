/*
 * stage.c: from a plan to a published generation.
 * In: a plan, a locked volume.
 * Out: every file of the new generation written or taken over, on several threads, and the generation published.
 */
#include "stage.h"

#include <stdlib.h>
#include <string.h>

#include "parallel.h"
#include "publish.h"
#include "trace.h"
#include "utf8.h"

struct staging {
	const struct compile_options *options;
	struct publication publication;
	struct plan *plan;
	struct diag *diag;
};

static void add_file(struct plan_item *item, const char *path, const struct manifest_file *file)
{
	item->files = mem_reserve(item->files, item->file_count, &item->file_capacity, sizeof(*item->files));
	item->files[item->file_count] = *file;
	item->files[item->file_count++].path = path;
}

static void fill_text(void *context, struct out *out)
{
	const struct text *text = context;

	out_write(out, text->bytes, text->size);
}

static bool stage_new(struct staging *s, struct plan_item *item, const char *path, void (*fill)(void *, struct out *),
		      void *context)
{
	struct manifest_file file = {0};

	if (!publish_write(&s->publication, path, fill, context, &file))
		return false;
	add_file(item, path, &file);
	return true;
}

/* A file that was written before it had a place. */
static bool stage_spilled(struct staging *s, struct plan_item *item, const char *path, const struct spill *spill)
{
	struct manifest_file file = {0};

	if (!publish_place(&s->publication, path, spill, &file))
		return false;
	add_file(item, path, &file);
	return true;
}

/* A file of the published generation stays. */
static bool stage_old(struct staging *s, struct plan_item *item, const char *path)
{
	size_t i;

	if (!publish_keep(&s->publication, path))
		return false;
	for (i = 0; i < item->old->file_count; i++)
		if (strcmp(item->old->files[i].path, path) == 0)
			add_file(item, path, &item->old->files[i]);
	return true;
}

/* layers/7.txt for text, layers/7.bin for what is none. */
static bool stage_layer_files(struct staging *s, struct plan_item *item, const char *name)
{
	const struct dimension *d = item->built->region.dimension;
	bool ok = publish_make_dir(&s->publication, arena_printf(&item->arena, "%s/layers", name));
	size_t i;

	for (i = 0; ok && i < d->layer_count; i++) {
		struct text content = d->layers[i].content;
		const char *path = arena_printf(&item->arena, "%s/layers/%u.%s", name, d->layers[i].layer_id,
						utf8_is_valid(content.bytes, content.size) ? "txt" : "bin");

		ok = stage_new(s, item, path, fill_text, &content);
	}
	return ok;
}

static bool stage_index(struct staging *s, struct plan_item *item, const char *path)
{
	struct buf index = {0};
	bool ok;

	if (item->keeps_index)
		return stage_old(s, item, path);
	if (item->built->index_file.fd >= 0)
		return stage_spilled(s, item, path, &item->built->index_file);
	build_index(&item->built->region, s->options->settings, &index);
	ok = stage_new(s, item, path, out_write_buf, &index);
	buf_free(&index);
	return ok;
}

static bool stage_region(struct staging *s, struct plan_item *item, const char *path)
{
	struct region_file file = {&item->built->region, s->options->settings};

	if (item->keeps_region)
		return stage_old(s, item, path);
	if (item->built->region_file.fd >= 0)
		return stage_spilled(s, item, path, &item->built->region_file);
	return stage_new(s, item, path, build_write, &file);
}

static void stage_built(struct staging *s, struct plan_item *item, const char *name)
{
	if (publish_make_dir(&s->publication, name) &&
	    stage_index(s, item, arena_printf(&item->arena, "%s/index.json", name)) &&
	    stage_region(s, item, arena_printf(&item->arena, "%s/region.mmap", name)) && s->options->layer_files)
		stage_layer_files(s, item, name);
}

/* A dimension that was not selected or did not change: all its files stay. */
static void stage_kept(struct staging *s, struct plan_item *item)
{
	size_t i;

	if (publish_keep_dimension(&s->publication, item->old))
		for (i = 0; i < item->old->file_count; i++)
			add_file(item, item->old->files[i].path, &item->old->files[i]);
}

static void stage_dimension(void *context, size_t number)
{
	struct staging *s = context;
	struct plan_item *item = &s->plan->items[number];
	char name[16];

	volume_dimension_name(item->reported->dimension_id, name);
	trace_begin(TRACE_WRITE, name);
	if (item->reported->change == CHANGE_KEPT || item->reported->change == CHANGE_NONE)
		stage_kept(s, item);
	else if (item->built != NULL)
		stage_built(s, item, name);
	trace_end(TRACE_WRITE);
	progress_step(s->options->progress);
}

void stage_manifest(const struct plan *plan, struct manifest *ret)
{
	size_t i, k;

	for (i = 0; i < plan->count; i++) {
		const struct plan_item *item = &plan->items[i];
		struct manifest_dimension *d;

		if (item->reported->change == CHANGE_REMOVED)
			continue;
		d = manifest_add(ret, item->reported->dimension_id);
		d->name = item->reported->name;
		d->layer_count = item->reported->layer_count;
		d->total_size = item->reported->total_size;
		d->digest = item->reported->digest;
		for (k = 0; k < item->file_count; k++)
			manifest_add_file(ret, d, item->files[k].path, item->files[k].size, &item->files[k].digest);
	}
	manifest_finish(ret);
}

bool stage_generation(const struct compile_options *options, struct volume *volume, struct plan *plan,
		      struct diag *diag, struct compile_report *ret)
{
	struct staging s = {.options = options, .plan = plan, .diag = diag};
	struct manifest manifest = {0};
	bool done = false;

	if (!publish_begin(&s.publication, volume, options->sync, plan->count))
		return false;
	progress_begin(options->progress, "writing", plan->count);
	trace_begin(TRACE_WRITE, NULL);
	parallel_for(plan->count, options->jobs, stage_dimension, &s);
	trace_end(TRACE_WRITE);
	if (diag_errors(diag) > 0) {
		publish_abort(&s.publication);
		return false;
	}
	stage_manifest(plan, &manifest);
	done = publish_commit(&s.publication, &manifest);
	ret->is_published = done || diag_status(diag) == EXIT_NOT_DURABLE;
	manifest_free(&manifest);
	return done;
}
