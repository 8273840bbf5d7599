/*
 * differences.c: what `compile --check` says where a volume is not what its sources give.
 * In: the options and the report of a comparison.
 * Out: what differs, and the command that mends it.
 */
#include "differences.h"

#include <stdio.h>
#include <string.h>

#include "volume.h"

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

void differences_print(const struct compile_options *options, const struct compile_report *report,
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
