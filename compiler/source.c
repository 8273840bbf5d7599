/*
 * source.c: from a folder of YAML files to the model.
 * In: a folder of dimensions, the folder of one dimension, or one file that holds a whole dimension.
 * Out: every dimension and layer that could be read, and a problem reported for everything that could not.
 */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fields.h"
#include "folders.h"
#include "fs.h"
#include "ignored.h"
#include "parallel.h"
#include "text.h"

/* A thread takes so many files at once, or fewer where that would leave other threads without work. */
enum { MAX_BATCH = 64, BATCHES_OF_A_THREAD = 4 };

/* A dimension while its files are read, in batches, by all threads. */
struct reading {
	struct folder folder;
	const char **files; /* the names of its layer files */
	size_t file_count;
	const char **paths;	 /* of dimension.yaml and of these */
	struct dimension *parts; /* what each batch gives */
	size_t part_count;
	atomic_size_t left; /* batches that are not read */
};

struct batch {
	size_t dimension, part; /* part_count where there is nothing to read */
	size_t first, count;	/* of its files */
};

struct walk {
	const struct source_options *options;
	struct diag *diag;
	struct model *model;
	struct reading *readings; /* one for each dimension of the model */
	struct batch *batches;
	size_t batch_count, batch_capacity;
};

/* What is wrong with a file that was read goes above the line of progress. */
static void show_early(const struct walk *w, uint32_t file)
{
	if (!diag_has_early(w->diag, file))
		return;
	progress_pause(w->options->progress);
	diag_print_early(w->diag, file);
	progress_resume(w->options->progress);
}

/*
 * Reads one file into the dimension by `read`. Its text goes into `buffer`, which the next file takes again; what was
 * taken from it is in the arena. `path` must stay as long as the dimension.
 */
static void read_source(const struct walk *w, struct dimension *d, int folder, const char *name, const char *path,
			uint32_t number, struct buf *buffer, void (*read)(const struct fields_input *))
{
	struct fs_file file;
	uint64_t max = w->options->max_region_size;

	max = max > UINT64_MAX / FOLDERS_TIMES_REGION ? UINT64_MAX : max * FOLDERS_TIMES_REGION;
	if (fs_read_into(folder, name, max, buffer, &file) == 0) {
		struct fields_input input = {.diag = w->diag,
					     .dimension = d,
					     .bytes = file.bytes,
					     .size = file.size,
					     .file = number,
					     .folder = folder,
					     .max_region_size = w->options->max_region_size};

		d->file_count++;
		inputs_add_seen(&d->inputs, path, &file.st);
		d->source_bytes += file.size;
		if (file.st.st_mtim.tv_sec > d->newest_mtime)
			d->newest_mtime = file.st.st_mtim.tv_sec;
		read(&input);
	} else {
		d->is_partly_read = true;
		folders_report_unreadable(w->diag, folder, name, path, number, (uint64_t)file.st.st_size, max);
	}
	show_early(w, number);
}

/* Opens a folder that was looked at before. -1, reported. */
static int open_folder(const struct walk *w, struct dimension *d)
{
	int fd = fs_open_dir(AT_FDCWD, d->folder);

	if (fd < 0) {
		d->is_partly_read = true;
		diag_fail(w->diag, EXIT_SYSTEM, "cannot read %s: %s", d->folder, strerror(errno));
	}
	return fd;
}

/* dimension.yaml, and which files there are beside it. */
static void survey(const struct walk *w, struct dimension *d, struct reading *r)
{
	const char **names = arena_alloc(&d->arena, (r->folder.count + 1) * sizeof(*names));
	struct buf buffer = {0};
	size_t i;
	int fd;

	names[r->file_count++] = FOLDERS_DIMENSION_FILE;
	for (i = 0; i < r->folder.count; i++)
		if (folders_is_layer_file(r->folder.names[i]))
			names[r->file_count++] = r->folder.names[i];
	r->paths = arena_alloc(&d->arena, r->file_count * sizeof(*r->paths));
	d->first_file = diag_files(w->diag, d->folder, names, r->file_count, r->paths);
	r->files = names + 1;
	r->file_count--;
	d->named_files = r->file_count;
	inputs_add_seen(&d->inputs, d->folder, &r->folder.st);
	fd = open_folder(w, d);
	if (fd >= 0) {
		read_source(w, d, fd, FOLDERS_DIMENSION_FILE, r->paths[0], d->first_file, &buffer,
			    fields_read_dimension);
		close(fd);
	}
	folders_check_name(d, w->diag);
	d->is_selected = model_is_selected(w->options->selected, w->options->selected_count, d->dimension_id);
	if (!d->is_selected)
		d->layer_count = r->file_count = 0;
	buf_free(&buffer);
}

