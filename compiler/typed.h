/*
 * typed.h: the options of compile and check as they were typed, and what the pipeline takes instead.
 * In: the filled struct of a command line.
 * Out: the pipeline's options; or a reported error of usage.
 */
#ifndef DIMC_TYPED_H
#define DIMC_TYPED_H

#include "command.h"
#include "compile.h"
#include "outcome.h"

/* What the option tables of both commands fill. */
struct typed {
	const char *volume, *dimensions, *layout, *proto, *stamp, *depfile;
	bool dry_run, compare, sync, layer_files, has_depfile, has_phony;
	struct option_list targets, quoted_targets;
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
	 "WARNING",   "a check's NAME, no-NAME, error, error=NAME, no-error=NAME or all",                              \
	 0,	      0},                                                                                              \
	{                                                                                                              \
		"list-checks", 0, OPTION_TRUE, TYPED_FIELD(list_checks), NULL, "list the checks and how loud each is", \
			0, 0                                                                                           \
	}

/* --list-checks: prints them. Whether that was asked for, or else whether a folder of sources was not given: reported.
 */
bool typed_is_list(struct context *context);

/* What both tables have for build tools: --stamp, -MD, -MF, -MT, -MQ, -MP. */
#define TYPED_STAMP                                                                                                   \
	{                                                                                                             \
		"stamp", 0, OPTION_TEXT, TYPED_FIELD(stamp), "FILE", "touched after success, with the generation", 0, \
			0                                                                                             \
	}
#define TYPED_M(name, kind, field, argument, help)                                    \
	{                                                                             \
		name, OPTION_ONE_DASH, kind, TYPED_FIELD(field), argument, help, 0, 0 \
	}
#define TYPED_MD TYPED_M("MD", OPTION_TRUE, has_depfile, NULL, "write a depfile for make and Ninja: all that was read")
#define TYPED_MF TYPED_M("MF", OPTION_TEXT, depfile, "FILE", "its name instead of STAMP.d or VOLUME.d")
#define TYPED_MT TYPED_M("MT", OPTION_LIST, targets, "TARGET", "its target instead of the stamp or manifest.json")
#define TYPED_MQ TYPED_M("MQ", OPTION_LIST, quoted_targets, "TARGET", "the same, quoted for make")
#define TYPED_MP TYPED_M("MP", OPTION_TRUE, has_phony, NULL, "a rule for each file, so that one may be deleted")

/* *ret_selected is the caller's to free in either case. false, reported with status 2. */
bool typed_translate(struct context *context, struct compile_options *ret, uint32_t **ret_selected);

/*
 * Opens what --stamp and -MD ask for, and sets options->depfile. `publishes`: the command has a volume, whose
 * manifest.json is the target where no other is given. false, reported; free with outcome_close in either case.
 */
bool typed_open_outcome(struct context *context, bool publishes, struct compile_options *options, struct outcome *ret);

/* What it writes for that, for the sandbox. */
void typed_grant_outcome(const struct context *context, struct sandbox *sandbox);

/* The end of a run that did what was asked: the stamp and the depfile, unless something was reported. */
void typed_commit_outcome(struct context *context, const struct compile_report *report, struct outcome *outcome);

/* Frees all of it. A trace goes where it was wanted, but not into what a depfile watches. */
void typed_close_outcome(struct context *context, struct outcome *outcome);

#endif
