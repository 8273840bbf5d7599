/*
 * vacancy.h: which numbers are free in a tree of sources, also where it has mistakes.
 * In: what could be read of a dimension or of all; the names in its folder.
 * Out: the next layer_id, dimension_id and file name.
 */
#ifndef DIMC_VACANCY_H
#define DIMC_VACANCY_H

#include "emit.h"
#include "model.h"

/*
 * The number after the largest layer_id of a dimension; 0 where that is the largest there can be. Of files that could
 * not be read to their ends, whatever stands behind the word layer_id counts. `folder`: the dimension's, open. false
 * with errno where a file cannot be read at all.
 */
bool vacancy_layer_id(const struct dimension *dimension, int folder, uint64_t max_file_size, uint32_t *ret);

/* The same among the dimensions. */
uint32_t vacancy_dimension_id(const struct model *model);

/* The number of a dimension, or what its folder's name says where that could not be read; 0: neither. */
uint32_t vacancy_id(const struct dimension *dimension);

/* 3 for "D03", "d3" and "3", which are `size` bytes; 0 for what is no dimension's number. */
uint32_t vacancy_number(const char *text, size_t size);

/*
 * "100-fear-of-heights.yaml" where 090-... is the last: after the largest number that a layer file's name begins with,
 * in tens where at least half of them are, as wide as they are. false with errno where the folder cannot be read.
 */
bool vacancy_file_name(int folder, struct text title, char ret[EMIT_NAME_SIZE]);

#endif
