/*
 * syntax.c: tells what is wrong with a file that is not YAML.
 * In: libyaml's texts and places, and the source.
 * Out: a reported problem, where it can be with an edit that mends it.
 */
#include "syntax.h"

#include <string.h>

#include "known_keys.h"
#include "lines.h"
#include "wording.h"

bool syntax_report_missing_space(struct diag *diag, struct place key, struct text source)
{
	size_t length = known_key(source.bytes, source.size);
	struct fix fix = {.was = "", .text = " ", .what = "put a space behind the colon", .is_safe = true};
	struct diag_extra extra = {.help = "write a space behind the colon", .fix = &fix};

	if (length == 0 || length + 1 >= source.size || strchr(" \t\r\n", source.bytes[length + 1]) != NULL)
		return false;
	key.length = (uint32_t)length + 1;
	fix.extent.at = key;
	fix.extent.at.column += key.length;
	fix.extent.at.length = 0;
	fix.extent.end_line = key.line;
	fix.extent.end_column = fix.extent.at.column;
	diag_report(diag, CHECK_SYNTAX, key, &extra, "\"%.*s\" needs a space behind it to be a key", (int)length + 1,
		    source.bytes);
	return true;
}

static bool is_problem(const char *problem, const char *theirs)
{
	return problem != NULL && strcmp(problem, theirs) == 0;
}

/* Whether what stands before a place, in its line, is a key and the begin of its value: one of `begin`, or any. */
static bool follows_key(struct lines *lines, struct place at, const char *begin)
{
	const char *bytes = lines->bytes;
	size_t end, i;

	if (!lines_offset(lines, at.line, at.column, &end))
		return false;
	for (i = lines->start; i + 1 < end; i++) {
		if (bytes[i] != ':' || (bytes[i + 1] != ' ' && bytes[i + 1] != '\t'))
			continue;
		for (i++; i < end && (bytes[i] == ' ' || bytes[i] == '\t');)
			i++;
		return i < end && (begin == NULL || strchr(begin, bytes[i]) != NULL);
	}
	return false;
}

/* Whether the line above, but for comments, is a key without its space: it was reported, and what follows is no
 * mistake. */
static bool follows_missing_space(struct lines *lines, struct place at)
{
	const char *bytes;
	size_t size, i;

	while (at.line > 1 && lines_find(lines, --at.line)) {
		bytes = lines->bytes + lines->start;
		size = lines->end - lines->start;
		for (i = 0; i < size && bytes[i] == ' ';)
			i++;
		if (i < size && bytes[i] != '#') {
			i = known_key(bytes, size);
			return i > 0 && i + 1 < size && bytes[i + 1] != ' ' && bytes[i + 1] != '\t';
		}
	}
	return false;
}

/* The source tells more than libyaml. */
static const char *look_closer(const char *problem, struct place at, struct lines *lines, const char **ret_help)
{
	if (is_problem(problem, WORDING_COLON) && follows_key(lines, at, NULL)) {
		*ret_help = "put the text into quotes; another key goes into a line of its own";
		return "a second colon with a space behind it, in one line";
	}
	if (is_problem(problem, WORDING_COLON) && lines_find(lines, at.line) && lines->start < lines->end &&
	    lines->bytes[lines->start] == ' ') {
		*ret_help = "begin a key in the column of the other keys, and a text of several lines with \"|\"";
		return "this line is indented, and so part of the value above, where no key can be";
	}
	if (is_problem(problem, WORDING_KEY) && follows_key(lines, at, "'\"")) {
		*ret_help =
			"put all of it into quotes, and write a quote inside of '...' twice, inside of \"...\" as \\\"";
		return "the quoted text has ended before this";
	}
	return NULL;
}

void syntax_report(struct diag *diag, const char *problem, struct place at, const char *context,
		   struct place context_at, struct text source)
{
	struct lines lines = {.bytes = source.bytes, .size = source.size};
	struct diag_extra extra = {0};
	const char *text, *closer, *begun;
	size_t offset;

	if (context != NULL && strcmp(context, "while scanning a simple key") == 0 &&
	    lines_offset(&lines, context_at.line, context_at.column, &offset) &&
	    syntax_report_missing_space(diag, context_at, (struct text){source.bytes + offset, source.size - offset}))
		return;
	if ((is_problem(problem, WORDING_COLON) || is_problem(problem, WORDING_DOCUMENT)) && diag_errors(diag) > 0 &&
	    follows_missing_space(&lines, at))
		return;
	/* libyaml means any character that cannot begin a text; of a tab there is more to say. */
	if (is_problem(problem, "found character that cannot start any token") &&
	    lines_offset(&lines, at.line, at.column, &offset) && offset < source.size && source.bytes[offset] == '\t')
		problem = "found a tab character that violates indentation";
	text = wording_of_problem(problem, context, &extra.help);
	closer = look_closer(problem, at, &lines, &extra.help);
	if (closer != NULL) {
		text = closer;
	} else if (context != NULL && context_at.line < at.line) {
		begun = wording_of_beginning(problem, &extra.related_text);
		if (begun == NULL) {
			extra.related = &context_at;
			extra.related_text = wording_of_context(context);
		} else {
			struct place end = at;

			text = begun;
			at = context_at;
			context_at = end;
			extra.related = extra.related_text != NULL ? &context_at : NULL;
		}
	}
	diag_report(diag, CHECK_SYNTAX, at, &extra, "%s", text);
}
