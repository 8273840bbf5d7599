/*
 * folders.c: from the folder of the sources to those of its dimensions.
 * In: a folder; a folder in it, by name.
 * Out: which folders hold a dimension, and the names in them; a problem for all that stands where nothing is read.
 */
#include "folders.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs.h"
#include "ignored.h"
#include "text.h"
#include "trace.h"

bool folders_is_layer_file(const char *name)
{
	return text_is_source(name) && strcmp(name, FOLDERS_DIMENSION_FILE) != 0;
}

/* A file is no regular one, or a link that leads nowhere. */
static void report_type(struct diag *diag, uint32_t file, bool is_dangling)
{
	struct diag_extra extra = {.help = is_dangling ? "mend the link, or delete it" : "rename it, or move it away"};
	struct place whole = {file, 0, 0, 0};

	diag_report(diag, CHECK_FILE_TYPE, whole, &extra,
		    is_dangling ? "a link that leads nowhere" : "not a regular file");
}

void folders_report_unreadable(struct diag *diag, int folder, const char *name, const char *path, uint32_t file,
			       uint64_t size, uint64_t max)
{
	struct place whole = {file, 0, 0, 0};
	char size_text[16], limit[16];
	struct stat there;
	int error = errno;

	if (error == EFBIG) {
		struct diag_extra extra = {
			.help = "split it into several files, or raise MMAP_MAX_SIZE (in .env or the environment)"};

		diag_report(diag, CHECK_FILE_SIZE, whole, &extra,
			    "the file has %s (%llu bytes); at most %s are read (%d times MMAP_MAX_SIZE)",
			    text_size(size, size_text), (unsigned long long)size, text_size(max, limit),
			    FOLDERS_TIMES_REGION);
	} else if (error == ENOENT && fstatat(folder, name, &there, AT_SYMLINK_NOFOLLOW) != 0) {
		diag_fail(diag, EXIT_SYSTEM, "%s is gone: somebody took it away meanwhile", path);
	} else if (error == EBUSY) {
		diag_fail(diag, EXIT_SYSTEM, "%s changed while it was read: run it again", path);
	} else if (fs_says_absent(error)) {
		report_type(diag, file, true);
	} else if (error == EINVAL || error == EISDIR || error == ENXIO) {
		report_type(diag, file, false);
	} else {
		diag_fail(diag, EXIT_SYSTEM, "cannot read %s: %s", path, strerror(error));
	}
}

struct dimension *folders_add(struct model *model, const char *path)
{
	struct dimension *d;

	model->dimensions = mem_reserve(model->dimensions, model->count, &model->capacity, sizeof(*model->dimensions));
	d = &model->dimensions[model->count++];
	memset(d, 0, sizeof(*d));
	d->layout = LAYOUT_UNSET;
	d->folder = d->base = arena_copy(&d->arena, path, strlen(path));
	return d;
}

/* What stands beside the folders: a YAML file there is read by nobody. */
static void look_at_file(const char *path, const char *name, struct diag *diag)
{
	struct diag_extra extra = {.help = "move it into the folder of its dimension"};
	struct place whole = {0};

	if (!text_looks_like_yaml(name))
		return;
	whole.file = diag_file(diag, path);
	diag_report(diag, CHECK_FILE_STRAY, whole, &extra, "a YAML file outside of every dimension's folder");
}

void folders_find(const char *path, int root, struct diag *diag, struct model *ret)
{
	struct arena arena = {0};
	struct stat st;
	char **names;
	size_t count, i;

	trace_begin(TRACE_LIST, path);
	inputs_add(&ret->inputs, arena_copy(&ret->arena, path, strlen(path)), true);
	if (fs_list(root, &arena, &names, &count) != 0) {
		diag_fail(diag, EXIT_SYSTEM, "cannot read %s: %s", path, strerror(errno));
		count = 0;
	}
	for (i = 0; i < count; i++) {
		const char *whole;

		if (names[i][0] == '.')
			continue;
		whole = arena_printf(&arena, "%s/%s", path, names[i]);
		/* What a dangling link should lead to may be a dimension: to go on without it would remove that. */
		if (fstatat(root, names[i], &st, 0) != 0)
			folders_report_unreadable(diag, root, names[i], whole, diag_file(diag, whole), 0, 0);
		else if (S_ISDIR(st.st_mode))
			folders_add(ret, whole);
		else
			look_at_file(whole, names[i], diag);
	}
	arena_free(&arena);
	trace_end(TRACE_LIST);
}

/* Layers without a dimension.yaml are a mistake; perhaps that has a name that is nearly right. */
static void report_layers(const struct dimension *d, const struct folder *folder, struct diag *diag)
{
	struct diag_extra extra = {.help = "add a dimension.yaml with dimension_id and name"};
	struct arena arena = {0};
	struct place whole = {0};
	size_t first, i;

	for (first = 0; first < folder->count && !folders_is_layer_file(folder->names[first]); first++)
		;
	if (first == folder->count)
		return;
	for (i = 0; i < folder->count; i++)
		if (text_distance(folder->names[i], strlen(folder->names[i]), FOLDERS_DIMENSION_FILE,
				  strlen(FOLDERS_DIMENSION_FILE)) <= 2)
			extra.help = arena_printf(&arena, "rename its %s to " FOLDERS_DIMENSION_FILE, folder->names[i]);
	whole.file = diag_file(diag, d->folder);
	diag_report(diag, CHECK_DIMENSION_MISSING, whole, &extra, "the folder holds layers (%s) but no dimension.yaml",
		    folder->names[first]);
	arena_free(&arena);
}

bool folders_look(struct dimension *d, struct diag *diag, struct folder *ret)
{
	int fd = fs_open_dir(AT_FDCWD, d->folder);
	bool yes = false;
	size_t i;

	trace_begin(TRACE_LIST, d->folder);
	*ret = (struct folder){0};
	if (fd < 0 || fstat(fd, &ret->st) != 0 || fs_list(fd, &d->arena, &ret->names, &ret->count) != 0)
		diag_fail(diag, EXIT_SYSTEM, "cannot read %s: %s", d->folder, strerror(errno));
	for (i = 0; i < ret->count && !yes; i++)
		yes = strcmp(ret->names[i], FOLDERS_DIMENSION_FILE) == 0;
	if (!yes) {
		report_layers(d, ret, diag);
		if (fd >= 0)
			ignored_report(fd, d->folder, ret->names, ret->count, NULL, diag);
	}
	if (fd >= 0)
		close(fd);
	trace_end(TRACE_LIST);
	return yes;
}

const char *folders_unread(const struct folder *folder, int fd)
{
	struct stat st;
	size_t i;

	for (i = 0; i < folder->count; i++)
		if (folder->names[i][0] != '.' && !text_looks_like_yaml(folder->names[i]) &&
		    fstatat(fd, folder->names[i], &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
			return folder->names[i];
	return NULL;
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

void folders_check_name(const struct dimension *d, struct diag *diag)
{
	struct diag_extra extra = {.help = "rename the folder or change the number"};
	uint32_t id = id_of_folder(d->folder);

	if (id != 0 && d->dimension_id != 0 && id != d->dimension_id)
		diag_report(diag, CHECK_DIMENSION_ID, d->id_at, &extra,
			    "dimension_id is %u, but the folder's name says %u", d->dimension_id, id);
}
