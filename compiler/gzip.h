/*
 * gzip.h: writes gzip files (RFC 1952) on several threads.
 * In: bytes, in any pieces; a descriptor.
 * Out: one gzip member for every MiB (a quarter of it for the first eight), the same for the same bytes whatever the
 * number of threads; and the proof that the file, read again, holds them.
 *
 * Readers take a sequence of members for one stream (RFC 1952, 2.2), so gzip, tar, Docker and Go read these files.
 */
#ifndef DIMC_GZIP_H
#define DIMC_GZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "digest.h"

struct gzip;

/* Writes to `fd` from its present position on. The descriptor stays the caller's. */
struct gzip *gzip_new(int fd, unsigned jobs);

/* false where it failed, now or before; gzip_finish tells how. */
bool gzip_write(struct gzip *gzip, const void *bytes, size_t size);

/* Writes what is left. 0, or the errno of the first failure; *ret_size and *ret_digest are of the compressed bytes. */
int gzip_finish(struct gzip *gzip, uint64_t *ret_size, struct digest *ret_digest);

/*
 * After gzip_finish: reads the file again, from the disk where the system lets us. 0 where it holds exactly the bytes
 * that were written, each block of which gave what it was made of; else errno, EBADMSG where it holds others.
 */
int gzip_prove(struct gzip *gzip);

void gzip_free(struct gzip *gzip);

#endif
