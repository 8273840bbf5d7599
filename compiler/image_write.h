/*
 * image_write.h: the archive of a data image, for every tool that reads one.
 * In: a compressed layer in a file, and what is known of it.
 * Out: one tar that is an OCI image layout and an archive of `docker save` at once, with an index for amd64 and arm64;
 * the same bytes for the same layer.
 */
#ifndef DIMC_IMAGE_WRITE_H
#define DIMC_IMAGE_WRITE_H

#include "image_text.h"

/* The archive as it was written, and the image's own digest: that of its index, as a registry shows it. */
struct image_archive {
	struct digest image, digest;
	uint64_t size;
};

/*
 * Writes the archive to `fd`, from its beginning. 0 or errno: EBADMSG where `layer_fd` does not hold that layer, EFBIG
 * where it is too large for a tar.
 */
int image_write(int fd, int layer_fd, const struct image *image, struct image_archive *ret);

/* Reads all of it again: every blob has the digest that is its name. 0 or errno, EBADMSG where one has not. */
int image_prove(int fd, const struct image_archive *archive);

#endif
