/*
 * cmd_schema.c: the command `schema`.
 * In: the schemas that travel inside the program.
 * Out: one of them as it is in schemas/, or the list of them.
 */
#include <string.h>

#include "command.h"
#include "embedded.h"
#include "text.h"

static const struct {
	const char *name, *path, *about;
} schemas[] = {
	{"layer", "schemas/layer.schema.json", "a layer file: one layer, or a list under layers"},
	{"dimension", "schemas/dimension.schema.json", "dimension.yaml"},
	{"index", "schemas/index.schema.json", "index.json, beside a region"},
	{"manifest", "schemas/manifest.schema.json", "manifest.json, of a generation or in a bundle"},
};
enum { SCHEMA_COUNT = sizeof(schemas) / sizeof(schemas[0]) };

static void run_schema(struct context *context)
{
	const char *names[SCHEMA_COUNT], *meant, *wanted = context->operand_count > 0 ? context->operands[0] : NULL;
	size_t i;

	for (i = 0; i < SCHEMA_COUNT; i++) {
		names[i] = schemas[i].name;
		if (wanted == NULL) {
			printf("%-10s %s\n", schemas[i].name, schemas[i].about);
		} else if (strcmp(wanted, schemas[i].name) == 0) {
			const struct embedded *file = embedded_find(schemas[i].path);

			fwrite(file->bytes, 1, file->size, stdout);
			return;
		}
	}
	if (wanted == NULL)
		return;
	meant = text_did_you_mean(wanted, strlen(wanted), names, SCHEMA_COUNT);
	diag_fail(context->diag, EXIT_USAGE, "there is no schema \"%s\"", wanted);
	if (meant != NULL)
		diag_help(context->diag, "did you mean \"%s\"?", meant);
	else
		diag_help(context->diag, "`dimc schema` lists them");
}

static const struct option schema_options[] = {{0}};

const struct command command_schema = {
	.name = "schema",
	.synopsis = "[layer|dimension|index|manifest]",
	.summary = "print a JSON Schema",
	.text = "Prints the JSON Schema (draft-07) of a kind of file, for editors and other programs; alone, lists "
		"them.\n"
		"With it, an editor completes keys and marks mistakes while a layer is written: docs/editors.md.",
	.options = schema_options,
	.options_size = 1,
	.max_operands = 1,
	.needs_no_settings = true,
	.run = run_schema,
};
