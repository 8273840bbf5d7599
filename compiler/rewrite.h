/*
 * rewrite.h: gives a source file other bytes, as its author would have.
 * In: the path of a file, what was read of it, and what is to stand there.
 * Out: the file with the new bytes, with its mode and owner; or as it was.
 */
#ifndef DIMC_REWRITE_H
#define DIMC_REWRITE_H

#include "model.h"

/*
 * Replaces the file, or the one that a link of this name leads to, in one step; unless it is no longer what was read.
 * 0, or errno: EBUSY where somebody wrote it meanwhile, and their text is left as it is. Of a file with several names
 * (hard links), only this one gets the new text.
 */
int rewrite_file(const char *path, struct text was, struct text is);

#endif
