/*
 * restore.c: from bundles to a published generation.
 * In: bundles of a whole generation or of some dimensions, a volume.
 * Out: all of it proven, then published in one step; or the volume as it was.
 */
#include "restore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bundle_read.h"
#include "footprint.h"
#include "fs.h"
#include "publish.h"
#include "scratch.h"
#include "trace.h"

struct restoring {
	const struct restore_options *options;
	struct diag *diag;
	struct volume volume;
	struct published published; /* what is there now */
	struct publication publication;
	bool is_staging;
	int at;			/* where bundles are unpacked: .next, or a scratch directory */
	const char *place;	/* the volume, or the path of the scratch directory */
	const char *bundle;	/* the one that is being read */
	struct manifest result; /* what the bundles hold; then the whole new generation */
	const char **origins;	/* of each dimension of it: its bundle */
	size_t origin_capacity;
	bool has_complete;
};

static const char *consequence(const struct restore_options *options)
{
	return options->dry_run ? "" : "; nothing changed";
}

/* --- the bundles --- */

static size_t position(const struct manifest *manifest, const struct manifest_dimension *d)
{
	return (size_t)(d - manifest->dimensions);
}

/* A proven dimension goes where the new generation is staged. */
static bool take(void *context, const struct manifest_dimension *d)
{
	struct restoring *r = context;
	const struct manifest_dimension *known = manifest_find(&r->result, d->dimension_id);
	struct refusal refusal = {r->diag, r->bundle, consequence(r->options), NULL};
	char name[16], from[48];

	if (!model_is_selected(r->options->selected, r->options->selected_count, d->dimension_id))
		return true;
	if (known != NULL)
		return digest_equal(&known->digest, &d->digest) ||
		       refuse(&refusal, EXIT_REFUSED, NULL, "D%02u has another digest than in %s", d->dimension_id,
			      r->origins[position(&r->result, known)]);
	volume_dimension_name(d->dimension_id, name);
	strcat(strcpy(from, UNPACK_DIRECTORY "/"), name);
	if (r->is_staging && renameat(r->at, from, r->at, name) != 0)
		return refuse_system(&refusal, "stage", name, errno);
	r->origins = mem_reserve(r->origins, r->result.count, &r->origin_capacity, sizeof(*r->origins));
	r->origins[r->result.count] = r->bundle;
	manifest_add_copy(&r->result, d);
	return true;
}

static bool read_bundle(struct restoring *r, struct bundle *bundle)
{
	struct unpack_options options = {
		.settings = r->options->settings,
		.sync = r->is_staging && r->options->sync,
		.consequence = consequence(r->options),
		.place = r->place,
		.progress = r->options->progress,
		.take = take,
		.context = r,
	};
	struct refusal refusal = {r->diag, bundle->path, options.consequence, NULL};
	struct unpacked unpacked;
	bool ok;

	r->bundle = bundle->path;
	if (!bundle_reopen(bundle, &refusal))
		return false;
	ok = bundle_unpack(bundle, r->at, &options, r->diag, &unpacked);
	bundle_close(bundle);
	r->has_complete = r->has_complete || unpacked.is_complete;
	unpacked_free(&unpacked);
	return ok;
}

/* All of them, so that one run tells what is wrong with each. */
static bool read_bundles(struct restoring *r, struct bundle *bundles)
{
	size_t i;
	bool ok = true;

	for (i = 0; i < r->options->bundle_count; i++)
		ok = read_bundle(r, &bundles[i]) && ok;
	for (i = 0; ok && i < r->options->selected_count; i++) {
		if (manifest_find(&r->result, r->options->selected[i]) != NULL)
			continue;
		diag_fail(r->diag, EXIT_NOT_THERE, "D%02u is in none of the bundles", r->options->selected[i]);
		ok = false;
	}
	return ok;
}

/* Whether all of them are there and signed. They are closed again: there may be more than a process may open. */
static bool check_bundles(const struct restore_options *options, struct diag *diag, struct bundle *bundles)
{
	struct sign_key *key = NULL;
	bool ok = true;
	size_t i;

	if (options->key != NULL && (key = sign_key_load(options->key, false, diag)) == NULL)
		return false;
	for (i = 0; i < options->bundle_count; i++) {
		struct refusal refusal = {diag, options->bundles[i], consequence(options), NULL};

		ok = bundle_open(&bundles[i], options->bundles[i], &refusal) &&
		     (key == NULL || bundle_prove_signature(&bundles[i], key, &refusal)) && ok;
		bundle_close(&bundles[i]);
	}
	sign_key_free(key);
	return ok;
}

/* --- what changes --- */

static bool has_same_files(const struct manifest_dimension *a, const struct manifest_dimension *b)
{
	size_t i;

	if (a->file_count != b->file_count)
		return false;
	for (i = 0; i < a->file_count; i++)
		if (strcmp(a->files[i].path, b->files[i].path) != 0 || a->files[i].size != b->files[i].size ||
		    !digest_equal(&a->files[i].digest, &b->files[i].digest))
			return false;
	return true;
}

