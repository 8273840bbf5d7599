/*
 * image_layer.c: the one layer of a data image.
 * In: what the documents of an archive's images say of their layers, from anyone.
 * Out: one layer, the same for all of them; whether it is what they promise.
 */
#include "image_layer.h"

bool image_layer_check_count(size_t count, const char *named_by, const struct refusal *refusal)
{
	if (count == 1)
		return true;
	if (count == 0)
		return refuse(refusal, EXIT_DAMAGED, named_by, "the image has no layer");
	refuse(refusal, EXIT_DAMAGED, named_by, "the image has %zu layers, and a data image has one", count);
	diag_help(refusal->diag, "what `dimc bundle --format=oci` makes is read, not what was built on it");
	return false;
}

bool image_layer_use(struct image_layer *layer, const struct image_member *member, const char *named_by,
		     const struct refusal *refusal)
{
	if (layer->is_there && layer->offset != member->offset)
		return refuse(refusal, EXIT_DAMAGED, named_by,
			      "its layer is not that of the other images in the archive");
	layer->is_there = true;
	layer->offset = member->offset;
	layer->size = member->size;
	return true;
}

bool image_layer_prove(const struct image_layer *layer, const struct tar_facts *facts, const struct refusal *refusal)
{
	if (layer->has_digest && !digest_equal(&layer->digest, &facts->file_digest))
		return refuse(refusal, EXIT_DAMAGED, NULL, "the SHA-256 of its layer is not that of its manifest");
	if (layer->has_diff_id && !digest_equal(&layer->diff_id, &facts->identity))
		return refuse(refusal, EXIT_DAMAGED, NULL, "the SHA-256 of its layer is not that of its configuration");
	return true;
}
