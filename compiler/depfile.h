/*
 * depfile.h: a rule for make and Ninja: which files and directories a result depends on.
 * In: what was read and looked at.
 * Out: the text of a depfile; or a reported name that it cannot hold.
 */
#ifndef DIMC_DEPFILE_H
#define DIMC_DEPFILE_H

#include <sys/stat.h>

#include "buf.h"
#include "diag.h"
#include "inputs.h"
#include "model.h"

enum { DEPFILE_MAX_OUTPUTS = 3 };

struct depfile {
	struct buf targets;			  /* as they stand in the rule, a blank between two */
	bool has_phony;				  /* a rule for each prerequisite, too, so that it may be missing */
	const char *prefix;			  /* where the run changed to; NULL: it stayed where make is */
	struct inputs extra;			  /* besides those of the model */
	struct stat outputs[DEPFILE_MAX_OUTPUTS]; /* directories into which the build writes */
	size_t output_count;
	bool is_misplaced; /* depfile_compose found one of them among the prerequisites */
	struct buf text;   /* what depfile_compose made */
};

/* Adds a target, as it is or written as make reads it. false, reported with status 2. */
bool depfile_add_target(struct depfile *depfile, const char *name, bool is_quoted, struct diag *diag);

/* A path as it is named from where make runs. */
const char *depfile_path(const struct depfile *depfile, const char *path, struct arena *arena);

/*
 * Composes the text. false, reported with status 1: a name that make cannot read, or a directory that is both watched
 * and written to, so that make would never find everything up to date. A name that only Ninja cannot read is a warning.
 */
bool depfile_compose(struct depfile *depfile, const struct model *model, struct diag *diag);

void depfile_free(struct depfile *depfile);

#endif
