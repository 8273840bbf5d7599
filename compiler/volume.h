/*
 * volume.h: the directory tree that services mount: its structure, its lock, its clean-up.
 * In: the path of a volume.
 * Out: an open, locked volume in which no killed run's leftovers lie around.
 */
#ifndef DIMC_VOLUME_H
#define DIMC_VOLUME_H

#include <stdbool.h>
#include <stdint.h>

#include "diag.h"
#include "fs.h"

#define VOLUME_GENERATION "consciousness"
#define VOLUME_STAGING ".next"
#define VOLUME_FORMER ".previous"
#define VOLUME_OLDER ".older" /* the last but one, while two renames replace an exchange */
#define VOLUME_CACHE ".cache"
#define VOLUME_PROTO "proto"
#define VOLUME_TEMP "temp"

/* Set on a staging directory until it is published, so that it is never taken for a former generation. */
enum { VOLUME_STAGED_MODE = 01755, VOLUME_DIR_MODE = 0755, VOLUME_INITIAL_DIMENSIONS = 14 };

struct volume {
	const char *path;
	int fd;	  /* the directory; -1: not open */
	int lock; /* held while >= 0 */
	struct diag *diag;
};

/* Opens an existing volume. false, reported: status 3, or 9 where there is none. */
bool volume_open(struct volume *volume, const char *path, struct diag *diag);

/*
 * Opens a volume, after making its directory and the path to it where they are missing, durably with `sync`. *ret_made:
 * they were. false, reported.
 */
bool volume_create(struct volume *volume, const char *path, bool sync, struct diag *diag, bool *ret_made);

/* Whether a part of the structure is missing. `dimensions`: also D01 to D14, where nothing is published. */
bool volume_lacks_parts(struct volume *volume, bool dimensions);

/*
 * Makes what is missing of the structure, durably with `sync`. The lock must be held: between the two renames of a
 * publisher, consciousness/ is missing on purpose. false, reported.
 */
bool volume_make_parts(struct volume *volume, bool dimensions, bool sync);

/*
 * Takes the lock that one publisher at a time may hold, and finishes what a killed run left. false, reported with who
 * holds it.
 */
bool volume_lock(struct volume *volume);

/* Makes .next the former generation: .previous, replacing an older one. false with errno. */
bool volume_retire_staging(struct volume *volume);

/* Exchanges two directories in one step. false with errno; ENOSYS where the file system cannot. */
bool volume_exchange(struct volume *volume, const char *a, const char *b);

/* Whether a generation directory holds a region or a manifest: 1, 0; -1 and errno where that cannot be said. */
int volume_has_generation(struct volume *volume, const char *name);

/* Writes a file of .cache, aside and then renamed. false where that fails, which costs time and nothing else. */
bool volume_cache(const struct volume *volume, const char *name, const struct fs_bytes *pieces, size_t count);

/* Closes everything; the lock goes with it. */
void volume_close(struct volume *volume);

/*
 * Who reads a generation without the lock looks again, after a pause of a millisecond, where it was replaced meanwhile:
 * this many times.
 */
enum { VOLUME_ATTEMPTS = 250 };
void volume_pause(void);

/* "D01" for 1. */
const char *volume_dimension_name(uint32_t dimension_id, char ret[16]);

/* 1 for "D01", 0 for what is no dimension's name. */
uint32_t volume_dimension_id(const char *name);

#endif
