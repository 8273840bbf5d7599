/*
 * emit.h: the YAML text of a dimension and of its layers, for people to read and for dimc to compile.
 * In: structs of the model.
 * Out: text from which a reader of YAML gets the same values, byte for byte; and the names of the files it goes to.
 *
 * The same facts always give the same text. Texts of the model need no NUL behind them here.
 */
#ifndef DIMC_EMIT_H
#define DIMC_EMIT_H

#include "buf.h"
#include "model.h"

enum { EMIT_NAME_SIZE = 64 };

/* Whether YAML can hold a content: UTF-8 without NUL. Any other goes into a file of its own. */
bool emit_can_hold(struct text content);

/* Appends dimension.yaml. Layout and alignment are said only where they are not page and 4096. */
void emit_dimension(const struct dimension *dimension, struct buf *ret);

/*
 * Appends the file of one layer. `content_file` is the plain name of the file that has its content; NULL: the content
 * is in the text, which must be able to hold it.
 */
void emit_layer(const struct layer *layer, const char *content_file, struct buf *ret);

/* Appends the keywords alone, as they stand in a layer's file: in one line, or each in its own. */
void emit_keywords(const struct layer *layer, struct buf *ret);

/* "D01-emotion": the number, and what of the name is fit for a file's name. */
void emit_folder_name(const struct dimension *dimension, char ret[EMIT_NAME_SIZE]);

/* "001-core-affect", after the title or else the first keyword; `largest_id` is that of the layers that stand together.
 */
void emit_layer_name(const struct layer *layer, uint32_t largest_id, char ret[EMIT_NAME_SIZE]);

#endif
