/*
 * image_read.h: the layer of a data image, in an OCI archive or in one of `docker save`.
 * In: a part of a file, from anyone.
 * Out: where in it the layer lies and what digest it must have; or that it is no image.
 */
#ifndef DIMC_IMAGE_READ_H
#define DIMC_IMAGE_READ_H

#include "image_layer.h"

/*
 * All images in the archive, of all platforms, must have the same layer and no other. Where it is no image,
 * ret->is_there is false. false, reported with status 3, 5 or 7.
 */
bool image_find_layer(int fd, uint64_t offset, uint64_t size, const struct refusal *refusal, struct progress *progress,
		      struct image_layer *ret);

#endif
