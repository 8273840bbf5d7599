/*
 * fields.h: from the events of one file to the fields of a dimension or a layer.
 * In: a YAML reader that stands before a document.
 * Out: model structs; a located problem for every key and value that is wrong.
 */
#ifndef DIMC_FIELDS_H
#define DIMC_FIELDS_H

#include "events.h"
#include "model.h"

struct fields_input {
	struct diag *diag;
	struct dimension *dimension; /* gets the layers and, from dimension.yaml, its fields */
	const char *bytes;
	size_t size;
	uint32_t file; /* from diag_file */
	int folder;    /* of the dimension, for content_file; -1: not opened, its path stands for what it holds */
	uint64_t max_region_size; /* larger contents are refused */
};

/* Reads dimension.yaml: one document. It may hold the dimension's layers, too, under `layers`. */
void fields_read_dimension(const struct fields_input *input);

/* Reads a layer file: one document a layer, or documents with a list `layers`. */
void fields_read_layers(const struct fields_input *input);

#endif
