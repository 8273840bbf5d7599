/*
 * cmd_restore.c: `dimc restore`: bundles become what is published.
 * In: bundles, a volume.
 * Out: a published generation, and lines that say so.
 */
#include <stdlib.h>

#include "command.h"
#include "json.h"
#include "report.h"
#include "restore.h"
#include "sums.h"
#include "timings.h"

struct restore_command {
	const char *volume, *dimensions, *key;
	bool dry_run, replace, sync;
};

#define FIELD(field) offsetof(struct restore_command, field)
static const struct restore_command restore_defaults = {.sync = true};
static const struct option restore_options[] = {
	{"output", 'o', OPTION_TEXT, FIELD(volume), "VOLUME", "the volume to publish to", 0, 0},
	{"dimensions", 'd', OPTION_TEXT, FIELD(dimensions), "D01,D05", "only these; the others stay as they are", 0, 0},
	{"dry-run", 'n', OPTION_TRUE, FIELD(dry_run), NULL, "verify and say what would change, publish nothing", 0, 0},
	{"replace", 0, OPTION_TRUE, FIELD(replace), NULL, "remove dimensions that no bundle holds", 0, 0},
	{"verify-key", 0, OPTION_TEXT, FIELD(key), "KEY", "refuse what this public Ed25519 key (PEM) did not sign", 0,
	 0},
	{"no-sync", 0, OPTION_FALSE, FIELD(sync), NULL, "leave the fsyncs out", 0, 0},
	{0},
};
#undef FIELD

static void print_restore(const struct context *context, const struct restore_options *options,
			  const struct compile_report *report)
{
	char hex[DIGEST_HEX_SIZE];
	struct buf buf = {0};
	struct json json = {.buf = &buf};

	digest_hex(&report->generation, hex);
	if (context->global.json) {
		json_begin(&json, NULL, '{');
		json_string(&json, "volume", options->volume);
		json_bool(&json, "published", report->is_published);
		json_bool(&json, "up_to_date", report->is_up_to_date);
		report_add_json(report, &json);
		timings_add_json(&json);
		json_end(&json, '}');
		command_print(&buf);
		buf_free(&buf);
		return;
	}
	if (context->global.quiet)
		return;
	if (!report->is_up_to_date)
		report_print_changes(report);
	if (report->is_published)
		printf("restored generation %.16s to %s\n", hex, options->volume);
	else if (report->is_up_to_date)
		printf("up to date: %s is generation %.16s\n", options->volume, hex);
	else
		printf("nothing restored (dry run); %s would be generation %.16s\n", options->volume, hex);
}

static void run_restore(struct context *context)
{
	const struct restore_command *typed = context->options;
	struct restore_options options = {.bundles = context->operands,
					  .bundle_count = context->operand_count,
					  .volume = typed->volume != NULL ? typed->volume : context->settings.base_path,
					  .settings = &context->settings,
					  .key = typed->key,
					  .dry_run = typed->dry_run,
					  .keeps_others = !typed->replace,
					  .sync = typed->sync};
	struct compile_report report;
	uint32_t *selected;
	bool ok;

	if (!command_parse_dimensions(typed->dimensions, context->diag, &selected, &options.selected_count))
		return;
	options.selected = selected;
	options.progress = command_progress(context);
	ok = restore_bundles(&options, context->diag, &report);
	progress_free(options.progress);
	if (!options.dry_run) {
		context->log.volume = options.volume;
		context->log.has_changed = report.is_published;
		context->log.has_previous = report.has_previous;
		context->log.previous = report.previous;
		context->log.has_generation = report.count > 0;
		context->log.generation = report.generation;
	}
	if (ok || report.is_published)
		print_restore(context, &options, &report);
	report_free(&report);
	free(selected);
}

static void grant_restore(const struct context *context, struct sandbox *sandbox)
{
	static const char *const beside[] = {"", BUNDLE_SUM, BUNDLE_SIGNATURE};
	const struct restore_command *typed = context->options;
	const char *volume = typed->volume != NULL ? typed->volume : context->settings.base_path;
	struct buf path = {0};
	size_t i, k;

	sandbox->reads_granted = true;
	for (i = 0; i < context->operand_count; i++)
		for (k = 0; k < sizeof(beside) / sizeof(beside[0]); k++) {
			path.size = 0;
			buf_printf(&path, "%s%s", context->operands[i], beside[k]);
			sandbox_read(sandbox, path.bytes);
		}
	buf_free(&path);
	sandbox_read(sandbox, typed->key);
	if (!typed->dry_run) {
		sandbox_write_below(sandbox, volume);
		return;
	}
	sandbox_read(sandbox, volume);
	command_grant_scratch(context, sandbox);
}

const struct command command_restore = {
	.name = "restore",
	.synopsis = "BUNDLE... [-o VOLUME] [-d D05] [-n]",
	.summary = "publish what bundles hold",
	.text = "A bundle of a whole generation replaces what is published; bundles of some dimensions are united "
		"with\n"
		"each other and with it. Nothing changes where anything in any of them is damaged or unsafe. Takes "
		"tars\n"
		"of consciousness/ by other tools, too.",
	.options = restore_options,
	.options_size = sizeof(struct restore_command),
	.defaults = &restore_defaults,
	.min_operands = 1,
	.max_operands = 100000,
	.changes_volume = true,
	.grant = grant_restore,
	.run = run_restore,
};