static enum change classify(const struct restoring *r, const struct manifest_dimension *d)
{
	const struct manifest_dimension *old = manifest_find(&r->published.manifest, d->dimension_id);
	const char *path;

	if (old == NULL)
		return published_has(&r->published, d->dimension_id) ? CHANGE_CHANGED : CHANGE_ADDED;
	if (!digest_equal(&old->digest, &d->digest))
		return CHANGE_CHANGED;
	if (!has_same_files(old, d))
		return CHANGE_FILES;
	return published_has_whole(&r->published, old, &path) ? CHANGE_NONE : CHANGE_REPAIRED;
}

static void report(struct compile_report *ret, const struct manifest_dimension *d, enum change change)
{
	struct compiled_dimension *to = &ret->dimensions[ret->count++];

	to->dimension_id = d->dimension_id;
	to->name.bytes = arena_copy(&ret->arena, d->name.bytes, d->name.size);
	to->name.size = d->name.size;
	to->change = change;
	to->layer_count = (size_t)d->layer_count;
	to->total_size = d->total_size;
	to->digest = d->digest;
}

/* A dimension that is there and in no bundle. false, reported, where it should stay and is not sound. */
static bool decide_other(struct restoring *r, uint32_t id, bool keeps, struct compile_report *ret)
{
	const struct manifest_dimension *old = manifest_find(&r->published.manifest, id);
	struct manifest_dimension unknown = {.dimension_id = id, .name = {"", 0}};
	const char *path = "region.mmap";

	report(ret, old != NULL ? old : &unknown, keeps ? CHANGE_KEPT : CHANGE_REMOVED);
	if (!keeps)
		return true;
	if (old != NULL && published_has_whole(&r->published, old, &path)) {
		manifest_add_copy(&r->result, old);
		return true;
	}
	if (old != NULL && errno != 0) {
		diag_fail(r->diag, EXIT_SYSTEM, "D%02u would be kept, but %s cannot be read: %s%s", id, path,
			  strerror(errno), consequence(r->options));
		return false;
	}
	diag_fail(r->diag, EXIT_DAMAGED, "D%02u would be kept, but %s is not what was published%s", id, path,
		  consequence(r->options));
	diag_help(r->diag, "restore it from a bundle, too, or leave out what no bundle holds with --replace");
	return false;
}

static int by_id(const void *a, const void *b)
{
	const struct compiled_dimension *x = a, *y = b;

	return (x->dimension_id > y->dimension_id) - (x->dimension_id < y->dimension_id);
}

/* r->result becomes the new generation; the report says how each dimension of it comes there. */
static bool decide(struct restoring *r, struct compile_report *ret)
{
	bool keeps = r->options->keeps_others && !(r->has_complete && r->options->selected == NULL);
	size_t from_bundles = r->result.count, i;
	bool ok = true;

	ret->dimensions = mem_zalloc(from_bundles + r->published.id_count, sizeof(*ret->dimensions));
	ret->is_up_to_date = r->published.has_manifest;
	for (i = 0; i < from_bundles; i++)
		report(ret, &r->result.dimensions[i], classify(r, &r->result.dimensions[i]));
	for (i = 0; i < r->published.id_count; i++)
		if (manifest_find(&r->result, r->published.ids[i]) == NULL)
			ok = decide_other(r, r->published.ids[i], keeps, ret) && ok;
	for (i = 0; i < ret->count; i++)
		if (ret->dimensions[i].change != CHANGE_NONE && ret->dimensions[i].change != CHANGE_KEPT)
			ret->is_up_to_date = false;
	if (ret->count > 0)
		qsort(ret->dimensions, ret->count, sizeof(*ret->dimensions), by_id);
	manifest_finish(&r->result);
	ret->generation = r->result.generation;
	ret->has_previous = r->published.has_manifest;
	ret->previous = r->published.manifest.generation;
	return ok;
}

/* --- publishing --- */

/* Of what stays as it is, the published files are taken over: readers share them with the former generation. */
static bool stage_unchanged(struct restoring *r, const struct compile_report *report)
{
	char name[16];
	size_t i;

	for (i = 0; i < report->count; i++) {
		const struct compiled_dimension *d = &report->dimensions[i];
		const struct manifest_dimension *old;

		if (d->change != CHANGE_NONE && d->change != CHANGE_KEPT)
			continue;
		old = manifest_find(&r->published.manifest, d->dimension_id);
		if (fs_remove_tree(r->at, volume_dimension_name(d->dimension_id, name)) != 0 ||
		    !publish_keep_dimension(&r->publication, old)) {
			if (diag_errors(r->diag) == 0)
				diag_fail(r->diag, EXIT_SYSTEM, "cannot stage %s/%s: %s", r->volume.path, name,
					  strerror(errno));
			return false;
		}
	}
	return true;
}

