/*
 * image_docker.h: from the manifest.json of `docker save` to the layer of its images.
 * In: the files of an archive, from anyone.
 * Out: the layer that every image in it has, and the digest that their configurations state for it.
 */
#ifndef DIMC_IMAGE_DOCKER_H
#define DIMC_IMAGE_DOCKER_H

#include "image_layer.h"

/* `manifest` is manifest.json. false, reported with status 3, 5 or 7. */
bool image_docker_find(const struct image_members *members, const struct image_member *manifest,
		       const struct refusal *refusal, struct image_layer *ret);

#endif
