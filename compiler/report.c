/*
 * report.c: how a compile or a restore tells what it changed.
 * In: the report.
 * Out: lines on standard output, or members of a JSON document.
 */
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "volume.h"

static const char *change_name(enum change change)
{
	static const char *const names[] = {"unchanged", "added", "changed", "repaired", "files", "kept", "removed"};

	return names[change];
}

void report_print_changes(const struct compile_report *report)
{
	enum change change;
	char name[16];
	size_t i;

	for (change = CHANGE_ADDED; change <= CHANGE_REMOVED; change++) {
		bool any = false;

		for (i = 0; i < report->count; i++) {
			if (report->dimensions[i].change != change)
				continue;
			if (!any)
				printf("%9s:", change_name(change));
			any = true;
			printf(" %s", volume_dimension_name(report->dimensions[i].dimension_id, name));
		}
		if (any)
			putchar('\n');
	}
}

void report_add_json(const struct compile_report *report, struct json *json)
{
	size_t i;

	if (report->has_previous)
		json_digest(json, "previous", &report->previous);
	json_digest(json, "generation", &report->generation);
	json_begin(json, "dimensions", '[');
	for (i = 0; i < report->count; i++) {
		const struct compiled_dimension *d = &report->dimensions[i];

		json_begin(json, NULL, '{');
		json_number(json, "dimension_id", d->dimension_id);
		json_text(json, "dimension_name", d->name.bytes, d->name.size);
		json_string(json, "change", change_name(d->change));
		if (d->damaged != NULL)
			json_string(json, "damaged", d->damaged);
		json_number(json, "layer_count", d->layer_count);
		if (d->change == CHANGE_CHANGED && d->has_published_count)
			json_number(json, "published_layer_count", d->published_count);
		json_number(json, "total_size", d->total_size);
		json_digest(json, "checksum", &d->digest);
		json_end(json, '}');
	}
	json_end(json, ']');
}

void report_free(struct compile_report *report)
{
	arena_free(&report->arena);
	free(report->dimensions);
	free(report->strays);
	memset(report, 0, sizeof(*report));
}
