/*
 * syntax.c: tells what is wrong with a file that is not YAML.
 * In: libyaml's texts and places, and the source.
 * Out: a reported problem, where it can be with an edit that mends it.
 */
#include "syntax.h"

#include <string.h>

#include "known_keys.h"
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

void syntax_report(struct diag *diag, const char *problem, struct place at, const char *context,
		   struct place context_at, struct text source)
{
	struct diag_extra extra = {0};
	const char *text;

	if (context != NULL && strcmp(context, "while scanning a simple key") == 0 &&
	    syntax_report_missing_space(diag, context_at, source))
		return;
	/* libyaml means any character that cannot begin a text; of a tab there is more to say. */
	if (problem != NULL && strcmp(problem, "found character that cannot start any token") == 0 && source.size > 0 &&
	    source.bytes[0] == '\t')
		problem = "found a tab character that violates indentation";
	text = wording_of_problem(problem, context, &extra.help);
	if (context != NULL && context_at.line < at.line) {
		extra.related = &context_at;
		extra.related_text = wording_of_context(context);
	}
	diag_report(diag, CHECK_SYNTAX, at, &extra, "%s", text);
}
