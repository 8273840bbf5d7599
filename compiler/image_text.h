/*
 * image_text.h: the JSON documents of a data image.
 * In: what is known of its layer.
 * Out: the documents of the OCI image format (1.0) and of `docker save`, in a fixed order and style, with their
 * digests.
 */
#ifndef DIMC_IMAGE_TEXT_H
#define DIMC_IMAGE_TEXT_H

#include "buf.h"
#include "manifest.h"

/* Where a data image has the generation, whatever the path of the volume. */
#define IMAGE_VOLUME "app/data/mmap/"

enum { IMAGE_PLATFORMS = 2 }; /* linux/amd64, linux/arm64: data fit both */

struct image {
	const char *name; /* a full reference, with a tag */
	const struct manifest *manifest;
	bool is_complete;
	int64_t created;
	struct digest identity; /* of the uncompressed layer: its diff_id */
	struct digest layer;
	uint64_t layer_size;
};

struct image_text {
	struct buf json;
	struct digest digest;
};

struct image_texts {
	struct image_text layout;		      /* oci-layout */
	struct image_text top;			      /* index.json: the index, and the image's name */
	struct image_text docker;		      /* manifest.json: the first platform, and the name */
	struct image_text index;		      /* the image: its manifests */
	struct image_text manifests[IMAGE_PLATFORMS]; /* configuration and layer */
	struct image_text configs[IMAGE_PLATFORMS];
};

/* The image's name stands in the first three alone: it decides nothing about the image's digest. */
void image_texts_write(const struct image *image, struct image_texts *ret);
void image_texts_free(struct image_texts *texts);

#endif
