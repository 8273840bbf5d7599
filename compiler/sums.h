/*
 * sums.h: SHA-256 sums of files, in the format of sha256sum.
 * In: names and digests; or a file of one sum.
 * Out: lines that `sha256sum -c` takes; or the digest and name that a line states.
 */
#ifndef DIMC_SUMS_H
#define DIMC_SUMS_H

#include "buf.h"
#include "manifest.h"

/* What follows a bundle's name: its SHA-256, in a line as below, and the Ed25519 signature of that file. */
#define BUNDLE_SUM ".sha256"
#define BUNDLE_SIGNATURE BUNDLE_SUM ".sig"

/* Appends the line of one file. */
void sums_add(struct buf *buf, const char *name, const struct digest *digest);

/*
 * Appends SHA256SUMS of a whole generation: its manifest.json, and every file by its path below the generation. The
 * manifest must be finished.
 */
void sums_add_generation(struct buf *buf, const struct manifest *manifest);

/* The same for one dimension with a manifest.json of its own: paths below the dimension's directory. */
void sums_add_dimension(struct buf *buf, const struct manifest *manifest);

/* Reads a text that is the line of one file, and nothing else. *ret_name is in memory of the caller's to free. */
bool sums_parse(const char *bytes, size_t size, struct digest *ret, char **ret_name);

#endif
