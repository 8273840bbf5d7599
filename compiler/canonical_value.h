/*
 * canonical_value.h: the one form in which a single value of a source is written.
 * In: the value, as it is read and as it was typed, and what its field holds.
 * Out: its text.
 */
#ifndef DIMC_CANONICAL_VALUE_H
#define DIMC_CANONICAL_VALUE_H

#include "buf.h"
#include "outline.h"

enum canonical_kind {
	CANONICAL_WHOLE,   /* digits alone */
	CANONICAL_DECIMAL, /* the shortest that reads back as the same double */
	CANONICAL_WORD,	   /* whatever is typed, never quoted: a time, a layout */
	CANONICAL_LINE,	   /* a text of one line */
	CANONICAL_PROSE,   /* a text whose lines may be broken */
	CANONICAL_CONTENT, /* a text whose lines are the author's */
};

/*
 * Appends the value of a scalar. It begins in `column`, its other lines are indented; `in_list` is between brackets.
 * Quotes that the author put around what else would be no text to other readers of YAML ("no", "1.0") stay.
 */
void canonical_value_add(struct buf *buf, enum canonical_kind kind, const struct outline_node *value, size_t column,
			 size_t indent, bool in_list);

#endif
