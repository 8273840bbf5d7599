/*
 * aside_dir.h: a new directory that appears under its name whole, or not at all.
 * In: a path that is free; what the caller writes into the directory beside it.
 * Out: the directory in its place, or nothing there.
 */
#ifndef DIMC_ASIDE_DIR_H
#define DIMC_ASIDE_DIR_H

#include <stdbool.h>

#include "diag.h"

struct aside_dir {
	struct arena arena;
	struct diag *diag;
	const char *path;      /* where it shall appear */
	const char *parent;    /* the directory that it is in */
	const char *temporary; /* beside `path`, hidden: where it is until then */
	int fd;		       /* of the directory to write into; -1: there is none */
};

/* Whether there is nothing at `path`, or an empty directory. false, reported with status 2 or 3. */
bool aside_dir_is_free(const char *path, struct diag *diag);

/*
 * Makes the directory beside `path`, and the path to it where that is missing. It is locked while it is written, so
 * that what a killed run left there is thrown away, and what another run writes is not. false, reported. Free with
 * aside_dir_end in either case.
 */
bool aside_dir_begin(const char *path, struct diag *diag, struct aside_dir *ret);

/* Puts the directory in its place in one step; `sync`: with its files on the disk. false, reported. */
bool aside_dir_commit(struct aside_dir *aside, bool sync);

/* Removes what was not put in its place, and frees. */
void aside_dir_end(struct aside_dir *aside);

#endif
