/*
 * cmd_dump.c: `dimc dump`: sources again, from regions alone.
 * In: a path, and the name of a directory that is not there yet.
 * Out: the directory with a folder for every dimension, which was compiled and gave the same regions; or nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "aside_dir.h"
#include "command.h"
#include "dump.h"
#include "json.h"
#include "parallel.h"
#include "pipeline.h"
#include "report.h"
#include "region_facts.h"
#include "text.h"

struct dump_command {
	const char *output, *dimensions;
	bool sync;
};

#define FIELD(field) offsetof(struct dump_command, field)
static const struct dump_command dump_defaults = {.sync = true};
static const struct option dump_options[] = {
	{"output", 'o', OPTION_TEXT, FIELD(output), "DIR", "the directory to make; it must not be there, or be empty",
	 0, 0},
	{"dimensions", 'd', OPTION_TEXT, FIELD(dimensions), "D01,D05", "only these", 0, 0},
	{"no-sync", 0, OPTION_FALSE, FIELD(sync), NULL, "leave the fsyncs out: faster, not power-safe", 0, 0},
	{0},
};

/* --- what the regions say --- */

/* Whether every byte is what its digest says: sources of anything else could not give the same region. */
static bool prove(const struct target *target, struct diag *diag)
{
	bool ok = target_prove(target, NULL, 0, parallel_default_jobs(), diag);
	size_t i;

	for (i = 1; i < target->count; i++) {
		if (dim_region_dimension_id(target->regions[i]) != dim_region_dimension_id(target->regions[i - 1]))
			continue;
		diag_fail(diag, EXIT_DAMAGED, "%s: two regions are of D%02u", target->path,
			  dim_region_dimension_id(target->regions[i]));
		ok = false;
	}
	return ok;
}

/* The regions as a model, all of which sources may say. */
static bool read_model(const struct target *target, struct diag *diag, struct model *ret)
{
	size_t before = diag_errors(diag);

	ret->dimensions = mem_zalloc(target->count, sizeof(*ret->dimensions));
	for (ret->count = 0; ret->count < target->count; ret->count++) {
		struct dimension *d = &ret->dimensions[ret->count];

		if (!region_facts_dimension(target->regions[ret->count], d)) {
			ret->count++;
			diag_fail(diag, EXIT_DAMAGED, "%s: D%02u: a record is damaged", target->path, d->dimension_id);
			return false;
		}
		dump_is_allowed(d, diag);
	}
	if (diag_errors(diag) == before)
		return true;
	diag_help(diag, "another program wrote this, and sources may not say it; `dimc show` gives the contents,\n"
			"-d dumps other dimensions");
	return false;
}

/* --- what was written --- */

/* Compiles what was written, as far as memory, and compares it with the regions. */
static bool gives_same(const struct context *context, const struct target *target, const char *written,
		       struct progress *progress)
{
	struct compile_options options = {.source = written,
					  .settings = &context->settings,
					  .mode = COMPILE_DRY_RUN,
					  .jobs = parallel_default_jobs(),
					  .layout = LAYOUT_UNSET,
					  .progress = progress};
	struct compile_report report;
	bool same = check_sources(&options, context->diag, &report) && report.count == target->count;
	size_t i;

	if (!same)
		diag_fail(context->diag, EXIT_REJECTED, "%s: what was written from it is no sources", target->path);
	for (i = 0; same && i < report.count; i++) {
		if (memcmp(report.dimensions[i].digest.bytes, dim_region_checksum(target->regions[i]), DIGEST_SIZE) ==
		    0)
			continue;
		diag_fail(context->diag, EXIT_REJECTED, "%s: D%02u: sources cannot say all that the region holds",
			  target->path, report.dimensions[i].dimension_id);
		diag_help(context->diag,
			  "another program wrote it, perhaps with a section that this one does not know");
	}
	report_free(&report);
	return diag_errors(context->diag) == 0;
}

static void print_json(const char *path, const char *output, const struct model *model, const struct target *target,
		       const struct dumped *dumped)
{
	struct buf buf = {0};
	struct json json = {.buf = &buf};
	struct digest digest;
	size_t i;

	json_begin(&json, NULL, '{');
	json_string(&json, "path", path);
	json_string(&json, "output", output);
	json_begin(&json, "dimensions", '[');
	for (i = 0; i < model->count; i++) {
		const struct dimension *d = &model->dimensions[i];

		memcpy(digest.bytes, dim_region_checksum(target->regions[i]), DIGEST_SIZE);
		json_begin(&json, NULL, '{');
		json_number(&json, "dimension_id", d->dimension_id);
		json_text(&json, "dimension_name", d->name.bytes, d->name.size);
		json_string(&json, "folder", dumped[i].folder);
		json_number(&json, "layer_count", d->layer_count);
		json_number(&json, "files", dumped[i].files);
		json_number(&json, "content_files", dumped[i].content_files);
		json_number(&json, "bytes", dumped[i].bytes);
		json_digest(&json, "checksum", &digest);
		json_end(&json, '}');
	}
	json_end(&json, ']');
	json_end(&json, '}');
	command_print(&buf);
	buf_free(&buf);
}

