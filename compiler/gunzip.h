/*
 * gunzip.h: the plain bytes of a file that is compressed by gzip (RFC 1952), or of one that is not; the only room that
 * includes <zlib.h>.
 * In: a part of a file, from anyone.
 * Out: its bytes, piece by piece, with every member's CRC-32 and length proven; digests of both; or what is wrong.
 *
 * libarchive would decompress, too, but does not look at the checksums, nor at what follows the last member.
 */
#ifndef DIMC_GUNZIP_H
#define DIMC_GUNZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "digest.h"

struct gunzip;

/* Reads the `size` bytes at `offset` of a file. The descriptor stays the caller's. */
struct gunzip *gunzip_new(int fd, uint64_t offset, uint64_t size);

/* The next piece, valid until the next call: its size, 0 at the end of everything, -1 where something is wrong. */
ptrdiff_t gunzip_read(struct gunzip *gunzip, const void **ret_bytes);

/* After -1: a constant text. *ret_errno: where the system refused to read, else 0. */
const char *gunzip_problem(const struct gunzip *gunzip, int *ret_errno);

bool gunzip_is_compressed(const struct gunzip *gunzip);

/* How many bytes of the file were read, and how many were given. */
uint64_t gunzip_bytes_in(const struct gunzip *gunzip);
uint64_t gunzip_bytes_out(const struct gunzip *gunzip);

/* At the end, once: SHA-256 of the part of the file, and of what came out of it. */
void gunzip_digests(struct gunzip *gunzip, struct digest *ret_in, struct digest *ret_out);

void gunzip_free(struct gunzip *gunzip);

#endif
