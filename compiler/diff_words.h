/*
 * diff_words.h: the words of a comparison: names of layers and dimensions, what changed of them, marks and colors.
 * In: parts of a comparison.
 * Out: text of one line that a terminal may see.
 */
#ifndef DIMC_DIFF_WORDS_H
#define DIMC_DIFF_WORDS_H

#include "buf.h"
#include "compare.h"

/* "D01/3" */
const char *diff_layer_id(const struct compared_end *end, char ret[32]);

/* "D01/3 Grief"; of a layer that moved, "D01/4 -> D02/12 Joy". */
void diff_add_layer_name(struct buf *buf, const struct compared_layer *layer);

/* ": frequency 0.5 -> 0.6, keywords +loss -sorrow, content +3 -1"; nothing where nothing else is to say. */
void diff_add_fields(struct buf *buf, const struct compared_layer *layer);

/* "D01 Emotion", "D02 Cognition (added)" */
void diff_add_dimension_name(struct buf *buf, const struct compared_dimension *dimension);

/* ": layout page -> packed, alignment 4096 -> 8192"; nothing where only layers differ. */
void diff_add_facts(struct buf *buf, const struct compared_dimension *dimension);

/* Whether a description that changed is told of by diff_add_facts in full, since it is a few words on each side. */
bool diff_is_description_told(const struct compared_dimension *dimension);

/* ~ + - > < */
char diff_mark(enum compare_kind kind);

enum diff_color { COLOR_PLAIN, COLOR_HEADING, COLOR_HUNK, COLOR_ADDED, COLOR_REMOVED, COLOR_CHANGED, COLOR_MOVED };

/* The escape sequence that begins a color; COLOR_PLAIN ends it. */
const char *diff_escape(enum diff_color color);
enum diff_color diff_color_of_kind(enum compare_kind kind);

#endif