/* One after the other would be waited for while they are unpacked; now most of them are on the disk already. */
static bool sync_files(const struct restoring *r, const struct compile_report *report)
{
	size_t i, k;

	for (i = 0; i < report->count; i++) {
		const struct manifest_dimension *d = manifest_find(&r->result, report->dimensions[i].dimension_id);

		/* Not of what goes, nor of what is kept: that is synced where it is linked. */
		if (d == NULL || report->dimensions[i].change == CHANGE_NONE ||
		    report->dimensions[i].change == CHANGE_KEPT)
			continue;
		for (k = 0; k < d->file_count; k++) {
			if (fs_sync_file(r->at, d->files[k].path) == 0)
				continue;
			diag_fail(r->diag, EXIT_SYSTEM, "cannot sync %s/%s: %s", r->volume.path, d->files[k].path,
				  strerror(errno));
			return false;
		}
	}
	return true;
}

static bool sync_staged(const struct restoring *r, const struct compile_report *report)
{
	bool ok;

	/* Many are synced at once, when they are published. */
	if (!r->options->sync || r->publication.syncs_at_once)
		return true;
	trace_begin(TRACE_SYNC, NULL);
	ok = sync_files(r, report);
	trace_end(TRACE_SYNC);
	return ok;
}

static bool publish(struct restoring *r, struct bundle *bundles, struct compile_report *ret)
{
	bool done;

	if (!publish_begin(&r->publication, &r->volume, r->options->sync, r->published.id_count))
		return false;
	r->is_staging = true;
	r->at = r->publication.staging;
	r->place = r->volume.path;
	if (!read_bundles(r, bundles) || !decide(r, ret)) {
		publish_abort(&r->publication);
		return false;
	}
	if (ret->is_up_to_date) {
		publish_abort(&r->publication);
		return volume_make_parts(&r->volume, false, r->options->sync) &&
		       publish_settle(&r->volume, &r->published, r->options->sync);
	}
	if (!stage_unchanged(r, ret) || !sync_staged(r, ret) ||
	    !volume_make_parts(&r->volume, false, r->options->sync)) {
		publish_abort(&r->publication);
		return false;
	}
	done = publish_commit(&r->publication, &r->result);
	ret->is_published = done || diag_status(r->diag) == EXIT_NOT_DURABLE;
	return done;
}

/*
 * Compares what the bundles hold with what is published by now. Who only looks holds no lock: a generation that was
 * replaced meanwhile may have lost files.
 */
static bool decide_without_lock(struct restoring *r, struct compile_report *ret)
{
	const struct diag_totals said_before = diag_totals(r->diag);
	struct manifest unpacked = r->result;
	bool ok = false, is_current = false;
	int attempt;
	size_t i;

	r->result = (struct manifest){0};
	for (attempt = 0; attempt < VOLUME_ATTEMPTS && !is_current; attempt++) {
		if (attempt > 0)
			volume_pause();
		diag_forget_from(r->diag, &said_before);
		arena_free(&ret->arena);
		free(ret->dimensions);
		memset(ret, 0, sizeof(*ret));
		published_free(&r->published);
		manifest_free(&r->result);
		for (i = 0; i < unpacked.count; i++)
			manifest_add_copy(&r->result, &unpacked.dimensions[i]);
		ok = (r->volume.fd < 0 || published_read(&r->volume, VOLUME_GENERATION, &r->published)) &&
		     decide(r, ret);
		is_current = r->volume.fd < 0 || published_is_current(&r->volume, VOLUME_GENERATION, &r->published);
	}
	manifest_free(&unpacked);
	return ok;
}

/* Without a lock, and without a trace in the volume. */
static bool look(struct restoring *r, struct bundle *bundles, struct compile_report *ret)
{
	struct scratch scratch;
	bool ok;

	if (access(r->options->volume, F_OK) == 0 && !volume_open(&r->volume, r->options->volume, r->diag))
		return false;
	if (!scratch_make(&scratch, r->diag))
		return false;
	r->at = scratch.fd;
	r->place = scratch.path;
	ok = read_bundles(r, bundles) && decide_without_lock(r, ret);
	scratch_remove(&scratch);
	return ok;
}

bool restore_bundles(const struct restore_options *options, struct diag *diag, struct compile_report *ret)
{
	struct restoring r = {
		.options = options, .diag = diag, .volume = {.fd = -1, .lock = -1}, .published = {.fd = -1}, .at = -1};
	struct bundle *bundles = mem_zalloc(options->bundle_count, sizeof(*bundles));
	struct footprint footprint;
	bool ok, made;

	memset(ret, 0, sizeof(*ret));
	ok = check_bundles(options, diag, bundles);
	if (ok && options->dry_run) {
		ok = look(&r, bundles, ret);
	} else if (ok) {
		footprint_take(&footprint, options->volume);
		ok = volume_create(&r.volume, options->volume, options->sync, diag, &made) && volume_lock(&r.volume) &&
		     published_read(&r.volume, VOLUME_GENERATION, &r.published) && publish(&r, bundles, ret);
		if (!ok && !ret->is_published)
			footprint_wipe(&footprint, &r.volume);
		footprint_free(&footprint);
	}
	free(bundles);
	free(r.origins);
	manifest_free(&r.result);
	published_free(&r.published);
	volume_close(&r.volume);
	return ok;
}
