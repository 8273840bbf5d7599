/*
 * diff_json.c: a comparison as programs read it.
 * In: a comparison.
 * Out: members of a JSON object.
 */
#include "diff_json.h"

#include "text.h"

static void write_text(struct json *json, const char *name, struct text text)
{
	if (text.size > 0)
		json_text(json, name, text.bytes, text.size);
	else
		json_null(json, name);
}

static void write_time(struct json *json, const char *name, bool is_set, int64_t seconds)
{
	char text[24];

	if (is_set)
		json_string(json, name, text_time(seconds, text));
	else
		json_null(json, name);
}

/* A fact's value on one side; null where it has none. */
static void write_fact(struct json *json, const char *name, const struct side_dimension *side, enum compare_fact fact)
{
	const struct dimension *d = side != NULL ? side->dimension : NULL;

	if (d == NULL || (fact == FACT_FREQUENCY_RANGE && !d->has_frequency_range)) {
		json_null(json, name);
		return;
	}
	switch (fact) {
	case FACT_ID:
		json_number(json, name, d->dimension_id);
		break;
	case FACT_NAME:
		write_text(json, name, d->name);
		break;
	case FACT_DESCRIPTION:
		write_text(json, name, d->description);
		break;
	case FACT_CREATED_AT:
		write_time(json, name, d->has_created_at, d->created_at);
		break;
	case FACT_UPDATED_AT:
		write_time(json, name, d->has_updated_at, d->updated_at);
		break;
	case FACT_FREQUENCY_RANGE:
		json_begin(json, name, '[');
		json_double(json, NULL, d->frequency_low);
		json_double(json, NULL, d->frequency_high);
		json_end(json, ']');
		break;
	case FACT_LAYOUT:
		json_string(json, name, side->layout == LAYOUT_PACKED ? "packed" : "page");
		break;
	case FACT_ALIGNMENT:
		json_number(json, name, side->alignment);
		break;
	default:
		json_digest(json, name, &side->digest);
		break;
	}
}

static void write_facts(struct json *json, const struct compared_dimension *d)
{
	enum compare_fact fact;

	json_begin(json, "facts", '{');
	for (fact = 0; fact < FACT_COUNT; fact++) {
		if ((d->facts & 1u << fact) == 0)
			continue;
		json_begin_inline(json, compare_fact_name(fact), '{');
		write_fact(json, "from", d->from, fact);
		write_fact(json, "to", d->to, fact);
		json_end_inline(json, '}');
	}
	json_end(json, '}');
}

/* Where a layer is, or was; null where it is not. */
static void write_end(struct json *json, const char *name, const struct compared_end *end)
{
	if (end->layer == NULL) {
		json_null(json, name);
		return;
	}
	json_begin_inline(json, name, '{');
	json_number(json, "dimension_id", end->dimension->dimension->dimension_id);
	json_number(json, "layer_id", end->layer->layer_id);
	json_end_inline(json, '}');
}

static void write_all_keywords(struct json *json, const char *name, const struct layer *of)
{
	size_t i;

	if (of == NULL) {
		json_null(json, name);
		return;
	}
	json_begin_inline(json, name, '[');
	for (i = 0; i < of->keyword_count; i++)
		json_text(json, NULL, of->keywords[i].bytes, of->keywords[i].size);
	json_end_inline(json, ']');
}

/* The words of the one that the other does not have. */
static void write_other_keywords(struct json *json, const char *name, const struct layer *of,
				 const struct layer *not_of)
{
	size_t i;

	json_begin_inline(json, name, '[');
	for (i = 0; of != NULL && i < of->keyword_count; i++)
		if (not_of == NULL || !compare_has_keyword(not_of, of->keywords[i]))
			json_text(json, NULL, of->keywords[i].bytes, of->keywords[i].size);
	json_end_inline(json, ']');
}

static void write_keywords(struct json *json, const struct layer *from, const struct layer *to)
{
	json_begin(json, compare_field_name(FIELD_KEYWORDS), '{');
	write_all_keywords(json, "from", from);
	write_all_keywords(json, "to", to);
	write_other_keywords(json, "added", to, from);
	write_other_keywords(json, "removed", from, to);
	json_bool(json, "reordered", from != NULL && to != NULL && compare_is_reordered(from, to));
	json_end(json, '}');
}

