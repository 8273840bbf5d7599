/*
 * out.h: a sink for one new file: sticky error, running digest, checked close.
 * In: bytes.
 * Out: a complete file with its size and SHA-256, or the first error.
 */
#ifndef DIMC_OUT_H
#define DIMC_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "digest.h"

struct out {
	int fd;
	int error; /* errno of the first failure; all later calls do nothing */
	uint64_t size;
	struct digest_state *digest;
	size_t used;
	char *buffer;
};

/* Creates `name`, which must not exist, in the directory. Failure is sticky and told by out_close. */
void out_open(struct out *out, int dirfd, const char *name);

/*
 * Creates a file without a name, in the file system of the directory: it is gone with its descriptor unless it gets one
 * (linkat). EOPNOTSUPP and the like where the file system has no such files.
 */
void out_open_unnamed(struct out *out, int dirfd);

void out_write(struct out *out, const void *bytes, size_t size);

/* Writes a struct buf; of the form that publish_write takes. */
void out_write_buf(void *buf, struct out *out);

/* Zero bytes up to `offset`, which is not behind the current size. */
void out_pad_to(struct out *out, uint64_t offset);

/* Lengthens the file with a hole up to `size`; the digest takes the zeros in. Nothing where it is that long already. */
void out_extend_to(struct out *out, uint64_t size);

/* Has the system begin to write to the disk what there is so far. Nobody waits for it, and nothing is promised. */
void out_begin_sync(struct out *out);

/*
 * Sets mode 0444, syncs if asked, closes, and checks each. Returns 0, or the errno of the first failure since out_open;
 * *ret_size and *ret_digest are set on success.
 */
int out_close(struct out *out, bool sync, uint64_t *ret_size, struct digest *ret_digest);

/* The same, but leaves the file open, as *ret_fd, where there was no failure. */
int out_finish(struct out *out, int *ret_fd, uint64_t *ret_size, struct digest *ret_digest);

#endif
