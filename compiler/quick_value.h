/*
 * quick_value.h: one value of the common subset of YAML.
 * In: a line of a file, and where in it a value begins.
 * Out: its pieces; or false where it is not certain what libyaml would make of it.
 */
#ifndef DIMC_QUICK_VALUE_H
#define DIMC_QUICK_VALUE_H

#include "pieces.h"

/* The line that is being read. */
struct quick_line {
	struct pieces *pieces;
	const char *start, *end; /* `end` is at its LF */
	const char *at;		 /* what comes next */
	uint32_t number;
	const char *counted; /* a byte of the line, and its column: places ascend */
	uint32_t column;
};

/* A scalar or bracket from `at` up to `end`. */
void quick_add(struct quick_line *line, enum yaml_kind kind, enum piece_form form, const char *end);

/* The colon behind a plain key that begins at `at`; NULL: there is no key, or none that is certain. */
const char *quick_find_colon(const struct quick_line *line);

/* Passes over spaces and a comment. Whether that was all of the line; else `at` is at what stands there. */
bool quick_ends(struct quick_line *line);

/*
 * Reads the value that begins at `at`, behind a space, in a collection that begins at column `parent`, from 0 on.
 * `line` is the last line of the value afterwards, and nothing but a comment is behind it.
 */
bool quick_value(struct quick_line *line, size_t parent);

#endif
