/*
 * cmd_info.c: `dimc info`: what is in a volume, or in one dimension.
 * In: a path.
 * Out: a table for people, or the same as JSON.
 */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "json.h"
#include "loader_error.h"
#include "manifest.h"
#include "region_facts.h"
#include "residency.h"
#include "target.h"
#include "text.h"
#include "utf8.h"
#include "volume.h"

struct info_command {
	const char *dimensions;
	bool resident;
};

static const struct option info_options[] = {
	{"dimensions", 'd', OPTION_TEXT, offsetof(struct info_command, dimensions), "D01,D05",
	 "only these, with their layers", 0, 0},
	{"resident", 0, OPTION_TRUE, offsetof(struct info_command, resident), NULL,
	 "what is in memory, and which processes read it", 0, 0},
	{0},
};

/* What the table shows of one region. */
struct facts {
	struct text name;
	uint32_t layers, keywords;
	uint64_t content, total, file, resident;
	bool has_resident;
	double low, high; /* frequencies of the layers; 0 without layers */
	struct digest digest;
};

/* false where a record of the region is damaged. */
static bool gather(const struct dim_region *region, struct facts *f)
{
	const struct dim_layer *layer;
	struct dim_span span;
	uint32_t i;

	memset(f, 0, sizeof(*f));
	if (dim_region_name(region, &span) != DIM_OK)
		return false;
	f->name = loader_text(span);
	f->layers = dim_region_layer_count(region);
	f->keywords = dim_region_keyword_count(region);
	f->total = dim_region_total_size(region);
	f->file = dim_region_file_size(region);
	f->has_resident = dim_region_resident(region, 0, f->file, &f->resident) == DIM_OK;
	if (f->has_resident && f->resident > f->file)
		f->resident = f->file;
	memcpy(f->digest.bytes, dim_region_checksum(region), DIGEST_SIZE);
	for (i = 0; i < f->layers; i++) {
		if (dim_region_layer_at(region, i, &layer) != DIM_OK ||
		    dim_layer_content(region, layer, &span) != DIM_OK)
			return false;
		f->content += span.size;
	}
	if (f->layers > 0) {
		if (dim_region_layer_by_frequency(region, 0, &layer) != DIM_OK)
			return false;
		f->low = dim_layer_frequency(layer);
		if (dim_region_layer_by_frequency(region, f->layers - 1, &layer) != DIM_OK)
			return false;
		f->high = dim_layer_frequency(layer);
	}
	return true;
}

static void print_cell(struct text text, size_t columns)
{
	struct buf shown = {0};
	size_t width;

	text_add_printable(&shown, text.bytes, text.size);
	width = utf8_columns(shown.bytes != NULL ? shown.bytes : "", shown.size);
	printf("%s%*s", shown.bytes != NULL ? shown.bytes : "", (int)(width < columns ? columns - width : 0), "");
	buf_free(&shown);
}

static size_t widest_name(const struct facts *facts, size_t count)
{
	size_t i, widest = 4;

	for (i = 0; i < count; i++) {
		size_t width = utf8_columns(facts[i].name.bytes, facts[i].name.size);

		if (width > widest)
			widest = width;
	}
	return widest > 30 ? 30 : widest;
}

static void print_row(uint32_t id, const struct facts *f, size_t name_width)
{
	char name[16], low[40], high[40], band[96], content[16], total[16], resident[16] = "?", hex[DIGEST_HEX_SIZE];

	snprintf(band, sizeof(band), "%s-%s", text_double(f->low, low), text_double(f->high, high));
	if (f->has_resident && f->file > 0)
		snprintf(resident, sizeof(resident), "%u%%", (unsigned)(f->resident * 100 / f->file));
	digest_hex(&f->digest, hex);
	printf("%-6s ", volume_dimension_name(id, name));
	print_cell(f->name, name_width);
	printf(" %6u %9s %8u %10s %10s %8s  %.12s\n", f->layers, f->layers > 0 ? band : "-", f->keywords,
	       text_size(f->content, content), text_size(f->total, total), resident, hex);
}

