/*
 * depfile.c: a rule for make and Ninja: which files and directories a result depends on.
 * In: what was read and looked at.
 * Out: the text of a depfile; or a reported name that it cannot hold.
 */
#include "depfile.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "fs.h"
#include "spelling.h"
#include "text.h"

bool depfile_add_target(struct depfile *depfile, const char *name, bool is_quoted, struct diag *diag)
{
	if (depfile->targets.size > 0)
		buf_puts(&depfile->targets, " ");
	if (!is_quoted) {
		buf_puts(&depfile->targets, name);
		return true;
	}
	if (spelling_target(name, &depfile->targets))
		return true;
	diag_fail(diag, EXIT_USAGE, "\"%s\" cannot be a target in a depfile", name);
	diag_help(diag, "make knows no way to write it; give another name, or -MT and what your rule calls it");
	return false;
}

const char *depfile_path(const struct depfile *depfile, const char *path, struct arena *arena)
{
	const char *seen = path;
	char here[PATH_MAX];

	if (path[0] == '/')
		return path;
	if (depfile->prefix != NULL)
		seen = arena_printf(arena, "%s/%s", depfile->prefix, path);
	/* make would change these. */
	if (strchr("~ \t", seen[0]) != NULL && getcwd(here, sizeof(here)) != NULL)
		seen = arena_printf(arena, "%s/%s", here, path);
	return seen;
}

/* Everything, as it is seen from here and as make sees it, in the order of the paths. */
static void gather(const struct depfile *depfile, const struct model *model, struct arena *arena, struct inputs *ret)
{
	size_t i;

	inputs_append(ret, &depfile->extra);
	inputs_append(ret, &model->inputs);
	for (i = 0; i < model->count; i++)
		inputs_append(ret, &model->dimensions[i].inputs);
	inputs_add_links(ret, arena);
	inputs_sort(ret);
}

static bool check_directory(struct depfile *depfile, const char *path, struct diag *diag)
{
	struct stat st;
	size_t i;

	for (i = 0; i < depfile->output_count; i++) {
		if (stat(path, &st) != 0 || !fs_is_same(&st, &depfile->outputs[i]))
			continue;
		depfile->is_misplaced = true;
		diag_fail(diag, EXIT_REJECTED,
			  "the stamp, the depfile or the trace is in %s, where a new file means a new build", path);
		diag_help(diag, "put it into a folder outside of the sources, or every build will ask for another one");
		return false;
	}
	return true;
}

static bool check_path(const char *path, const struct input *input, struct diag *diag)
{
	const char *obstacle = spelling_obstacle(path, input->is_directory);

	if (obstacle == NULL && path != input->path)
		obstacle = spelling_obstacle(input->path, input->is_directory);

	if (obstacle == NULL)
		return true;
	diag_fail(diag, EXIT_REJECTED, "%s: make cannot read this name in a depfile: %s", path, obstacle);
	diag_help(diag, "rename it, or leave -MD out");
	return false;
}

static void warn_of_ninja(const char *first, size_t count, struct diag *diag)
{
	char names[48];

	if (count == 0)
		return;
	diag_warn(diag, "%s: make reads this name in the depfile, Ninja does not", first);
	diag_help(diag, "with Ninja, dimc would run every time: rename the file (%s like this)",
		  text_count(count, "name", names));
}

/*
 * The prerequisite that comes first, `count` where there is none: make takes a first one with = for an assignment, and
 * one that is a word of its language, `export`, for that. So it gets a slash.
 */
static size_t find_first(const char **paths, size_t count, struct arena *arena)
{
	size_t i;

	for (i = 0; i < count && strchr(paths[i], '=') != NULL; i++)
		;
	if (i < count && strchr(paths[i], '/') == NULL)
		paths[i] = arena_printf(arena, "./%s", paths[i]);
	return i;
}

/* make would lose a blank at the end of a line, also before the \ that goes on with it. */
static void add_prerequisite(struct buf *text, const char *path, bool is_directory)
{
	char last = text->bytes[text->size - 1];

	buf_puts(text, last == ':' || last == ' ' || last == '\t' ? " " : " \\\n ");
	spelling_prerequisite(path, is_directory, text);
}

static void write_rules(struct depfile *depfile, const struct inputs *inputs, const char *const *paths, size_t first)
{
	size_t i;

	buf_add(&depfile->text, depfile->targets.bytes, depfile->targets.size);
	buf_puts(&depfile->text, ":");
	add_prerequisite(&depfile->text, paths[first], inputs->items[first].is_directory);
	for (i = 0; i < inputs->count; i++)
		if (i != first)
			add_prerequisite(&depfile->text, paths[i], inputs->items[i].is_directory);
	/* The first once more, so that no blank and no backslash is the last. */
	if (strchr(" \t\\", depfile->text.bytes[depfile->text.size - 1]) != NULL)
		add_prerequisite(&depfile->text, paths[first], inputs->items[first].is_directory);
	buf_puts(&depfile->text, "\n");
	for (i = 0; depfile->has_phony && i < inputs->count; i++) {
		buf_puts(&depfile->text, "\n");
		spelling_phony(paths[i], inputs->items[i].is_directory, &depfile->text);
		buf_puts(&depfile->text, "\n");
	}
}

bool depfile_compose(struct depfile *depfile, const struct model *model, struct diag *diag)
{
	struct arena arena = {0};
	struct inputs inputs = {0};
	const char **paths, *unread = NULL;
	size_t i, first, unread_count = 0;
	bool ok = true;

	depfile->text.size = 0; /* of a first try */
	gather(depfile, model, &arena, &inputs);
	paths = arena_alloc(&arena, (inputs.count + 1) * sizeof(*paths));
	for (i = 0; i < inputs.count; i++) {
		bool is_directory = inputs.items[i].is_directory;

		paths[i] = depfile_path(depfile, inputs.items[i].path, &arena);
		ok = check_path(paths[i], &inputs.items[i], diag) && ok;
		if (is_directory)
			ok = check_directory(depfile, inputs.items[i].path, diag) && ok;
		if (!spelling_suits_ninja(paths[i], is_directory) && unread_count++ == 0)
			unread = paths[i];
	}
	first = find_first(paths, inputs.count, &arena);
	if (ok && first == inputs.count) {
		ok = false;
		diag_fail(diag, EXIT_REJECTED, "%s: with a = in every name, make takes the rule for an assignment",
			  inputs.count > 0 ? paths[0] : "");
		diag_help(diag, "rename the sources, or leave -MD out");
	}
	if (ok) {
		warn_of_ninja(unread, unread_count, diag);
		write_rules(depfile, &inputs, paths, first);
	}
	inputs_free(&inputs);
	arena_free(&arena);
	return ok;
}

void depfile_free(struct depfile *depfile)
{
	buf_free(&depfile->targets);
	buf_free(&depfile->text);
	inputs_free(&depfile->extra);
}
