/*
 * cmd_diff.c: `dimc diff`: what changes from one side to the other.
 * In: two paths, each a volume, a generation, a dimension's directory, a region, or sources.
 * Out: a list with hunks, a table, or JSON; status 4 where anything differs.
 */
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "diff_json.h"
#include "diff_stat.h"
#include "diff_text.h"
#include "parallel.h"
#include "text.h"

struct diff_command {
	const char *dimensions;
	bool stat, raw;
	uint64_t context;
};

#define FIELD(field) offsetof(struct diff_command, field)
static const struct diff_command diff_defaults = {.context = 3};
static const struct option diff_options[] = {
	{"stat", 0, OPTION_TRUE, FIELD(stat), NULL, "a line a layer with the number of changed lines, no text", 0, 0},
	{"dimensions", 'd', OPTION_TEXT, FIELD(dimensions), "D01,D05", "only these", 0, 0},
	{"unified", 'U', OPTION_NUMBER, FIELD(context), "N", "lines of context around a change, 3 by default", 0,
	 1000000000},
	{"raw", 0, OPTION_TRUE, FIELD(raw), NULL, "control characters of contents as they are, for patch(1)", 0, 0},
	{0},
};

/* A dimension that was asked for must be on one side at least. */
static void check_selection(const struct side_options *options, const struct side *a, const struct side *b,
			    struct diag *diag)
{
	size_t i, k;

	for (i = 0; i < options->selected_count; i++) {
		bool found = false;

		for (k = 0; k < a->count && !found; k++)
			found = a->dimensions[k].dimension->dimension_id == options->selected[i];
		for (k = 0; k < b->count && !found; k++)
			found = b->dimensions[k].dimension->dimension_id == options->selected[i];
		if (!found)
			diag_fail(diag, EXIT_NOT_THERE, "neither %s nor %s has D%02u", a->path, b->path,
				  options->selected[i]);
	}
}

static void print_json(const struct side *a, const struct side *b, const struct comparison *comparison)
{
	struct buf buf = {0};
	struct json json = {.buf = &buf};

	json_begin(&json, NULL, '{');
	json_string(&json, "from", a->path);
	json_string(&json, "to", b->path);
	diff_json_members(&json, comparison);
	json_end(&json, '}');
	command_print(&buf);
	buf_free(&buf);
}

static void print_same(const struct side *a, const struct side *b)
{
	char dimensions[48], layers[48];
	uint64_t count = 0;
	size_t i;

	for (i = 0; i < a->count; i++)
		count += a->dimensions[i].dimension->layer_count;
	printf("%s and %s are the same: %s, %s\n", a->path, b->path, text_count(a->count, "dimension", dimensions),
	       text_count(count, "layer", layers));
}

static void print_text(const struct context *context, const struct comparison *comparison)
{
	const struct diff_command *typed = context->options;
	bool color = command_color(&context->global, STDOUT_FILENO);
	struct diff_text_options options = {
		.color = color, .has_hunks = true, .context = (size_t)typed->context, .is_raw = typed->raw};

	if (typed->stat)
		diff_stat_print(comparison, color);
	else
		diff_text_print(comparison, &options);
	if (!typed->stat)
		putchar('\n');
	diff_stat_totals(comparison);
}

static void run_diff(struct context *context)
{
	const struct diff_command *typed = context->options;
	struct side_options options = {.settings = &context->settings, .jobs = parallel_default_jobs()};
	struct side a = {0}, b = {0};
	struct comparison comparison = {0};
	uint32_t *selected = NULL;
	bool ok;

	if (typed->dimensions != NULL &&
	    !command_parse_dimensions(typed->dimensions, context->diag, &selected, &options.selected_count))
		return;
	options.selected = selected;
	options.progress = progress_new(!context->global.quiet && !context->global.json);
	ok = side_open_pair(context->operands[0], context->operands[1], &options, context->diag, &a, &b);
	progress_free(options.progress);
	if (ok)
		check_selection(&options, &a, &b, context->diag);
	if (ok && diag_errors(context->diag) == 0) {
		compare_sides(&a, &b, &comparison);
		if (context->global.json)
			print_json(&a, &b, &comparison);
		else if (comparison.count > 0 && !context->global.quiet)
			print_text(context, &comparison);
		else if (comparison.count == 0 && context->global.verbose)
			print_same(&a, &b);
		if (comparison.count > 0)
			diag_differs(context->diag);
	}
	comparison_free(&comparison);
	side_close(&a);
	side_close(&b);
	free(selected);
}

const struct command command_diff = {
	.name = "diff",
	.synopsis = "A B [--stat] [-d D01,D05] [-U N]",
	.summary = "what changes from A to B",
	.text = "A and B are volumes, generations, dimensions' directories, regions, bundles or sources, any with any. "
		"Layers "
		"are\n"
		"~ changed, + added, - removed, > moved (the same content under another id), with the changed text as\n"
		"diff -u shows it; ^[ or <U+202E> stand for what a terminal should not see. Where one side stands for\n"
		"one dimension, that dimension is compared. Status 4 where anything differs; -q prints nothing.",
	.options = diff_options,
	.options_size = sizeof(struct diff_command),
	.defaults = &diff_defaults,
	.min_operands = 2,
	.max_operands = 2,
	.grant = command_grant_scratch,
	.run = run_diff,
};
