/*
 * cmd_check.c: `dimc check`: sources to a verdict.
 * In: options and one folder of sources.
 * Out: how much is in them; nothing is written.
 */
#include <stdlib.h>

#include "pipeline.h"
#include "report.h"
#include "summary.h"
#include "typed.h"

static const struct option check_options[] = {
	{"dimensions", 'd', OPTION_TEXT, TYPED_FIELD(dimensions), "D01,D05", "only these", 0, 0},
	{"jobs", 'j', OPTION_NUMBER, TYPED_FIELD(jobs), "N", "threads; the machine's cores by default", 1, 256},
	TYPED_CHECKING,
	{0},
};

static void run_check(struct context *context)
{
	struct compile_options options;
	struct compile_report report;
	struct timespec start = summary_start();
	uint32_t *selected;
	bool ok;

	if (typed_is_list(context))
		return;
	if (typed_translate(context, &options, &selected)) {
		options.progress = progress_new(!context->global.quiet && !context->global.json);
		options.mode = COMPILE_DRY_RUN;
		ok = check_sources(&options, context->diag, &report);
		progress_free(options.progress);
		if (ok && context->global.json)
			summary_print_json(&options, &report, start);
		else if (ok && !context->global.quiet)
			summary_print_totals(&report, start);
		report_free(&report);
	}
	free(selected);
}

const struct command command_check = {
	.name = "check",
	.synopsis = "SOURCES [OPTIONS]",
	.summary = "check sources, no writing",
	.text = "Reports every mistake in every file. SOURCES is a folder of dimensions or the folder of one.",
	.options = check_options,
	.options_size = sizeof(struct typed),
	.defaults = NULL,
	.max_operands = 1,
	.run = run_check,
};
