/*
 * published.h: what is published now, and whether it is still what was published.
 * In: a volume.
 * Out: its manifest, its dimensions, and a proof, by remembered stat or by digest, that a dimension's files are sound.
 */
#ifndef DIMC_PUBLISHED_H
#define DIMC_PUBLISHED_H

#include "manifest.h"
#include "volume.h"

/* The list of published_describe, in .cache. */
#define PUBLISHED_LIST "published"

struct published {
	int fd; /* the generation directory; -1: there is none */
	bool has_manifest;
	const char *manifest_wrong; /* why there is a manifest.json but has_manifest is false; else NULL */
	struct manifest manifest;
	uint32_t *ids; /* dimensions that have a region or stand in the manifest, ascending */
	size_t id_count;
	struct buf cache; /* what published_describe gave for this generation, or empty */
};

/* Reads the generation `name` (VOLUME_GENERATION, VOLUME_FORMER) of a volume. false, reported, where the system
 * refuses. */
bool published_read(const struct volume *volume, const char *name, struct published *ret);
void published_free(struct published *published);

/* Whether the generation of this name is still the directory that was read. */
bool published_is_current(const struct volume *volume, const char *name, const struct published *published);

bool published_has(const struct published *published, uint32_t dimension_id);

/*
 * Whether a file of the manifest is byte for byte what was published: size, inode and mtime as remembered, or else its
 * SHA-256. Thread-safe. false: it is another one, and errno is 0; or it could not be read, and errno says why.
 */
bool published_is_sound(const struct published *published, const struct manifest_file *file);

/* Whether all files of a dimension of the manifest are; else *ret_path is the first that is not, and errno as above.
 * Thread-safe. */
bool published_has_whole(const struct published *published, const struct manifest_dimension *dimension,
			 const char **ret_path);

/* Whether .cache remembers all files of this generation, and, where `synced`, that they were synced. */
bool published_is_remembered(const struct published *published, bool synced);

/* Lists stat of a generation's files, and whether they were synced, for .cache. */
void published_describe(int generation, const struct manifest *manifest, bool synced, struct buf *ret);

#endif
