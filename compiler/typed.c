/*
 * typed.c: the options of compile and check as they were typed, and what the pipeline takes instead.
 * In: the filled struct of a command line.
 * Out: the pipeline's options; or a reported error of usage.
 */
#include "typed.h"

#include <stdio.h>
#include <string.h>

#include "number.h"
#include "warnings.h"
#include "text.h"
#include "volume.h"

bool typed_translate(struct context *context, struct compile_options *ret, uint32_t **ret_selected)
{
	const struct typed *typed = context->options;
	struct diag *diag = context->diag;

	enum check_level levels[CHECK_COUNT];

	memset(ret, 0, sizeof(*ret));
	*ret_selected = NULL;
	if (warnings_parse(&typed->warnings, diag, levels))
		diag_set_levels(diag, levels);
	ret->directory = context->global.directory;
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
	if (typed->alignment != 0 && !number_is_alignment(typed->alignment))
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

bool typed_is_list(struct context *context)
{
	const struct typed *typed = context->options;
	enum check_level levels[CHECK_COUNT];

	if (!typed->list_checks && context->operand_count > 0)
		return false;
	if (!typed->list_checks)
		diag_fail(context->diag, EXIT_USAGE, "an argument is missing: the folder of the sources");
	else if (warnings_parse(&typed->warnings, context->diag, levels))
		warnings_print(levels, stdout);
	return true;
}

/* --- for build tools --- */

/* What the run writes, and so what a depfile is about, and how that is called; NULL: nothing, no name of its own. */
struct product {
	const char *target, *depfile;
	const char *generation, *manifest; /* what a volume holds once it is published */
};

static struct product product(const struct typed *typed, const struct compile_options *options, bool publishes,
			      struct arena *arena)
{
	int size = (int)text_path_size(options->volume);
	struct product product = {
		.generation = arena_printf(arena, "%.*s/" VOLUME_GENERATION, size, options->volume),
		.manifest = arena_printf(arena, "%.*s/" VOLUME_GENERATION "/manifest.json", size, options->volume)};

	if (typed->stamp != NULL) {
		product.target = typed->stamp;
		product.depfile = arena_printf(arena, "%s.d", typed->stamp);
	} else if (publishes && typed->proto != NULL) {
		product.target =
			arena_printf(arena, "%.*s/" VOLUME_PROTO "/%s.mmap", size, options->volume, typed->proto);
	} else if (publishes && !typed->compare) {
		product.target = product.manifest;
		product.depfile = arena_printf(arena, "%.*s.d", size, options->volume);
	}
	if (typed->depfile != NULL)
		product.depfile = typed->depfile;
	return product;
}

static bool refuse(struct diag *diag, const char *what, const char *help)
{
	diag_fail(diag, EXIT_USAGE, "%s", what);
	diag_help(diag, "%s", help);
	return false;
}

/* Whether what was typed goes together. */
static bool check_outcome(const struct typed *typed, const struct product *product, struct diag *diag)
{
	size_t targets = typed->targets.count + typed->quoted_targets.count;

	if (!typed->has_depfile && (typed->depfile != NULL || typed->has_phony || targets > 0))
		return refuse(diag, "-MF, -MT, -MQ and -MP are about a depfile, and none is asked for", "add -MD");
	if (typed->dry_run && (typed->stamp != NULL || typed->has_depfile))
		return refuse(diag, "--dry-run writes nothing, neither a stamp nor a depfile",
			      "--check --stamp FILE leaves a stamp where nothing differs");
	if (typed->has_depfile && targets == 0 && product->target == NULL)
		return refuse(diag, "the depfile has no target: the command writes nothing that it could be about",
			      "add --stamp FILE, or -MT TARGET");
	if (typed->has_depfile && product->depfile == NULL)
		return refuse(diag, "the depfile has no name", "add -MF FILE, or --stamp FILE");
	return true;
}

static bool fill_depfile(const struct context *context, const struct compile_options *options,
			 const struct product *product, struct outcome *ret)
{
	const struct typed *typed = context->options;
	struct depfile *depfile = &ret->depfile;
	bool ok = true;
	size_t i;

	depfile->prefix = options->directory;
	depfile->has_phony = typed->has_phony;
	for (i = 0; i < typed->targets.count; i++)
		ok = depfile_add_target(depfile, typed->targets.values[i], false, context->diag) && ok;
	for (i = 0; i < typed->quoted_targets.count; i++)
		ok = depfile_add_target(depfile, typed->quoted_targets.values[i], true, context->diag) && ok;
	if (ok && depfile->targets.size == 0)
		ok = depfile_add_target(depfile, depfile_path(depfile, product->target, &ret->arena), true,
					context->diag);
	if (context->settings.has_file)
		inputs_add(&depfile->extra, ".env", false);
	if (options->mode == COMPILE_COMPARE) {
		/* Publishing exchanges directories in the volume; what is in them stays as it is. */
		inputs_add(&depfile->extra, options->volume, true);
		inputs_add(&depfile->extra, arena_copy(&ret->arena, product->manifest, strlen(product->manifest)),
			   false);
	}
	return ok;
}

bool typed_open_outcome(struct context *context, bool publishes, struct compile_options *options, struct outcome *ret)
{
	const struct typed *typed = context->options;
	struct arena arena = {0};
	struct product made = product(typed, options, publishes, &arena);
	bool ok;

	*ret = (struct outcome){0};
	ok = check_outcome(typed, &made, context->diag) &&
	     outcome_open(ret, typed->stamp, typed->has_depfile ? made.depfile : NULL, &context->trace, made.generation,
			  context->diag);
	if (!ok)
		aside_discard(&context->trace); /* nothing was done that it could show */
	if (ok && typed->has_depfile) {
		ok = fill_depfile(context, options, &made, ret);
		options->depfile = &ret->depfile;
	}
	arena_free(&arena);
	return ok;
}

void typed_grant_outcome(const struct context *context, struct sandbox *sandbox)
{
	const struct typed *typed = context->options;

	sandbox_write_file(sandbox, typed->stamp);
	sandbox_write_file(sandbox, typed->depfile);
	/* STAMP.d or VOLUME.d */
	if (typed->has_depfile && typed->depfile == NULL && typed->stamp == NULL)
		sandbox_write_file(sandbox, typed->volume != NULL ? typed->volume : context->settings.base_path);
}

void typed_commit_outcome(struct context *context, const struct compile_report *report, struct outcome *outcome)
{
	enum exit_status status = report->is_published ? EXIT_NOT_DURABLE : EXIT_SYSTEM;

	/* Results that nobody could read are no success; main.c says so. */
	if (diag_errors(context->diag) == 0 && fflush(stdout) == 0 && !ferror(stdout))
		outcome_commit(outcome, &report->generation, status, context->diag);
}

void typed_close_outcome(struct context *context, struct outcome *outcome)
{
	if (outcome->depfile.is_misplaced)
		aside_discard(&context->trace);
	outcome_close(outcome);
}
