/*
 * cmd_compile.c: `dimc compile` and `dimc check`: sources to a published generation, or only to a verdict.
 * In: options and one folder of sources.
 * Out: a summary, or the list of what differs.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "json.h"
#include "parallel.h"
#include "pipeline.h"
#include "report.h"
#include "scalar.h"
#include "text.h"
#include "volume.h"

struct compile_command {
	const char *volume, *dimensions, *layout, *proto;
	bool dry_run, compare, sync, layer_files;
	uint64_t jobs, alignment;
};

#define FIELD(field) offsetof(struct compile_command, field)
static const struct compile_command compile_defaults = {.sync = true};
static const struct option compile_options[] = {
	{"output", 'o', OPTION_TEXT, FIELD(volume), "VOLUME", "the volume to publish to", 0, 0},
	{"dimensions", 'd', OPTION_TEXT, FIELD(dimensions), "D01,D05", "only these; the others stay as published", 0,
	 0},
	{"dry-run", 'n', OPTION_TRUE, FIELD(dry_run), NULL, "do everything but publish", 0, 0},
	{"check", 0, OPTION_TRUE, FIELD(compare), NULL, "compare with what is published; 4 where it differs", 0, 0},
	{"jobs", 'j', OPTION_NUMBER, FIELD(jobs), "N", "threads; the machine's cores by default", 1, 256},
	{"layout", 0, OPTION_TEXT, FIELD(layout), "LAYOUT", "page or packed, whatever dimension.yaml says", 0, 0},
	{"align", 0, OPTION_NUMBER, FIELD(alignment), "N", "alignment of slots, a power of two >= 4096", 4096,
	 1u << 30},
	{"layer-files", 0, OPTION_TRUE, FIELD(layer_files), NULL, "also write every layer to D01/layers/", 0, 0},
	{"proto", 0, OPTION_TEXT, FIELD(proto), "NAME", "compile one file to proto/NAME.mmap", 0, 0},
	{"no-sync", 0, OPTION_FALSE, FIELD(sync), NULL, "leave the fsyncs out: faster, not power-safe", 0, 0},
	{0},
};

/* From options as they were typed to what the pipeline takes. *ret_selected is the caller's to free. */
static bool translate(struct context *context, const struct compile_command *typed, struct compile_options *ret,
		      uint32_t **ret_selected)
{
	struct diag *diag = context->diag;

	memset(ret, 0, sizeof(*ret));
	*ret_selected = NULL;
	ret->source = context->operands[0];
	ret->volume = typed->volume != NULL ? typed->volume : context->settings.base_path;
	ret->settings = &context->settings;
	ret->mode = typed->compare ? COMPILE_COMPARE : typed->dry_run ? COMPILE_DRY_RUN : COMPILE_PUBLISH;
	ret->jobs = command_jobs(typed->jobs);
	ret->sync = typed->sync;
	ret->layer_files = typed->layer_files;
	ret->layout = LAYOUT_UNSET;
	if (typed->layout != NULL && strcmp(typed->layout, "page") == 0)
		ret->layout = LAYOUT_PAGE;
	else if (typed->layout != NULL && strcmp(typed->layout, "packed") == 0)
		ret->layout = LAYOUT_PACKED;
	else if (typed->layout != NULL)
		diag_fail(diag, EXIT_USAGE, "--layout takes page or packed, not \"%s\"", typed->layout);
	if (typed->alignment != 0 && !scalar_is_alignment(typed->alignment))
		diag_fail(diag, EXIT_USAGE, "--align takes a power of two, not %llu",
			  (unsigned long long)typed->alignment);
	ret->alignment = (uint32_t)typed->alignment;
	if (typed->compare && typed->dry_run)
		diag_fail(diag, EXIT_USAGE, "--check and --dry-run exclude each other");
	if (typed->proto != NULL && (typed->dimensions != NULL || typed->compare || typed->layer_files))
		diag_fail(diag, EXIT_USAGE, "--proto goes with none of -d, --check and --layer-files");
	if (typed->dimensions != NULL &&
	    command_parse_dimensions(typed->dimensions, diag, ret_selected, &ret->selected_count))
		ret->selected = *ret_selected;
	return diag_errors(diag) == 0;
}

