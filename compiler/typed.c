/*
 * typed.c: the options of compile and check as they were typed, and what the pipeline takes instead.
 * In: the filled struct of a command line.
 * Out: the pipeline's options; or a reported error of usage.
 */
#include "typed.h"

#include <string.h>

#include "scalar.h"
#include "warnings.h"

bool typed_translate(struct context *context, struct compile_options *ret, uint32_t **ret_selected)
{
	const struct typed *typed = context->options;
	struct diag *diag = context->diag;

	enum check_level levels[CHECK_COUNT];

	memset(ret, 0, sizeof(*ret));
	*ret_selected = NULL;
	if (warnings_parse(&typed->warnings, diag, levels))
		diag_set_levels(diag, levels);
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
