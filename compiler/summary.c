/*
 * summary.c: what compile and check say when they are done.
 * In: the report of a run.
 * Out: lines on standard output, or one JSON document.
 */
#include "summary.h"

#include <stdio.h>
#include <string.h>

#include "command.h"
#include "differences.h"
#include "json.h"
#include "report.h"
#include "text.h"
#include "timings.h"

double summary_seconds_since(struct timespec start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start.tv_sec) + (double)(now.tv_nsec - start.tv_nsec) / 1e9;
}

struct timespec summary_start(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now;
}

void summary_print_json(const struct compile_options *options, const struct compile_report *report,
			struct timespec start)
{
	struct buf buf = {0};
	struct json json = {.buf = &buf};

	json_begin(&json, NULL, '{');
	json_string(&json, "volume", options->volume);
	json_bool(&json, "published", report->is_published);
	json_bool(&json, "up_to_date", report->is_up_to_date);
	json_number(&json, "source_files", report->file_count);
	json_number(&json, "source_bytes", report->source_bytes);
	json_double(&json, "seconds", summary_seconds_since(start));
	report_add_json(report, &json);
	if (options->mode == COMPILE_COMPARE && !report->is_up_to_date)
		differences_add_json(options, report, &json);
	timings_add_json(&json);
	json_end(&json, '}');
	command_print(&buf);
	buf_free(&buf);
}

void summary_print_totals(const struct compile_report *report, struct timespec start)
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
	       text_count(report->file_count, "file", c), summary_seconds_since(start));
}

void summary_print(const struct compile_options *options, const struct compile_report *report, struct timespec start,
		   bool verbose)
{
	char hex[DIGEST_HEX_SIZE];

	if (report->is_up_to_date && options->mode != COMPILE_DRY_RUN) {
		printf("up to date: %s\n", options->volume);
	} else {
		report_print_changes(report);
		summary_print_totals(report, start);
	}
	digest_hex(&report->generation, hex);
	if (report->is_published)
		printf("published generation %s to %s\n", verbose ? hex : (hex[16] = '\0', hex), options->volume);
	else if (options->mode == COMPILE_DRY_RUN)
		printf("nothing published (dry run); this would be generation %s\n",
		       verbose ? hex : (hex[16] = '\0', hex));
}
