/*
 * cmd_new.c: `dimc new`: a layer or a dimension to fill in, under the next free number.
 * In: which dimension, and a title.
 * Out: a new file, and its path on standard output.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "aside.h"
#include "command.h"
#include "draft.h"
#include "fs.h"
#include "json.h"
#include "scalar.h"
#include "source.h"
#include "text.h"
#include "vacancy.h"
#include "utf8.h"

struct new_command {
	const char *sources;
	bool is_dimension, dry_run;
};

#define FIELD(field) offsetof(struct new_command, field)
static const struct new_command new_defaults = {.sources = "sources"};
static const struct option new_options[] = {
	{"sources", 's', OPTION_TEXT, FIELD(sources), "SOURCES", "the folder of the dimensions (sources)", 0, 0},
	{"dimension", 0, OPTION_TRUE, FIELD(is_dimension), NULL, "a new dimension instead, with the title as its name",
	 0, 0},
	{"dry-run", 'n', OPTION_TRUE, FIELD(dry_run), NULL, "print the file instead of writing it", 0, 0},
	{0},
};

/* The command line, and what was found for it. */
struct task {
	struct context *context;
	const struct new_command *typed;
	const char *dimension;
	struct text title;
	struct arena arena;
	uint32_t dimension_id, layer_id; /* of what is made; layer_id 0: a dimension */
	const char *path;
	const char *unread; /* why the sources could not be read; NULL: they were */
	struct buf text;
};

/* The title must be what a source may hold. */
static bool check_title(struct task *t)
{
	size_t max = t->typed->is_dimension ? MODEL_MAX_NAME_LENGTH : MODEL_MAX_TITLE_LENGTH;
	const char *what = t->typed->is_dimension ? "name" : "title", *help;
	char reason[SCALAR_REASON_SIZE];

	if (!utf8_is_valid(t->title.bytes, t->title.size)) {
		diag_fail(t->context->diag, EXIT_USAGE, "the %s is not UTF-8", what);
		return false;
	}
	if (scalar_is_limited(t->title, max, "", reason, &help))
		return true;
	diag_fail(t->context->diag, EXIT_USAGE, "the %s %s", what, reason);
	return false;
}

/*
 * Reads the sources. Their mistakes are no business of this command: an author may have begun several layers. Of a
 * folder that is not read, `selected` is another dimension. Whether all was read: else some number is only free because
 * the system keeps it to itself.
 */
static bool read_sources(struct task *t, const char *folder, struct model *ret)
{
	static const uint32_t none = 0;
	struct diag *unheard = diag_new();
	struct source_options options = {.max_region_size = t->context->settings.max_size, .jobs = 1};
	bool is_whole;

	if (folder != NULL) {
		source_read_one(folder, &options, unheard, ret);
	} else {
		options.allow_one = true;
		options.selected = &none;
		options.selected_count = 1;
		source_read(t->typed->sources, &options, unheard, ret);
	}
	is_whole = diag_status(unheard) != EXIT_SYSTEM;
	if (!is_whole)
		t->unread = arena_printf(&t->arena, "%s", diag_first_failure(unheard));
	diag_free(unheard);
	return is_whole;
}

static void report_unread(struct task *t)
{
	diag_fail(t->context->diag, EXIT_SYSTEM, "not all of %s could be read: %s", t->typed->sources,
		  t->unread != NULL ? t->unread : "it changed meanwhile");
	diag_help(t->context->diag, "`dimc check %s` says what, and why", t->typed->sources);
}

static const char *folder_name(const struct dimension *dimension)
{
	const char *slash = strrchr(dimension->folder, '/');

	return slash == NULL ? dimension->folder : slash + 1;
}

/* The dimension that was meant: by the name of its folder, else by its number. */
static const struct dimension *find_dimension(const struct task *t, const struct model *model)
{
	uint32_t number = vacancy_number(t->dimension, strlen(t->dimension));
	size_t size = text_path_size(t->dimension), i;

	for (i = 0; i < model->count; i++) {
		const char *folder = model->dimensions[i].folder, *name = folder_name(&model->dimensions[i]);

		if ((strlen(name) == size && memcmp(name, t->dimension, size) == 0) ||
		    (strlen(folder) == size && memcmp(folder, t->dimension, size) == 0))
			return &model->dimensions[i];
	}
	for (i = 0; i < model->count && number != 0; i++)
		if (vacancy_id(&model->dimensions[i]) == number)
			return &model->dimensions[i];
	return NULL;
}

