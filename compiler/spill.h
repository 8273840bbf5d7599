/*
 * spill.h: bytes that wait, outside of memory, for their place in a generation.
 * In: what writes them; a directory on the file system where the generation will be.
 * Out: a file without a name, which gets one later, or is gone with the run however that ends.
 */
#ifndef DIMC_SPILL_H
#define DIMC_SPILL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "out.h"

/* Where files without names are made. Zero-initialised is nowhere: all stays in memory. */
struct spills {
	bool is_open;
	int dirfd;
	bool sync;    /* what is written will be synced: let the disk begin early */
	unsigned max; /* so many may be open at once */
	atomic_uint open;
};

struct spill {
	int fd; /* -1: none */
	uint64_t size;
	struct digest digest;
};

/* Less than this stays in memory. */
enum { SPILL_MIN = 128 * 1024 };

/*
 * Makes files in the file system of `path`, or of the nearest directory above it that exists. Closed with spills_close.
 */
void spills_open(struct spills *spills, const char *path, bool sync);
void spills_close(struct spills *spills);

/*
 * Writes a file without a name: `fill` gives its bytes. false where that cannot be, or too many are open: then the
 * caller keeps what it has. Thread-safe.
 */
bool spill_write(struct spills *spills, void (*fill)(void *context, struct out *out), void *context, struct spill *ret);

/* Gives it a name, which must be free. 0, or an errno. */
int spill_link(const struct spill *spill, int dirfd, const char *name);

/* Frees it; its bytes go with it, where it has no name. */
void spill_free(struct spills *spills, struct spill *spill);

#endif
