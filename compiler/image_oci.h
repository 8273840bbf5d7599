/*
 * image_oci.h: from an OCI archive's index.json to the layer of its images.
 * In: the files of an archive, from anyone.
 * Out: the layer that every image in it has, each document on the way proven by its digest.
 */
#ifndef DIMC_IMAGE_OCI_H
#define DIMC_IMAGE_OCI_H

#include "image_layer.h"

/* `index` is index.json. false, reported with status 3, 5 or 7. */
bool image_oci_find(const struct image_members *members, const struct image_member *index,
		    const struct refusal *refusal, struct image_layer *ret);

#endif
