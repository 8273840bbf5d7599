/*
 * image_layer.h: the one layer of a data image.
 * In: what the documents of an archive's images say of their layers, from anyone.
 * Out: one layer, the same for all of them; whether it is what they promise.
 */
#ifndef DIMC_IMAGE_LAYER_H
#define DIMC_IMAGE_LAYER_H

#include "image_members.h"

struct image_layer {
	bool is_there;
	uint64_t offset, size;
	bool has_digest, has_diff_id;
	struct digest digest;	/* as it lies in the file */
	struct digest diff_id;	/* uncompressed */
	struct tar_facts facts; /* of the whole file */
};

/*
 * One image's layers, which the document `named_by` names: there must be one, `member`, and it must be that of the
 * images before. false, reported with status 5.
 */
bool image_layer_check_count(size_t count, const char *named_by, const struct refusal *refusal);
bool image_layer_use(struct image_layer *layer, const struct image_member *member, const char *named_by,
		     const struct refusal *refusal);

/* Whether what was read of the layer is what the image's documents promise. false, reported with status 5. */
bool image_layer_prove(const struct image_layer *layer, const struct tar_facts *facts, const struct refusal *refusal);

#endif
