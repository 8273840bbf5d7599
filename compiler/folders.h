/*
 * folders.h: from the folder of the sources to those of its dimensions.
 * In: a folder; a folder in it, by name.
 * Out: which folders hold a dimension, and the names in them; a problem for all that stands where nothing is read.
 */
#ifndef DIMC_FOLDERS_H
#define DIMC_FOLDERS_H

#include <sys/stat.h>

#include "diag.h"
#include "model.h"

#define FOLDERS_DIMENSION_FILE "dimension.yaml"

/* The names in a folder, sorted by their bytes, in an arena. */
struct folder {
	char **names;
	size_t count;
	struct stat st; /* of the folder, before it was listed */
};

/*
 * Gives *ret a dimension, with nothing but its path, for every folder below `path`, which is open as `root`. Files that
 * stand beside the folders and look like sources are reported.
 */
void folders_find(const char *path, int root, struct diag *diag, struct model *ret);

/* Appends one dimension with the path of its folder. */
struct dimension *folders_add(struct model *model, const char *path);

/*
 * Whether a folder holds a dimension; `d` has its path and gets its names, in d->arena. Where not, what it holds
 * instead is reported, if that is a mistake. Thread-safe for different ones.
 */
bool folders_look(struct dimension *d, struct diag *diag, struct folder *ret);

/* Whether a name is that of a layer file. */
bool folders_is_layer_file(const char *name);

/* The first file of a dimension's folder, open as `fd`, whose name is that of no source; NULL: there is none. */
const char *folders_unread(const struct folder *folder, int fd);

/* Reports where the name of a dimension's folder says another number than its dimension.yaml. */
void folders_check_name(const struct dimension *d, struct diag *diag);

/* A source file may be larger than the region it fills: escapes take up to ten bytes for one of content. */
enum { FOLDERS_TIMES_REGION = 12 };

/* Says why a file of a folder cannot be read, by errno; EFBIG: it has `size` bytes, and at most `max` are read. */
void folders_report_unreadable(struct diag *diag, int folder, const char *name, const char *path, uint32_t file,
			       uint64_t size, uint64_t max);

#endif
