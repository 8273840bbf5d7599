/*
 * yaml_text.h: a text as YAML, for people to read and for every reader of YAML to give back.
 * In: a text of the model, which needs no NUL behind it here.
 * Out: the text as it is, between double quotes, or as a block.
 */
#ifndef DIMC_YAML_TEXT_H
#define DIMC_YAML_TEXT_H

#include "buf.h"
#include "model.h"

enum {
	YAML_TEXT_WIDTH = 80,	    /* prose is broken before this column */
	YAML_TEXT_LIST_WIDTH = 120, /* a list of words that fits stands in one line; of others, each word has its own */
};

/* Whether a block gives back exactly the text. One of blanks and line breaks alone would, but nobody would see it. */
bool yaml_text_fits_block(struct text text);

/* Whether it has characters that nobody sees where they are not written as escapes. */
bool yaml_text_has_hidden(struct text text);

/*
 * Appends a text of any number of lines: a literal block where that fits, else quoted. Its lines but the first begin
 * `indent` columns from the left, two more than its key.
 */
void yaml_text_add(struct buf *buf, struct text text, size_t indent);

/* Appends a text between double quotes; every line of it gets a line of its own, what is hidden an escape. */
void yaml_text_add_quoted(struct buf *buf, struct text text, size_t indent);

/* Appends a text of one line, without quotes where it can be: behind "key: " or, `in_list`, between brackets. */
void yaml_text_add_line(struct buf *buf, struct text text, bool in_list);

/* Appends prose: a long line as a folded block. `column` is where it begins, behind its key. */
void yaml_text_add_paragraph(struct buf *buf, struct text text, size_t column, size_t indent);

#endif
