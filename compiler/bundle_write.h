/*
 * bundle_write.h: from a published generation to the file of a bundle.
 * In: a volume, perhaps some of its dimensions, perhaps a key.
 * Out: NAME, NAME.sha256 and NAME.sha256.sig, each whole or not there at all; NAME proven by reading it again.
 */
#ifndef DIMC_BUNDLE_WRITE_H
#define DIMC_BUNDLE_WRITE_H

#include "manifest.h"
#include "progress.h"

struct bundle_options {
	const char *volume;
	const char *output;
	const uint32_t *selected; /* these dimensions; NULL: all */
	size_t selected_count;
	const char *key;  /* file of a private key; NULL: not signed */
	bool as_image;	  /* an archive of a data image, not a tar.gz */
	const char *name; /* of the image, as reference_check takes it; NULL: localhost/dimensions */
	unsigned jobs;
	struct progress *progress;
};

struct bundle_report {
	struct manifest manifest; /* of what is in it */
	bool is_complete;
	struct digest identity; /* SHA-256 of the uncompressed tar; of an image, its layer */
	uint64_t tar_size;
	struct digest digest; /* SHA-256 of the file */
	uint64_t size;
	char *name;	     /* of an image, with its tag; else NULL */
	struct digest image; /* its digest, as a registry shows it */
};

/* false, reported. Free *ret with bundle_report_free in either case. */
bool bundle_write(const struct bundle_options *options, struct diag *diag, struct bundle_report *ret);
void bundle_report_free(struct bundle_report *report);

#endif
