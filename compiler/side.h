/*
 * side.h: what a path holds, in one form, whether it is published or still sources: one side of a comparison.
 * In: whatever target.h opens; or a folder of sources, the folder of one dimension, a file with a whole dimension.
 * Out: its dimensions with their layers, by ascending id; every byte of them proved.
 */
#ifndef DIMC_SIDE_H
#define DIMC_SIDE_H

#include "gather.h"
#include "target.h"

struct side_dimension {
	const struct dimension
		*dimension; /* its layers by ascending layer_id; places only where it comes from sources */
	enum layout layout; /* of the region; dimension->layout is what the author said */
	uint32_t alignment;
	struct digest digest;	       /* of the region */
	const struct digest *contents; /* SHA-256 of each layer's content */
};

struct side {
	const char *path;
	bool is_source;
	bool is_single; /* it stands for one dimension: a region, a dimension's directory, the sources of one */
	struct side_dimension *dimensions;
	size_t count;
	/* What the above points into. */
	struct target target;
	struct gathered gathered;
};

struct side_options {
	const struct settings *settings;
	const uint32_t *selected; /* these dimensions, where they are there; NULL: all */
	size_t selected_count;
	unsigned jobs;
	bool is_proved; /* digests of published contents were proved already */
	struct progress *progress;
};

/*
 * Opens both sides of a comparison; where one stands for one dimension and the other for several, that dimension alone
 * is read of the other. Sources are checked and built in memory. false, reported: sources as by `dimc check`, damage
 * with status 5. Free both with side_close in either case.
 */
bool side_open_pair(const char *a_path, const char *b_path, const struct side_options *options, struct diag *diag,
		    struct side *ret_a, struct side *ret_b);

/* Opens one; free it with side_close in either case. */
bool side_open(const char *path, const struct side_options *options, struct diag *diag, struct side *ret);

void side_close(struct side *side);

#endif