static void print_table(const struct target *target, const struct facts *facts)
{
	char dimensions[48], layers[48], content[16], total[16], hex[DIGEST_HEX_SIZE];
	uint64_t layer_count = 0, content_size = 0, total_size = 0;
	size_t i, width = widest_name(facts, target->count);
	struct manifest manifest = {0};

	printf("%-6s %-*s %6s %9s %8s %10s %10s %8s  %s\n", "DIM", (int)width, "NAME", "LAYERS", "HZ", "KEYWORDS",
	       "CONTENT", "REGION", "RESIDENT", "DIGEST");
	for (i = 0; i < target->count; i++) {
		print_row(dim_region_dimension_id(target->regions[i]), &facts[i], width);
		layer_count += facts[i].layers;
		content_size += facts[i].content;
		total_size += facts[i].total;
		manifest_add(&manifest, dim_region_dimension_id(target->regions[i]))->digest = facts[i].digest;
	}
	if (target->kind == TARGET_VOLUME || target->kind == TARGET_GENERATION) {
		manifest_finish(&manifest);
		digest_hex(&manifest.generation, hex);
		printf("\n%s: %s, %s, %s of content in %s\ngeneration %s\n", target->path,
		       text_count(target->count, "dimension", dimensions), text_count(layer_count, "layer", layers),
		       text_size(content_size, content), text_size(total_size, total), hex);
	}
	manifest_free(&manifest);
}

/* The layers of one region, one a line. */
static bool print_layers(const struct dim_region *region)
{
	char size[16], frequency[40], name[16];
	struct index_layer layer;
	struct text shown;
	uint32_t i, k;

	printf("\n%s, layout %s, alignment %u\n%10s %9s %10s  %s\n",
	       volume_dimension_name(dim_region_dimension_id(region), name),
	       dim_region_layout(region) == 0 ? "page" : "packed", dim_region_alignment(region), "LAYER", "HZ",
	       "CONTENT", "TITLE [KEYWORDS]");
	for (i = 0; i < dim_region_layer_count(region); i++) {
		if (!region_facts_layer(region, i, &layer))
			return false;
		printf("%10u %9s %10s  ", layer.layer_id, text_double(layer.frequency, frequency),
		       text_size(layer.content_size, size));
		print_cell(layer.title, 0);
		printf("%s[", layer.title.size > 0 ? " " : "");
		for (k = 0; k < layer.keyword_count; k++) {
			shown = layer.keywords[k];
			printf("%s", k > 0 ? ", " : "");
			print_cell(shown, 0);
		}
		puts("]");
	}
	return true;
}

static bool write_json_layers(struct json *json, const struct dim_region *region)
{
	struct index_layer layer;
	uint32_t i;
	size_t k;

	json_begin(json, "layers", '[');
	for (i = 0; i < dim_region_layer_count(region); i++) {
		if (!region_facts_layer(region, i, &layer))
			return false;
		json_begin(json, NULL, '{');
		json_number(json, "layer_id", layer.layer_id);
		json_text(json, "title", layer.title.bytes, layer.title.size);
		json_double(json, "frequency", layer.frequency);
		json_number(json, "content_size", layer.content_size);
		json_number(json, "offset", layer.offset);
		json_number(json, "size", layer.size);
		json_begin_inline(json, "keywords", '[');
		for (k = 0; k < layer.keyword_count; k++)
			json_text(json, NULL, layer.keywords[k].bytes, layer.keywords[k].size);
		json_end_inline(json, ']');
		json_digest(json, "checksum", &layer.digest);
		json_end(json, '}');
	}
	json_end(json, ']');
	return true;
}

