/*
 * prove.h: whether a generation, or one region, is what it claims to be.
 * In: a directory of dimensions, or a region file.
 * Out: for every dimension its facts and everything that is wrong with it; whether they are the manifest's set.
 */
#ifndef DIMC_PROVE_H
#define DIMC_PROVE_H

#include "proof.h"
#include "settings.h"
#include "volume.h"

struct prove_options {
	const struct settings *settings;
	bool quick; /* headers and metadata only */
	unsigned jobs;
};

/*
 * Proves the dimensions below the directory `dirfd`; `path` is its name for messages. Everything that is wrong is in
 * *ret; proof_report tells it. Free with proof_free.
 */
void prove_directory(int dirfd, const char *path, const struct prove_options *options, struct proof *ret);

/* Proves one region file `path`; or, where `directory` is not NULL, the region and the index.json in that one. */
void prove_region(const char *path, const char *directory, const struct prove_options *options, struct proof *ret);

/* Proves one dimension below the directory `dirfd`: D07/region.mmap and D07/index.json. `path` is its name. */
void prove_dimension(int dirfd, const char *path, uint32_t dimension_id, const struct prove_options *options,
		     struct proof *ret);

/* Proves a generation of a volume by name, every byte, and that it is its manifest's set where it has a manifest. */
bool prove_generation(struct volume *volume, const char *name, const struct settings *settings);

#endif
