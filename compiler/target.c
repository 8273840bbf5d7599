/*
 * target.c: the regions that a path stands for, for the commands that read.
 * In: a volume, a generation, a dimension's directory, a region file (also proto/NAME.mmap) or a bundle.
 * Out: its regions, open, by ascending dimension_id.
 */
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../include/dim_verify.h"
#include "bundle_read.h"
#include "fs.h"
#include "loader_error.h"
#include "parallel.h"
#include "rights.h"
#include "scratch.h"
#include "volume.h"

/* A newer version is believed only if its checksum is right: else *error becomes that damage. */
static void judge_newer(int dirfd, const char *path, uint64_t max_size, struct dim_error *error)
{
	struct arena arena = {0};
	struct fs_file file;
	struct dim_error wrong;

	if (error->status == DIM_ERR_VERSION && fs_read(dirfd, path, max_size, FS_FOLLOW, &arena, &file) == 0 &&
	    dim_verify_metadata(file.bytes, file.size, &wrong) != DIM_OK)
		*error = wrong;
	arena_free(&arena);
}

/* Whether a directory holds a manifest or a dimension with a region: 1, 0; -1 and errno. */
static int is_generation(int dirfd)
{
	struct volume as_volume = {.fd = dirfd, .lock = -1};

	return volume_has_generation(&as_volume, ".");
}

/* Whether there is something of this name. *ret_error: where the system does not say. */
static bool has(int dirfd, const char *name, int *ret_error)
{
	if (faccessat(dirfd, name, F_OK, 0) == 0)
		return true;
	if (!fs_says_absent(errno))
		*ret_error = errno;
	return false;
}

bool target_kind(const char *path, struct diag *diag, enum target_kind *ret)
{
	struct stat st;
	int fd, generation = 0, error = 0;
	bool found = true;

	if (stat(path, &st) != 0) {
		error = errno;
		diag_fail(diag,
			  error == ENOENT || error == ENOTDIR || error == ENAMETOOLONG ? EXIT_NOT_THERE : EXIT_SYSTEM,
			  "cannot open %s: %s", path, strerror(error));
		rights_help(diag, path, NULL, error == EACCES ? error : 0);
		return false;
	}
	if (!S_ISDIR(st.st_mode)) {
		*ret = bundle_is_one(path) ? TARGET_BUNDLE : TARGET_REGION;
		if (*ret == TARGET_BUNDLE || errno == 0)
			return true;
		diag_fail(diag, EXIT_SYSTEM, "cannot open %s: %s", path, strerror(errno));
		return false;
	}
	fd = fs_open_dir(AT_FDCWD, path);
	if (fd < 0) {
		error = errno;
		diag_fail(diag, EXIT_SYSTEM, "cannot open %s: %s", path, strerror(error));
		rights_help(diag, path, NULL, error);
		return false;
	}
	/* With two renames instead of an exchange, a publisher leaves the name empty for an instant, and then staging.
	 */
	if (has(fd, VOLUME_GENERATION, &error) || has(fd, VOLUME_STAGING, &error) ||
	    has(fd, VOLUME_GENERATION, &error)) {
		*ret = TARGET_VOLUME;
	} else if (has(fd, "region.mmap", &error)) {
		*ret = TARGET_DIMENSION;
	} else if (error != 0 || (generation = is_generation(fd)) < 0) {
		diag_fail(diag, EXIT_SYSTEM, "cannot read %s: %s", path, strerror(error != 0 ? error : errno));
		found = false;
	} else if (generation == 1) {
		*ret = TARGET_GENERATION;
	} else {
		diag_fail(diag, EXIT_NOT_THERE, "%s is no volume, no generation, no dimension and no region", path);
		diag_help(diag, "a volume is the directory that holds " VOLUME_GENERATION "/");
		found = false;
	}
	close(fd);
	return found;
}

bool target_is_path(const char *operand)
{
	struct diag *unused = diag_new();
	size_t size = strlen(operand);
	enum target_kind kind;
	bool yes = strchr(operand, '/') != NULL;

	if (!yes && target_kind(operand, unused, &kind))
		yes = kind != TARGET_REGION || (size > 5 && strcmp(operand + size - 5, ".mmap") == 0);
	else if (!yes) /* what cannot be looked at is told by whoever opens it */
		yes = diag_status(unused) == EXIT_SYSTEM;
	diag_free(unused);
	return yes;
}

static void close_regions(struct target *t)
{
	size_t i;

	for (i = 0; i < t->owned_count; i++)
		dim_region_close(t->owned[i]);
	free(t->owned);
	free(t->regions);
	t->owned = NULL;
	t->regions = NULL;
	t->owned_count = t->count = 0;
}

