/*
 * syntax.c: tells what is wrong with a file that is not YAML.
 * In: libyaml's texts and places, and the source.
 * Out: a reported problem, where it can be with an edit that mends it.
 */
#include "syntax.h"

#include <string.h>

#include "known_keys.h"
#include "lines.h"
#include "utf8.h"
#include "wording.h"

static bool begins_with(struct text text, const char *begin)
{
	return text.size >= strlen(begin) && memcmp(text.bytes, begin, strlen(begin)) == 0;
}

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
	if (begins_with((struct text){source.bytes + length + 1, source.size - length - 1}, UTF8_NO_BREAK)) {
		extra.help = "type a space in the place of the no-break space";
		fix.was = UTF8_NO_BREAK;
		fix.was_size = strlen(UTF8_NO_BREAK);
		fix.what = "put a space in the place of the no-break space";
		fix.extent.at.length = 1;
		fix.extent.end_column++;
	}
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

/* What begins at the first character of a line that is not a space; false where there is none. */
static bool begin_of_line(struct lines *lines, uint32_t line, struct text *ret, uint32_t *ret_column)
{
	if (!lines_find(lines, line))
		return false;
	for (*ret_column = 1; lines->start + *ret_column <= lines->end; ++*ret_column) {
		size_t at = lines->start + *ret_column - 1;

		if (lines->bytes[at] != ' ') {
			*ret = (struct text){lines->bytes + at, lines->end - at};
			return true;
		}
	}
	return false;
}

/* Whether the line is indented as the one above it, and that is the entry of a list. */
static bool follows_entry(struct lines *lines, uint32_t line)
{
	struct text above, text;
	uint32_t column_above, column;

	return line > 1 && begin_of_line(lines, line, &text, &column) &&
	       begin_of_line(lines, line - 1, &above, &column_above) && column == column_above &&
	       begins_with(above, "- ");
}

/* Whether the line is indented by a no-break space, at *ret. */
static bool is_indented_wrong(struct lines *lines, struct place line, struct place *ret)
{
	struct text text;

	*ret = line;
	ret->length = 1;
	return begin_of_line(lines, line.line, &text, &ret->column) && begins_with(text, UTF8_NO_BREAK);
}

/* What the source shows and libyaml does not know. `begun` is where its context begins; *mistake becomes the mistake's.
 */
static const char *look_closer(const char *problem, struct place *mistake, struct place begun, struct lines *lines,
			       const char **ret_help)
{
	struct place at = *mistake;
	bool is_colon = is_problem(problem, WORDING_COLON), is_key = is_problem(problem, WORDING_KEY);
	struct text line = {0}, here = {0};
	uint32_t column;
	size_t offset;

	if (lines_offset(lines, at.line, at.column, &offset))
		here = (struct text){lines->bytes + offset, lines->size - offset};
	if (is_indented_wrong(lines, begun, mistake) || is_indented_wrong(lines, at, mistake)) {
		*ret_help = "indent with spaces: a no-break space looks the same, and comes with what is copied from "
			    "elsewhere";
		return "a no-break space where spaces should indent";
	}
	*mistake = at;
	if (begins_with(here, "```")) {
		*ret_help = "delete the line, and the one that ends what it begins";
		return "``` is of Markdown, and is not known here";
	}
	if (is_colon && follows_key(lines, at, "\xE2")) { /* as all typographic quotes begin */
		*ret_help = "put the text into straight quotes, \" or ': typographic ones are none for YAML";
		return "a second colon with a space behind it, in one line";
	}
	if (is_colon && follows_key(lines, at, NULL)) {
		*ret_help = "put the text into quotes; another key goes into a line of its own";
		return "a second colon with a space behind it, in one line";
	}
	if (is_colon && begin_of_line(lines, at.line, &line, &column) && column > 1) {
		*ret_help = "begin a key in the column of the other keys, and a text of several lines with \"|\"";
		return "this line is indented, and so part of the value above, where no key can be";
	}
	if (is_colon && known_key(line.bytes, line.size) > 0) {
		*ret_help = "write a key and a colon there, too; a comment begins with #";
		return "the line above has no key, so that none can be here";
	}
	if (is_key && here.size > 0 && *here.bytes == ',') {
		*ret_help = "delete it: lines end without commas";
		return "a comma stands behind the value";
	}
	if (is_key && follows_key(lines, at, "'\"")) {
		*ret_help =
			"put all of it into quotes, and write a quote inside of '...' twice, inside of \"...\" as \\\"";
		return "the quoted text has ended before this";
	}
	if (is_key && follows_key(lines, at, "[{")) {
		*ret_help = "write all of it between the brackets, or in quotes if it is no list";
		return "the list has ended before this";
	}
	if (is_key && begin_of_line(lines, at.line, &line, &column) && memchr(line.bytes, ':', line.size) == NULL) {
		*ret_help = "begin the lines of a text in one column";
		return "this line is neither part of the text above nor a key";
	}
	return NULL;
}

/* The same of what libyaml tells of as begun at an earlier place. */
static const char *look_at_begin(const char *problem, struct place begun, struct lines *lines, const char **ret_help)
{
	struct text line;
	uint32_t column;

	if (!begin_of_line(lines, begun.line, &line, &column) || column > begun.column)
		return NULL;
	if (begins_with(line, "* ")) {
		*ret_help = "begin each entry with \"- \", a hyphen and a space";
		return "an entry of a list does not begin with a star";
	}
	if (is_problem(problem, "could not find expected ':'") && follows_entry(lines, begun.line)) {
		*ret_help = "begin each entry with \"- \", a hyphen and a space";
		return "this entry of the list has no \"- \" before it";
	}
	return NULL;
}

void syntax_report(struct diag *diag, const char *problem, struct place at, const char *context,
		   struct place context_at, struct text source)
{
	struct lines lines = {.bytes = source.bytes, .size = source.size};
	struct diag_extra extra = {0};
	const char *text, *closer, *begun = NULL;
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
	closer = look_closer(problem, &at, context != NULL ? context_at : at, &lines, &extra.help);
	if (closer == NULL && context != NULL)
		begun = look_at_begin(problem, context_at, &lines, &extra.help);
	if (closer != NULL) {
		text = closer;
	} else if (begun != NULL) {
		text = begun;
		at = context_at;
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