static void report_unknown(struct task *t, const struct model *model)
{
	enum { SHOWN = 20 };
	struct diag *diag = t->context->diag;
	struct buf list = {0};
	size_t i;

	diag_fail(diag, EXIT_NOT_THERE, "%s has no dimension \"%s\"", t->typed->sources, t->dimension);
	for (i = 0; i < model->count && i < SHOWN; i++)
		buf_printf(&list, "%s%s", i > 0 ? ", " : "", folder_name(&model->dimensions[i]));
	if (model->count > SHOWN)
		buf_printf(&list, " and %zu more", model->count - SHOWN);
	if (model->count > 0)
		diag_help(diag, "there %s %s", model->count == 1 ? "is" : "are", list.bytes);
	if (vacancy_number(t->dimension, strlen(t->dimension)) != 0)
		diag_help(diag, "`dimc new --dimension %s NAME` makes it", t->dimension);
	buf_free(&list);
}

/*
 * Opens a folder and waits until no other `dimc new` works in it, so that two of them never find the same number free.
 * -1, reported.
 */
static int open_locked(struct task *t, const char *path)
{
	int fd = fs_open_dir(AT_FDCWD, path);

	if (fd < 0) {
		diag_fail(t->context->diag, EXIT_SYSTEM, "cannot open %s: %s", path, strerror(errno));
		return -1;
	}
	if (t->typed->dry_run || fs_lock_patiently(fd))
		return fd;
	diag_fail(t->context->diag, EXIT_SYSTEM, "another program has held a lock on %s for seconds", path);
	diag_help(t->context->diag, "lslocks names it; the lock goes with its process");
	close(fd);
	return -1;
}

static void write_file(struct task *t, int folder, const char *name)
{
	int error = aside_create(folder, name, t->text.bytes, t->text.size);

	if (error == 0)
		mem_published(true);
	else
		diag_fail(t->context->diag, EXIT_SYSTEM, "cannot create %s: %s", t->path, strerror(error));
}

static void make_layer(struct task *t)
{
	struct model all = {0}, one = {0};
	const struct dimension *found;
	char name[EMIT_NAME_SIZE];
	int folder = fs_open_dir(AT_FDCWD, t->typed->sources);
	bool is_whole;

	if (folder < 0) {
		diag_fail(t->context->diag, EXIT_SYSTEM, "cannot open the sources %s: %s", t->typed->sources,
			  strerror(errno));
		diag_help(t->context->diag, "-s SOURCES says where they are");
		return;
	}
	close(folder);
	folder = -1;
	is_whole = read_sources(t, NULL, &all);
	found = find_dimension(t, &all);
	if (found == NULL) {
		if (is_whole)
			report_unknown(t, &all);
		else
			report_unread(t);
		goto out;
	}
	folder = open_locked(t, found->folder);
	if (folder < 0)
		goto out;
	if (!read_sources(t, found->folder, &one) || one.count == 0) { /* it was there a moment ago */
		report_unread(t);
		goto out;
	}
	if (!vacancy_layer_id(&one.dimensions[0], folder, t->context->settings.max_size, &t->layer_id) ||
	    !vacancy_file_name(folder, t->title, name)) {
		diag_fail(t->context->diag, EXIT_SYSTEM, "cannot read %s: %s", found->folder, strerror(errno));
		goto out;
	}
	if (t->layer_id == 0) {
		diag_fail(t->context->diag, EXIT_USAGE, "%s has a layer with the largest layer_id there can be, %u",
			  found->folder, UINT32_MAX);
		diag_help(t->context->diag, "give that one another number, or write the file by hand");
		goto out;
	}
	t->path = arena_printf(&t->arena, "%s/%s", found->folder, name);
	t->dimension_id = vacancy_id(found);
	one.dimensions[0].dimension_id = t->dimension_id;
	draft_layer(&one.dimensions[0], t->layer_id, t->title, &t->text);
	if (!t->typed->dry_run)
		write_file(t, folder, name);
out:
	if (folder >= 0)
		close(folder);
	model_free(&one);
	model_free(&all);
}

/* Whether the number is free; false, reported. */
static bool check_vacant(struct task *t, const struct model *model)
{
	struct diag *diag = t->context->diag;
	uint32_t next = vacancy_dimension_id(model);
	size_t i;

	for (i = 0; i < model->count && vacancy_id(&model->dimensions[i]) != t->dimension_id; i++)
		;
	if (i == model->count)
		return true;
	diag_fail(diag, EXIT_USAGE, "D%02u is there already: %s", t->dimension_id, model->dimensions[i].folder);
	if (next != 0)
		diag_help(diag, "the next number that is free is D%02u", next);
	return false;
}

