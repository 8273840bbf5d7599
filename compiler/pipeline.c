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
#include <unistd.h>

#include "check.h"
#include "fs.h"
#include "lint.h"
#include "plan.h"
#include "publish.h"
#include "source.h"
#include "stage.h"
#include "strays.h"

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

/* A dimension that was asked for must be in the sources. */
static void check_selection(const struct compile_options *options, const struct model *model, struct diag *diag)
{
	size_t i, k;

	for (i = 0; i < options->selected_count && !options->allow_absent; i++) {
		for (k = 0; k < model->count && model->dimensions[k].dimension_id != options->selected[i]; k++)
			;
		if (k == model->count)
			diag_fail(diag, EXIT_NOT_THERE, "D%02u is not among the sources in %s", options->selected[i],
				  options->source);
	}
}

/* What reading gives goes on to be built while the next dimension is read. */
struct line {
	const struct compile_options *options;
	struct diag *diag;
	struct build *build;
	bool spills;
};

static void take_dimension(void *context, struct dimension *d)
{
	struct line *line = context;
	struct built *built;

	check_dimension(d, line->diag);
	if (!d->is_selected)
		return;
	/* Also after an error: that a region is too large should be told in the same run. */
	built = build_add(line->build, d);
	if (built != NULL && line->spills && build_spill(line->build, built))
		model_drop_layers(d);
}

bool compile_sources(const struct compile_options *options, enum source_kind kind, struct diag *diag,
		     struct model *ret_model, struct build *ret_build)
{
	struct source_options source = source_options(options);
	struct line line = {.options = options, .diag = diag, .build = ret_build};
	bool is_read;

	build_begin(ret_build, options, diag);
	source.take = take_dimension;
	source.context = &line;
	source.allow_one = kind == SOURCES_OR_ONE;
	is_read = kind == ONE_DIMENSION ? source_read_one(options->source, &source, diag, ret_model)
					: source_read(options->source, &source, diag, ret_model);
	build_end(ret_build);
	check_ids(ret_model, diag);
	if (is_read)
		check_selection(options, ret_model, diag);
	lint_keywords(ret_model, diag);
	lint_texts(ret_model, diag);
	/* Also after an error: that a region is too large should be told in the same run. */
	build_regions(ret_model, options, diag, ret_build);
	return diag_errors(diag) == 0;
}

/* The same, counting what was read. */
static bool read_and_build(const struct compile_options *options, enum source_kind kind, struct diag *diag,
			   struct model *model, struct build *build, struct compile_report *ret)
{
	bool ok = compile_sources(options, kind, diag, model, build);
	size_t i;

	for (i = 0; i < model->count; i++) {
		ret->file_count += model->dimensions[i].file_count;
		ret->source_bytes += model->dimensions[i].source_bytes;
	}
	return ok && (options->depfile == NULL || depfile_compose(options->depfile, model, diag));
}

/* The generation that the plan leads to. */
static void name_generation(const struct plan *plan, struct compile_report *ret)
{
	struct manifest manifest = {0};

	stage_manifest(plan, &manifest);
	ret->generation = manifest.generation;
	manifest_free(&manifest);
}

/* --- the line --- */

bool compile_volume(const struct compile_options *options, struct diag *diag, struct compile_report *ret)
{
	bool publishes = options->mode == COMPILE_PUBLISH, made;
	struct model model = {0};
	struct build build = {0};
	struct published published = {.fd = -1};
	struct plan plan = {0};
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
	for (attempt = 0; attempt < VOLUME_ATTEMPTS; attempt++) {
		if (attempt > 0)
			volume_pause();
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
	name_generation(&plan, ret);
	if (options->mode == COMPILE_COMPARE)
		strays_find(&published, ret);
	ret->is_up_to_date = !plan.changes_anything && ret->stray_count == 0;
	if (!publishes)
		ok = true;
	else if (ret->is_up_to_date)
		ok = publish_settle(&volume, &published, options->sync);
	else
		ok = stage_generation(options, &volume, &plan, diag, ret);
out:
	volume_close(&volume);
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
	if (ok) {
		plan_make(&build, options, &nothing, ret, &plan);
		name_generation(&plan, ret);
	}
	plan_free(&plan);
	build_free(&build);
	model_free(&model);
	return ok;
}

/* Writes one region to proto/, aside and then renamed. */
static bool write_proto(const struct compile_options *options, struct volume *volume, const struct region *region,
			const char *name, struct diag *diag, bool *ret_written)
{
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
		region_write(region, &out);
		out_extend_to(&out, options->settings->initial_size);
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
	name_generation(&plan, ret);
	ok = true;
	if (options->mode == COMPILE_PUBLISH)
		ok = volume_create(&volume, options->volume, diag, &made) && volume_lock(&volume) &&
		     volume_make_parts(&volume, false) &&
		     write_proto(options, &volume, &build.items[0]->region, name, diag, &ret->is_published);
out:
	volume_close(&volume);
	plan_free(&plan);
	build_free(&build);
	model_free(&model);
	return ok;
}
