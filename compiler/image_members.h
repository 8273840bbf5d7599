/*
 * image_members.h: the files in the archive of a container image, by name.
 * In: a part of a file, from anyone.
 * Out: where in it each file of the image lies; texts, proven by their digests; or that it is no image.
 */
#ifndef DIMC_IMAGE_MEMBERS_H
#define DIMC_IMAGE_MEMBERS_H

#include "progress.h"
#include "refusal.h"
#include "tar.h"

#define IMAGE_LAYOUT "oci-layout"
#define IMAGE_INDEX "index.json"
#define IMAGE_DOCKER "manifest.json"
#define IMAGE_BLOBS "blobs/sha256/"

enum { IMAGE_MAX_MEMBERS = 10000, IMAGE_MAX_TEXT = 4 << 20, IMAGE_BLOB_NAME = sizeof(IMAGE_BLOBS) + DIGEST_HEX_SIZE };

/* Blobs are named by what they hold: blobs/sha256/<hex>. */
const char *image_blob_name(const struct digest *digest, char ret[IMAGE_BLOB_NAME]);

struct image_member {
	const char *name; /* without ./ */
	uint64_t offset, size;
};

struct image_members {
	int fd;
	bool is_image;		   /* false: it is something else, and nothing below is filled in */
	struct image_member *list; /* by name */
	size_t count, capacity;
	struct tar_facts facts; /* of the whole archive */
	struct arena arena;
};

/*
 * Reads the names of an archive, down to its end where it is an image. false, reported with status 3, 5 or 7. Free
 * with image_members_free in either case.
 */
bool image_members_read(struct image_members *members, int fd, uint64_t offset, uint64_t size,
			const struct refusal *refusal, struct progress *progress);

/* NULL where there is none of that name. */
const struct image_member *image_members_find(const struct image_members *members, const char *name);

/*
 * Reads a text, with a NUL behind it. `digest`: what it must have; NULL: whatever it has. false, reported with status
 * 3, 5 or 7.
 */
bool image_members_text(const struct image_members *members, const struct image_member *member,
			const struct digest *digest, const struct refusal *refusal, struct arena *arena, char **ret);

void image_members_free(struct image_members *members);

#endif