static bool print_json(const struct target *target, const struct facts *facts)
{
	struct buf buf = {0};
	struct json json = {.buf = &buf};
	struct manifest manifest = {0};
	bool ok = true;
	size_t i;

	for (i = 0; i < target->count; i++)
		manifest_add(&manifest, dim_region_dimension_id(target->regions[i]))->digest = facts[i].digest;
	manifest_finish(&manifest);
	json_begin(&json, NULL, '{');
	json_string(&json, "path", target->path);
	json_digest(&json, "generation", &manifest.generation);
	json_begin(&json, "dimensions", '[');
	for (i = 0; i < target->count && ok; i++) {
		const struct dim_region *region = target->regions[i];

		json_begin(&json, NULL, '{');
		json_number(&json, "dimension_id", dim_region_dimension_id(region));
		json_text(&json, "dimension_name", facts[i].name.bytes, facts[i].name.size);
		json_string(&json, "layout", dim_region_layout(region) == 0 ? "page" : "packed");
		json_number(&json, "alignment", dim_region_alignment(region));
		json_number(&json, "layer_count", facts[i].layers);
		json_number(&json, "keyword_count", facts[i].keywords);
		json_number(&json, "content_size", facts[i].content);
		json_number(&json, "total_size", facts[i].total);
		json_number(&json, "file_size", facts[i].file);
		if (facts[i].has_resident)
			json_number(&json, "resident", facts[i].resident);
		else
			json_null(&json, "resident");
		json_digest(&json, "checksum", &facts[i].digest);
		ok = write_json_layers(&json, region);
		json_end(&json, '}');
	}
	json_end(&json, ']');
	json_end(&json, '}');
	if (ok)
		command_print(&buf);
	buf_free(&buf);
	manifest_free(&manifest);
	return ok;
}

/* Of a volume that is opened without touching what it is asked about. */
static void print_residency(const struct context *context, const char *path, const char *list)
{
	const struct dim_snapshot *snapshot;
	struct residency residency;
	struct dim_volume *volume;
	struct buf buf = {0};
	struct json json = {.buf = &buf};
	uint32_t *dimensions;
	size_t count;

	if (!command_parse_dimensions(list, context->diag, &dimensions, &count))
		return;
	volume = residency_open(path, context->settings.max_size, dimensions, count, context->diag);
	free(dimensions);
	if (volume == NULL)
		return;
	snapshot = dim_volume_acquire(volume);
	residency_take(path, snapshot, list == NULL, &residency);
	if (context->global.json)
		residency_json(&residency, path, &json);
	else
		residency_table(&residency, NULL, path, SIZE_MAX, &buf);
	dim_snapshot_release(snapshot);
	dim_volume_close(volume);
	residency_free(&residency);
	command_print(&buf);
	buf_free(&buf);
}

static void run_info(struct context *context)
{
	const struct info_command *typed = context->options;
	const char *path = command_volume(context);
	struct facts *facts = NULL;
	struct target target;
	size_t i;
	bool ok = true, with_layers;

	if (typed->resident) {
		print_residency(context, path, typed->dimensions);
		return;
	}
	if (!target_open(path, &context->settings, context->diag, &target))
		return;
	if (typed->dimensions != NULL && !command_select_regions(typed->dimensions, context->diag, &target))
		goto out;
	with_layers = typed->dimensions != NULL || context->global.verbose || target.kind == TARGET_REGION ||
		      target.kind == TARGET_DIMENSION;
	facts = mem_zalloc(target.count, sizeof(*facts));
	for (i = 0; i < target.count && ok; i++)
		ok = gather(target.regions[i], &facts[i]);
	if (ok && context->global.json)
		ok = print_json(&target, facts);
	else if (ok) {
		if (typed->dimensions != NULL)
			target.kind = TARGET_DIMENSION; /* no totals of a part */
		print_table(&target, facts);
		for (i = 0; i < target.count && ok && with_layers; i++)
			ok = print_layers(target.regions[i]);
	}
	if (!ok) {
		diag_fail(context->diag, EXIT_DAMAGED, "%s: a record is damaged", path);
		diag_help(context->diag, "`dimc verify %s` tells where", path);
	}
out:
	free(facts);
	target_close(&target);
}

static void grant_info(const struct context *context, struct sandbox *sandbox)
{
	const struct info_command *typed = context->options;

	sandbox->sees_processes = typed->resident;
	command_grant_scratch(context, sandbox);
}

const struct command command_info = {
	.name = "info",
	.synopsis = "[PATH] [-d D01,D05] [--resident]",
	.summary = "what is published",
	.text = "PATH is a volume, a generation, a dimension's directory, a region file or a bundle. -d and -v list "
		"layers.\n--resident is one look of `dimc top`, at a volume.",
	.options = info_options,
	.options_size = sizeof(struct info_command),
	.max_operands = 1,
	.grant = grant_info,
	.run = run_info,
};
