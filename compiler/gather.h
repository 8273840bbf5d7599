/*
 * gather.h: from sources to regions.
 * In: a folder of sources; what is published, where it may be spared what is already there.
 * Out: every dimension read, checked and built, one after the other, so that little is in memory at a time.
 */
#ifndef DIMC_GATHER_H
#define DIMC_GATHER_H

#include "build.h"
#include "compile.h"
#include "published.h"
#include "recall.h"

/* What options->source may be: a folder of dimensions; or the folder of one; or a folder or file of one only. */
enum source_kind { SOURCES, SOURCES_OR_ONE, ONE_DIMENSION };

struct gathered {
	struct model model;
	struct build build;
	bool in_doubt; /* what was spared would have been needed: gather all of it */
};

/*
 * Reads, checks and builds; all of it stays in memory. `recall` may be NULL; else it takes down what sources give.
 * false where something was reported. Free *ret with gather_free in either case.
 */
bool gather(const struct compile_options *options, enum source_kind kind, struct recall *recall, struct diag *diag,
	    struct gathered *ret);

/*
 * The same for who publishes: what is built is spilled to the volume's file system, and spared where `published` has it
 * already, or where `recall` knows what its sources give. ret->in_doubt: whether that went wrong; then nothing that was
 * reported, nor *ret, is worth anything.
 */
bool gather_lean(const struct compile_options *options, const struct published *published, struct recall *recall,
		 struct diag *diag, struct gathered *ret);

void gather_free(struct gathered *gathered);

#endif
