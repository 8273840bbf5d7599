/*
 * cmd_check.c: `dimc check`: sources to a verdict.
 * In: options and one folder of sources.
 * Out: how much is in them; nothing is written.
 */
#include <stdlib.h>

#include "mend.h"
#include "pipeline.h"
#include "report.h"
#include "summary.h"
#include "text.h"
#include "trace.h"
#include "typed.h"

static const struct option check_options[] = {
	{"dimensions", 'd', OPTION_TEXT, TYPED_FIELD(dimensions), "D01,D05", "only these", 0, 0},
	TYPED_STAMP,
	TYPED_MD,
	TYPED_MF,
	TYPED_MT,
	TYPED_MQ,
	TYPED_MP,
	{"jobs", 'j', OPTION_NUMBER, TYPED_FIELD(jobs), "N", "threads; the machine's cores by default", 1, 256},
	{"fix", 0, OPTION_TRUE, TYPED_FIELD(fix), NULL, "mend what can be mended safely, then check", 0, 0},
	TYPED_CHECKING,
	{0},
};

/* Mends until nothing is left that can be: what a mended file says may show the next mistake. */
static void mend(struct context *context, const struct compile_options *options)
{
	enum { MAX_ROUNDS = 10 };
	enum check_level levels[CHECK_COUNT];
	size_t mended = 1, total = 0;
	bool is_tried_again = false;
	char count[48];
	int round;

	diag_levels(context->diag, levels);
	for (round = 0; round < MAX_ROUNDS && mended > 0 && diag_errors(context->diag) == 0; round++) {
		struct diag *diag = diag_new();
		struct compile_report report;

		diag_set_levels(diag, levels);
		check_sources(options, diag, &report);
		mended = mend_sources(diag, context->diag,
				      context->global.quiet || context->global.json ? NULL : stdout);
		total += mended;
		/* What could not be read is looked at once more, and then left to the check behind it, which says why.
		 */
		if (mended == 0 && diag_status(diag) == EXIT_SYSTEM && !is_tried_again) {
			is_tried_again = true;
			mended = 1;
		}
		report_free(&report);
		diag_free(diag);
	}
	if (total > 0 && !context->global.quiet && !context->global.json)
		printf("mended %s\n", text_count(total, "mistake", count));
}

static void run_check(struct context *context)
{
	struct compile_options options;
	struct compile_report report;
	struct timespec start = summary_start();
	uint32_t *selected;
	struct outcome outcome = {0};
	bool ok;

	if (typed_is_list(context))
		return;
	if (typed_translate(context, &options, &selected) && typed_open_outcome(context, false, &options, &outcome)) {
		options.progress = progress_new(!context->global.quiet && !context->global.json);
		options.mode = COMPILE_DRY_RUN;
		if (((const struct typed *)context->options)->fix)
			mend(context, &options);
		ok = check_sources(&options, context->diag, &report);
		progress_free(options.progress);
		trace_begin(TRACE_REPORT, NULL);
		if (ok && context->global.json)
			summary_print_json(&options, &report, start);
		else if (ok && !context->global.quiet)
			summary_print_totals(&report, start);
		trace_end(TRACE_REPORT);
		if (ok)
			typed_commit_outcome(context, &report, &outcome);
		report_free(&report);
	}
	typed_close_outcome(context, &outcome);
	free(selected);
}

static void grant_check(const struct context *context, struct sandbox *sandbox)
{
	const struct typed *typed = context->options;

	sandbox->writes_anywhere = typed->fix;
	typed_grant_outcome(context, sandbox);
}

const struct command command_check = {
	.name = "check",
	.synopsis = "SOURCES [OPTIONS]",
	.summary = "report mistakes in sources",
	.text = "Reports every mistake in every file. SOURCES is a folder of dimensions or the folder of one.\n"
		"--fix changes the files where a mend cannot be wrong: misspelt keys, keywords given twice, blanks\n"
		"at the ends of lines. Everything else in them stays as it is.",
	.options = check_options,
	.options_size = sizeof(struct typed),
	.defaults = NULL,
	.max_operands = 1,
	.grant = grant_check,
	.run = run_check,
};
