/*
 * differences.c: what `compile --check` says where a volume is not what its sources give.
 * In: the options and the report of a comparison.
 * Out: what differs, and the command that mends it.
 */
#include "differences.h"

#include <stdio.h>
#include <string.h>

#include "text.h"
#include "volume.h"

/* Whether publishing changes anything, and so leaves behind all that is foreign. */
static bool is_mended_by_publishing(const struct compile_report *report)
{
	bool differs = !report->has_previous;
	size_t i;

	for (i = 0; i < report->count; i++)
		differs = differs ||
			  (report->dimensions[i].change != CHANGE_NONE && report->dimensions[i].change != CHANGE_KEPT);
	return differs;
}

/* "dimc diff ", from where this run was started. */
static void add_command(const struct compile_options *options, const char *command, struct buf *buf)
{
	buf_puts(buf, "dimc ");
	if (options->directory != NULL) {
		buf_puts(buf, "-C ");
		text_add_word(buf, options->directory);
		buf_puts(buf, " ");
	}
	buf_printf(buf, "%s ", command);
}

static void add_publishing(const struct compile_options *options, struct buf *buf)
{
	char name[16];
	size_t i;

	add_command(options, "compile", buf);
	text_add_word(buf, options->source);
	buf_puts(buf, " -o ");
	text_add_word(buf, options->volume);
	for (i = 0; i < options->selected_count; i++)
		buf_printf(buf, "%s%s", i == 0 ? " -d " : ",", volume_dimension_name(options->selected[i], name));
	if (options->layout != LAYOUT_UNSET)
		buf_printf(buf, " --layout=%s", options->layout == LAYOUT_PACKED ? "packed" : "page");
	if (options->alignment != 0)
		buf_printf(buf, " --align=%u", options->alignment);
	if (options->layer_files)
		buf_puts(buf, " --layer-files");
}

/* The command that makes the volume what its sources give. */
static struct buf mend(const struct compile_options *options, const struct compile_report *report)
{
	bool is_elsewhere = options->directory != NULL && options->volume[0] != '/';
	struct arena arena = {0};
	struct buf buf = {0};
	size_t i;

	if (is_mended_by_publishing(report)) {
		add_publishing(options, &buf);
		return buf;
	}
	buf_puts(&buf, "rm -r --");
	for (i = 0; i < report->stray_count; i++) {
		buf_puts(&buf, " ");
		text_add_word(&buf,
			      arena_printf(&arena, "%s%s%.*s/" VOLUME_GENERATION "/%s",
					   is_elsewhere ? options->directory : "", is_elsewhere ? "/" : "",
					   (int)text_path_size(options->volume), options->volume, report->strays[i]));
	}
	arena_free(&arena);
	return buf;
}

static void print_dimension(const struct compiled_dimension *d)
{
	static const char *const words[] = {[CHANGE_ADDED] = "missing",
					    [CHANGE_CHANGED] = "stale",
					    [CHANGE_REPAIRED] = "damaged",
					    [CHANGE_FILES] = "layer files differ",
					    [CHANGE_REMOVED] = "not in the sources"};
	char name[16], layers[48];

	printf("%s %s", volume_dimension_name(d->dimension_id, name), words[d->change]);
	if (d->change == CHANGE_REPAIRED && d->damaged != NULL)
		printf(": %s", d->damaged);
	else if (d->change == CHANGE_CHANGED && d->has_published_count && d->published_count != d->layer_count)
		printf(": %s, %llu published", text_count(d->layer_count, "layer", layers),
		       (unsigned long long)d->published_count);
	putchar('\n');
}

void differences_print(const struct compile_options *options, const struct compile_report *report)
{
	struct buf shown = {0}, command = mend(options, report);
	bool is_stale = false;
	size_t i;

	printf("%s is not what the sources give:\n", options->volume);
	for (i = 0; i < report->count; i++) {
		if (report->dimensions[i].change != CHANGE_NONE && report->dimensions[i].change != CHANGE_KEPT)
			print_dimension(&report->dimensions[i]);
		is_stale = is_stale || report->dimensions[i].change == CHANGE_CHANGED;
	}
	for (i = 0; i < report->stray_count; i++) {
		text_add_printable(&shown, report->strays[i], strlen(report->strays[i]));
		buf_puts(&shown, " foreign\n");
	}
	if (shown.size > 0)
		fwrite(shown.bytes, 1, shown.size, stdout);
	if (!report->has_previous)
		printf("%s has no published generation with a manifest\n", options->volume);
	if (is_stale) {
		struct buf words = {0};

		add_command(options, "diff", &words);
		text_add_word(&words, options->volume);
		buf_puts(&words, " ");
		text_add_word(&words, options->source);
		printf("see the layers with: %s\n", words.bytes);
		buf_free(&words);
	}
	shown.size = 0;
	text_add_printable(&shown, command.bytes, command.size);
	printf("mend it with: %s\n", shown.bytes);
	buf_free(&shown);
	buf_free(&command);
}

void differences_add_json(const struct compile_options *options, const struct compile_report *report, struct json *json)
{
	struct buf command = mend(options, report);
	size_t i;

	json_begin(json, "foreign", '[');
	for (i = 0; i < report->stray_count; i++)
		json_string(json, NULL, report->strays[i]);
	json_end(json, ']');
	json_text(json, "mend", command.bytes, command.size);
	buf_free(&command);
}
