/*
 * wording.c: what libyaml says of a syntax error, in the words of somebody who writes layers.
 * In: libyaml's constant texts.
 * Out: a better text, and the way out.
 */
#include "wording.h"

#include <stddef.h>
#include <string.h>

static const struct wording {
	const char *theirs, *ours, *help;
} wordings[] = {
	{WORDING_COLON, "a key is not expected here",
	 "a text that contains \": \" needs quotes; a key needs a line and the column of its neighbours"},
	{WORDING_KEY, "a key is expected here, in the column of those above",
	 "keys that belong together stand in one column"},
	{"could not find expected ':'", "expected \":\" after a key",
	 "a key needs a colon and a space; the lines of a text are indented, below \"content: |\""},
	{"found character that cannot start any token", "a text cannot begin with this character",
	 "quote texts that begin with @, ` or %"},
	{"found unexpected end of stream", "the file ends inside a quoted text", "close the quotes"},
	{"found unexpected document indicator", "a document separator inside a quoted text", "close the quotes"},
	{"did not find expected '-' indicator", "expected \"- \", or the end of the list",
	 "entries of one list stand in one column"},
	{"did not find expected ',' or ']'", "expected \",\" or \"]\"",
	 "close it with \"]\", and write commas between the entries"},
	{"did not find expected ',' or '}'", "expected \",\" or \"}\"",
	 "close it with \"}\", and write commas between the entries"},
	{"found unknown escape character", "an escape that YAML does not know",
	 "in double quotes, write \\\\ for a backslash, or use single quotes"},
	{"block sequence entries are not allowed in this context", "a list entry is not expected here",
	 "begin the list on a line of its own"},
	{WORDING_DOCUMENT, "expected \"---\", or the end of the file",
	 "keys that belong together stand in one column; a line --- begins another layer"},
	{"did not find expected node content", "expected a value here",
	 "write a value, or \"\" for an empty text; a text that begins with , or : needs quotes"},
	{"found undefined tag handle", "this tag has no meaning here", "delete the tag"},
	{"did not find expected comment or line break", "a block text begins on the next line",
	 "nothing but an indentation digit, + or - may follow \"|\" or \">\""},
	{"found a tab character where an indentation space is expected", "a tab where spaces should indent",
	 "replace the tab by spaces"},
	{"found a tab character that violates indentation", "a tab where spaces should indent",
	 "replace the tab by spaces"},
	{"mapping keys are not allowed in this context", "a key is not expected here",
	 "a text that begins with \"? \" needs quotes"},
	{"found an indentation indicator equal to 0", "an indentation digit is from 1 to 9",
	 "delete the digit, or write how many spaces indent the text"},
	{"did not find expected hexdecimal number", "hexadecimal digits must follow here",
	 "\\x takes two of them, \\u four, \\U eight; write \\\\ for a backslash"},
	{"found invalid Unicode character escape code", "there is no character of this number",
	 "write a character beyond U+FFFF as itself, or as one escape: \\U0001F600"},
	{"found duplicate %YAML directive", "%YAML stands here a second time", "delete one of the two"},
	{"found duplicate %TAG directive", "this %TAG stands here a second time", "delete one of the two"},
	{"found unexpected ':'", "a key is not expected here", "a text that contains \":\" needs quotes"},
	{"found incompatible YAML document", "this version of YAML is not known", "write %YAML 1.2, or nothing"},
};

/* Where the context says more than the problem does. */
static const struct wording contexts[] = {
	{"directive", "a line that begins with % is a directive, and this one is none that YAML knows",
	 "delete the line; the only one that is of use here is %YAML 1.2"},
	{"tag", "a text that begins with ! is a tag, and this is none", "put the text into quotes"},
	{"anchor", "a text that begins with & is an anchor, and this is none", "put the text into quotes"},
	{"alias", "a text that begins with * is an alias, and this is none", "put the text into quotes"},
};

/* Where the mistake is at the beginning, and libyaml tells of a later line. */
static const struct begun {
	const char *theirs, *ours, *end;
} begun[] = {
	{"could not find expected ':'", "this was taken for a key, and has no colon in its line", NULL},
	{"found unexpected end of stream", "this quoted text is not closed", NULL},
	{"found unexpected document indicator", "this quoted text is not closed", "the document ends here"},
	{"did not find expected ',' or ']'", "this list is not closed, or a comma is missing in it",
	 "reading came this far"},
	{"did not find expected ',' or '}'", "this bracket is not closed, or a comma is missing behind it",
	 "reading came this far"},
};

const char *wording_of_beginning(const char *theirs, const char **ret_end)
{
	size_t i;

	for (i = 0; theirs != NULL && i < sizeof(begun) / sizeof(begun[0]); i++) {
		if (strcmp(theirs, begun[i].theirs) == 0) {
			*ret_end = begun[i].end;
			return begun[i].ours;
		}
	}
	return NULL;
}

const char *wording_of_problem(const char *theirs, const char *context, const char **ret_help)
{
	size_t i;

	*ret_help = NULL;
	if (theirs == NULL)
		return "malformed YAML";
	for (i = 0; context != NULL && i < sizeof(contexts) / sizeof(contexts[0]); i++) {
		if (strstr(context, contexts[i].theirs) != NULL) {
			*ret_help = contexts[i].help;
			return contexts[i].ours;
		}
	}
	for (i = 0; i < sizeof(wordings) / sizeof(wordings[0]); i++) {
		if (strcmp(theirs, wordings[i].theirs) == 0) {
			*ret_help = wordings[i].help;
			return wordings[i].ours;
		}
	}
	return theirs;
}

const char *wording_of_context(const char *theirs)
{
	if (strstr(theirs, "quoted") != NULL)
		return "the quoted text begins here";
	if (strstr(theirs, "plain scalar") != NULL)
		return "the text begins here";
	if (strstr(theirs, "block mapping") != NULL)
		return "the first of these keys";
	if (strstr(theirs, "block") != NULL)
		return "what it belongs to begins here";
	return "it began here";
}