static void survey_item(void *context, size_t item)
{
	const struct walk *w = context;
	struct dimension *d = &w->model->dimensions[item];

	if (w->options->know != NULL)
		w->options->know(w->options->context, d);
	d->is_there = d->known != NULL || folders_look(d, w->diag, &w->readings[item].folder);
	if (d->is_there && d->known == NULL)
		survey(w, d, &w->readings[item]);
}

/* What one batch gave goes to the dimension; the memory of its layers stays with it. */
static void take_part(struct dimension *d, struct dimension *part)
{
	size_t i;

	for (i = 0; i < part->layer_count; i++) {
		d->layers = mem_reserve(d->layers, d->layer_count, &d->layer_capacity, sizeof(*d->layers));
		d->layers[d->layer_count++] = part->layers[i];
	}
	d->is_partly_read = d->is_partly_read || part->is_partly_read;
	if (part->newest_mtime > d->newest_mtime)
		d->newest_mtime = part->newest_mtime;
	d->source_bytes += part->source_bytes;
	d->file_count += part->file_count;
	inputs_take(&d->inputs, &part->inputs);
	free(part->layers);
	arena_take(&d->layer_arena, &part->arena);
}

/* All of a dimension has been read. */
static void finish(const struct walk *w, struct dimension *d, struct reading *r)
{
	size_t i;
	int fd;

	for (i = 0; i < r->part_count; i++)
		take_part(d, &r->parts[i]);
	free(r->parts);
	fd = d->is_selected ? open_folder(w, d) : -1;
	if (fd >= 0) {
		if (d->layer_count == 0)
			d->unread = folders_unread(&r->folder, fd);
		if (!d->is_partly_read) { /* all that layers name is known */
			inputs_sort(&d->inputs);
			ignored_report(fd, d->folder, r->folder.names, r->folder.count, d, w->diag);
		}
		close(fd);
	}
	if (w->options->take != NULL)
		w->options->take(w->options->context, d);
	progress_step(w->options->progress);
}

static void read_batch(void *context, size_t item)
{
	const struct walk *w = context;
	const struct batch *b = &w->batches[item];
	struct reading *r = &w->readings[b->dimension];
	struct dimension *d = &w->model->dimensions[b->dimension];
	int fd = b->count > 0 ? open_folder(w, &r->parts[b->part]) : -1;
	struct buf buffer = {0};
	size_t i;

	for (i = b->first; fd >= 0 && i < b->first + b->count; i++)
		read_source(w, &r->parts[b->part], fd, r->files[i], r->paths[i + 1], d->first_file + 1 + (uint32_t)i,
			    &buffer, fields_read_layers);
	if (fd >= 0)
		close(fd);
	buf_free(&buffer);
	if (atomic_fetch_sub(&r->left, 1) == 1)
		finish(w, d, r);
}

static void add_batch(struct walk *w, struct batch batch)
{
	w->batches = mem_reserve(w->batches, w->batch_count, &w->batch_capacity, sizeof(*w->batches));
	w->batches[w->batch_count++] = batch;
}

/* A dimension without layer files has one batch of none. */
static void plan_batches(struct walk *w, size_t number)
{
	struct reading *r = &w->readings[number];
	struct dimension *d = &w->model->dimensions[number];
	size_t size = r->file_count / ((size_t)w->options->jobs * BATCHES_OF_A_THREAD), first;

	size = size < 1 ? 1 : size > MAX_BATCH ? MAX_BATCH : size;
	r->parts = mem_zalloc((r->file_count + size - 1) / size, sizeof(*r->parts));
	for (first = 0; first < r->file_count; first += size) {
		struct dimension *part = &r->parts[r->part_count];

		part->folder = d->folder;
		part->base = d->base;
		add_batch(w, (struct batch){number, r->part_count++, first,
					    first + size > r->file_count ? r->file_count - first : size});
	}
	if (r->part_count == 0)
		add_batch(w, (struct batch){number, 0, 0, 0});
	atomic_init(&r->left, r->part_count == 0 ? 1 : r->part_count);
}

/* What is no dimension leaves the model; to look into it was part of finding those. */
static void drop_others(struct walk *w)
{
	struct model *model = w->model;
	size_t i, count = 0;

	for (i = 0; i < model->count; i++) {
		struct dimension *d = &model->dimensions[i];

		if (d->is_there) {
			model->dimensions[count] = *d;
			w->readings[count++] = w->readings[i];
			continue;
		}
		inputs_add(&model->inputs, arena_copy(&model->arena, d->folder, strlen(d->folder)), true);
		inputs_free(&d->inputs);
		arena_free(&d->arena);
	}
	model->count = count;
}

