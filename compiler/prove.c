/*
 * prove.c: whether a generation, or one region, is what it claims to be.
 * In: a directory of dimensions, or a region file.
 * Out: for every dimension its facts and everything that is wrong with it; whether they are the manifest's set.
 */
#include "prove.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../include/dim_verify.h"
#include "fs.h"
#include "index.h"
#include "parallel.h"
#include "published.h"
#include "region_facts.h"
#include "trace.h"
#include "loader_error.h"

enum { MAX_INDEX = 1 << 30 };

struct proving {
	const struct prove_options *options;
	int dirfd;
	const char *path;
	struct proof *proof;
	const struct manifest *manifest; /* NULL: none */
};

/* libdim's error, in the words of loader_report; the directory names the dimension where the region cannot. */
static void add_error(void *context, const struct dim_error *error)
{
	struct proven_dimension *d = context;
	char layer[32] = "", bytes[64] = "";

	if (error->layer_id != 0)
		snprintf(layer, sizeof(layer), " layer %u", error->layer_id);
	if (error->size == 1)
		snprintf(bytes, sizeof(bytes), " (byte %llu)", (unsigned long long)error->offset);
	else if (error->size > 0)
		snprintf(bytes, sizeof(bytes), " (bytes %llu to %llu)", (unsigned long long)error->offset,
			 (unsigned long long)(error->offset + error->size - 1));
	if (d->dimension_id == 0 && error->dimension_id == 0)
		proof_add(d, loader_status(error->status), "%s%s", error->message, bytes);
	else
		proof_add(d, loader_status(error->status), "D%02u%s: %s%s",
			  d->dimension_id != 0 ? d->dimension_id : error->dimension_id, layer, error->message, bytes);
	if (error->status == DIM_ERR_LIMIT)
		d->findings[d->finding_count - 1].help = LOADER_LIMIT_HELP;
}

static void check_index(struct proven_dimension *d, int dirfd, const char *name, const struct dim_region *region)
{
	struct arena arena = {0};
	struct buf want = {0};
	struct finding *finding = NULL;
	struct fs_file file;
	size_t line = 1, i;

	if (fs_read(dirfd, name, MAX_INDEX, FS_FOLLOW, &arena, &file) != 0) {
		finding = proof_add(d, errno == ENOENT ? EXIT_DAMAGED : EXIT_SYSTEM, "D%02u: index.json beside it: %s",
				    d->dimension_id, errno == ENOENT ? "missing" : strerror(errno));
	} else if (!region_facts_index(region, file.bytes, file.size, &want)) {
		finding =
			proof_add(d, EXIT_DAMAGED, "D%02u: index.json: created_at, updated_at or generator is missing",
				  d->dimension_id);
	} else if (want.size != file.size || memcmp(want.bytes, file.bytes, file.size) != 0) {
		for (i = 0; i < want.size && i < file.size && want.bytes[i] == file.bytes[i]; i++)
			line += want.bytes[i] == '\n';
		finding = proof_add(d, EXIT_DAMAGED, "D%02u: index.json line %zu does not say what the region says",
				    d->dimension_id, line);
	}
	if (finding != NULL)
		finding->is_of_index = true;
	buf_free(&want);
	arena_free(&arena);
}

/* Every byte is read, once and in order. */
static struct dim_options to_prove(const struct prove_options *options)
{
	return (struct dim_options){.max_region_size = options->settings->max_size,
				    .flags = DIM_READS_ONCE,
				    .advice = DIM_ADVICE_SEQUENTIAL};
}

/* What libdim would not open: its bytes say more about what is wrong with them. */
static void prove_unopened(struct proven_dimension *d, int dirfd, const char *name, const struct prove_options *options,
			   const struct dim_error *error)
{
	struct dim_options open_options = to_prove(options);
	struct arena arena = {0};
	struct fs_file file;

	if ((error->status == DIM_ERR_DAMAGED || error->status == DIM_ERR_VERSION) &&
	    fs_read(dirfd, name, options->settings->max_size, FS_FOLLOW, &arena, &file) == 0)
		dim_verify_bytes(file.bytes, file.size, &open_options, add_error, d);
	if (d->finding_count == 0)
		add_error(d, error);
	arena_free(&arena);
}

