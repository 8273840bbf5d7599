/*
 * embedded.c: files of the project that travel inside the program.
 * In: the table that scripts/embed.sh made.
 * Out: a file by its path.
 */
#include "embedded.h"

#include <string.h>

const struct embedded *embedded_find(const char *path)
{
	const struct embedded *file;

	for (file = embedded_files; file->path != NULL; file++)
		if (strcmp(file->path, path) == 0)
			return file;
	return NULL;
}
