/*
 * inputs.h: the files and directories that a result depends on.
 * In: paths, in the order in which they are looked at.
 * Out: a set of them.
 */
#ifndef DIMC_INPUTS_H
#define DIMC_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "fs.h"
#include "mem.h"

struct input {
	const char *path;
	bool is_directory;     /* its names were looked at */
	struct fs_stamp stamp; /* when it was read; zeros where nobody looked */
};

/* Zero-initialised is empty. */
struct inputs {
	struct input *items;
	size_t count, capacity;
	struct arena arena; /* paths that were composed here; the others stay the caller's */
};

void inputs_add(struct inputs *inputs, const char *path, bool is_directory);

/* A file that was read or a directory that was listed, with what fstat(2) told before. */
void inputs_add_seen(struct inputs *inputs, const char *path, const struct stat *st);

/* The file `path`, with its stat, below the directory `base`, and every directory between them, which would lead
 * elsewhere if renamed.
 */
void inputs_add_beneath(struct inputs *inputs, const char *base, const char *path, const struct stat *st);

/* Appends what others hold; the paths stay theirs. */
void inputs_append(struct inputs *inputs, const struct inputs *from);

/* The same, paths and all; the others are empty afterwards. */
void inputs_take(struct inputs *inputs, struct inputs *from);

/*
 * Adds the directories of links to which links lead. Who watches a file follows its links, and sees neither that
 * another link was put in a link's place, unless the directory of that link is watched, too.
 */
void inputs_add_links(struct inputs *inputs, struct arena *arena);

/* By the bytes of their paths, each once. */
void inputs_sort(struct inputs *inputs);

/* Whether a path is among them, which must be sorted. */
bool inputs_has(const struct inputs *inputs, const char *path);

void inputs_free(struct inputs *inputs);

#endif
