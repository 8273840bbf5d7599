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
	{"mapping values are not allowed in this context", "a key is not expected here",
	 "a text that contains \": \" needs quotes; a key needs a line and the indentation of its neighbours"},
	{"did not find expected key", "expected a key, or the end of the mapping",
	 "keys of one mapping stand in one column; a quoted text ends at its second quote"},
	{"could not find expected ':'", "expected \":\" after a key",
	 "continue a text of several lines with more indentation, or begin it with \"|\""},
	{"found character that cannot start any token", "a text cannot begin with this character",
	 "quote texts that begin with @, ` or %; indent with spaces, never with tabs"},
	{"found unexpected end of stream", "the file ends inside a quoted text", "close the quotes"},
	{"found unexpected document indicator", "a document separator inside a quoted text", "close the quotes"},
	{"did not find expected '-' indicator", "expected \"- \", or the end of the list",
	 "entries of one list stand in one column"},
	{"did not find expected ',' or ']'", "expected \",\" or \"]\"", "close the list that \"[\" opened"},
	{"did not find expected ',' or '}'", "expected \",\" or \"}\"", "close the mapping that \"{\" opened"},
	{"found unknown escape character", "an escape that YAML does not know",
	 "in double quotes, write \\\\ for a backslash, or use single quotes"},
	{"block sequence entries are not allowed in this context", "a list entry is not expected here",
	 "begin the list on a line of its own"},
	{"did not find expected <document start>", "expected \"---\", or the end of the file",
	 "separate documents by a line ---"},
	{"did not find expected node content", "expected a value here", NULL},
	{"found undefined tag handle", "this tag has no meaning here", "delete the tag"},
	{"did not find expected comment or line break", "a block text begins on the next line",
	 "nothing but an indentation digit, + or - may follow \"|\" or \">\""},
	{"found a tab character where an indentation space is expected", "a tab where spaces should indent",
	 "replace the tab by spaces"},
	{"found a tab character that violates indentation", "a tab where spaces should indent",
	 "replace the tab by spaces"},
	{"found incompatible YAML document", "this version of YAML is not known", "write %YAML 1.2, or nothing"},
};

const char *wording_of_problem(const char *theirs, const char **ret_help)
{
	size_t i;

	*ret_help = NULL;
	if (theirs == NULL)
		return "malformed YAML";
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
	if (strstr(theirs, "simple key") != NULL)
		return "this was taken for a key";
	if (strstr(theirs, "block") != NULL)
		return "what it belongs to begins here";
	return "it began here";
}
