/*
 * command.c: what several commands need.
 * In: a context.
 * Out: parsed dimension lists, the volume's path, printed documents.
 */
#include "command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model.h"
#include "parallel.h"
#include "scratch.h"

bool command_parse_dimensions(const char *list, struct diag *diag, uint32_t **ret, size_t *ret_count)
{
	uint32_t *ids = NULL;
	size_t count = 0, capacity = 0, i;
	const char *at = list;

	*ret = NULL;
	*ret_count = 0;
	while (at != NULL) {
		char *end;
		unsigned long id = 0;

		if (*at == 'D' || *at == 'd')
			at++;
		end = (char *)(uintptr_t)at;
		if (*at >= '0' && *at <= '9')
			id = strtoul(at, &end, 10);
		if (id == 0 || id > MODEL_MAX_DIMENSION_ID || (*end != ',' && *end != '\0')) {
			diag_fail(diag, EXIT_USAGE, "-d takes dimensions as D01,D05, not \"%s\"", list);
			free(ids);
			return false;
		}
		for (i = 0; i < count && ids[i] != id; i++)
			;
		if (i == count) {
			ids = mem_reserve(ids, count, &capacity, sizeof(*ids));
			ids[count++] = (uint32_t)id;
		}
		at = *end == ',' ? end + 1 : NULL;
	}
	*ret = ids;
	*ret_count = count;
	return true;
}

bool command_select_regions(const char *list, struct diag *diag, struct target *target)
{
	uint32_t *ids;
	size_t count, i, k, kept = 0, before = diag_errors(diag);

	if (!command_parse_dimensions(list, diag, &ids, &count))
		return false;
	for (i = 0; i < count; i++) {
		for (k = 0; k < target->count && dim_region_dimension_id(target->regions[k]) != ids[i]; k++)
			;
		if (k == target->count)
			diag_fail(diag, EXIT_NOT_THERE, "%s has no D%02u", target->path, ids[i]);
	}
	for (k = 0; k < target->count; k++)
		for (i = 0; i < count; i++)
			if (dim_region_dimension_id(target->regions[k]) == ids[i])
				target->regions[kept++] = target->regions[k];
	target->count = kept;
	free(ids);
	return diag_errors(diag) == before;
}

const char *command_volume(const struct context *context)
{
	return context->operand_count > 0 ? context->operands[0] : context->settings.base_path;
}

void command_grant_scratch(const struct context *context, struct sandbox *sandbox)
{
	struct stat st;
	size_t i;

	/* What cannot be looked at now may be a bundle all the same. */
	for (i = 0; i < context->operand_count; i++)
		if (stat(context->operands[i], &st) != 0 || S_ISREG(st.st_mode)) {
			sandbox_write_below(sandbox, scratch_parent());
			return;
		}
}

bool command_enter_sandbox(const struct context *context, const struct command *command)
{
	struct sandbox sandbox = {0};
	const char *missing;

	if (command->grant != NULL)
		command->grant(context, &sandbox);
	sandbox_write_file(&sandbox, context->global.trace);
	sandbox_write_file(&sandbox, context->global.diagnostics_file);
	/* OpenSSL reads its settings, and may load libraries, when it is first asked. */
	if (sandbox.reads_granted)
		digest_prepare();
	switch (sandbox_enter(&sandbox, &missing)) {
	case SANDBOX_ENTERED:
		return true;
	case SANDBOX_MISUSED:
		diag_fail(context->diag, EXIT_USAGE, "DIMC_SANDBOX must be auto, required or off, not \"%s\"",
			  getenv("DIMC_SANDBOX"));
		return false;
	case SANDBOX_MISSING:
		diag_fail(context->diag, EXIT_SYSTEM, "this system has no %s for the sandbox: %s", missing,
			  strerror(errno));
		diag_help(context->diag, "DIMC_SANDBOX=auto takes what there is, DIMC_SANDBOX=off nothing");
		return false;
	}
	return false;
}

struct progress *command_progress(const struct context *context)
{
	return context->global.json ? progress_new_events() : progress_new(!context->global.quiet);
}

bool command_color(const struct global_options *global, int fd)
{
	const char *no_color = getenv("NO_COLOR");

	if (global->color != NULL && strcmp(global->color, "auto") != 0)
		return strcmp(global->color, "always") == 0;
	return isatty(fd) && (no_color == NULL || *no_color == '\0');
}

unsigned command_jobs(uint64_t typed)
{
	return typed != 0 ? (unsigned)typed : parallel_default_jobs();
}

void command_print(const struct buf *buf)
{
	if (buf->size > 0)
		fwrite(buf->bytes, 1, buf->size, stdout);
}
