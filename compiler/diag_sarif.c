/*
 * diag_sarif.c: everything that was reported as a SARIF log, for code scanning and for viewers in editors.
 * In: the collected entries.
 * Out: SARIF 2.1.0 (OASIS, 27 March 2020), one run: its rules are the checks that found something, in the order of
 * checks.h; columns count characters; a relative path is a relative URI reference.
 */
#include <stdlib.h>
#include <string.h>

#include "diag_entries.h"
#include "json.h"

static const char SCHEMA[] =
	"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/* A brace in a message begins a placeholder unless it is doubled (3.11.5). */
static void add_doubled(struct buf *buf, const char *text)
{
	for (; *text != '\0'; text++) {
		buf_add(buf, text, 1);
		if (*text == '{' || *text == '}')
			buf_add(buf, text, 1);
	}
}

static void add_message(struct json *json, const char *name, const char *text, const char *help)
{
	struct buf both = {0};

	add_doubled(&both, text);
	if (help != NULL) {
		buf_puts(&both, "\n");
		add_doubled(&both, help);
	}
	json_begin(json, name, '{');
	json_text(json, "text", both.bytes != NULL ? both.bytes : "", both.size);
	json_end(json, '}');
	buf_free(&both);
}

/* RFC 3986: what is not unreserved is percent-encoded; a first segment with a colon would be a scheme, and has none. */
static void add_artifact(struct json *json, const char *path)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
	struct buf uri = {0};

	if (*path == '/')
		buf_puts(&uri, "file://");
	for (; *path != '\0'; path++) {
		if (strchr(plain, *path) != NULL)
			buf_add(&uri, path, 1);
		else
			buf_printf(&uri, "%%%02X", (unsigned)(unsigned char)*path);
	}
	json_begin(json, "artifactLocation", '{');
	json_text(json, "uri", uri.bytes, uri.size);
	json_end(json, '}');
	buf_free(&uri);
}

static void add_region(struct json *json, const char *name, const struct extent *extent)
{
	json_begin(json, name, '{');
	json_number(json, "startLine", extent->at.line);
	json_number(json, "startColumn", extent->at.column);
	json_number(json, "endLine", extent->end_line);
	json_number(json, "endColumn", extent->end_column);
	json_end(json, '}');
}

static void add_location(struct json *json, const struct diag *diag, struct place at, const char *message)
{
	struct extent extent = {at, at.line, at.column + at.length};

	json_begin(json, NULL, '{');
	json_begin(json, "physicalLocation", '{');
	add_artifact(json, diag->files[at.file]);
	if (at.line != 0)
		add_region(json, "region", &extent);
	json_end(json, '}');
	if (message != NULL)
		add_message(json, "message", message, NULL);
	json_end(json, '}');
}

static void add_fix(struct json *json, const char *path, const struct fix *fix)
{
	json_begin(json, NULL, '{');
	add_message(json, "description", fix->what, NULL);
	json_begin(json, "artifactChanges", '[');
	json_begin(json, NULL, '{');
	add_artifact(json, path);
	json_begin(json, "replacements", '[');
	json_begin(json, NULL, '{');
	add_region(json, "deletedRegion", &fix->extent);
	json_begin(json, "insertedContent", '{');
	json_string(json, "text", fix->text);
	json_end(json, '}');
	json_end(json, '}');
	json_end(json, ']');
	json_end(json, '}');
	json_end(json, ']');
	json_end(json, '}');
}

static void add_result(struct json *json, const struct diag *diag, const struct diag_problem *problem, size_t rule)
{
	json_begin(json, NULL, '{');
	json_string(json, "ruleId", check_name(problem->check));
	json_number(json, "ruleIndex", rule);
	json_string(json, "level", problem->is_error ? "error" : "warning");
	add_message(json, "message", problem->text, problem->help);
	json_begin(json, "locations", '[');
	add_location(json, diag, problem->at, NULL);
	json_end(json, ']');
	if (problem->related_text != NULL) {
		json_begin(json, "relatedLocations", '[');
		add_location(json, diag, problem->related, problem->related_text);
		json_end(json, ']');
	}
	if (problem->fix != NULL) {
		json_begin(json, "fixes", '[');
		add_fix(json, problem->path, problem->fix);
		json_end(json, ']');
	}
	json_end(json, '}');
}

/* Fills which rule each check is in this run. */
static void add_rules(struct json *json, const struct diag *diag, size_t rule_of[CHECK_COUNT])
{
	bool is_used[CHECK_COUNT] = {false};
	size_t i, count = 0;

	for (i = 0; i < diag->problem_count; i++)
		is_used[diag->problems[i].check] = true;
	json_begin(json, "rules", '[');
	for (i = 0; i < CHECK_COUNT; i++) {
		if (!is_used[i])
			continue;
		rule_of[i] = count++;
		json_begin(json, NULL, '{');
		json_string(json, "id", check_name((enum check)i));
		add_message(json, "shortDescription", check_about((enum check)i), NULL);
		json_begin(json, "help", '{');
		json_string(json, "text", "`dimc explain` with the name of the rule says more.");
		json_end(json, '}');
		json_begin(json, "defaultConfiguration", '{');
		json_string(json, "level", check_default_level((enum check)i) >= LEVEL_ERROR ? "error" : "warning");
		json_end(json, '}');
		json_end(json, '}');
	}
	json_end(json, ']');
}

/* What has no place in a source is told of the run. */
static void add_invocation(struct json *json, struct diag *diag)
{
	size_t i;

	json_begin(json, NULL, '{');
	json_bool(json, "executionSuccessful", diag->failures == 0);
	json_number(json, "exitCode", (uint64_t)diag_status(diag));
	json_begin(json, "toolExecutionNotifications", '[');
	for (i = 0; i < diag->remark_count; i++) {
		const struct diag_remark *r = &diag->remarks[i];

		if (r->kind == DIAG_HELP)
			continue;
		json_begin(json, NULL, '{');
		json_string(json, "level", r->kind == DIAG_FAILURE ? "error" : "warning");
		add_message(json, "message", r->text,
			    i + 1 < diag->remark_count && r[1].kind == DIAG_HELP ? r[1].text : NULL);
		json_end(json, '}');
	}
	json_end(json, ']');
	json_end(json, '}');
}

void diag_write_sarif(struct diag *diag, struct buf *ret)
{
	struct diag_problem **sorted = diag_sorted(diag);
	size_t rule_of[CHECK_COUNT] = {0}, i;
	struct json json = {.buf = ret};

	json_begin(&json, NULL, '{');
	json_string(&json, "$schema", SCHEMA);
	json_string(&json, "version", "2.1.0");
	json_begin(&json, "runs", '[');
	json_begin(&json, NULL, '{');
	json_begin(&json, "tool", '{');
	json_begin(&json, "driver", '{');
	json_string(&json, "name", "dimc");
	json_string(&json, "version", DIM_VERSION);
	add_rules(&json, diag, rule_of);
	json_end(&json, '}');
	json_end(&json, '}');
	json_begin(&json, "invocations", '[');
	add_invocation(&json, diag);
	json_end(&json, ']');
	json_string(&json, "columnKind", "unicodeCodePoints");
	json_begin(&json, "results", '[');
	for (i = 0; i < diag->problem_count; i++)
		add_result(&json, diag, sorted[i], rule_of[sorted[i]->check]);
	json_end(&json, ']');
	json_end(&json, '}');
	json_end(&json, ']');
	json_end(&json, '}');
	free(sorted);
}
