/*
 * diff_stat.c: a comparison at a glance.
 * In: a comparison.
 * Out: a line a layer with the number of its changed lines and a bar; one line that counts everything.
 */
#include "diff_stat.h"

#include <stdio.h>

#include "diff_words.h"
#include "text.h"
#include "utf8.h"

enum { COLUMNS = 80, MOST_NAME = 50, LEAST_BAR = 10 };

struct table {
	bool color;
	struct buf text;
	size_t name_columns; /* of the widest name, within bounds */
	int digits;	     /* of the largest number of lines */
	size_t most, bar;    /* lines; columns for them */
};

static void put(const struct table *t, enum diff_color color, char mark, size_t count)
{
	if (t->color && count > 0)
		fputs(diff_escape(color), stdout);
	for (; count > 0; count--) {
		putchar(mark);
		if (t->color && count == 1)
			fputs(diff_escape(COLOR_PLAIN), stdout);
	}
}

/* The columns for a number of lines: never none for some. */
static size_t scale(const struct table *t, size_t lines)
{
	size_t columns;

	if (t->most <= t->bar)
		return lines;
	columns = (size_t)((double)lines * (double)t->bar / (double)t->most);
	return columns == 0 && lines > 0 ? 1 : columns;
}

/* The name, cut to its column with "..." before what is left of it, and filled up. */
static void put_name(struct table *t, enum diff_color color)
{
	size_t at = 0, length, columns = utf8_columns(t->text.bytes, t->text.size);
	bool is_cut = columns > t->name_columns;
	uint32_t c;

	/* From the front, as far as the dots and the rest fit; the id of a layer always does. */
	if (is_cut) {
		for (columns = 0; at < t->text.size; at += length) {
			length = utf8_decode(t->text.bytes + at, t->text.size - at, &c);
			if (columns + (size_t)utf8_width(c) > t->name_columns - 3)
				break;
			columns += (size_t)utf8_width(c);
		}
		t->text.size = at;
		buf_puts(&t->text, "...");
		columns += 3;
	}
	if (t->color)
		fputs(diff_escape(color), stdout);
	fwrite(t->text.bytes, 1, t->text.size, stdout);
	if (t->color)
		fputs(diff_escape(COLOR_PLAIN), stdout);
	printf("%*s |", (int)(t->name_columns - columns), "");
}

static void name_layer(struct table *t, const struct compared_layer *l)
{
	t->text.size = 0;
	diff_add_layer_name(&t->text, l);
}

static void name_dimension(struct table *t, const struct compared_dimension *d)
{
	t->text.size = 0;
	diff_add_dimension_name(&t->text, d);
}

/* Dimensions have a line of their own where more than their layers changed. */
static bool has_line(const struct compared_dimension *d)
{
	return d->kind != COMPARE_CHANGED || d->facts != 0;
}

static void print_layer(struct table *t, const struct compared_layer *l)
{
	static const enum compare_field told[] = {FIELD_TITLE, FIELD_FREQUENCY, FIELD_KEYWORDS};
	size_t added = scale(t, l->text.added), removed = scale(t, l->text.removed), i;
	bool is_first = true;

	printf(" %c ", diff_mark(l->kind));
	name_layer(t, l);
	put_name(t, diff_color_of_kind(l->kind));
	if (l->is_binary)
		printf(" binary, %zu -> %zu bytes", l->from.layer != NULL ? l->from.layer->content.size : 0,
		       l->to.layer != NULL ? l->to.layer->content.size : 0);
	else
		printf(" %*zu", t->digits, l->text.added + l->text.removed);
	if (added + removed > 0)
		putchar(' ');
	put(t, COLOR_ADDED, '+', added);
	put(t, COLOR_REMOVED, '-', removed);
	for (i = 0; i < sizeof(told) / sizeof(told[0]) && l->kind != COMPARE_ADDED && l->kind != COMPARE_REMOVED; i++) {
		if ((l->fields & 1u << told[i]) != 0)
			printf("%s %s", is_first ? "" : ",", compare_field_name(told[i]));
		is_first = is_first && (l->fields & 1u << told[i]) == 0;
	}
	putchar('\n');
}

static void print_dimension(struct table *t, const struct compared_dimension *d)
{
	const struct side_dimension *side = d->kind == COMPARE_REMOVED ? d->from : d->to;
	char layers[48];
	enum compare_fact fact;
	bool is_first = true;

	printf(" %c ", diff_mark(d->kind));
	name_dimension(t, d);
	put_name(t, diff_color_of_kind(d->kind));
	if (d->kind != COMPARE_CHANGED)
		printf(" %s", text_count(side->dimension->layer_count, "layer", layers));
	for (fact = 0; fact < FACT_COUNT && d->kind == COMPARE_CHANGED; fact++) {
		if ((d->facts & 1u << fact) != 0)
			printf("%s %s", is_first ? "" : ",", compare_fact_name(fact));
		is_first = is_first && (d->facts & 1u << fact) == 0;
	}
	putchar('\n');
}

static void widen(struct table *t)
{
	size_t columns = utf8_columns(t->text.bytes, t->text.size);

	if (columns > t->name_columns)
		t->name_columns = columns > MOST_NAME ? MOST_NAME : columns;
}

static void measure(struct table *t, const struct comparison *c)
{
	char number[24];
	size_t i, k, used;

	for (i = 0; i < c->count; i++) {
		const struct compared_dimension *d = &c->dimensions[i];

		if (has_line(d)) {
			name_dimension(t, d);
			widen(t);
		}
		for (k = 0; k < d->count; k++) {
			size_t lines = d->layers[k].text.added + d->layers[k].text.removed;

			name_layer(t, &d->layers[k]);
			widen(t);
			t->most = lines > t->most ? lines : t->most;
		}
	}
	t->digits = snprintf(number, sizeof(number), "%zu", t->most);
	used = 3 + t->name_columns + 3 + (size_t)t->digits + 1;
	t->bar = used + LEAST_BAR > COLUMNS ? LEAST_BAR : COLUMNS - used;
}

void diff_stat_print(const struct comparison *comparison, bool color)
{
	struct table t = {.color = color};
	size_t i, k;

	measure(&t, comparison);
	for (i = 0; i < comparison->count; i++) {
		const struct compared_dimension *d = &comparison->dimensions[i];

		if (has_line(d))
			print_dimension(&t, d);
		for (k = 0; k < d->count; k++)
			if (d->layers[k].kind != COMPARE_LEFT)
				print_layer(&t, &d->layers[k]);
	}
	buf_free(&t.text);
}

/* "; layers: 3 changed, 1 added" for the kinds that there are. */
static void print_counts(const char *what, const size_t *counts, const char **separator)
{
	static const enum compare_kind order[] = {COMPARE_CHANGED, COMPARE_ADDED, COMPARE_REMOVED, COMPARE_MOVED};
	bool any = false;
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (counts[order[i]] == 0)
			continue;
		if (!any)
			printf("%s%s:", *separator, what);
		printf("%s %zu %s", any ? "," : "", counts[order[i]], compare_kind_name(order[i]));
		any = true;
	}
	if (any)
		*separator = "; ";
}

void diff_stat_totals(const struct comparison *comparison)
{
	const char *separator = "";

	print_counts("dimensions", comparison->dimension_counts, &separator);
	print_counts("layers", comparison->layer_counts, &separator);
	if (comparison->added + comparison->removed > 0)
		printf("%slines: +%llu -%llu", separator, (unsigned long long)comparison->added,
		       (unsigned long long)comparison->removed);
	putchar('\n');
}
