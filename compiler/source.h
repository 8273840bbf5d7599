/*
 * source.h: from a folder of YAML files to the model.
 * In: a folder of dimensions, the folder of one dimension, or one file that holds a whole dimension.
 * Out: every dimension and layer that could be read, and a problem reported for everything that could not.
 */
#ifndef DIMC_SOURCE_H
#define DIMC_SOURCE_H

#include "diag.h"
#include "model.h"
#include "progress.h"

struct source_options {
	uint64_t max_region_size; /* larger contents are refused while they are read */
	unsigned jobs;
	const uint32_t *selected; /* read the layers of these dimensions only; NULL: of all */
	size_t selected_count;
	bool allow_one;		   /* source_read may be given the folder of one dimension */
	struct progress *progress; /* NULL: none */
	/* Called with every dimension before it is read, to set d->known where it need not be; likewise. */
	void (*know)(void *context, struct dimension *dimension);
	/* Called with every dimension as soon as all of it was read, or is known, from any thread; NULL: nothing is
	 * called. */
	void (*take)(void *context, struct dimension *dimension);
	void *context;
};

/*
 * Reads the folders below `path`, or `path` itself where it is the folder of one dimension. *ret is filled in any case
 * and freed with model_free; false where something was reported. A dimension that is not selected has no layers.
 */
bool source_read(const char *path, const struct source_options *options, struct diag *diag, struct model *ret);

/* Says that the folder of the sources cannot be opened, with an errno, and what was likely meant. */
void source_report_closed(const char *path, int error, struct diag *diag);

/* Reads one dimension from a file (dimension.yaml with `layers:` in it) or from its folder. */
bool source_read_one(const char *path, const struct source_options *options, struct diag *diag, struct model *ret);

#endif