static void print_json(const struct compile_options *options, const struct compile_report *report, double seconds)
{
	struct buf buf = {0};
	struct json json = {.buf = &buf};

	json_begin(&json, NULL, '{');
	json_string(&json, "volume", options->volume);
	json_bool(&json, "published", report->is_published);
	json_bool(&json, "up_to_date", report->is_up_to_date);
	json_number(&json, "source_files", report->file_count);
	json_number(&json, "source_bytes", report->source_bytes);
	json_double(&json, "seconds", seconds);
	report_add_json(report, &json);
	json_end(&json, '}');
	command_print(&buf);
	buf_free(&buf);
}

static void print_totals(const struct compile_report *report, double seconds)
{
	uint64_t layers = 0, bytes = 0, content = 0;
	size_t i, count = 0;
	char a[48], b[48], c[48], size[16], text[16];

	for (i = 0; i < report->count; i++) {
		if (report->dimensions[i].change == CHANGE_REMOVED)
			continue;
		count++;
		layers += report->dimensions[i].layer_count;
		bytes += report->dimensions[i].total_size;
		content += report->dimensions[i].content_size;
	}
	printf("%s, %s, %s of content in %s of regions; %s read in %.2f s\n", text_count(count, "dimension", a),
	       text_count(layers, "layer", b), text_size(content, text), text_size(bytes, size),
	       text_count(report->file_count, "file", c), seconds);
}

static void print_summary(const struct compile_options *options, const struct compile_report *report, double seconds,
			  bool verbose)
{
	char hex[DIGEST_HEX_SIZE];

	if (report->is_up_to_date && options->mode != COMPILE_DRY_RUN) {
		printf("up to date: %s\n", options->volume);
	} else {
		report_print_changes(report);
		print_totals(report, seconds);
	}
	digest_hex(&report->generation, hex);
	if (report->is_published)
		printf("published generation %s to %s\n", verbose ? hex : (hex[16] = '\0', hex), options->volume);
	else if (options->mode == COMPILE_DRY_RUN)
		printf("nothing published (dry run); this would be generation %s\n",
		       verbose ? hex : (hex[16] = '\0', hex));
}

/* A word of a shell's command line. */
static void print_word(const char *word)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/+:,@%-";

	if (*word != '\0' && strspn(word, plain) == strlen(word)) {
		fputs(word, stdout);
		return;
	}
	putchar('\'');
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*word);
	}
	putchar('\'');
}

/* What --check says where something differs, with the command that mends it. */
static void print_differences(const struct compile_options *options, const struct compile_report *report,
			      const char *dimensions)
{
	static const char *const words[] = {[CHANGE_ADDED] = "missing",
					    [CHANGE_CHANGED] = "stale",
					    [CHANGE_REPAIRED] = "damaged",
					    [CHANGE_FILES] = "layer files differ",
					    [CHANGE_REMOVED] = "not in the sources"};
	char name[16];
	size_t i;

	for (i = 0; i < report->count; i++) {
		const struct compiled_dimension *d = &report->dimensions[i];

		if (d->change != CHANGE_NONE && d->change != CHANGE_KEPT)
			printf("%s %s\n", volume_dimension_name(d->dimension_id, name), words[d->change]);
	}
	if (!report->has_previous)
		printf("%s has no published generation with a manifest\n", options->volume);
	printf("mend it with: dimc compile ");
	print_word(options->source);
	printf(" -o ");
	print_word(options->volume);
	if (dimensions != NULL)
		printf(" -d %s", dimensions);
	if (options->layout != LAYOUT_UNSET)
		printf(" --layout=%s", options->layout == LAYOUT_PACKED ? "packed" : "page");
	if (options->alignment != 0)
		printf(" --align=%u", options->alignment);
	puts(options->layer_files ? " --layer-files" : "");
}

