/*
 * sections.h: what the metadata of a region consist of.
 * In: an open region of libdim.
 * Out: its sections, as the directory in the file names them.
 */
#ifndef DIMC_SECTIONS_H
#define DIMC_SECTIONS_H

#include "../include/dim.h"

enum { SECTIONS_MAX = 64 };

struct section_facts {
	const char *name;      /* "layers", "strings"; "unknown" for a kind of a later version */
	uint64_t offset, size; /* in the file, without the padding behind it */
};

/* Fills `ret` and returns how many there are; 0 where the directory leads out of the file. */
size_t sections_read(const struct dim_region *region, struct section_facts ret[SECTIONS_MAX]);

#endif
