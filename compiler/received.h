/*
 * received.h: whether what came in a bundle is what it claims to be.
 * In: the files of a dimension, written to a directory; manifests and sums as they came; what was read in all.
 * Out: the dimension's facts, every byte proven; or all reasons why the bundle is refused.
 */
#ifndef DIMC_RECEIVED_H
#define DIMC_RECEIVED_H

#include "manifest.h"
#include "refusal.h"
#include "settings.h"

/* A manifest.json or SHA256SUMS. */
struct received_text {
	bool is_there;
	const char *member; /* its name in the archive */
	char *bytes;
	size_t size;
};

/* Texts come for the generation as a whole, and for a dimension. */
struct received_texts {
	struct arena arena;
	struct received_text manifest, sums;
};

/* Reads a manifest. false, reported with status 5 or 6. */
bool received_manifest(const struct refusal *refusal, const struct received_text *text, struct manifest *ret);

/*
 * Proves the one dimension of `dimension`, whose files lie below `at`: region, index, layers/, and its own manifest and
 * sums where it has them. Name, layer_count, total_size and digest are filled in from the region. `promised` is what
 * the generation's manifest says of it, if that came before; NULL: nothing known. `quick`: no contents.
 */
bool received_dimension(const struct refusal *refusal, int at, struct manifest *dimension,
			const struct received_texts *texts, const struct manifest_dimension *promised,
			const struct settings *settings, bool quick);

/* Whether everything that was read, a finished manifest, is what the generation's own manifest and sums say. */
bool received_generation(const struct refusal *refusal, const struct manifest *read, const struct manifest *promised,
			 const struct received_texts *texts);

#endif
