/*
 * publish.h: stages a generation beside the published one and puts it in its place in one step.
 * In: a locked volume, files that are written or linked, a finished manifest.
 * Out: the new generation, published and durable; or the old one as it was.
 */
#ifndef DIMC_PUBLISH_H
#define DIMC_PUBLISH_H

#include "manifest.h"
#include "out.h"
#include "published.h"
#include "spill.h"
#include "volume.h"

struct publication {
	struct volume *volume;
	int staging; /* .next */
	int current; /* consciousness */
	bool sync;
	bool syncs_at_once; /* of what is kept and of directories: the whole file system, instead of one by one */
};

/*
 * Makes .next. `sync`: everything is on the disk before the commit point; of a generation of about `dimension_count`
 * dimensions, one by one or, where they are many, by one syncfs. false, reported.
 */
bool publish_begin(struct publication *publication, struct volume *volume, bool sync, size_t dimension_count);

/*
 * Makes a directory of the staged generation, e.g. "D01" or "D01/layers". Thread-safe for different paths, as are the
 * following. false, reported.
 */
bool publish_make_dir(struct publication *publication, const char *path);

/* Writes a file: `fill` gives its bytes. *ret tells size and digest. false, reported. */
bool publish_write(struct publication *publication, const char *path, void (*fill)(void *context, struct out *out),
		   void *context, struct manifest_file *ret);

/* Gives bytes that were spilled their name; a copy of them, where that is refused. *ret as by publish_write. */
bool publish_place(struct publication *publication, const char *path, const struct spill *spill,
		   struct manifest_file *ret);

/* Takes a file over from the published generation: a hard link, or a copy where linking is refused. false, reported. */
bool publish_keep(struct publication *publication, const char *path);

/* The same for all files of a dimension, with its directories. */
bool publish_keep_dimension(struct publication *publication, const struct manifest_dimension *dimension);

/*
 * Writes manifest.json, syncs, exchanges, retires the former generation, remembers what was published in .cache. false,
 * reported: with status 3 before the commit point, when the old generation is untouched and .next removed; with status
 * 8 after it.
 */
bool publish_commit(struct publication *publication, const struct manifest *manifest);

/* Gives up: removes .next. Nothing after publish_commit. */
void publish_abort(struct publication *publication);

/*
 * What is published is what the sources give, but perhaps by a run that did not sync, or that was killed before it
 * could remember what it had published: does either. false, reported, with status 8.
 */
bool publish_settle(struct volume *volume, const struct published *published, bool sync);

/* Puts .previous in the place of the published generation and the other way round. false, reported as by
 * publish_commit. */
bool publish_rollback(struct volume *volume, bool sync);

#endif