static double seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

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

static void run_proto(struct context *context, const struct compile_options *options, const char *name)
{
	struct compile_report report;
	char size[16], layers[48];

	if (!is_proto_name(name)) {
		diag_fail(context->diag, EXIT_USAGE,
			  "--proto takes a name of letters, digits, dot, dash and underscore");
		return;
	}
	if (compile_proto(options, name, context->diag, &report) && !context->global.quiet)
		printf("%s %s/" VOLUME_PROTO "/%s.mmap: D%02u, %s, %s\n", report.is_published ? "wrote" : "would write",
		       options->volume, name, report.dimensions[0].dimension_id,
		       text_count(report.dimensions[0].layer_count, "layer", layers),
		       text_size(report.dimensions[0].total_size, size));
	context->log.volume = options->mode == COMPILE_PUBLISH ? options->volume : NULL;
	context->log.has_changed = report.is_published;
	report_free(&report);
}

static void run_compile(struct context *context)
{
	const struct compile_command *typed = context->options;
	struct compile_options options;
	struct compile_report report;
	struct timespec start;
	uint32_t *selected;
	bool ok;

	clock_gettime(CLOCK_MONOTONIC, &start);
	if (!translate(context, typed, &options, &selected))
		goto out;
	options.progress = progress_new(!context->global.quiet && !context->global.json);
	if (typed->proto != NULL) {
		run_proto(context, &options, typed->proto);
		progress_free(options.progress);
		goto out;
	}
	ok = compile_volume(&options, context->diag, &report);
	progress_free(options.progress);
	take_log(context, &options, &report);
	if (ok || report.is_published) {
		bool differs = options.mode == COMPILE_COMPARE && !report.is_up_to_date;

		if (context->global.json)
			print_json(&options, &report, seconds_since(&start));
		else if (differs)
			print_differences(&options, &report, typed->dimensions);
		else if (!context->global.quiet)
			print_summary(&options, &report, seconds_since(&start), context->global.verbose);
		if (differs)
			diag_fail(context->diag, EXIT_DIFFERENT, "%s is not what the sources give", options.volume);
	}
	report_free(&report);
out:
	free(selected);
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
	.options_size = sizeof(struct compile_command),
	.defaults = &compile_defaults,
	.min_operands = 1,
	.max_operands = 1,
	.changes_volume = true,
	.run = run_compile,
};

/* --- check --- */

static const struct option check_options[] = {
	{"dimensions", 'd', OPTION_TEXT, FIELD(dimensions), "D01,D05", "only these", 0, 0},
	{"jobs", 'j', OPTION_NUMBER, FIELD(jobs), "N", "threads; the machine's cores by default", 1, 256},
	{0},
};

static void run_check(struct context *context)
{
	struct compile_options options;
	struct compile_report report;
	struct timespec start;
	uint32_t *selected;
	bool ok;

	clock_gettime(CLOCK_MONOTONIC, &start);
	if (translate(context, context->options, &options, &selected)) {
		options.progress = progress_new(!context->global.quiet && !context->global.json);
		options.mode = COMPILE_DRY_RUN;
		ok = check_sources(&options, context->diag, &report);
		progress_free(options.progress);
		if (ok && context->global.json)
			print_json(&options, &report, seconds_since(&start));
		else if (ok && !context->global.quiet)
			print_totals(&report, seconds_since(&start));
		report_free(&report);
	}
	free(selected);
}

const struct command command_check = {
	.name = "check",
	.synopsis = "SOURCES [-d D01,D05]",
	.summary = "check sources, no writing",
	.text = "Reports every mistake in every file. SOURCES is a folder of dimensions or the folder of one.",
	.options = check_options,
	.options_size = sizeof(struct compile_command),
	.defaults = NULL,
	.min_operands = 1,
	.max_operands = 1,
	.run = run_check,
};