static void make_dimension(struct task *t)
{
	struct dimension made = {.name = t->title};
	const char *sources = arena_copy(&t->arena, t->typed->sources, text_path_size(t->typed->sources));
	struct model all = {0};
	char name[EMIT_NAME_SIZE];
	int root = -1, folder = -1;

	t->dimension_id = made.dimension_id = vacancy_number(t->dimension, strlen(t->dimension));
	if (t->dimension_id == 0) {
		diag_fail(t->context->diag, EXIT_USAGE, "a new dimension is given by its number, as D15, not \"%s\"",
			  t->dimension);
		return;
	}
	emit_folder_name(&made, name);
	t->path = arena_printf(&t->arena, "%s/%s/dimension.yaml", sources, name);
	draft_dimension(t->dimension_id, t->title, &t->text);
	if (!t->typed->dry_run && fs_make_path(sources, true) != 0) {
		diag_fail(t->context->diag, EXIT_SYSTEM, "cannot make %s: %s", sources, strerror(errno));
		return;
	}
	if (access(sources, F_OK) == 0 || !fs_says_absent(errno)) {
		root = open_locked(t, sources);
		if (root < 0)
			return;
		if (!read_sources(t, NULL, &all)) {
			report_unread(t);
			goto out;
		}
	}
	if (root >= 0 && faccessat(root, "dimension.yaml", F_OK, 0) == 0)
		diag_fail(t->context->diag, EXIT_USAGE, "%s is the folder of one dimension", sources);
	else if (check_vacant(t, &all) && !t->typed->dry_run) {
		/* A folder that is there without its dimension.yaml gets one. */
		if (mkdirat(root, name, 0777) == 0 || errno == EEXIST)
			folder = fs_open_dir(root, name);
		if (folder >= 0)
			write_file(t, folder, "dimension.yaml");
		else
			diag_fail(t->context->diag, EXIT_SYSTEM, "cannot make %s/%s: %s", sources, name,
				  strerror(errno));
	}
out:
	if (folder >= 0)
		close(folder);
	if (root >= 0)
		close(root);
	model_free(&all);
}

static void print_result(const struct task *t)
{
	struct buf buf = {0};
	struct json json = {.buf = &buf};

	if (t->context->global.json) {
		json_begin(&json, NULL, '{');
		json_string(&json, "path", t->path);
		json_bool(&json, "written", !t->typed->dry_run);
		json_number(&json, "dimension_id", t->dimension_id);
		if (t->layer_id != 0)
			json_number(&json, "layer_id", t->layer_id);
		json_string(&json, "text", t->text.bytes);
		json_end(&json, '}');
	} else if (t->typed->dry_run) {
		buf_add(&buf, t->text.bytes, t->text.size);
	} else {
		buf_printf(&buf, "%s\n", t->path);
	}
	command_print(&buf);
	buf.size = 0;
	if (!t->context->global.json && !t->context->global.quiet && !t->typed->dry_run) {
		if (t->layer_id != 0)
			buf_printf(&buf, "write its content, then: dimc check %s", t->typed->sources);
		else
			buf_printf(&buf, "fill it in, then: dimc new %s \"Title of its first layer\"", t->dimension);
		fflush(stdout); /* the path comes first also where both go to one file */
		fprintf(stderr, "%s\n", buf.bytes);
	}
	buf_free(&buf);
}

/* A title of several words that were not held together. */
static void report_words(struct context *context)
{
	struct buf buf = {0};
	size_t i;

	for (i = 1; i < context->operand_count; i++)
		buf_printf(&buf, "%s%s", i > 1 ? " " : "", context->operands[i]);
	diag_fail(context->diag, EXIT_USAGE, "too many arguments");
	diag_help(context->diag, "put the title into quotes: dimc new %s \"%s\"", context->operands[0], buf.bytes);
	buf_free(&buf);
}

static void run_new(struct context *context)
{
	struct task t = {.context = context,
			 .typed = context->options,
			 .dimension = context->operands[0],
			 .title = {context->operands[1], strlen(context->operands[1])}};

	if (context->operand_count > 2) {
		report_words(context);
	} else if (check_title(&t)) {
		if (t.typed->is_dimension)
			make_dimension(&t);
		else
			make_layer(&t);
		if (diag_errors(context->diag) == 0)
			print_result(&t);
	}
	buf_free(&t.text);
	arena_free(&t.arena);
}

static void grant_new(const struct context *context, struct sandbox *sandbox)
{
	const struct new_command *typed = context->options;

	if (!typed->dry_run)
		sandbox_write_below(sandbox, typed->sources);
}

const struct command command_new = {
	.name = "new",
	.synopsis = "D03 TITLE [-s SOURCES] [-n]; --dimension D15 NAME",
	.summary = "begin a layer, a dimension",
	.text = "Writes a file with the next free number and a comment for each key, and prints its path: a layer\n"
		"of D03 (or 3, or its folder's name) to which only the content is missing. Until that is written,\n"
		"the layer is rejected, so that nothing unfinished is published. No file is ever replaced.",
	.options = new_options,
	.options_size = sizeof(struct new_command),
	.defaults = &new_defaults,
	.min_operands = 2,
	.max_operands = SIZE_MAX,
	.grant = grant_new,
	.run = run_new,
};