/* Opens a region; `shown` is its name for messages. `diag` NULL: a failure is not reported. */
static bool open_one(struct target *t, int dirfd, const char *path, const char *shown,
		     const struct dim_options *options, struct diag *diag)
{
	struct dim_error error;

	if (dim_region_openat(dirfd, path, options, &t->owned[t->owned_count], &error) == DIM_OK) {
		t->regions[t->count++] = t->owned[t->owned_count++];
		return true;
	}
	if (diag != NULL) {
		judge_newer(dirfd, path, options->max_region_size, &error);
		loader_report(diag, shown, &error);
	}
	return false;
}

static int by_dimension(const void *a, const void *b)
{
	uint32_t x = dim_region_dimension_id(*(const struct dim_region *const *)a);
	uint32_t y = dim_region_dimension_id(*(const struct dim_region *const *)b);

	return (x > y) - (x < y);
}

/* The regions below a generation's directory that is open. `diag` as in open_one. */
static bool open_regions(struct target *t, int fd, const struct dim_options *options, struct diag *diag)
{
	struct arena arena = {0};
	char **names;
	size_t count, i;
	bool ok = true;

	if (fs_list(fd, &arena, &names, &count) != 0) {
		if (diag != NULL)
			diag_fail(diag, EXIT_SYSTEM, "cannot read %s: %s", t->path, strerror(errno));
		return false;
	}
	t->regions = mem_zalloc(count, sizeof(*t->regions));
	t->owned = mem_zalloc(count, sizeof(*t->owned));
	for (i = 0; i < count && ok; i++) {
		const char *path = arena_printf(&arena, "%s/region.mmap", names[i]);

		if (volume_dimension_id(names[i]) != 0 && faccessat(fd, path, F_OK, 0) == 0)
			ok = open_one(t, fd, path, arena_printf(&arena, "%s/%s", t->path, path), options, diag);
	}
	qsort(t->regions, t->count, sizeof(*t->regions), by_dimension);
	arena_free(&arena);
	return ok;
}

/*
 * A generation's directory that is not a volume's own. One that is replaced while its regions are opened may be losing
 * them: only what is wrong with one that is still there is worth an error.
 */
static bool open_generation(struct target *t, const struct dim_options *options, struct diag *diag)
{
	bool ok = false, same = false;
	int attempt, fd;

	for (attempt = 0; attempt < VOLUME_ATTEMPTS && !same; attempt++) {
		if (attempt > 0)
			volume_pause();
		close_regions(t);
		fd = fs_open_dir(AT_FDCWD, t->path);
		if (fd < 0)
			continue;
		ok = open_regions(t, fd, options, NULL);
		same = fs_leads_to(AT_FDCWD, t->path, 0, fd);
		if (same && !ok) {
			close_regions(t);
			ok = open_regions(t, fd, options, diag);
		}
		close(fd);
	}
	if (!same)
		diag_fail(diag, EXIT_SYSTEM, "cannot open %s: it is replaced again and again, or gone", t->path);
	return ok && same;
}

struct opening {
	struct target *target;
	size_t capacity;
	const struct dim_options *options;
	struct diag *diag;
	int unpacked; /* where the bundle is unpacked */
};

/* A mapping outlives its file's name. */
static bool take_dimension(void *context, const struct manifest_dimension *d)
{
	struct opening *o = context;
	struct target *t = o->target;
	struct dim_error error;
	char path[64];

	snprintf(path, sizeof(path), UNPACK_DIRECTORY "/D%02u/region.mmap", d->dimension_id);
	t->owned = mem_reserve(t->owned, t->owned_count, &o->capacity, sizeof(*t->owned));
	if (dim_region_openat(o->unpacked, path, o->options, &t->owned[t->owned_count], &error) != DIM_OK) {
		loader_report(o->diag, t->path, &error);
		return false;
	}
	t->owned_count++;
	return true;
}

static bool open_bundle(struct target *t, const struct settings *settings, const struct dim_options *options,
			struct diag *diag)
{
	struct opening opening = {t, 0, options, diag, -1};
	struct unpack_options unpack_options = {
		.settings = settings, .consequence = "", .take = take_dimension, .context = &opening};
	struct refusal refusal = {diag, t->path, "", NULL};
	struct unpacked unpacked = {0};
	struct scratch scratch;
	struct bundle bundle;
	bool ok = false;
	size_t i;