static void print_text(const char *output, const struct model *model, const struct dumped *dumped, bool verbose)
{
	char dimensions[48], layers[48], files[48], contents[48], size[16];
	size_t i, layer_count = 0, file_count = 0, content_count = 0;
	uint64_t bytes = 0;

	for (i = 0; i < model->count; i++) {
		layer_count += model->dimensions[i].layer_count;
		file_count += dumped[i].files;
		content_count += dumped[i].content_files;
		bytes += dumped[i].bytes;
		if (verbose)
			printf("%s/%s: %s\n", output, dumped[i].folder,
			       text_count(model->dimensions[i].layer_count, "layer", layers));
	}
	printf("%s, %s in %s (%s", text_count(model->count, "dimension", dimensions),
	       text_count(layer_count, "layer", layers), text_count(file_count, "file", files), text_size(bytes, size));
	if (content_count > 0)
		printf("; %s beside the YAML", text_count(content_count, "binary content", contents));
	printf(") written to %s; compiling them gives the same regions\n", output);
}

/* --- the command --- */

static bool write_all(const struct context *context, const struct model *model, struct aside_dir *aside,
		      struct progress *progress, struct dumped *ret)
{
	size_t i;

	progress_begin(progress, "writing", model->count);
	for (i = 0; i < model->count; i++, progress_step(progress))
		if (!dump_write(&model->dimensions[i], aside->fd, aside->temporary, context->diag, &ret[i]))
			return false;
	return true;
}

static void dump(struct context *context, const struct target *target)
{
	const struct dump_command *typed = context->options;
	struct progress *progress = progress_new(!context->global.quiet && !context->global.json);
	struct dumped *dumped = mem_zalloc(target->count, sizeof(*dumped));
	struct aside_dir aside = {.fd = -1};
	struct model model = {0};
	bool ok;

	ok = prove(target, context->diag) && read_model(target, context->diag, &model) &&
	     aside_dir_begin(typed->output, context->diag, &aside) &&
	     write_all(context, &model, &aside, progress, dumped) &&
	     gives_same(context, target, aside.temporary, progress) && aside_dir_commit(&aside, typed->sync);
	progress_free(progress);
	if (ok && context->global.json)
		print_json(target->path, aside.path, &model, target, dumped);
	else if (ok && !context->global.quiet)
		print_text(aside.path, &model, dumped, context->global.verbose);
	aside_dir_end(&aside);
	model_free(&model);
	free(dumped);
}

static void run_dump(struct context *context)
{
	const struct dump_command *typed = context->options;
	struct target target;

	if (typed->output == NULL) {
		diag_fail(context->diag, EXIT_USAGE, "-o is missing: the directory to write to");
		diag_help(context->diag, "usage: dimc dump [PATH] -o DIR");
		return;
	}
	if (!aside_dir_is_free(typed->output, context->diag) ||
	    !target_open(command_volume(context), &context->settings, context->diag, &target))
		return;
	if (typed->dimensions == NULL || command_select_regions(typed->dimensions, context->diag, &target))
		dump(context, &target);
	target_close(&target);
}

/* Its directory is made aside. */
static void grant_dump(const struct context *context, struct sandbox *sandbox)
{
	const struct dump_command *typed = context->options;

	sandbox_write_file(sandbox, typed->output);
	command_grant_scratch(context, sandbox);
}

const struct command command_dump = {
	.name = "dump",
	.synopsis = "[PATH] -o DIR [-d D01,D05]",
	.summary = "write sources from regions",
	.text = "PATH is a volume, a generation, a dimension's directory, a region file or a bundle. DIR appears only\n"
		"once what was written was compiled and gave the same regions, byte for byte. What a region does not\n"
		"hold is not written: comments, how files were split, and times that the author did not give.",
	.options = dump_options,
	.options_size = sizeof(struct dump_command),
	.defaults = &dump_defaults,
	.max_operands = 1,
	.grant = grant_dump,
	.run = run_dump,
};
