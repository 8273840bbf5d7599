/*
 * scratch.h: a directory for what is looked at once and thrown away.
 * In: TMPDIR, or /tmp.
 * Out: a new directory that only this user can read; gone after scratch_remove.
 */
#ifndef DIMC_SCRATCH_H
#define DIMC_SCRATCH_H

#include "diag.h"

struct scratch {
	int fd; /* the directory; -1: there is none */
	char *path;
	struct diag *diag;    /* that it stays is told there */
	struct scratch *next; /* of those that are there */
};

/* Where it will be made. */
const char *scratch_parent(void);

/* false, reported with status 3. */
bool scratch_make(struct scratch *scratch, struct diag *diag);

/* Removes it with everything in it, or warns. Nothing where there is none. */
void scratch_remove(struct scratch *scratch);

#endif
