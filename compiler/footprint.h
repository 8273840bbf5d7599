/*
 * footprint.h: what a run that fails takes away again, so that a volume is as it was, or is still none.
 * In: the path of a volume, before anything is made there.
 * Out: no directory, lock or empty generation that this run has made.
 */
#ifndef DIMC_FOOTPRINT_H
#define DIMC_FOOTPRINT_H

#include "volume.h"

struct footprint {
	char *path;	 /* of the volume */
	size_t existing; /* the length of the part of the path that was there */
	bool had_lock, had_generation;
};

/* Looks what is there. Free with footprint_free. */
void footprint_take(struct footprint *footprint, const char *path);

/* Removes what was not there: only empty directories, and the lock where this run holds it. */
void footprint_wipe(const struct footprint *footprint, const struct volume *volume);

void footprint_free(struct footprint *footprint);

#endif