/* One region and its index; `name` is relative to dirfd. */
static void prove_file(struct proven_dimension *d, int dirfd, const char *name, const char *index,
		       const struct prove_options *options)
{
	struct dim_options open_options = to_prove(options);
	struct dim_region *region;
	struct dim_error error;
	struct dim_span span;

	trace_begin_dimension(TRACE_PROVE, d->dimension_id);
	if (dim_region_openat(dirfd, name, &open_options, &region, &error) != DIM_OK) {
		prove_unopened(d, dirfd, name, options, &error);
		trace_end(TRACE_PROVE);
		return;
	}
	if (d->dimension_id != 0 && d->dimension_id != dim_region_dimension_id(region))
		proof_add(d, EXIT_DAMAGED, "D%02u: the region is that of D%02u (bytes 8 to 11)", d->dimension_id,
			  dim_region_dimension_id(region));
	d->dimension_id = d->dimension_id != 0 ? d->dimension_id : dim_region_dimension_id(region);
	d->layer_count = dim_region_layer_count(region);
	d->total_size = dim_region_total_size(region);
	d->file_size = dim_region_file_size(region);
	memcpy(d->digest.bytes, dim_region_checksum(region), DIGEST_SIZE);
	if (dim_region_name(region, &span) == DIM_OK) {
		d->name.bytes = arena_copy(&d->arena, span.data, span.size);
		d->name.size = span.size;
	}
	if (!options->quick) {
		dim_verify_region(region, add_error, d);
	} else {
		struct dim_span bytes = dim_region_bytes(region);

		if (dim_region_check(region, &error) != DIM_OK)
			add_error(d, &error);
		if (dim_verify_metadata(bytes.data, bytes.size, &error) != DIM_OK)
			add_error(d, &error);
	}
	/* Where the region is damaged, a difference says nothing about the index. */
	if (index != NULL && d->finding_count == 0)
		check_index(d, dirfd, index, region);
	dim_region_close(region);
	trace_count(1, d->file_size);
	trace_end(TRACE_PROVE);
}

/*
 * The files beside a sound region against the manifest, where the region is the manifest's: layers/, and of index.json
 * what the region cannot tell, its times.
 */
static void check_other_files(struct proving *p, struct proven_dimension *d)
{
	const struct manifest_dimension *m = manifest_find(p->manifest, d->dimension_id);
	struct published as_published = {.fd = p->dirfd};
	size_t i;

	if (m == NULL || d->finding_count > 0 || !digest_equal(&m->digest, &d->digest))
		return;
	for (i = 0; i < m->file_count; i++)
		if (strstr(m->files[i].path, "/region.mmap") == NULL &&
		    !published_is_sound(&as_published, &m->files[i]))
			proof_add(d, errno != 0 ? EXIT_SYSTEM : EXIT_DAMAGED, "D%02u: %s%s%s", d->dimension_id,
				  m->files[i].path, errno != 0 ? ": " : " is not what was published",
				  errno != 0 ? strerror(errno) : "");
}

static void prove_item(void *context, size_t item)
{
	struct proving *p = context;
	struct proven_dimension *d = &p->proof->dimensions[item];

	prove_file(d, p->dirfd, arena_printf(&d->arena, "%s/region.mmap", d->directory),
		   arena_printf(&d->arena, "%s/index.json", d->directory), p->options);
	if (p->manifest != NULL && !p->options->quick)
		check_other_files(p, d);
}

/* Whether what is there is what the manifest lists. */
static void compare_with_manifest(struct proof *proof, const struct manifest *manifest)
{
	size_t i;

	for (i = 0; i < proof->count; i++) {
		const struct proven_dimension *d = &proof->dimensions[i];
		const struct manifest_dimension *m = manifest_find(manifest, d->dimension_id);

		if (m == NULL)
			proof_add_mixed(proof, d->dimension_id, "there, but not in the manifest");
		else if (!digest_equal(&m->digest, &d->digest) && d->finding_count == 0)
			proof_add_mixed(proof, d->dimension_id, "sound, but not the one of the manifest");
	}
	for (i = 0; i < manifest->count; i++)
		if (proof_find(proof, manifest->dimensions[i].dimension_id) == NULL)
			proof_add_mixed(proof, manifest->dimensions[i].dimension_id, "in the manifest, but not there");
}

static int by_id(const void *a, const void *b)
{
	const struct proven_dimension *x = a, *y = b;

	return (x->dimension_id > y->dimension_id) - (x->dimension_id < y->dimension_id);
}

