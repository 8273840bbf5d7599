/*
 * pack.h: from a published generation, or some of its dimensions, to the members of a tar.
 * In: a volume or a generation's directory; a tar in the making.
 * Out: every file of it, each proven by the manifest's digest while it is read.
 */
#ifndef DIMC_PACK_H
#define DIMC_PACK_H

#include "progress.h"
#include "published.h"
#include "tar.h"

/* Where bundles put a generation, whatever the path of the volume: plain tar restores it at a project's root. */
#define PACK_PREFIX "data/mmap/"

enum pack_result { PACK_DONE, PACK_FAILED, PACK_AGAIN };

struct pack {
	struct volume volume;
	const char *name; /* of the generation below the volume */
	struct published published;
	struct manifest manifest; /* of what is packed */
	bool is_complete;	  /* the whole generation */
	struct buf text;	  /* its manifest.json, then */
	uint64_t bytes;		  /* of all files */
	int64_t *updated_at;	  /* of each dimension */
	int64_t newest;		  /* of them */
	struct diag *diag;
};

/*
 * Opens what is published at `path`; `selected`: only these dimensions, NULL: all. PACK_FAILED: reported with status 3,
 * 5 (it is no published generation) or 9 (nothing is published, or not these). PACK_AGAIN: it was replaced while it was
 * opened. Free with pack_close in any case.
 */
enum pack_result pack_open(struct pack *pack, const char *path, const uint32_t *selected, size_t selected_count,
			   struct diag *diag);

/*
 * Adds all members, below `prefix`. PACK_FAILED: reported, unless the tar itself failed. PACK_AGAIN: the generation was
 * replaced and is losing its files; open the new one and begin anew.
 */
enum pack_result pack_write(struct pack *pack, const char *prefix, struct tar_writer *tar, struct progress *progress);

void pack_close(struct pack *pack);

#endif
