/*
 * layer_fields.h: from the events of a file to the fields of layers.
 * In: a YAML reader that stands before a document, or before a list of layers.
 * Out: layers of the model; a located problem for every key and value that is wrong.
 */
#ifndef DIMC_LAYER_FIELDS_H
#define DIMC_LAYER_FIELDS_H

#include "fields.h"
#include "scalar.h"

/* Opens the bytes of a file; looks at its surface, and closes it. */
void fields_begin(const struct fields_input *input, struct scalar_reader *r);
void fields_end(struct scalar_reader *r, uint32_t file);

/* Reads a list of layers. Whether it was read and holds nothing. */
bool layer_fields_read_list(struct scalar_reader *r, const struct yaml_event *value);

#endif
