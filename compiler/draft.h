/*
 * draft.h: the texts of a new layer and of a new dimension, to be filled in by their author.
 * In: a number and a title.
 * Out: YAML with a comment for each key, in which everything is right but what only the author can write.
 */
#ifndef DIMC_DRAFT_H
#define DIMC_DRAFT_H

#include "buf.h"
#include "model.h"

/*
 * Appends a layer's file: keywords are the words of the title, the frequency lies in the dimension's range. Its content
 * is empty, so that no check passes, and nothing is published, before somebody wrote it.
 */
void draft_layer(const struct dimension *dimension, uint32_t layer_id, struct text title, struct buf *ret);

/* Appends a dimension.yaml. */
void draft_dimension(uint32_t dimension_id, struct text name, struct buf *ret);

#endif
