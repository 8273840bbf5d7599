/*
 * image_read.c: the layer of a data image, in an OCI archive or in one of `docker save`.
 * In: a part of a file, from anyone.
 * Out: where in it the layer lies and what digest it must have; or that it is no image.
 */
#include "image_read.h"

#include <string.h>

#include "image_docker.h"
#include "image_oci.h"

bool image_find_layer(int fd, uint64_t offset, uint64_t size, const struct refusal *refusal, struct progress *progress,
		      struct image_layer *ret)
{
	const struct image_member *index, *manifest;
	struct image_members members;
	bool ok;

	memset(ret, 0, sizeof(*ret));
	ok = image_members_read(&members, fd, offset, size, refusal, progress);
	if (ok && members.is_image) {
		ret->facts = members.facts;
		index = image_members_find(&members, IMAGE_INDEX);
		manifest = image_members_find(&members, IMAGE_DOCKER);
		ok = index != NULL	? image_oci_find(&members, index, refusal, ret)
		     : manifest != NULL ? image_docker_find(&members, manifest, refusal, ret)
					: refuse(refusal, EXIT_DAMAGED, NULL,
						 "it is an image with neither index.json nor manifest.json");
	}
	image_members_free(&members);
	return ok;
}
