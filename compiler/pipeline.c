/*
 * pipeline.c: the straight line from sources to a published generation.
 * In: a folder of sources, a volume, what to do.
 * Out: a report of what changed, and, unless told otherwise, a new generation.
 */
#include "pipeline.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "build.h"
#include "check.h"
#include "fs.h"
#include "parallel.h"
#include "plan.h"
#include "publish.h"
#include "source.h"
#include "utf8.h"

/* --- sources to regions: read, check, build --- */

static struct source_options source_options(const struct compile_options *options)
{
	struct source_options source = {.max_region_size = options->settings->max_size,
					.jobs = options->jobs,
					.selected = options->selected,
					.selected_count = options->selected_count,
					.progress = options->progress};

	return source;
}

static void count_sources(const struct model *model, struct compile_report *ret)
{
	size_t i;

	for (i = 0; i < model->count; i++) {
		ret->file_count += model->dimensions[i].file_count;
		ret->source_bytes += model->dimensions[i].source_bytes;
	}
}

/* A dimension that was asked for must be in the sources. */
static void check_selection(const struct compile_options *options, const struct model *model, struct diag *diag)
{
	size_t i, k;

	for (i = 0; i < options->selected_count; i++) {
		for (k = 0; k < model->count && model->dimensions[k].dimension_id != options->selected[i]; k++)
			;
		if (k == model->count)
			diag_fail(diag, EXIT_NOT_THERE, "D%02u is not among the sources in %s", options->selected[i],
				  options->source);
	}
}

/* What options->source may be. */
enum source_kind { SOURCES, SOURCES_OR_ONE, ONE_DIMENSION };

static bool read_and_build(const struct compile_options *options, enum source_kind kind, struct diag *diag,
			   struct model *model, struct build *build, struct compile_report *ret)
{
	struct source_options source = source_options(options);
	bool is_read;

	source.allow_one = kind == SOURCES_OR_ONE;
	is_read = kind == ONE_DIMENSION ? source_read_one(options->source, &source, diag, model)
					: source_read(options->source, &source, diag, model);

	count_sources(model, ret);
	check_model(model, diag);
	if (is_read)
		check_selection(options, model, diag);
	/* Also after an error: that a region is too large should be told in the same run. */
	build_regions(model, options, diag, build);
	return diag_errors(diag) == 0;
}

/* --- regions to a staged generation --- */

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

struct region_file {
	const struct region *region;
	uint64_t initial_size;
};

static void fill_region(void *context, struct out *out)
{
	const struct region_file *file = context;

	region_write(file->region, out);
	out_extend_to(out, file->initial_size);
}

