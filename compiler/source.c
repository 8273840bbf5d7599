/*
 * source.c: from a folder of YAML files to the model.
 * In: a folder of dimensions, the folder of one dimension, or one file that holds a whole dimension.
 * Out: every dimension and layer that could be read, and a problem reported for everything that could not.
 */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fields.h"
#include "fs.h"
#include "ignored.h"
#include "parallel.h"
#include "text.h"

/* A source file may be larger than the region it fills: escapes take up to ten bytes for one of content. */
enum { SOURCE_TIMES_REGION = 12 };

#define DIMENSION_FILE "dimension.yaml"

struct walk {
	const struct source_options *options;
	struct diag *diag;
	struct model *model;
};

static bool is_layer_file(const char *name)
{
	return text_is_source(name) && strcmp(name, DIMENSION_FILE) != 0;
}

static void report_file_type(struct diag *diag, struct place whole, bool is_dangling)
{
	struct diag_extra extra = {.help = is_dangling ? "mend the link, or delete it" : "rename it, or move it away"};

	diag_report(diag, CHECK_FILE_TYPE, whole, &extra,
		    is_dangling ? "a link that leads nowhere" : "not a regular file");
}

/* What is wrong with a file that was read goes above the line of progress. */
static void show_early(const struct walk *w, uint32_t file)
{
	if (!diag_has_early(w->diag, file))
		return;
	progress_pause(w->options->progress);
	diag_print_early(w->diag, file);
	progress_resume(w->options->progress);
}

/* Reads one file into the dimension by `read`. The text goes away again; what was taken from it is in the arena. */
static void read_source(const struct walk *w, struct dimension *d, int folder, const char *name, const char *path,
			void (*read)(const struct fields_input *))
{
	struct arena arena = {0};
	struct fs_file file;
	uint64_t max = w->options->max_region_size;
	uint32_t number = diag_file(w->diag, path);
	struct place whole = {number, 0, 0, 0};
	char size[16], limit[16];

	max = max > UINT64_MAX / SOURCE_TIMES_REGION ? UINT64_MAX : max * SOURCE_TIMES_REGION;
	if (fs_read(folder, name, max, FS_FOLLOW, &arena, &file) == 0) {
		struct fields_input input = {.diag = w->diag,
					     .dimension = d,
					     .bytes = file.bytes,
					     .size = file.size,
					     .file = number,
					     .folder = folder,
					     .max_region_size = w->options->max_region_size};

		d->file_count++;
		inputs_add(&d->inputs, path, false);
		d->source_bytes += file.size;
		if (file.st.st_mtim.tv_sec > d->newest_mtime)
			d->newest_mtime = file.st.st_mtim.tv_sec;
		read(&input);
		show_early(w, number);
		arena_free(&arena);
		return;
	}
	d->is_partly_read = true;
	if (errno == EFBIG) {
		struct diag_extra extra = {
			.help = "split it into several files, or raise MMAP_MAX_SIZE (in .env or the environment)"};

		diag_report(w->diag, CHECK_FILE_SIZE, whole, &extra,
			    "the file has %s (%llu bytes); at most %s are read (%d times MMAP_MAX_SIZE)",
			    text_size((uint64_t)file.st.st_size, size), (unsigned long long)file.st.st_size,
			    text_size(max, limit), SOURCE_TIMES_REGION);
	} else if (errno == ENOENT && fstatat(folder, name, &file.st, AT_SYMLINK_NOFOLLOW) != 0) {
		diag_fail(w->diag, EXIT_SYSTEM, "%s is gone: somebody took it away meanwhile", path);
	} else if (errno == EINVAL || errno == EISDIR || errno == ENOENT || errno == ELOOP || errno == ENXIO) {
		report_file_type(w->diag, whole, errno == ENOENT || errno == ELOOP);
	} else {
		diag_fail(w->diag, EXIT_SYSTEM, "cannot read %s: %s", path, strerror(errno));
	}
	show_early(w, number);
	arena_free(&arena);
}

/* "D01-emotion" says 1, "D01" too; 0 for a folder whose name says nothing. */
static uint32_t id_of_folder(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
	char *end;
	unsigned long id;

	if (name[0] != 'D' || name[1] < '0' || name[1] > '9')
		return 0;
	errno = 0;
	id = strtoul(name + 1, &end, 10);
	return errno == 0 && id <= MODEL_MAX_DIMENSION_ID && (*end == '\0' || *end == '-') ? (uint32_t)id : 0;
}

