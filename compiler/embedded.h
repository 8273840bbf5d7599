/*
 * embedded.h: files of the project that travel inside the program.
 * In: the files that the Makefile's EMBEDDED names, made into C by scripts/embed.sh.
 * Out: their bytes, by their paths in the project.
 */
#ifndef DIMC_EMBEDDED_H
#define DIMC_EMBEDDED_H

#include <stddef.h>

struct embedded {
	const char *path;
	const char *bytes; /* with a NUL behind them that does not count */
	size_t size;
};

/* All of them, in the order of their paths; a path that is NULL ends the list. */
extern const struct embedded embedded_files[];

/* The file of this path, as "schemas/layer.schema.json"; NULL where there is none. */
const struct embedded *embedded_find(const char *path);

#endif
