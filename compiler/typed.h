/*
 * typed.h: the options of compile and check as they were typed, and what the pipeline takes instead.
 * In: the filled struct of a command line.
 * Out: the pipeline's options; or a reported error of usage.
 */
#ifndef DIMC_TYPED_H
#define DIMC_TYPED_H

#include "command.h"
#include "compile.h"

/* What the option tables of both commands fill. */
struct typed {
	const char *volume, *dimensions, *layout, *proto;
	bool dry_run, compare, sync, layer_files;
	uint64_t jobs, alignment;
};

#define TYPED_FIELD(field) offsetof(struct typed, field)

/* *ret_selected is the caller's to free in either case. false, reported with status 2. */
bool typed_translate(struct context *context, struct compile_options *ret, uint32_t **ret_selected);

#endif
