/*
 * diag_github.c: everything that was reported as commands of GitHub Actions, which show it at a pull request's lines.
 * In: the collected entries.
 * Out: `::error file=...,line=...,col=...,title=NAME::message`, a line for each.
 *
 * What a command may not hold is escaped ("Workflow commands for GitHub Actions"): percent, CR and LF in a message,
 * colon and comma in a property as well. Messages are shown in a log, and hold nothing that a terminal would take for a
 * command; names of files are what they are.
 */
#include <stdlib.h>
#include <string.h>

#include "diag_entries.h"
#include "text.h"

static void add_escaped(struct buf *ret, const char *text, const char *special)
{
	for (; *text != '\0'; text++) {
		if (strchr(special, *text) != NULL)
			buf_printf(ret, "%%%02X", (unsigned)(unsigned char)*text);
		else
			buf_add(ret, text, 1);
	}
}

static const char IN_MESSAGE[] = "%\r\n", IN_PROPERTY[] = "%\r\n:,";

static void add_printable(struct buf *ret, const char *text)
{
	struct buf shown = {0};

	text_add_printable(&shown, text, strlen(text));
	add_escaped(ret, shown.bytes != NULL ? shown.bytes : "", IN_MESSAGE);
	buf_free(&shown);
}

static void add_message(struct buf *ret, const char *text, const char *help)
{
	buf_puts(ret, "::");
	add_printable(ret, text);
	if (help != NULL) {
		buf_puts(ret, "%0A");
		add_printable(ret, help);
	}
	buf_puts(ret, "\n");
}

static void add_problem(struct buf *ret, const struct diag *diag, const struct diag_problem *problem)
{
	struct place at = problem->at;

	buf_printf(ret, "::%s file=", problem->is_error ? "error" : "warning");
	add_escaped(ret, diag->files[at.file], IN_PROPERTY);
	if (at.line != 0)
		buf_printf(ret, ",line=%u,endLine=%u,col=%u,endColumn=%u", at.line, at.line, at.column,
			   at.column + at.length);
	buf_printf(ret, ",title=%s", check_name(problem->check));
	add_message(ret, problem->text, problem->help);
}

void diag_write_github(struct diag *diag, struct buf *ret)
{
	struct diag_problem **sorted = diag_sorted(diag);
	const struct diag_remark *r;
	size_t i;

	for (i = 0; i < diag->problem_count; i++)
		add_problem(ret, diag, sorted[i]);
	free(sorted);
	for (i = 0; i < diag->remark_count; i++) {
		r = &diag->remarks[i];
		if (r->kind == DIAG_HELP)
			continue;
		buf_printf(ret, "::%s title=dimc", r->kind == DIAG_FAILURE ? "error" : "warning");
		add_message(ret, r->text, i + 1 < diag->remark_count && r[1].kind == DIAG_HELP ? r[1].text : NULL);
	}
}
