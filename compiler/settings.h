/*
 * settings.h: what the environment and .env say.
 * In: MMAP_BASE_PATH, MMAP_INITIAL_SIZE, MMAP_MAX_SIZE, SOURCE_DATE_EPOCH; a file .env in the working directory.
 * Out: checked values; the environment goes before .env, and .env before the defaults.
 */
#ifndef DIMC_SETTINGS_H
#define DIMC_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "diag.h"

struct settings {
	struct arena arena;
	const char *base_path; /* the volume; "data/mmap" where nothing is set */
	uint64_t initial_size; /* lower bound of a region file's length; 0 where nothing is set */
	uint64_t max_size;     /* upper bound of a region, for writer and reader */
	bool has_file;	       /* there is an .env, and it was read */
	bool has_epoch;
	int64_t epoch; /* SOURCE_DATE_EPOCH, seconds since 1970 */
};

/* false, reported with status 2 (or 3 where .env cannot be read). Free with settings_free in either case. */
bool settings_load(struct diag *diag, struct settings *ret);
void settings_free(struct settings *settings);

#endif
