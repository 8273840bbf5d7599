/*
 * cmd_compile.c: `dimc compile`: sources to a published generation.
 * In: options and one folder of sources.
 * Out: a summary, or the list of what differs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "differences.h"
#include "pipeline.h"
#include "report.h"
#include "summary.h"
#include "text.h"
#include "trace.h"
#include "typed.h"
#include "volume.h"

static const struct typed compile_defaults = {.sync = true};
static const struct option compile_options[] = {
	{"output", 'o', OPTION_TEXT, TYPED_FIELD(volume), "VOLUME", "the volume to publish to", 0, 0},
	{"dimensions", 'd', OPTION_TEXT, TYPED_FIELD(dimensions), "D01,D05", "only these; the others stay as published",
	 0, 0},
	{"dry-run", 'n', OPTION_TRUE, TYPED_FIELD(dry_run), NULL, "do everything but publish", 0, 0},
	{"check", 0, OPTION_TRUE, TYPED_FIELD(compare), NULL,
	 "write nothing, compare with what is published; status 4 where it differs", 0, 0},
	{"jobs", 'j', OPTION_NUMBER, TYPED_FIELD(jobs), "N", "threads; the machine's cores by default", 1, 256},
	{"layout", 0, OPTION_TEXT, TYPED_FIELD(layout), "page|packed", "instead of what dimension.yaml says", 0, 0},
	{"align", 0, OPTION_NUMBER, TYPED_FIELD(alignment), "N", "alignment of slots, a power of two >= 4096", 4096,
	 1u << 30},
	{"layer-files", 0, OPTION_TRUE, TYPED_FIELD(layer_files), NULL, "also write every layer to D01/layers/", 0, 0},
	{"proto", 0, OPTION_TEXT, TYPED_FIELD(proto), "NAME", "compile one file to proto/NAME.mmap", 0, 0},
	TYPED_STAMP,
	TYPED_MD,
	TYPED_MF,
	TYPED_MT,
	TYPED_MQ,
	TYPED_MP,
	{"no-sync", 0, OPTION_FALSE, TYPED_FIELD(sync), NULL, "leave the fsyncs out: faster, not power-safe", 0, 0},
	TYPED_CHECKING,
	{0},
};

static void take_log(struct context *context, const struct compile_options *options,
		     const struct compile_report *report)
{
	if (options->mode != COMPILE_PUBLISH)
		return;
	context->log.volume = options->volume;
	context->log.has_changed = report->is_published;
	context->log.has_previous = report->has_previous;
	context->log.previous = report->previous;
	context->log.has_generation = report->count > 0;
	context->log.generation = report->generation;
}

static bool is_proto_name(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t size = strlen(name);

	return size > 0 && size <= 200 && name[0] != '.' && strspn(name, allowed) == size;
}

static void run_proto(struct context *context, const struct compile_options *options, const char *name,
		      struct outcome *outcome)
{
	struct compile_report report;
	char size[16], layers[48];
	bool ok;

	if (!is_proto_name(name)) {
		progress_free(options->progress);
		diag_fail(context->diag, EXIT_USAGE,
			  "--proto takes a name of letters, digits, dot, dash and underscore");
		return;
	}
	ok = compile_proto(options, name, context->diag, &report);
	progress_free(options->progress);
	if (ok && !context->global.quiet)
		printf("%s %s/" VOLUME_PROTO "/%s.mmap: D%02u, %s, %s\n", report.is_published ? "wrote" : "would write",
		       options->volume, name, report.dimensions[0].dimension_id,
		       text_count(report.dimensions[0].layer_count, "layer", layers),
		       text_size(report.dimensions[0].total_size, size));
	context->log.volume = options->mode == COMPILE_PUBLISH ? options->volume : NULL;
	context->log.has_changed = report.is_published;
	if (ok)
		typed_commit_outcome(context, &report, outcome);
	report_free(&report);
}

static void run_volume(struct context *context, const struct compile_options *options, struct timespec start,
		       struct outcome *outcome)
{
	struct compile_report report;
	bool ok = compile_volume(options, context->diag, &report), differs;

	progress_free(options->progress);
	take_log(context, options, &report);
	differs = ok && options->mode == COMPILE_COMPARE && !report.is_up_to_date;
	trace_begin(TRACE_REPORT, NULL);
	if (ok || report.is_published) {
		if (context->global.json)
			summary_print_json(options, &report, start);
		else if (differs)
			differences_print(options, &report);
		else if (!context->global.quiet)
			summary_print(options, &report, start, context->global.verbose);
	}
	trace_end(TRACE_REPORT);
	if (differs)
		diag_differs(context->diag);
	else if (ok)
		typed_commit_outcome(context, &report, outcome);
	report_free(&report);
}

static void run_compile(struct context *context)
{
	const struct typed *typed = context->options;
	struct timespec start = summary_start();
	struct compile_options options;
	struct outcome outcome = {0};
	uint32_t *selected;

	if (typed_is_list(context))
		return;
	if (typed_translate(context, &options, &selected) && typed_open_outcome(context, true, &options, &outcome)) {
		options.progress = progress_new(!context->global.quiet && !context->global.json);
		if (typed->proto != NULL)
			run_proto(context, &options, typed->proto, &outcome);
		else
			run_volume(context, &options, start, &outcome);
	}
	typed_close_outcome(context, &outcome);
	free(selected);
}

static void grant_compile(const struct context *context, struct sandbox *sandbox)
{
	const struct typed *typed = context->options;

	if (!typed->dry_run && !typed->compare)
		sandbox_write_below(sandbox, typed->volume != NULL ? typed->volume : context->settings.base_path);
	typed_grant_outcome(context, sandbox);
}

const struct command command_compile = {
	.name = "compile",
	.synopsis = "SOURCES [-o VOLUME] [OPTIONS]",
	.summary = "publish sources in one step",
	.text = "Reads every folder with a dimension.yaml below SOURCES, checks all of it, and publishes exactly "
		"these\n"
		"dimensions in one step. Nothing is written when a source is rejected, and nothing is touched when\n"
		"nothing changed. With --proto, SOURCES is one dimension.yaml with its layers in it, or one folder.",
	.options = compile_options,
	.options_size = sizeof(struct typed),
	.defaults = &compile_defaults,
	.max_operands = 1,
	.changes_volume = true,
	.grant = grant_compile,
	.run = run_compile,
};
