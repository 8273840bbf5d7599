/*
 * item.h: how one entry of a list is taken out of a source.
 * In: the bytes of the file, and which of them the entry is.
 * Out: the edit that removes it with its comma or its line; or none, where something would be lost.
 */
#ifndef DIMC_ITEM_H
#define DIMC_ITEM_H

#include "diag.h"
#include "model.h"

/*
 * `item` is part of `source`, and stands at `at`; it is not the first of its list. false where a comment stands beside
 * it, or where the entry takes several lines. *ret gets its extent and what stands there.
 */
bool item_removal(struct text source, struct text item, struct place at, struct fix *ret);

#endif