static void write_content(struct json *json, const char *name, const struct compared_end *end)
{
	if (end->layer == NULL) {
		json_null(json, name);
		return;
	}
	json_begin_inline(json, name, '{');
	json_number(json, "size", end->layer->content.size);
	json_digest(json, "checksum", end->digest);
	json_end_inline(json, '}');
}

static void write_contents(struct json *json, const struct compared_layer *l)
{
	json_begin(json, compare_field_name(FIELD_CONTENT), '{');
	write_content(json, "from", &l->from);
	write_content(json, "to", &l->to);
	json_bool(json, "binary", l->is_binary);
	if (!l->is_binary) {
		json_number(json, "added_lines", l->text.added);
		json_number(json, "removed_lines", l->text.removed);
	}
	json_end(json, '}');
}

static void write_fields(struct json *json, const struct compared_layer *l)
{
	const struct layer *from = l->from.layer, *to = l->to.layer;
	static const struct text none = {"", 0};

	json_begin(json, "fields", '{');
	if ((l->fields & 1u << FIELD_TITLE) != 0) {
		json_begin_inline(json, compare_field_name(FIELD_TITLE), '{');
		write_text(json, "from", from != NULL ? from->title : none);
		write_text(json, "to", to != NULL ? to->title : none);
		json_end_inline(json, '}');
	}
	if ((l->fields & 1u << FIELD_FREQUENCY) != 0) {
		json_begin_inline(json, compare_field_name(FIELD_FREQUENCY), '{');
		if (from != NULL)
			json_double(json, "from", from->frequency);
		else
			json_null(json, "from");
		if (to != NULL)
			json_double(json, "to", to->frequency);
		else
			json_null(json, "to");
		json_end_inline(json, '}');
	}
	if ((l->fields & 1u << FIELD_KEYWORDS) != 0)
		write_keywords(json, from, to);
	if ((l->fields & 1u << FIELD_CONTENT) != 0)
		write_contents(json, l);
	json_end(json, '}');
}

static void write_layer(struct json *json, const struct compared_layer *l)
{
	json_begin(json, NULL, '{');
	json_string(json, "change", compare_kind_name(l->kind));
	write_end(json, "from", &l->from);
	write_end(json, "to", &l->to);
	write_text(json, "title", compare_shown_layer(l)->title);
	write_fields(json, l);
	json_end(json, '}');
}

static void write_dimension(struct json *json, const struct compared_dimension *d)
{
	const struct dimension *shown = d->to != NULL ? d->to->dimension : d->from->dimension;
	size_t i;

	json_begin(json, NULL, '{');
	json_number(json, "dimension_id", shown->dimension_id);
	write_text(json, "dimension_name", shown->name);
	json_string(json, "change", compare_kind_name(d->kind));
	write_fact(json, "from", d->from, FACT_CHECKSUM);
	write_fact(json, "to", d->to, FACT_CHECKSUM);
	write_facts(json, d);
	json_begin(json, "layers", '[');
	for (i = 0; i < d->count; i++)
		write_layer(json, &d->layers[i]);
	json_end(json, ']');
	json_end(json, '}');
}

static void write_counts(struct json *json, const char *name, const size_t *counts, enum compare_kind last)
{
	enum compare_kind kind;

	json_begin_inline(json, name, '{');
	for (kind = COMPARE_CHANGED; kind <= last; kind++)
		json_number(json, compare_kind_name(kind), counts[kind]);
	json_end_inline(json, '}');
}

void diff_json_members(struct json *json, const struct comparison *c)
{
	size_t i;

	json_bool(json, "same", c->count == 0);
	json_bool(json, "only_layout", c->is_only_layout);
	json_begin(json, "summary", '{');
	write_counts(json, "dimensions", c->dimension_counts, COMPARE_REMOVED);
	write_counts(json, "layers", c->layer_counts, COMPARE_MOVED);
	json_begin_inline(json, "lines", '{');
	json_number(json, "added", c->added);
	json_number(json, "removed", c->removed);
	json_end_inline(json, '}');
	json_end(json, '}');
	json_begin(json, "dimensions", '[');
	for (i = 0; i < c->count; i++)
		write_dimension(json, &c->dimensions[i]);
	json_end(json, ']');
}
