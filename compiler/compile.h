/*
 * compile.h: what a compile is asked for, and what it reports.
 * In: nothing; commands fill the options, the pipeline fills the report.
 * Out: plain structs.
 */
#ifndef DIMC_COMPILE_H
#define DIMC_COMPILE_H

#include "depfile.h"
#include "digest.h"
#include "model.h"
#include "progress.h"
#include "settings.h"

enum compile_mode {
	COMPILE_PUBLISH,
	COMPILE_DRY_RUN, /* do everything but publish */
	COMPILE_COMPARE, /* compare with what is published, status 4 where it differs */
};

struct compile_options {
	const char *directory; /* from which the paths lead, as it was typed behind -C; NULL: where dimc was started */
	const char *source;
	const char *volume;
	const struct settings *settings;
	const uint32_t *selected; /* these dimensions; NULL: all of the sources */
	size_t selected_count;
	bool allow_absent; /* a selected one need not be among the sources */
	enum compile_mode mode;
	unsigned jobs;
	bool sync;
	bool layer_files;
	enum layout layout; /* LAYOUT_UNSET: as dimension.yaml says, else page */
	uint32_t alignment; /* 0: as dimension.yaml says, else 4096 */
	struct progress *progress;
	struct depfile *depfile; /* composed once the sources are read; NULL: none is wanted */
};

enum change {
	CHANGE_NONE,	 /* published as it is */
	CHANGE_ADDED,	 /* not published yet */
	CHANGE_CHANGED,	 /* published with another digest */
	CHANGE_REPAIRED, /* published with this digest, but a file is damaged or missing */
	CHANGE_FILES,	 /* published with this digest, but layers/ or the file's length are not as wanted now */
	CHANGE_KEPT,	 /* not selected, stays */
	CHANGE_REMOVED,	 /* published, but not in the sources */
};

struct compiled_dimension {
	uint32_t dimension_id;
	struct text name;
	enum change change;
	size_t layer_count;
	bool has_published_count;
	uint64_t published_count; /* layers that are published, where a manifest tells */
	const char *damaged;	  /* of CHANGE_REPAIRED: the first file that is not what was published */
	uint64_t total_size;
	uint64_t content_size;
	struct digest digest;
};

struct compile_report {
	struct arena arena;		       /* holds names */
	struct compiled_dimension *dimensions; /* by ascending id, removed ones too */
	size_t count;
	size_t file_count;	/* source files read */
	uint64_t source_bytes;	/* in them */
	bool has_previous;	/* something was published before, with a manifest */
	struct digest previous; /* its generation */
	struct digest generation;
	const char **strays; /* of COMPILE_COMPARE: below consciousness/, neither ours nor of the sources */
	size_t stray_count;
	bool is_up_to_date;
	bool is_published; /* the commit point was passed in this run */
};

#endif
