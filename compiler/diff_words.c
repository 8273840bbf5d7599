/*
 * diff_words.c: the words of a comparison: names of layers and dimensions, what changed of them, marks and colors.
 * In: parts of a comparison.
 * Out: text of one line that a terminal may see.
 */
#include "diff_words.h"

#include <stdio.h>
#include <string.h>

#include "text.h"
#include "utf8.h"
#include "volume.h"

enum { SHORT_DESCRIPTION = 60, DIGEST_SHOWN = 12 };

char diff_mark(enum compare_kind kind)
{
	return "~+-><"[kind];
}

const char *diff_escape(enum diff_color color)
{
	static const char *const escapes[] = {"\033[0m",  "\033[1m",  "\033[36m", "\033[32m",
					      "\033[31m", "\033[33m", "\033[35m"};

	return escapes[color];
}

enum diff_color diff_color_of_kind(enum compare_kind kind)
{
	static const enum diff_color colors[] = {COLOR_CHANGED, COLOR_ADDED, COLOR_REMOVED, COLOR_MOVED, COLOR_MOVED};

	return colors[kind];
}

/* ": " before the first of a list, ", " before the others. */
static void begin_item(struct buf *buf, const char *name, bool *is_first)
{
	buf_printf(buf, "%s%s", *is_first ? ": " : ", ", name);
	*is_first = false;
}

static void add_quoted(struct buf *buf, struct text text)
{
	buf_puts(buf, "\"");
	text_add_visible(buf, text.bytes, text.size);
	buf_puts(buf, "\"");
}

/* A text that may be missing. */
static void add_optional(struct buf *buf, struct text text)
{
	if (text.size > 0)
		add_quoted(buf, text);
	else
		buf_puts(buf, "none");
}

/* "+3 -1": lines that are new, and gone. */
static void add_counts(struct buf *buf, const struct textdiff *text)
{
	if (text->added > 0)
		buf_printf(buf, "+%zu", text->added);
	if (text->removed > 0)
		buf_printf(buf, "%s-%zu", text->added > 0 ? " " : "", text->removed);
}

/* --- layers --- */

const char *diff_layer_id(const struct compared_end *end, char ret[32])
{
	char name[16];

	snprintf(ret, 32, "%s/%u", volume_dimension_name(end->dimension->dimension->dimension_id, name),
		 end->layer->layer_id);
	return ret;
}

void diff_add_layer_name(struct buf *buf, const struct compared_layer *l)
{
	struct text title = compare_shown_layer(l)->title;
	char id[32];

	if (l->from.layer != NULL && l->kind != COMPARE_CHANGED)
		buf_puts(buf, diff_layer_id(&l->from, id));
	if (l->kind == COMPARE_MOVED || l->kind == COMPARE_LEFT)
		buf_puts(buf, " -> ");
	if (l->to.layer != NULL)
		buf_puts(buf, diff_layer_id(&l->to, id));
	if (title.size > 0) {
		buf_puts(buf, " ");
		text_add_visible(buf, title.bytes, title.size);
	}
}

/* A word, in quotes where it has one of `special`, which could be taken for its end. */
static void add_keyword(struct buf *buf, struct text word, const char *special)
{
	size_t i;

	for (i = 0; i < word.size && strchr(special, word.bytes[i]) == NULL; i++)
		;
	if (i < word.size)
		add_quoted(buf, word);
	else
		text_add_visible(buf, word.bytes, word.size);
}

/* The words of the one layer that the other does not have. */
static void add_other_keywords(struct buf *buf, const char *mark, const struct layer *of, const struct layer *not_of)
{
	size_t i;

	for (i = 0; i < of->keyword_count; i++) {
		if (!compare_has_keyword(not_of, of->keywords[i])) {
			buf_puts(buf, mark);
			add_keyword(buf, of->keywords[i], " ,\"");
		}
	}
}

static void add_all_keywords(struct buf *buf, const struct layer *l)
{
	size_t i;

	for (i = 0; i < l->keyword_count; i++) {
		buf_puts(buf, i > 0 ? ", " : "[");
		add_keyword(buf, l->keywords[i], ",]\"");
	}
	buf_puts(buf, "]");
}

/* What a layer that came or went has. */
static void add_values(struct buf *buf, const struct compared_layer *l)
{
	const struct layer *layer = l->kind == COMPARE_ADDED ? l->to.layer : l->from.layer;
	char number[40], lines[48];

	buf_printf(buf, ": %s Hz, ", text_double(layer->frequency, number));
	add_all_keywords(buf, layer);
	if (l->is_binary)
		buf_printf(buf, ", %zu bytes of binary content", layer->content.size);
	else
		buf_printf(buf, ", %s", text_count(l->text.added + l->text.removed, "line", lines));
}

