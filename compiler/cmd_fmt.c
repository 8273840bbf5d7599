/*
 * cmd_fmt.c: `dimc fmt`: sources in one form.
 * In: files and folders of sources, or a text on standard input.
 * Out: the files rewritten, or what would change in them; or the text on standard output.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "diff_text.h"
#include "fmt.h"
#include "fs.h"
#include "json.h"
#include "rewrite.h"
#include "text.h"

struct fmt_command {
	bool check, diff;
	uint64_t context;
};

#define FIELD(field) offsetof(struct fmt_command, field)
static const struct fmt_command fmt_defaults = {.context = 3};
static const struct option fmt_options[] = {
	{"check", 0, OPTION_TRUE, FIELD(check), NULL,
	 "list the files that would change, write nothing; 4 where there are", 0, 0},
	{"diff", 0, OPTION_TRUE, FIELD(diff), NULL, "print what would change, for patch -p1; else as --check", 0, 0},
	{"unified", 'U', OPTION_NUMBER, FIELD(context), "N", "lines of context around a change, 3 by default", 0,
	 1000000000},
	{0},
};

struct run {
	const struct context *context;
	const struct fmt_command *typed;
	struct arena arena; /* the paths */
	const char **paths;
	size_t path_count, path_capacity;
	const char **changed, **kept;
	size_t changed_count, changed_capacity, kept_count, kept_capacity;
};

static void add_path(struct run *run, const char *path)
{
	run->paths = mem_reserve(run->paths, run->path_count, &run->path_capacity, sizeof(*run->paths));
	run->paths[run->path_count++] = path;
}

/* --- which files --- */

/* The sources in the folder of one dimension. false where it is none. */
static bool add_dimension(struct run *run, const char *path, char **names, size_t count)
{
	size_t i;

	for (i = 0; i < count && strcmp(names[i], "dimension.yaml") != 0; i++)
		;
	if (i == count)
		return false;
	for (i = 0; i < count; i++)
		if (text_is_source(names[i]))
			add_path(run, arena_printf(&run->arena, "%s/%s", path, names[i]));
	return true;
}

/* Lists a folder. false, reported, where that cannot be. */
static bool list(struct run *run, const char *path, char ***ret_names, size_t *ret_count)
{
	int folder = fs_open_dir(AT_FDCWD, path);
	bool ok = folder >= 0 && fs_list(folder, &run->arena, ret_names, ret_count) == 0;

	if (!ok)
		diag_fail(run->context->diag, EXIT_SYSTEM, "cannot read %s: %s", path, strerror(errno));
	if (folder >= 0)
		close(folder);
	return ok;
}

static void add_folder(struct run *run, const char *path)
{
	size_t count, inner_count, i, found = 0;
	char **names, **inner;
	struct stat st;

	if (!list(run, path, &names, &count) || add_dimension(run, path, names, count))
		return;
	for (i = 0; i < count; i++) {
		const char *below = arena_printf(&run->arena, "%s/%s", path, names[i]);

		/* A link that leads nowhere is no folder; what cannot be looked at is told where it is listed. */
		if (names[i][0] == '.' || (stat(below, &st) == 0 ? !S_ISDIR(st.st_mode) : fs_says_absent(errno)))
			continue;
		if (list(run, below, &inner, &inner_count))
			found += add_dimension(run, below, inner, inner_count);
		else
			found++;
	}
	if (found == 0) {
		diag_fail(run->context->diag, EXIT_REJECTED, "%s holds no dimension", path);
		diag_help(run->context->diag,
			  "a dimension is a folder with a dimension.yaml and layer files beside it");
	}
}

static void add_operand(struct run *run, const char *path)
{
	struct stat st;

	path = arena_copy(&run->arena, path, text_path_size(path));
	if (stat(path, &st) != 0)
		diag_fail(run->context->diag, EXIT_SYSTEM, "cannot read %s: %s", path, strerror(errno));
	else if (S_ISDIR(st.st_mode))
		add_folder(run, path);
	else
		add_path(run, path);
}

/* --- one file --- */

static void show_change(const struct run *run, const char *path, struct text was, struct text is)
{
	bool is_terminal = isatty(STDOUT_FILENO) == 1;
	struct diff_text_options options = {.color = command_color(&run->context->global, STDOUT_FILENO),
					    .has_hunks = true,
					    .context = (size_t)run->typed->context,
					    .is_raw = !is_terminal};
	struct textdiff diff;

	textdiff_make(was, is, &diff);
	diff_text_hunks(&diff, path + strspn(path, "/"), &options);
	textdiff_free(&diff);
}

static void write_change(const struct run *run, const char *path, struct text was, struct text is)
{
	int error = rewrite_file(path, was, is);

	if (error == EBUSY) {
		diag_fail(run->context->diag, EXIT_SYSTEM, "%s was written by somebody else meanwhile, and stays so",
			  path);
		diag_help(run->context->diag, "run it again");
	} else if (error != 0) {
		diag_fail(run->context->diag, EXIT_SYSTEM, "cannot write %s: %s", path, strerror(error));
	}
}