/* Reads the dimensions of the model whose folders are known. */
static void read_folders(struct walk *w)
{
	size_t count = 0, i;

	w->readings = mem_zalloc(w->model->count, sizeof(*w->readings));
	parallel_for(w->model->count, w->options->jobs, survey_item, w);
	drop_others(w);
	for (i = 0; i < w->model->count; i++) {
		struct dimension *d = &w->model->dimensions[i];

		if (d->known != NULL) {
			w->options->take(w->options->context, d);
			continue;
		}
		plan_batches(w, i);
		count++;
	}
	progress_begin(w->options->progress, "reading", count);
	parallel_for(w->batch_count, w->options->jobs, read_batch, w);
	free(w->readings);
	free(w->batches);
}

static void report_none(struct diag *diag, const char *path)
{
	diag_fail(diag, EXIT_REJECTED, "%s holds no dimension", path);
	diag_help(diag, "a dimension is a folder with a dimension.yaml and layer files beside it");
}

void source_report_closed(const char *path, int error, struct diag *diag)
{
	diag_fail(diag, EXIT_SYSTEM, "cannot open the sources %s: %s", path, strerror(error));
	if (error == ENOTDIR)
		diag_help(diag, "sources are read as a whole: give the folder, and no file of it");
	else if (error == ENOENT && access("sources", F_OK) == 0)
		diag_help(diag, "there is a folder \"sources\" here");
}

/* Where the system does not say, that is reported, and the answer is no. */
static bool has_dimension_file(int folder, const char *path, struct diag *diag)
{
	if (faccessat(folder, FOLDERS_DIMENSION_FILE, F_OK, 0) == 0)
		return true;
	if (errno != ENOENT && errno != ELOOP)
		diag_fail(diag, EXIT_SYSTEM, "cannot read %s/" FOLDERS_DIMENSION_FILE ": %s", path, strerror(errno));
	return false;
}

bool source_read(const char *path, const struct source_options *options, struct diag *diag, struct model *ret)
{
	struct walk w = {.options = options, .diag = diag, .model = ret};
	size_t before = diag_errors(diag);
	struct arena arena = {0};
	int root;

	memset(ret, 0, sizeof(*ret));
	path = arena_copy(&arena, path, text_path_size(path));
	root = fs_open_dir(AT_FDCWD, path);
	if (root < 0) {
		source_report_closed(path, errno, diag);
	} else if (!has_dimension_file(root, path, diag)) {
		if (diag_errors(diag) == before)
			folders_find(path, root, diag, ret);
		read_folders(&w);
		if (ret->count == 0 && diag_errors(diag) == before)
			report_none(diag, path);
	} else if (options->allow_one) {
		folders_add(ret, path);
		read_folders(&w);
	} else {
		diag_fail(diag, EXIT_USAGE, "%s is the folder of one dimension", path);
		diag_help(diag, "give the folder that holds it, and -d to compile this one alone");
	}
	if (root >= 0)
		close(root);
	arena_free(&arena);
	return diag_errors(diag) == before;
}

/* A dimension in one file; its content_files are beside it. */
static void read_file(const struct walk *w, struct dimension *d, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *parent = slash == NULL   ? "."
			     : slash == path ? "/"
					     : arena_printf(&d->arena, "%.*s", (int)(slash - path), path);
	int folder = fs_open_dir(AT_FDCWD, parent);
	struct buf buffer = {0};

	if (folder < 0) {
		d->is_partly_read = true;
		diag_fail(w->diag, EXIT_SYSTEM, "cannot open %s: %s", parent, strerror(errno));
		return;
	}
	d->base = parent;
	read_source(w, d, folder, slash == NULL ? path : slash + 1, path, diag_file(w->diag, path), &buffer,
		    fields_read_dimension);
	close(folder);
	buf_free(&buffer);
	if (w->options->take != NULL)
		w->options->take(w->options->context, d);
}

bool source_read_one(const char *path, const struct source_options *options, struct diag *diag, struct model *ret)
{
	struct walk w = {.options = options, .diag = diag, .model = ret};
	size_t before = diag_errors(diag);
	struct dimension *d;
	struct stat st;

	memset(ret, 0, sizeof(*ret));
	if (stat(path, &st) != 0) {
		diag_fail(diag, EXIT_SYSTEM, "cannot open %s: %s", path, strerror(errno));
		return false;
	}
	d = folders_add(ret, arena_copy(&ret->arena, path, text_path_size(path)));
	d->is_selected = true;
	if (!S_ISDIR(st.st_mode)) {
		read_file(&w, d, path);
	} else if (lstat(arena_printf(&d->arena, "%s/dimension.yaml", d->folder), &st) != 0 && errno == ENOENT) {
		d->is_partly_read = true;
		report_none(diag, path);
	} else {
		read_folders(&w);
	}
	return diag_errors(diag) == before;
}
