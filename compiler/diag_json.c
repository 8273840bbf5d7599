/*
 * diag_json.c: everything that was reported as one JSON document of dimc's own.
 * In: the collected entries.
 * Out: `diagnostics` in the order of files and lines, then what has no place; positions count from 1, in characters,
 * and an end is behind what it ends. docs/diagnostics.md has the document, member by member.
 */
#include <stdlib.h>

#include "diag_entries.h"
#include "json.h"

static void add_extent(struct json *json, const struct extent *extent)
{
	json_number(json, "line", extent->at.line);
	json_number(json, "column", extent->at.column);
	json_number(json, "end_line", extent->end_line);
	json_number(json, "end_column", extent->end_column);
}

/* File and position; without one where the place is the file as a whole. */
static void add_place(struct json *json, const struct diag *diag, struct place at)
{
	struct extent extent = {at, at.line, at.column + at.length};

	json_string(json, "file", diag->files[at.file]);
	if (at.line != 0)
		add_extent(json, &extent);
}

static void add_fix(struct json *json, const struct fix *fix)
{
	json_begin(json, NULL, '{');
	json_string(json, "description", fix->what);
	json_bool(json, "safe", fix->is_safe);
	json_begin(json, "edits", '[');
	json_begin(json, NULL, '{');
	add_extent(json, &fix->extent);
	json_string(json, "text", fix->text);
	json_end(json, '}');
	json_end(json, ']');
	json_end(json, '}');
}

static void add_problem(struct json *json, const struct diag *diag, const struct diag_problem *problem)
{
	json_begin(json, NULL, '{');
	json_string(json, "severity", problem->is_error ? "error" : "warning");
	json_string(json, "check", check_name(problem->check));
	json_string(json, "message", problem->text);
	if (problem->help != NULL)
		json_string(json, "help", problem->help);
	add_place(json, diag, problem->at);
	json_begin(json, "related", '[');
	if (problem->related_text != NULL) {
		json_begin(json, NULL, '{');
		json_string(json, "message", problem->related_text);
		add_place(json, diag, problem->related);
		json_end(json, '}');
	}
	json_end(json, ']');
	json_begin(json, "fixes", '[');
	if (problem->fix != NULL)
		add_fix(json, problem->fix);
	json_end(json, ']');
	json_end(json, '}');
}

/* Help stands behind what it helps with. */
static void add_remarks(struct json *json, const struct diag *diag)
{
	size_t i;

	for (i = 0; i < diag->remark_count; i++) {
		const struct diag_remark *r = &diag->remarks[i];

		if (r->kind == DIAG_HELP)
			continue;
		json_begin(json, NULL, '{');
		json_string(json, "severity", r->kind == DIAG_FAILURE ? "error" : "warning");
		json_null(json, "check");
		json_string(json, "message", r->text);
		if (i + 1 < diag->remark_count && r[1].kind == DIAG_HELP)
			json_string(json, "help", r[1].text);
		json_null(json, "file");
		json_begin(json, "related", '[');
		json_end(json, ']');
		json_begin(json, "fixes", '[');
		json_end(json, ']');
		json_end(json, '}');
	}
}

void diag_write_json(struct diag *diag, struct buf *ret)
{
	struct diag_problem **sorted = diag_sorted(diag);
	struct json json = {.buf = ret};
	size_t i;

	json_begin(&json, NULL, '{');
	json_string(&json, "generator", "dimc " DIM_VERSION);
	json_number(&json, "exit", (uint64_t)diag_status(diag));
	json_number(&json, "errors", diag_errors(diag));
	json_number(&json, "warnings", diag_warnings(diag));
	json_begin(&json, "diagnostics", '[');
	for (i = 0; i < diag->problem_count; i++)
		add_problem(&json, diag, sorted[i]);
	add_remarks(&json, diag);
	json_end(&json, ']');
	json_end(&json, '}');
	free(sorted);
}
