/*
 * dump.h: from a dimension that was compiled to its sources.
 * In: a dimension of the model, as region_facts_dimension gives it; a directory.
 * Out: a folder with dimension.yaml and a file for every layer; or what keeps them from being sources.
 */
#ifndef DIMC_DUMP_H
#define DIMC_DUMP_H

#include <stdbool.h>

#include "diag.h"
#include "emit.h"

struct dumped {
	char folder[EMIT_NAME_SIZE];
	size_t files, content_files; /* content_files are among the files */
	uint64_t bytes;
};

/*
 * Whether sources may say all that the dimension holds: a region by another program may have titles or keywords that
 * check would reject. false, each reported with status 1.
 */
bool dump_is_allowed(const struct dimension *dimension, struct diag *diag);

/* Writes the folder into the directory `dirfd`; `path` is its name for messages. false, reported with status 3. */
bool dump_write(const struct dimension *dimension, int dirfd, const char *path, struct diag *diag, struct dumped *ret);

#endif
