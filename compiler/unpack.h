/*
 * unpack.h: from a bundle, of anyone's making, to proven dimensions in a directory.
 * In: a part of a file that should be a tar, compressed by gzip or not.
 * Out: dimension by dimension its files, every byte of them proven; or why the bundle is refused.
 *
 * Nothing in the archive is trusted: members are files and directories with the names of a generation's files, once
 * each, and no larger than such files are. They are written by openat with O_EXCL and O_NOFOLLOW into a directory that
 * is made here.
 */
#ifndef DIMC_UNPACK_H
#define DIMC_UNPACK_H

#include "manifest.h"
#include "progress.h"
#include "settings.h"
#include "tar.h"

#define UNPACK_DIRECTORY ".unpacked"

struct unpack_options {
	const struct settings *settings;
	bool quick;		 /* of regions, headers and metadata only */
	bool sync;		 /* files are on their way to the disk; who takes them syncs them */
	const char *consequence; /* ends every refusal: "; nothing changed", or "" */
	const char *place;	 /* the path that `dirfd` stands for, for messages */
	struct progress *progress;
	/*
	 * Takes a dimension whose files lie in UNPACK_DIRECTORY/D07, until it returns; paths in `dimension` are D07/...
	 * false, reported: gives up. NULL: nothing to do.
	 */
	bool (*take)(void *context, const struct manifest_dimension *dimension);
	void *context;
};

/* A bundle that was read to its end. */
struct unpacked {
	struct manifest manifest; /* of what was in it */
	const char *prefix;	  /* what its names begin with: data/mmap/consciousness/ */
	bool is_complete;	  /* it has the manifest of a whole generation, and is that */
	struct tar_facts facts;
};

/*
 * Unpacks into UNPACK_DIRECTORY, made below `dirfd` and removed again; `path` is the bundle's name for messages. false,
 * reported with status 3, 5, 6 or 7. Free *ret with unpacked_free in either case.
 */
bool unpack(const char *path, int fd, uint64_t offset, uint64_t size, int dirfd, const struct unpack_options *options,
	    struct diag *diag, struct unpacked *ret);
void unpacked_free(struct unpacked *unpacked);

#endif