/* Every D01, D02, ... that has a region or, in the manifest's words, should have one. */
static bool find_dimensions(struct proving *p)
{
	char **names;
	size_t count, i;
	struct stat st;

	if (fs_list(p->dirfd, &p->proof->arena, &names, &count) != 0) {
		proof_add_general(p->proof, EXIT_SYSTEM, p->path, strerror(errno));
		return false;
	}
	p->proof->dimensions = mem_zalloc(count, sizeof(*p->proof->dimensions));
	for (i = 0; i < count; i++) {
		const char *region = arena_printf(&p->proof->arena, "%s/region.mmap", names[i]);
		uint32_t id = volume_dimension_id(names[i]);
		struct proven_dimension *d = &p->proof->dimensions[p->proof->count];

		if (id == 0 || (fstatat(p->dirfd, region, &st, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT))
			continue;
		d->dimension_id = id;
		d->directory = names[i];
		d->path = arena_printf(&p->proof->arena, "%s/%s", p->path, region);
		p->proof->count++;
	}
	qsort(p->proof->dimensions, p->proof->count, sizeof(*p->proof->dimensions), by_id);
	return true;
}

void prove_directory(int dirfd, const char *path, const struct prove_options *options, struct proof *ret)
{
	struct proving p = {.options = options, .dirfd = dirfd, .path = path, .proof = ret};
	struct arena arena = {0};
	struct manifest manifest = {0};
	struct fs_file file;
	const char *why, *manifest_path;
	bool newer;

	memset(ret, 0, sizeof(*ret));
	if (!find_dimensions(&p)) {
		proof_judge(ret);
		return;
	}
	manifest_path = arena_printf(&ret->arena, "%s/manifest.json", path);
	if (fs_read(dirfd, "manifest.json", MAX_INDEX, FS_NO_FOLLOW, &arena, &file) == 0) {
		ret->has_manifest = manifest_parse(file.bytes, file.size, &manifest, &newer, &why);
		if (!ret->has_manifest)
			proof_add_general(ret, newer ? EXIT_VERSION : EXIT_DAMAGED, manifest_path, why);
	} else if (errno != ENOENT) {
		proof_add_general(ret, EXIT_SYSTEM, manifest_path, strerror(errno));
	} else if (ret->count > 0) {
		ret->mixed = mem_reserve(NULL, 0, &ret->mixed_capacity, sizeof(*ret->mixed));
		ret->mixed[ret->mixed_count++] = "there is no manifest.json";
	}
	p.manifest = ret->has_manifest ? &manifest : NULL;
	trace_begin(TRACE_PROVE, NULL);
	parallel_for(ret->count, options->jobs, prove_item, &p);
	trace_end(TRACE_PROVE);
	proof_digest(ret);
	if (ret->has_manifest)
		compare_with_manifest(ret, &manifest);
	proof_judge(ret);
	manifest_free(&manifest);
	arena_free(&arena);
}

/* What a dimension's directory is called: D07 in volume/consciousness/D07. */
static uint32_t id_of_directory(const char *directory)
{
	const char *slash = strrchr(directory, '/');

	return volume_dimension_id(slash != NULL ? slash + 1 : directory);
}

void prove_region(const char *path, const char *directory, const struct prove_options *options, struct proof *ret)
{
	struct proven_dimension *d;

	memset(ret, 0, sizeof(*ret));
	ret->dimensions = mem_zalloc(1, sizeof(*ret->dimensions));
	ret->count = 1;
	d = &ret->dimensions[0];
	if (directory == NULL) {
		d->path = arena_copy(&ret->arena, path, strlen(path));
		prove_file(d, AT_FDCWD, d->path, NULL, options);
	} else {
		d->path = arena_printf(&ret->arena, "%s/region.mmap", directory);
		d->dimension_id = id_of_directory(directory);
		prove_file(d, AT_FDCWD, d->path, arena_printf(&ret->arena, "%s/index.json", directory), options);
	}
	proof_digest(ret);
	proof_judge(ret);
}

void prove_dimension(int dirfd, const char *path, uint32_t dimension_id, const struct prove_options *options,
		     struct proof *ret)
{
	struct proven_dimension *d;
	char name[16];

	memset(ret, 0, sizeof(*ret));
	ret->dimensions = mem_zalloc(1, sizeof(*ret->dimensions));
	ret->count = 1;
	d = &ret->dimensions[0];
	d->dimension_id = dimension_id;
	d->directory = arena_printf(&ret->arena, "%s", volume_dimension_name(dimension_id, name));
	d->path = arena_printf(&ret->arena, "%s/%s/region.mmap", path, name);
	prove_file(d, dirfd, arena_printf(&ret->arena, "%s/region.mmap", name),
		   arena_printf(&ret->arena, "%s/index.json", name), options);
	proof_digest(ret);
	proof_judge(ret);
}

bool prove_generation(struct volume *volume, const char *name, const struct settings *settings)
{
	struct prove_options options = {.settings = settings, .jobs = parallel_default_jobs()};
	struct arena arena = {0};
	struct proof proof;
	int fd = fs_open_dir(volume->fd, name);
	bool ok;

	if (fd < 0) {
		diag_fail(volume->diag, EXIT_SYSTEM, "cannot open %s/%s: %s", volume->path, name, strerror(errno));
		return false;
	}
	prove_directory(fd, arena_printf(&arena, "%s/%s", volume->path, name), &options, &proof);
	ok = proof_report(&proof, volume->diag);
	if (ok && proof.has_manifest && proof.mixed_count > 0) {
		diag_fail(volume->diag, EXIT_DAMAGED, "%s/%s is not what was published: %s", volume->path, name,
			  proof.mixed[0]);
		ok = false;
	}
	close(fd);
	proof_free(&proof);
	arena_free(&arena);
	return ok;
}