	if (bundle_open(&bundle, t->path, &refusal) && scratch_make(&scratch, diag)) {
		opening.unpacked = scratch.fd;
		unpack_options.place = scratch.path;
		ok = bundle_unpack(&bundle, scratch.fd, &unpack_options, diag, &unpacked);
		scratch_remove(&scratch);
	}
	t->regions = mem_zalloc(t->owned_count, sizeof(*t->regions));
	for (i = 0; i < t->owned_count; i++)
		t->regions[t->count++] = t->owned[i];
	if (t->count > 0)
		qsort(t->regions, t->count, sizeof(*t->regions), by_dimension);
	unpacked_free(&unpacked);
	bundle_close(&bundle);
	return ok;
}

bool target_open(const char *path, const struct settings *settings, struct diag *diag, struct target *ret)
{
	struct dim_options options = {.max_region_size = settings->max_size, .advice = DIM_ADVICE_NORMAL};
	struct arena arena = {0};
	const char *region = path;
	struct dim_error error;
	bool ok = false;
	size_t i;

	memset(ret, 0, sizeof(*ret));
	ret->path = path;
	if (!target_kind(path, diag, &ret->kind)) {
		if (strcmp(path, settings->base_path) == 0 && access(path, F_OK) != 0)
			diag_help(diag, "`dimc compile SOURCES` publishes there; another volume is given as PATH");
		return false;
	}
	if (ret->kind == TARGET_VOLUME) {
		if (dim_volume_open(path, &options, &ret->volume, &error) != DIM_OK) {
			judge_newer(AT_FDCWD,
				    arena_printf(&arena, "%s/" VOLUME_GENERATION "/D%02u/region.mmap", path,
						 error.dimension_id),
				    settings->max_size, &error);
			loader_report(diag, path, &error);
		} else {
			ret->snapshot = dim_volume_acquire(ret->volume);
			ret->count = dim_snapshot_count(ret->snapshot);
			ret->regions = mem_zalloc(ret->count, sizeof(*ret->regions));
			for (i = 0; i < ret->count; i++)
				ret->regions[i] = dim_snapshot_region_at(ret->snapshot, i);
			ok = true;
		}
	} else if (ret->kind == TARGET_GENERATION) {
		ok = open_generation(ret, &options, diag);
	} else if (ret->kind == TARGET_BUNDLE) {
		ok = open_bundle(ret, settings, &options, diag);
	} else {
		ret->regions = mem_zalloc(1, sizeof(*ret->regions));
		ret->owned = mem_zalloc(1, sizeof(*ret->owned));
		if (ret->kind == TARGET_DIMENSION)
			region = arena_printf(&arena, "%s/region.mmap", path);
		ok = open_one(ret, AT_FDCWD, region, region, &options, diag);
	}
	for (i = 0; ok && i < ret->count; i++) {
		if (dim_region_check(ret->regions[i], &error) != DIM_OK) {
			loader_report(diag, path, &error);
			diag_help(diag, "`dimc verify %s` tells more", path);
			ok = false;
		}
	}
	arena_free(&arena);
	if (!ok)
		target_close(ret);
	return ok;
}

void target_close(struct target *target)
{
	close_regions(target);
	dim_snapshot_release(target->snapshot);
	dim_volume_close(target->volume);
	memset(target, 0, sizeof(*target));
}

struct proving {
	const struct target *target;
	const uint32_t *selected;
	size_t selected_count;
	struct dim_error *errors; /* of each region, the first; status DIM_OK: none */
};

static void keep_first(void *context, const struct dim_error *error)
{
	struct dim_error *first = context;

	if (first->status == DIM_OK)
		*first = *error;
}

static void prove_item(void *context, size_t item)
{
	const struct proving *p = context;
	const struct dim_region *region = p->target->regions[item];

	if (model_is_selected(p->selected, p->selected_count, dim_region_dimension_id(region)))
		dim_verify_region(region, keep_first, &p->errors[item]);
}

bool target_prove(const struct target *target, const uint32_t *selected, size_t selected_count, unsigned jobs,
		  struct diag *diag)
{
	struct proving p = {target, selected, selected_count, mem_zalloc(target->count, sizeof(*p.errors))};
	bool ok = true;
	size_t i;

	parallel_for(target->count, jobs, prove_item, &p);
	for (i = 0; i < target->count; i++) {
		if (p.errors[i].status != DIM_OK) {
			loader_report(diag, target->path, &p.errors[i]);
			ok = false;
		}
	}
	if (!ok)
		diag_help(diag, "`dimc verify %s` tells more; -d takes the dimensions that are sound", target->path);
	free(p.errors);
	return ok;
}
