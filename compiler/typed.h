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
	struct option_list warnings;
	bool list_checks;
	bool fix; /* of check alone */
};

#define TYPED_FIELD(field) offsetof(struct typed, field)

/* The options that every command has that judges sources. */
#define TYPED_CHECKING                                                                                                 \
	{"warn",      'W',                                                                                             \
	 OPTION_LIST, TYPED_FIELD(warnings),                                                                           \
	 "CHECK",     "NAME, no-NAME, error, error=NAME, no-error=NAME, all",                                          \
	 0,	      0},                                                                                              \
	{                                                                                                              \
		"list-checks", 0, OPTION_TRUE, TYPED_FIELD(list_checks), NULL, "list the checks and how loud each is", \
			0, 0                                                                                           \
	}

/* --list-checks: prints them. Whether that was asked for, or else whether a folder of sources was not given: reported.
 */
bool typed_is_list(struct context *context);

/* *ret_selected is the caller's to free in either case. false, reported with status 2. */
bool typed_translate(struct context *context, struct compile_options *ret, uint32_t **ret_selected);

#endif
