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

#include "fs.h"
#include "gather.h"
#include "plan.h"
#include "publish.h"
#include "recall.h"
#include "rights.h"
#include "stage.h"
#include "strays.h"
#include "trace.h"

/* Counts what was read; composes the depfile where one is wanted. */
static bool describe(const struct compile_options *options, const struct model *model, struct diag *diag,
		     struct compile_report *ret)
{
	size_t i;

	ret->file_count = 0;
	ret->source_bytes = 0;
	for (i = 0; i < model->count; i++) {
		ret->file_count += model->dimensions[i].file_count;
		ret->source_bytes += model->dimensions[i].source_bytes;
	}
	return options->depfile == NULL || depfile_compose(options->depfile, model, diag);
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

/* One run through it. */
struct run {
	const struct compile_options *options;
	struct diag *diag;
	struct compile_report *report;
	struct volume volume;
	struct published published;
	struct gathered gathered;
	struct recall *recall;
	struct plan plan;
	struct diag_totals said_before;
};

/* What is published before anything is read, and without the lock; what is wrong there is told later. */
static void peek(struct run *run)
{
	struct diag *unheard = diag_new();
	struct volume volume = {.fd = -1, .lock = -1};

	if (access(run->options->volume, F_OK) == 0 && volume_open(&volume, run->options->volume, unheard))
		published_read(&volume, VOLUME_GENERATION, &run->published);
	volume_close(&volume);
	diag_free(unheard);
}

/* Locks the volume where something is to be published. */
static bool open_volume(struct run *run)
{
	const char *path = run->options->volume;
	bool made;

	if (run->options->mode == COMPILE_PUBLISH)
		return volume_create(&run->volume, path, run->options->sync, run->diag, &made) &&
		       volume_lock(&run->volume) && volume_make_parts(&run->volume, false, run->options->sync);
	return (access(path, F_OK) != 0 && fs_says_absent(errno)) || volume_open(&run->volume, path, run->diag);
}

/* Whether what was seen before anything was read is what is published now. */
static bool is_read_before(const struct run *run, int attempt)
{
	return attempt == 0 && run->volume.fd >= 0 && run->published.fd >= 0 &&
	       published_is_current(&run->volume, VOLUME_GENERATION, &run->published);
}

/*
 * Compares what was gathered with what is published by now. Who only looks holds no lock: a generation that was
 * replaced meanwhile may have lost files.
 */
static bool make_plan(struct run *run)
{
	int attempt;

	for (attempt = 0; attempt < VOLUME_ATTEMPTS; attempt++) {
		if (attempt > 0)
			volume_pause();
		plan_free(&run->plan);
		if (!is_read_before(run, attempt)) {
			published_free(&run->published);
			if (run->volume.fd >= 0 && !published_read(&run->volume, VOLUME_GENERATION, &run->published))
				return false;
		}
		plan_make(&run->gathered.build, run->options, &run->published, run->report, &run->plan);
		if (run->options->mode == COMPILE_PUBLISH || run->volume.fd < 0 ||
		    published_is_current(&run->volume, VOLUME_GENERATION, &run->published))
			break;
	}
	return true;
}

/* Reads, without what need not be; or, where that left something in doubt, all of it, once more. */
static bool gather_for(struct run *run, bool is_lean)
{
	diag_hold_early(run->diag, is_lean && recall_has_any(run->recall));
	if (is_lean)
		return gather_lean(run->options, &run->published, run->recall, run->diag, &run->gathered);
	gather_free(&run->gathered);
	recall_restart(run->recall);
	diag_forget_from(run->diag, &run->said_before);
	return gather(run->options, SOURCES, run->recall, run->diag, &run->gathered);
}

/* From the sources to a plan that can be made true. */
static bool prepare(struct run *run)
{
	bool is_gathered = gather_for(run, true);

	if (run->gathered.in_doubt)
		is_gathered = gather_for(run, false);
	if (!is_gathered || !describe(run->options, &run->gathered.model, run->diag, run->report) ||
	    !open_volume(run) || !make_plan(run))
		return false;
	if (run->plan.lacks_spared) {
		plan_free(&run->plan);
		if (!gather_for(run, false) || !describe(run->options, &run->gathered.model, run->diag, run->report) ||
		    !make_plan(run))
			return false;
	}
	return plan_report(&run->plan, run->diag);
}

/* Makes the plan true, as far as that is asked for. */
static bool carry_out(struct run *run)
{
	const struct compile_options *options = run->options;
	struct compile_report *ret = run->report;
	bool ok;

	ret->has_previous = run->published.has_manifest;
	ret->previous = run->published.manifest.generation;
	name_generation(&run->plan, ret);
	if (options->mode == COMPILE_COMPARE)
		strays_find(&run->published, ret);
	ret->is_up_to_date = !run->plan.changes_anything && ret->stray_count == 0;
	if (options->mode != COMPILE_PUBLISH)
		return true;
	ok = ret->is_up_to_date ? publish_settle(&run->volume, &run->published, options->sync)
				: stage_generation(options, &run->volume, &run->plan, run->diag, ret);
	trace_begin(TRACE_CACHE, "write");
	if (ok)
		recall_write(run->recall, &run->gathered.model, &run->volume, run->diag);
	trace_end(TRACE_CACHE);
	return ok;
}

bool compile_volume(const struct compile_options *options, struct diag *diag, struct compile_report *ret)
{
	struct run run = {.options = options,
			  .diag = diag,
			  .report = ret,
			  .volume = {.fd = -1, .lock = -1},
			  .published = {.fd = -1}};
	bool ok;

	memset(ret, 0, sizeof(*ret));
	mem_published(false); /* what a former round of `dimc watch` published is no longer at stake */
	trace_begin(TRACE_CACHE, "open");
	run.said_before = diag_totals(diag);
	run.recall = recall_open(options, diag);
	peek(&run);
	trace_end(TRACE_CACHE);
	ok = prepare(&run) && carry_out(&run);
	trace_begin(TRACE_TIDY, NULL);
	volume_close(&run.volume);
	plan_free(&run.plan);
	published_free(&run.published);
	gather_free(&run.gathered);
	recall_free(run.recall);
	trace_end(TRACE_TIDY);
	return ok;
}

bool check_sources(const struct compile_options *options, struct diag *diag, struct compile_report *ret)
{
	struct published nothing = {.fd = -1};
	struct gathered gathered;
	struct plan plan = {0};
	bool ok;

	memset(ret, 0, sizeof(*ret));
	ok = gather(options, SOURCES_OR_ONE, NULL, diag, &gathered);
	ok = describe(options, &gathered.model, diag, ret) && ok;
	if (ok) {
		plan_make(&gathered.build, options, &nothing, ret, &plan);
		name_generation(&plan, ret);
	}
	trace_begin(TRACE_TIDY, NULL);
	plan_free(&plan);
	gather_free(&gathered);
	trace_end(TRACE_TIDY);
	return ok;
}

/* Writes one region to proto/, aside and then renamed. */
static bool write_proto(const struct compile_options *options, struct volume *volume, const struct region *region,
			const char *name, struct diag *diag, bool *ret_written)
{
	struct arena arena = {0};
	const char *path = arena_printf(&arena, "%s.mmap", name), *aside = arena_printf(&arena, ".%s.new", path);
	int dirfd = fs_open_own_dir(volume->fd, VOLUME_PROTO), error = 0;
	struct digest digest;
	struct out out;
	uint64_t size;

	if (dirfd < 0 || fs_remove_tree(dirfd, aside) != 0)
		error = errno;
	if (error == 0) {
		out_open(&out, dirfd, aside);
		region_write(region, &out);
		out_extend_to(&out, options->settings->initial_size);
		error = out_close(&out, options->sync, &size, &digest);
	}
	if (error == 0 && renameat(dirfd, aside, dirfd, path) != 0)
		error = errno;
	if (error == 0) {
		*ret_written = true;
		mem_published(true);
		if (options->sync && fsync(dirfd) != 0)
			diag_fail(diag, EXIT_NOT_DURABLE,
				  "%s/" VOLUME_PROTO "/%s is written, but syncing its directory failed: %s",
				  volume->path, path, strerror(errno));
	} else {
		diag_fail(diag, EXIT_SYSTEM, "cannot write %s/" VOLUME_PROTO "/%s: %s", volume->path, path,
			  strerror(error));
		rights_help(diag, volume->path, VOLUME_PROTO, error);
		if (dirfd >= 0)
			fs_remove_tree(dirfd, aside);
	}
	if (dirfd >= 0)
		close(dirfd);
	arena_free(&arena);
	return diag_errors(diag) == 0;
}

bool compile_proto(const struct compile_options *options, const char *name, struct diag *diag,
		   struct compile_report *ret)
{
	struct published nothing = {.fd = -1};
	struct gathered gathered;
	struct plan plan = {0};
	struct volume volume = {.fd = -1, .lock = -1};
	bool made, ok = false;

	memset(ret, 0, sizeof(*ret));
	if (!gather(options, ONE_DIMENSION, NULL, diag, &gathered) || !describe(options, &gathered.model, diag, ret))
		goto out;
	plan_make(&gathered.build, options, &nothing, ret, &plan);
	name_generation(&plan, ret);
	ok = true;
	if (options->mode == COMPILE_PUBLISH)
		ok = volume_create(&volume, options->volume, options->sync, diag, &made) && volume_lock(&volume) &&
		     volume_make_parts(&volume, false, options->sync) &&
		     write_proto(options, &volume, &gathered.build.items[0]->region, name, diag, &ret->is_published);
out:
	volume_close(&volume);
	plan_free(&plan);
	gather_free(&gathered);
	return ok;
}
