/*
 * ignored.h: files that look like sources, but stand where none is read, or under a name that is not read.
 * In: a folder of the sources.
 * Out: a problem for each such file.
 */
#ifndef DIMC_IGNORED_H
#define DIMC_IGNORED_H

#include "diag.h"
#include "model.h"

/*
 * Looks at the names in a folder, open as `folder`, and through the folders among them; what begins with a dot is left
 * out. `dimension` is the one that was read from it, with its inputs sorted, whose layers may name such files as their
 * contents; or NULL. Its inputs get the folders, and has_ignored tells whether something was found. `path` is for
 * messages.
 */
void ignored_report(int folder, const char *path, char *const *names, size_t count, struct dimension *dimension,
		    struct diag *diag);

#endif
