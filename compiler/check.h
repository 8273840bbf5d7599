/*
 * check.h: what no single value can show: ids, ranges and counts across files and folders.
 * In: the model as it was read.
 * Out: the model with its layers sorted by layer_id, and a problem for everything that contradicts something else.
 */
#ifndef DIMC_CHECK_H
#define DIMC_CHECK_H

#include "diag.h"
#include "model.h"

/* Sorts a dimension's layers and checks them. Layers that are not complete are dropped. Thread-safe for different ones.
 */
void check_dimension(struct dimension *dimension, struct diag *diag);

/* What dimensions may not share. */
void check_ids(const struct model *model, struct diag *diag);

#endif
