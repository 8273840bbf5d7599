/*
 * check.h: what no single value can show: ids, ranges and counts across files and folders.
 * In: the model as it was read.
 * Out: the model with its layers sorted by layer_id, and a problem for everything that contradicts something else.
 */
#ifndef DIMC_CHECK_H
#define DIMC_CHECK_H

#include "diag.h"
#include "model.h"

/* false where something was reported. Layers that are not complete are dropped. */
bool check_model(struct model *model, struct diag *diag);

#endif
