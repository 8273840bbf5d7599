/*
 * diff_text.h: a comparison as people read it: what changed, a line each, and the hunks of changed text below.
 * In: a comparison.
 * Out: text on standard output, the same for the same two sides.
 */
#ifndef DIMC_DIFF_TEXT_H
#define DIMC_DIFF_TEXT_H

#include "compare.h"

struct diff_text_options {
	bool color;
	bool has_hunks; /* else the list alone */
	size_t context; /* lines around a change */
	bool is_raw;	/* contents as they are; else what is not printable is written as ^[ or <U+202E> */
};

/*
 * Prints a heading for each dimension and a line for each layer that differs: ~ changed, + added, - removed, > moved
 * here, < moved to another dimension; below it the text as `diff -u` shows it, named a/D01/3 and b/D01/3.
 */
void diff_text_print(const struct comparison *comparison, const struct diff_text_options *options);

/* Prints what changes in one text of this name, as hunks alone; nothing where it is the same. */
void diff_text_hunks(const struct textdiff *text, const char *name, const struct diff_text_options *options);

#endif
