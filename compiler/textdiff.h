/*
 * textdiff.h: what of one text is different in another, by lines, as `diff -u` shows it.
 * In: two texts.
 * Out: runs of lines that differ; the same as hunks with lines of context around them.
 */
#ifndef DIMC_TEXTDIFF_H
#define DIMC_TEXTDIFF_H

#include "model.h"

/* a_count lines of the one from line `a` on, counted from 0, stand for b_count lines of the other. One may be 0. */
struct textdiff_change {
	size_t a, a_count, b, b_count;
};

struct textdiff {
	struct text a, b; /* as given, not copied */
	size_t a_lines, b_lines;
	struct textdiff_change *changes; /* in their order; the lines between them are the same */
	size_t count, capacity;
	size_t removed, added; /* lines */
};

/*
 * Compares. A line ends with LF, which is a part of it, so that a last line without one differs from one with it. Time
 * and memory are bounded by a constant times the texts' sizes: of very large texts with many differences, fewer lines
 * are recognised as common.
 */
void textdiff_make(struct text a, struct text b, struct textdiff *ret);
void textdiff_free(struct textdiff *diff);

/*
 * Gives the hunks of diff's unified format, a line a call: mark '@' with the hunk's header, ' ', '-' and '+' with a
 * line without its LF, '\\' with the remark that the line before has none. Up to `lines` lines of context.
 */
typedef void (*textdiff_emit)(void *context, char mark, const char *line, size_t size);
void textdiff_hunks(const struct textdiff *diff, size_t lines, textdiff_emit emit, void *context);

#endif