/* The first file of a folder whose name is that of no source; NULL: there is none. */
static const char *find_unread(struct dimension *d, int folder, char *const *names, size_t count)
{
	struct stat st;
	size_t i;

	for (i = 0; i < count; i++)
		if (names[i][0] != '.' && !text_looks_like_yaml(names[i]) &&
		    fstatat(folder, names[i], &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
			return arena_copy(&d->arena, names[i], strlen(names[i]));
	return NULL;
}

/* One folder: dimension.yaml first, then the layer files in the order of their names. */
static void read_folder(const struct walk *w, struct dimension *d)
{
	struct arena names_arena = {0};
	uint32_t folder_id = id_of_folder(d->folder);
	int folder;
	char **names;
	size_t count, i;

	d->base = d->folder;
	inputs_add(&d->inputs, d->folder, true);
	folder = fs_open_dir(AT_FDCWD, d->folder);
	if (folder < 0 || fs_list(folder, &names_arena, &names, &count) != 0) {
		d->is_partly_read = true;
		diag_fail(w->diag, EXIT_SYSTEM, "cannot read %s: %s", d->folder, strerror(errno));
		goto out;
	}
	read_source(w, d, folder, DIMENSION_FILE, arena_printf(&d->arena, "%s/dimension.yaml", d->folder),
		    fields_read_dimension);
	if (folder_id != 0 && d->dimension_id != 0 && folder_id != d->dimension_id) {
		struct diag_extra extra = {.help = "rename the folder or change the number"};

		diag_report(w->diag, CHECK_DIMENSION_ID, d->id_at, &extra,
			    "dimension_id is %u, but the folder's name says %u", d->dimension_id, folder_id);
	}
	d->is_selected = model_is_selected(w->options->selected, w->options->selected_count, d->dimension_id);
	if (!d->is_selected) {
		d->layer_count = 0;
		goto out;
	}
	for (i = 0; i < count; i++)
		if (is_layer_file(names[i]))
			read_source(w, d, folder, names[i], arena_printf(&d->arena, "%s/%s", d->folder, names[i]),
				    fields_read_layers);
	if (d->layer_count == 0)
		d->unread = find_unread(d, folder, names, count);
	if (!d->is_partly_read) { /* all that layers name is known */
		inputs_sort(&d->inputs);
		ignored_report(folder, d->folder, d, w->diag);
	}
out:
	if (folder >= 0)
		close(folder);
	arena_free(&names_arena);
}

static void read_folder_item(void *context, size_t item)
{
	const struct walk *w = context;

	read_folder(w, &w->model->dimensions[item]);
	progress_step(w->options->progress);
}

/* What a folder below the sources is: a dimension, a mistake, or none of our business. */
static bool is_dimension(const struct walk *w, int root, const char *path, const char *name)
{
	struct arena arena = {0};
	bool yes = false;
	char **names, *whole_path = arena_printf(&arena, "%s/%s", path, name);
	size_t count, i, k;
	int folder = fs_open_dir(root, name);

	if (folder < 0 || fs_list(folder, &arena, &names, &count) != 0) {
		diag_fail(w->diag, EXIT_SYSTEM, "cannot read %s: %s", whole_path, strerror(errno));
		count = 0;
	}
	for (i = 0; i < count && !yes; i++)
		yes = strcmp(names[i], DIMENSION_FILE) == 0;
	for (i = 0; i < count && !yes; i++) {
		struct place whole = {0};
		struct diag_extra extra = {.help = "add a dimension.yaml with dimension_id and name"};

		if (!is_layer_file(names[i]))
			continue;
		for (k = 0; k < count; k++)
			if (text_distance(names[k], strlen(names[k]), DIMENSION_FILE, strlen(DIMENSION_FILE)) <= 2)
				extra.help = arena_printf(&arena, "rename its %s to " DIMENSION_FILE, names[k]);
		whole.file = diag_file(w->diag, whole_path);
		diag_report(w->diag, CHECK_DIMENSION_MISSING, whole, &extra,
			    "the folder holds layers (%s) but no dimension.yaml", names[i]);
		break;
	}
	if (!yes && folder >= 0)
		ignored_report(folder, whole_path, NULL, w->diag);
	if (folder >= 0)
		close(folder);
	arena_free(&arena);
	return yes;
}

static struct dimension *add_dimension(struct model *model, size_t *capacity)
{
	struct dimension *d;

	model->dimensions = mem_reserve(model->dimensions, model->count, capacity, sizeof(*model->dimensions));
	d = &model->dimensions[model->count++];
	memset(d, 0, sizeof(*d));
	d->layout = LAYOUT_UNSET;
	return d;
}

/* Finds the dimensions below `path`, or takes `path` as one. */
static void find_dimensions(const struct walk *w, const char *path, int root)
{
	struct arena arena = {0};
	size_t count, capacity = 0, i;
	struct dimension *d;
	char **names;
	struct stat st;

	inputs_add(&w->model->inputs, arena_copy(&w->model->arena, path, strlen(path)), true);
	if (fs_list(root, &arena, &names, &count) != 0) {
		diag_fail(w->diag, EXIT_SYSTEM, "cannot read %s: %s", path, strerror(errno));
		count = 0;
	}
	if (faccessat(root, DIMENSION_FILE, F_OK, 0) == 0) {
		count = 0;
		if (w->options->allow_one) {
			d = add_dimension(w->model, &capacity);
			d->folder = arena_copy(&d->arena, path, strlen(path));
		} else {
			diag_fail(w->diag, EXIT_USAGE, "%s is the folder of one dimension", path);
			diag_help(w->diag, "give the folder that holds it, and -d to compile this one alone");
		}
	}
	for (i = 0; i < count; i++) {
		if (names[i][0] == '.')
			continue;
		if (fstatat(root, names[i], &st, 0) != 0) {
			struct place whole = {0};

			/* What it should lead to may be a dimension: to go on without it would remove that. */
			whole.file = diag_file(w->diag, arena_printf(&arena, "%s/%s", path, names[i]));
			report_file_type(w->diag, whole, true);
		} else if (S_ISDIR(st.st_mode)) {
			if (is_dimension(w, root, path, names[i])) {
				d = add_dimension(w->model, &capacity);
				d->folder = arena_printf(&d->arena, "%s/%s", path, names[i]);
			} else {
				inputs_add(&w->model->inputs, arena_printf(&w->model->arena, "%s/%s", path, names[i]),
					   true);
			}
		} else if (text_looks_like_yaml(names[i])) {
			struct diag_extra extra = {.help = "move it into the folder of its dimension"};
			struct place whole = {0};

			whole.file = diag_file(w->diag, arena_printf(&arena, "%s/%s", path, names[i]));
			diag_report(w->diag, CHECK_FILE_STRAY, whole, &extra,
				    "a YAML file outside of every dimension's folder");
		}
	}
	arena_free(&arena);
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

bool source_read(const char *path, const struct source_options *options, struct diag *diag, struct model *ret)
{
	struct walk w = {options, diag, ret};
	size_t before = diag_errors(diag);
	struct arena arena = {0};
	int root;

	memset(ret, 0, sizeof(*ret));
	path = arena_copy(&arena, path, text_path_size(path));
	root = fs_open_dir(AT_FDCWD, path);
	if (root < 0) {
		source_report_closed(path, errno, diag);
	} else {
		find_dimensions(&w, path, root);
		close(root);
		if (ret->count == 0 && diag_errors(diag) == before)
			report_none(diag, path);
		progress_begin(options->progress, "reading", ret->count);
		parallel_for(ret->count, options->jobs, read_folder_item, &w);
	}
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

	if (folder < 0) {
		d->is_partly_read = true;
		diag_fail(w->diag, EXIT_SYSTEM, "cannot open %s: %s", parent, strerror(errno));
		return;
	}
	d->base = parent;
	read_source(w, d, folder, slash == NULL ? path : slash + 1, path, fields_read_dimension);
	close(folder);
}

bool source_read_one(const char *path, const struct source_options *options, struct diag *diag, struct model *ret)
{
	struct walk w = {options, diag, ret};
	size_t before = diag_errors(diag), capacity = 0;
	struct dimension *d;
	struct stat st;

	memset(ret, 0, sizeof(*ret));
	if (stat(path, &st) != 0) {
		diag_fail(diag, EXIT_SYSTEM, "cannot open %s: %s", path, strerror(errno));
		return false;
	}
	d = add_dimension(ret, &capacity);
	d->is_selected = true;
	d->folder = arena_copy(&d->arena, path, text_path_size(path));
	if (!S_ISDIR(st.st_mode)) {
		read_file(&w, d, path);
	} else if (lstat(arena_printf(&d->arena, "%s/dimension.yaml", d->folder), &st) != 0 && errno == ENOENT) {
		d->is_partly_read = true;
		report_none(diag, path);
	} else {
		read_folder(&w, d);
	}
	return diag_errors(diag) == before;
}

bool model_is_selected(const uint32_t *selected, size_t count, uint32_t dimension_id)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (selected[i] == dimension_id)
			return true;
	return selected == NULL;
}

void model_free(struct model *model)
{
	size_t i;

	for (i = 0; i < model->count; i++) {
		free(model->dimensions[i].layers);
		inputs_free(&model->dimensions[i].inputs);
		arena_free(&model->dimensions[i].arena);
	}
	free(model->dimensions);
	inputs_free(&model->inputs);
	arena_free(&model->arena);
	memset(model, 0, sizeof(*model));
}
