/*
 * inspect.h: what is in a bundle, proven without a volume.
 * In: the path of a bundle, perhaps a public key.
 * Out: its manifest and facts, every byte of it proven; or why it would be refused.
 */
#ifndef DIMC_INSPECT_H
#define DIMC_INSPECT_H

#include "bundle_read.h"

struct inspect_options {
	const char *path;
	const char *key; /* file of a public key that it must be signed by; NULL: none */
	const struct settings *settings;
	bool quick; /* of regions, headers and metadata only */
	struct progress *progress;
};

/* false, reported. Needs room for one dimension in TMPDIR. Free *ret with unpacked_free in either case. */
bool inspect_bundle(const struct inspect_options *options, struct diag *diag, struct unpacked *ret);

#endif
