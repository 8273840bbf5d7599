/*
 * rights.h: what to change where the system refuses to write.
 * In: the path that could not be written, and the errno of that.
 * Out: a help to the failure that was reported last.
 */
#ifndef DIMC_RIGHTS_H
#define DIMC_RIGHTS_H

#include "diag.h"

/*
 * For EACCES, EPERM and EROFS: which directory or file refuses, whose it is, and what would give the right; for ELOOP
 * and ENOTDIR, what stands in the way. Nothing for other numbers. "PATH/NAME"; `name` may be NULL.
 */
void rights_help(struct diag *diag, const char *path, const char *name, int number);

#endif