static void fill_buf(void *context, struct out *out)
{
	const struct buf *buf = context;

	out_write(out, buf->bytes, buf->size);
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
	const struct dimension *d = item->region->dimension;
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

static void stage_built(struct staging *s, struct plan_item *item, const char *name)
{
	const struct settings *settings = s->options->settings;
	struct region_file file = {item->region, settings->initial_size};
	const char *index_path = arena_printf(&item->arena, "%s/index.json", name);
	const char *region_path = arena_printf(&item->arena, "%s/region.mmap", name);
	struct buf index = {0};
	bool ok = publish_make_dir(&s->publication, name);

	if (ok && item->keeps_index) {
		ok = stage_old(s, item, index_path);
	} else if (ok) {
		build_index(item->region, settings, &index);
		ok = stage_new(s, item, index_path, fill_buf, &index);
	}
	if (ok)
		ok = item->keeps_region ? stage_old(s, item, region_path)
					: stage_new(s, item, region_path, fill_region, &file);
	if (ok && s->options->layer_files)
		stage_layer_files(s, item, name);
	buf_free(&index);
}

/* A dimension that was not selected or did not change: all its files stay. */
static void stage_kept(struct staging *s, struct plan_item *item, const char *name)
{
	bool ok = publish_make_dir(&s->publication, name);
	size_t i;

	for (i = 0; ok && i < item->old->file_count; i++) {
		const char *path = item->old->files[i].path;

		if (strstr(path, "/layers/") != NULL)
			ok = publish_make_dir(&s->publication, arena_printf(&item->arena, "%s/layers", name));
		ok = ok && stage_old(s, item, path);
	}
}

static void stage_dimension(void *context, size_t number)
{
	struct staging *s = context;
	struct plan_item *item = &s->plan->items[number];
	char name[16];

	volume_dimension_name(item->reported->dimension_id, name);
	if (item->reported->change == CHANGE_KEPT || item->reported->change == CHANGE_NONE)
		stage_kept(s, item, name);
	else if (item->region != NULL)
		stage_built(s, item, name);
	progress_step(s->options->progress);
}

static void make_manifest(const struct plan *plan, struct manifest *ret)
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

static bool stage_and_publish(const struct compile_options *options, struct volume *volume, struct plan *plan,
			      struct diag *diag, struct compile_report *ret)
{
	struct staging s = {.options = options, .plan = plan, .diag = diag};
	struct manifest manifest = {0};
	bool done = false;

	if (!publish_begin(&s.publication, volume, options->sync))
		return false;
	progress_begin(options->progress, "writing", plan->count);
	parallel_for(plan->count, options->jobs, stage_dimension, &s);
	if (diag_errors(diag) > 0) {
		publish_abort(&s.publication);
		return false;
	}
	make_manifest(plan, &manifest);
	done = publish_commit(&s.publication, &manifest);
	ret->is_published = done || diag_status(diag) == EXIT_NOT_DURABLE;
	manifest_free(&manifest);
	return done;
}

/* --- the line --- */

enum { ATTEMPTS = 250 };
static const struct timespec PAUSE = {0, 1000000};

bool compile_volume(const struct compile_options *options, struct diag *diag, struct compile_report *ret)
{
	bool publishes = options->mode == COMPILE_PUBLISH, made;
	struct model model = {0};
	struct build build = {0};
	struct published published = {.fd = -1};
	struct plan plan = {0};
	struct manifest manifest = {0};
	struct volume volume = {.fd = -1, .lock = -1};
	bool ok = false;
	int attempt;

	memset(ret, 0, sizeof(*ret));
	if (!read_and_build(options, SOURCES, diag, &model, &build, ret))
		goto out;
	if (publishes) {
		if (!volume_create(&volume, options->volume, diag, &made) || !volume_lock(&volume) ||
		    !volume_make_parts(&volume, false))
			goto out;
	} else if (access(options->volume, F_OK) == 0 && !volume_open(&volume, options->volume, diag)) {
		goto out;
	}
	/* Who only looks holds no lock: a generation that was replaced meanwhile may have lost files. */
	for (attempt = 0; attempt < ATTEMPTS; attempt++) {
		if (attempt > 0)
			nanosleep(&PAUSE, NULL);
		plan_free(&plan);
		published_free(&published);
		if (volume.fd >= 0 && !published_read(&volume, VOLUME_GENERATION, &published))
			goto out;
		plan_make(&build, options, &published, ret, &plan);
		if (publishes || volume.fd < 0 || published_is_current(&volume, VOLUME_GENERATION, &published))
			break;
	}
	if (!plan_report(&plan, diag))
		goto out;
	ret->has_previous = published.has_manifest;
	ret->previous = published.manifest.generation;
	make_manifest(&plan, &manifest);
	ret->generation = manifest.generation;
	ret->is_up_to_date = !plan.changes_anything;
	ok = !publishes || ret->is_up_to_date || stage_and_publish(options, &volume, &plan, diag, ret);
out:
	volume_close(&volume);
	manifest_free(&manifest);
	plan_free(&plan);
	published_free(&published);
	build_free(&build);
	model_free(&model);
	return ok;
}

bool check_sources(const struct compile_options *options, struct diag *diag, struct compile_report *ret)
{
	struct published nothing = {.fd = -1};
	struct model model = {0};
	struct build build = {0};
	struct plan plan = {0};
	bool ok;

	memset(ret, 0, sizeof(*ret));
	ok = read_and_build(options, SOURCES_OR_ONE, diag, &model, &build, ret);
	if (ok)
		plan_make(&build, options, &nothing, ret, &plan);
	plan_free(&plan);
	build_free(&build);
	model_free(&model);
	return ok;
}

/* Writes one region to proto/, aside and then renamed. */
static bool write_proto(const struct compile_options *options, struct volume *volume, const struct region *region,
			const char *name, struct diag *diag, bool *ret_written)
{
	struct region_file file = {region, options->settings->initial_size};
	struct arena arena = {0};
	const char *aside = arena_printf(&arena, VOLUME_PROTO "/.%s.mmap.new", name);
	const char *path = arena_printf(&arena, VOLUME_PROTO "/%s.mmap", name);
	struct digest digest;
	struct out out;
	uint64_t size;
	int error = 0;

	if (fs_remove_tree(volume->fd, aside) != 0)
		error = errno;
	if (error == 0) {
		out_open(&out, volume->fd, aside);
		fill_region(&file, &out);
		error = out_close(&out, options->sync, &size, &digest);
	}
	if (error == 0 && renameat(volume->fd, aside, volume->fd, path) != 0)
		error = errno;
	if (error == 0) {
		*ret_written = true;
		if (options->sync && fs_sync_dir(volume->fd, VOLUME_PROTO) != 0)
			diag_fail(diag, EXIT_NOT_DURABLE, "%s/%s is written, but syncing its directory failed: %s",
				  volume->path, path, strerror(errno));
	} else {
		diag_fail(diag, EXIT_SYSTEM, "cannot write %s/%s: %s", volume->path, path, strerror(error));
		fs_remove_tree(volume->fd, aside);
	}
	arena_free(&arena);
	return diag_errors(diag) == 0;
}

bool compile_proto(const struct compile_options *options, const char *name, struct diag *diag,
		   struct compile_report *ret)
{
	struct published nothing = {.fd = -1};
	struct model model = {0};
	struct build build = {0};
	struct plan plan = {0};
	struct volume volume = {.fd = -1, .lock = -1};
	bool made, ok = false;

	memset(ret, 0, sizeof(*ret));
	if (!read_and_build(options, ONE_DIMENSION, diag, &model, &build, ret))
		goto out;
	plan_make(&build, options, &nothing, ret, &plan);
	ok = true;
	if (options->mode == COMPILE_PUBLISH)
		ok = volume_create(&volume, options->volume, diag, &made) && volume_lock(&volume) &&
		     volume_make_parts(&volume, false) &&
		     write_proto(options, &volume, &build.regions[0], name, diag, &ret->is_published);
out:
	volume_close(&volume);
	plan_free(&plan);
	build_free(&build);
	model_free(&model);
	return ok;
}

void compile_report_free(struct compile_report *report)
{
	arena_free(&report->arena);
	free(report->dimensions);
	memset(report, 0, sizeof(*report));
}
