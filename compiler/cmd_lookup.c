/*
 * cmd_lookup.c: `dimc show` and `dimc find`: one layer's content, and the layers that have a keyword or a frequency.
 * In: a path and what is looked for.
 * Out: the content byte for byte; or a line a layer.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "json.h"
#include "region_facts.h"
#include "target.h"
#include "text.h"
#include "volume.h"

/* --- show --- */

struct show_command {
	char unused;
};

static const struct option show_options[] = {{0}};

/* "D01/3", or "3" where the path is one region. *ret_dimension 0: not named. */
static bool parse_layer(const char *name, uint32_t *ret_dimension, uint32_t *ret_layer)
{
	const char *slash = strchr(name, '/');
	char dimension[16];
	uint64_t number;

	*ret_dimension = 0;
	if (slash != NULL) {
		if ((size_t)(slash - name) >= sizeof(dimension))
			return false;
		memcpy(dimension, name, (size_t)(slash - name));
		dimension[slash - name] = '\0';
		*ret_dimension = volume_dimension_id(dimension);
		if (*ret_dimension == 0)
			return false;
		name = slash + 1;
	}
	if (!text_parse_number(name, UINT32_MAX, &number))
		return false;
	*ret_layer = (uint32_t)number;
	return true;
}

static const struct dim_region *find_region(const struct target *target, uint32_t dimension_id)
{
	size_t i;

	for (i = 0; i < target->count; i++)
		if (dim_region_dimension_id(target->regions[i]) == dimension_id)
			return target->regions[i];
	return dimension_id == 0 && target->count == 1 ? target->regions[0] : NULL;
}

static void run_show(struct context *context)
{
	const char *path = context->operand_count == 2 ? context->operands[0] : context->settings.base_path;
	const char *name = context->operands[context->operand_count - 1];
	const struct dim_region *region;
	const struct dim_layer *layer;
	struct target target;
	struct dim_span content;
	uint32_t dimension_id, layer_id;
	enum dim_status status;

	if (!parse_layer(name, &dimension_id, &layer_id)) {
		diag_fail(context->diag, EXIT_USAGE, "a layer is named as D01/3, not \"%s\"", name);
		return;
	}
	if (!target_open(path, &context->settings, context->diag, &target))
		return;
	region = find_region(&target, dimension_id);
	status = region == NULL ? DIM_ERR_NOT_FOUND : dim_region_layer(region, layer_id, &layer);
	if (region == NULL)
		diag_fail(context->diag, EXIT_NOT_THERE,
			  dimension_id != 0 ? "%s has no dimension D%02u"
					    : "%s has several dimensions: name one, as D01/3",
			  path, dimension_id);
	else if (status == DIM_ERR_NOT_FOUND)
		diag_fail(context->diag, EXIT_NOT_THERE, "D%02u of %s has no layer %u", dim_region_dimension_id(region),
			  path, layer_id);
	else if (status != DIM_OK || dim_layer_content(region, layer, &content) != DIM_OK)
		diag_fail(context->diag, EXIT_DAMAGED, "%s: the record of layer %u is damaged", path, layer_id);
	else
		fwrite(content.data, 1, content.size, stdout);
	target_close(&target);
}

const struct command command_show = {
	.name = "show",
	.synopsis = "[PATH] D01/3",
	.summary = "print one layer's content",
	.text = "PATH is a volume, a generation, a dimension's directory, a region or a bundle; for one region, the\n"
		"dimension may be left out: dimc show proto/x.mmap 3.",
	.options = show_options,
	.options_size = sizeof(struct show_command),
	.min_operands = 1,
	.max_operands = 2,
	.grant = command_grant_scratch,
	.run = run_show,
};

/* --- find --- */

struct find_command {
	const char *frequency;
	bool any;
};

#define FIELD(field) offsetof(struct find_command, field)
static const struct option find_options[] = {
	{"frequency", 'f', OPTION_TEXT, FIELD(frequency), "LOW..HIGH",
	 "layers of this band, in Hz; either end may be missing", 0, 0},
	{"any", 0, OPTION_TRUE, FIELD(any), NULL, "layers with any of the words, not all", 0, 0},
	{0},
};

struct query {
	const char **words;
	size_t word_count;
	bool any;
	double low, high; /* both ends included */
};

struct results {
	size_t count;
	struct json *json; /* NULL: lines for people */
};

/* LOW..HIGH, LOW.., ..HIGH or one number. */
static bool parse_band(const char *text, struct query *ret)
{
	const char *dots = strstr(text, "..");
	char *end;

	ret->low = 0;
	ret->high = INFINITY;
	if (*text != '.' || (text[1] >= '0' && text[1] <= '9')) {
		ret->low = strtod(text, &end);
		/* "1..2": strtod takes "1." of it */
		if (end == text || (dots != NULL && end != dots && end != dots + 1) || (dots == NULL && *end != '\0'))
			return false;
		if (dots == NULL) {
			ret->high = ret->low;
			return isfinite(ret->low);
		}
	}
	if (dots == NULL)
		return false;
	if (dots[2] != '\0') {
		ret->high = strtod(dots + 2, &end);
		if (end == dots + 2 || *end != '\0')
			return false;
	}
	return !isnan(ret->low) && !isnan(ret->high);
}