static void format_file(struct run *run, const char *path)
{
	const struct fmt_command *typed = run->typed;
	struct arena arena = {0};
	struct buf formatted = {0};
	struct fs_file file;
	enum fmt_result result = FMT_FAILED;
	struct text was, is;

	if (fs_read(AT_FDCWD, path, SIZE_MAX / 2, FS_FOLLOW, &arena, &file) != 0) {
		diag_fail(run->context->diag, EXIT_SYSTEM, "cannot read %s: %s", path,
			  errno == EINVAL ? "it is no regular file" : strerror(errno));
		goto out;
	}
	was = (struct text){file.bytes, file.size};
	result = fmt_text(path, was, run->context->diag, &formatted);
	is = (struct text){formatted.bytes, formatted.size};
	if (result == FMT_KEPT) {
		run->kept = mem_reserve(run->kept, run->kept_count, &run->kept_capacity, sizeof(*run->kept));
		run->kept[run->kept_count++] = path;
	}
	if (result == FMT_CHANGED) {
		run->changed =
			mem_reserve(run->changed, run->changed_count, &run->changed_capacity, sizeof(*run->changed));
		run->changed[run->changed_count++] = path;
		if (!typed->check && !typed->diff)
			write_change(run, path, was, is);
		else if (typed->diff && !run->context->global.json)
			show_change(run, path, was, is);
	}
out:
	buf_free(&formatted);
	arena_free(&arena);
}

/* --- results --- */

static void print_paths(struct json *json, const char *name, const char *const *paths, size_t count)
{
	size_t i;

	json_begin(json, name, '[');
	for (i = 0; i < count; i++)
		json_string(json, NULL, paths[i]);
	json_end(json, ']');
}

static void print_json(const struct run *run)
{
	struct buf buf = {0};
	struct json json = {.buf = &buf};

	json_begin(&json, NULL, '{');
	json_number(&json, "files", run->path_count);
	print_paths(&json, "changed", run->changed, run->changed_count);
	print_paths(&json, "kept", run->kept, run->kept_count);
	json_end(&json, '}');
	command_print(&buf);
	buf_free(&buf);
}

static void print_results(const struct run *run)
{
	bool is_dry = run->typed->check || run->typed->diff;
	struct buf line = {0};
	char files[48];
	size_t i;

	for (i = 0; i < run->changed_count && !run->typed->diff; i++) {
		if (run->context->global.quiet && !is_dry)
			break;
		line.size = 0;
		text_add_printable(&line, run->changed[i], strlen(run->changed[i]));
		puts(line.bytes);
	}
	buf_free(&line);
	if (run->context->global.quiet || run->typed->diff)
		return;
	printf("%zu of %s %s", run->changed_count, text_count(run->path_count, "file", files),
	       is_dry ? "would change" : "changed");
	if (run->kept_count > 0)
		printf("; %zu left alone: anchors, aliases, tags or directives", run->kept_count);
	putchar('\n');
}

/* Standard input, for editors. Nothing comes out of what is wrong. */
static void format_input(struct run *run)
{
	struct buf was = {0}, is = {0};
	enum fmt_result result;
	struct text text;
	size_t got;

	do
		got = fread(buf_fill(&was, 0, 65536), 1, 65536, stdin);
	while (was.size -= 65536 - got, got > 0);
	text = (struct text){was.bytes, was.size};
	if (ferror(stdin)) {
		diag_fail(run->context->diag, EXIT_SYSTEM, "cannot read standard input: %s", strerror(errno));
	} else {
		result = fmt_text("<stdin>", text, run->context->diag, &is);
		if (result == FMT_CHANGED && run->typed->diff)
			show_change(run, "stdin", text, (struct text){is.bytes, is.size});
		else if (result == FMT_CHANGED && !run->typed->check)
			command_print(&is);
		else if (result != FMT_FAILED && !run->typed->diff && !run->typed->check)
			command_print(&was);
		run->changed_count = result == FMT_CHANGED;
	}
	buf_free(&was);
	buf_free(&is);
}

static void run_fmt(struct context *context)
{
	struct run run = {.context = context, .typed = context->options};
	size_t i;

	if (context->operand_count == 1 && strcmp(context->operands[0], "-") == 0) {
		format_input(&run);
	} else {
		for (i = 0; i < context->operand_count; i++)
			add_operand(&run, context->operands[i]);
		for (i = 0; i < run.path_count; i++)
			format_file(&run, run.paths[i]);
		if (context->global.json)
			print_json(&run);
		else if (run.path_count > 0)
			print_results(&run);
	}
	if (run.changed_count > 0 && (run.typed->check || run.typed->diff))
		diag_differs(context->diag);
	free(run.paths);
	free(run.changed);
	free(run.kept);
	arena_free(&run.arena);
}

static void grant_fmt(const struct context *context, struct sandbox *sandbox)
{
	const struct fmt_command *typed = context->options;

	sandbox->writes_anywhere = !typed->check && !typed->diff;
}

const struct command command_fmt = {
	.name = "fmt",
	.synopsis = "PATH... [--check | --diff]",
	.summary = "bring sources to one form",
	.text = "PATH is a folder of dimensions, the folder of one, a file, or - from standard input to standard "
		"output.\n"
		"Keys get their order, values and blanks their form; numbers the shortest that is the same. Comments "
		"stay with\n"
		"what they speak of. Nothing is written unless the compiler reads the same from it, field by field. "
		"Files with\n"
		"errors, and those with anchors, aliases, tags or directives, are left alone.",
	.options = fmt_options,
	.options_size = sizeof(struct fmt_command),
	.defaults = &fmt_defaults,
	.min_operands = 1,
	.max_operands = SIZE_MAX,
	.grant = grant_fmt,
	.run = run_fmt,
};