void diff_add_fields(struct buf *buf, const struct compared_layer *l)
{
	const struct layer *from = l->from.layer, *to = l->to.layer;
	char before[40], after[40];
	bool is_first = true;

	if (l->kind == COMPARE_ADDED || l->kind == COMPARE_REMOVED) {
		add_values(buf, l);
		return;
	}
	if ((l->fields & 1u << FIELD_TITLE) != 0) {
		begin_item(buf, "title ", &is_first);
		add_optional(buf, from->title);
		buf_puts(buf, " -> ");
		add_optional(buf, to->title);
	}
	if ((l->fields & 1u << FIELD_FREQUENCY) != 0) {
		begin_item(buf, "frequency ", &is_first);
		buf_printf(buf, "%s -> %s", text_double(from->frequency, before), text_double(to->frequency, after));
	}
	if ((l->fields & 1u << FIELD_KEYWORDS) != 0) {
		begin_item(buf, "keywords", &is_first);
		add_other_keywords(buf, " +", to, from);
		add_other_keywords(buf, " -", from, to);
		if (compare_is_reordered(from, to))
			buf_puts(buf, " reordered");
	}
	if ((l->fields & 1u << FIELD_CONTENT) != 0 && l->is_binary) {
		begin_item(buf, "binary content differs", &is_first);
		buf_printf(buf, " (%zu -> %zu bytes)", from->content.size, to->content.size);
	} else if ((l->fields & 1u << FIELD_CONTENT) != 0) {
		begin_item(buf, "content ", &is_first);
		add_counts(buf, &l->text);
	}
}

/* --- dimensions --- */

void diff_add_dimension_name(struct buf *buf, const struct compared_dimension *d)
{
	const struct dimension *shown = d->to != NULL ? d->to->dimension : d->from->dimension;
	char name[16];

	buf_printf(buf, "%s ", volume_dimension_name(shown->dimension_id, name));
	text_add_visible(buf, shown->name.bytes, shown->name.size);
	if (d->kind != COMPARE_CHANGED)
		buf_printf(buf, " (%s)", compare_kind_name(d->kind));
}

static bool is_short(const struct side_dimension *d)
{
	return d == NULL || d->dimension->description.size == 0 ||
	       (memchr(d->dimension->description.bytes, '\n', d->dimension->description.size) == NULL &&
		utf8_length(d->dimension->description.bytes, d->dimension->description.size) <= SHORT_DESCRIPTION);
}

bool diff_is_description_told(const struct compared_dimension *d)
{
	return is_short(d->from) && is_short(d->to);
}

static void add_time(struct buf *buf, bool is_set, int64_t seconds)
{
	char text[24];

	buf_puts(buf, is_set ? text_time(seconds, text) : "none");
}

/* A fact's value on one side. */
static void add_fact(struct buf *buf, const struct side_dimension *side, enum compare_fact fact)
{
	const struct dimension *d = side->dimension;
	char low[40], high[40], hex[DIGEST_HEX_SIZE];

	switch (fact) {
	case FACT_ID:
		buf_printf(buf, "%u", d->dimension_id);
		break;
	case FACT_NAME:
		add_quoted(buf, d->name);
		break;
	case FACT_DESCRIPTION:
		add_optional(buf, d->description);
		break;
	case FACT_CREATED_AT:
		add_time(buf, d->has_created_at, d->created_at);
		break;
	case FACT_UPDATED_AT:
		add_time(buf, d->has_updated_at, d->updated_at);
		break;
	case FACT_FREQUENCY_RANGE:
		if (d->has_frequency_range)
			buf_printf(buf, "%s..%s", text_double(d->frequency_low, low),
				   text_double(d->frequency_high, high));
		else
			buf_puts(buf, "none");
		break;
	case FACT_LAYOUT:
		buf_puts(buf, side->layout == LAYOUT_PACKED ? "packed" : "page");
		break;
	case FACT_ALIGNMENT:
		buf_printf(buf, "%u", side->alignment);
		break;
	default:
		digest_hex(&side->digest, hex);
		buf_printf(buf, "%.*s", DIGEST_SHOWN, hex);
		break;
	}
}

void diff_add_facts(struct buf *buf, const struct compared_dimension *d)
{
	bool is_first = true;
	enum compare_fact fact;

	for (fact = 0; fact < FACT_COUNT; fact++) {
		if ((d->facts & 1u << fact) == 0)
			continue;
		begin_item(buf, compare_fact_name(fact), &is_first);
		buf_puts(buf, " ");
		if (fact == FACT_DESCRIPTION && !diff_is_description_told(d)) {
			add_counts(buf, &d->description);
			continue;
		}
		if (d->from != NULL)
			add_fact(buf, d->from, fact);
		if (d->from != NULL && d->to != NULL)
			buf_puts(buf, " -> ");
		if (d->to != NULL)
			add_fact(buf, d->to, fact);
	}
}