static void show_match(struct results *r, uint32_t dimension_id, const struct index_layer *layer)
{
	char dimension[16], name[32], frequency[40];
	struct buf title = {0};

	r->count++;
	volume_dimension_name(dimension_id, dimension);
	if (r->json != NULL) {
		json_begin(r->json, NULL, '{');
		json_string(r->json, "dimension", dimension);
		json_number(r->json, "dimension_id", dimension_id);
		json_number(r->json, "layer_id", layer->layer_id);
		json_text(r->json, "title", layer->title.bytes, layer->title.size);
		json_double(r->json, "frequency", layer->frequency);
		json_end(r->json, '}');
		return;
	}
	snprintf(name, sizeof(name), "%s/%u", dimension, layer->layer_id);
	text_add_printable(&title, layer->title.bytes, layer->title.size);
	printf("%-10s %8s Hz  %s\n", name, text_double(layer->frequency, frequency),
	       title.bytes != NULL ? title.bytes : "");
	buf_free(&title);
}

/* How many of the words each layer has. false where a record is damaged. */
static bool count_words(const struct query *q, const struct dim_region *region, uint32_t *counts)
{
	const struct dim_layer *layer;
	uint32_t keyword, count, k;
	size_t i;

	for (i = 0; i < q->word_count; i++) {
		enum dim_status status = dim_region_find_keyword(region, q->words[i], strlen(q->words[i]), &keyword);

		if (status == DIM_ERR_NOT_FOUND)
			continue;
		if (status != DIM_OK || dim_keyword_layer_count(region, keyword, &count) != DIM_OK)
			return false;
		for (k = 0; k < count; k++) {
			if (dim_keyword_layer(region, keyword, k, &layer) != DIM_OK)
				return false;
			counts[dim_layer_position(region, layer)]++;
		}
	}
	return true;
}

/* With words, by layer_id; by frequency alone, in its order. */
static bool search(const struct query *q, const struct dim_region *region, struct results *r)
{
	uint32_t layers = dim_region_layer_count(region), first = 0, count = layers, i, position;
	uint32_t wanted = q->any ? 1 : (uint32_t)q->word_count;
	uint32_t *counts = mem_zalloc(layers, sizeof(*counts));
	const struct dim_layer *layer;
	struct index_layer facts;
	bool ok = count_words(q, region, counts);

	if (ok && q->word_count == 0)
		ok = dim_region_find_frequency(region, q->low, q->high, &first, &count) == DIM_OK;
	for (i = 0; ok && i < count; i++) {
		ok = (q->word_count == 0 ? dim_region_layer_by_frequency(region, first + i, &layer)
					 : dim_region_layer_at(region, i, &layer)) == DIM_OK;
		if (!ok)
			break;
		position = dim_layer_position(region, layer);
		if (q->word_count > 0 && (counts[position] < wanted || !(dim_layer_frequency(layer) >= q->low) ||
					  !(dim_layer_frequency(layer) <= q->high)))
			continue;
		ok = region_facts_layer(region, position, &facts);
		if (ok)
			show_match(r, dim_region_dimension_id(region), &facts);
	}
	free(counts);
	return ok;
}

static void run_find(struct context *context)
{
	const struct find_command *typed = context->options;
	struct query q = {.any = typed->any, .low = 0, .high = INFINITY};
	struct buf buf = {0};
	struct json json = {.buf = &buf};
	struct results r = {.json = context->global.json ? &json : NULL};
	const char *path = context->settings.base_path;
	struct target target;
	bool ok = true;
	size_t i;

	if (typed->frequency != NULL && !parse_band(typed->frequency, &q)) {
		diag_fail(context->diag, EXIT_USAGE, "--frequency takes LOW..HIGH in Hz, not \"%s\"", typed->frequency);
		return;
	}
	q.words = context->operands;
	q.word_count = context->operand_count;
	if (q.word_count > 0 && target_is_path(q.words[0])) {
		path = *q.words++;
		q.word_count--;
	}
	if (q.word_count == 0 && typed->frequency == NULL) {
		diag_fail(context->diag, EXIT_USAGE, "give a keyword, or --frequency");
		return;
	}
	if (!target_open(path, &context->settings, context->diag, &target))
		return;
	if (r.json != NULL)
		json_begin(&json, NULL, '[');
	for (i = 0; i < target.count && ok; i++)
		ok = search(&q, target.regions[i], &r);
	if (r.json != NULL)
		json_end(&json, ']');
	command_print(&buf);
	buf_free(&buf);
	if (!ok)
		diag_fail(context->diag, EXIT_DAMAGED, "%s: a record is damaged; `dimc verify %s` tells where", path,
			  path);
	else if (r.count == 0)
		diag_fail(context->diag, EXIT_NOT_THERE, "no layer of %s matches", path);
	target_close(&target);
}

const struct command command_find = {
	.name = "find",
	.synopsis = "[PATH] WORD... [--any] [-f LOW..HIGH]",
	.summary = "layers by word or frequency",
	.text = "Lists the layers that have all the words among their keywords, exactly as written, and whose "
		"frequency\n"
		"is in the band. PATH is a volume, a generation, a dimension's directory, a region or a bundle.",
	.options = find_options,
	.options_size = sizeof(struct find_command),
	.max_operands = 64,
	.grant = command_grant_scratch,
	.run = run_find,
};
