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
 * Appends the lines of all files of a generation: `prefix`, and their paths below the generation. `text`: its
 * manifest.json, which comes first; NULL: left out. With the text and no prefix, it is SHA256SUMS.
 */
void sums_add_files(struct buf *buf, const struct manifest *manifest, const char *prefix, const struct buf *text);

/* SHA256SUMS of one dimension with a manifest.json of its own: paths below the dimension's directory. */
void sums_add_dimension(struct buf *buf, const struct manifest *manifest, const struct buf *text);

/* Reads a text that is the line of one file, and nothing else. *ret_name is in memory of the caller's to free. */
bool sums_parse(const char *bytes, size_t size, struct digest *ret, char **ret_name);

#endif
