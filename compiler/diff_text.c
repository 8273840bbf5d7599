/*
 * diff_text.c: a comparison as people read it: what changed, a line each, and the hunks of changed text below.
 * In: a comparison.
 * Out: text on standard output, the same for the same two sides.
 */
#include "diff_text.h"

#include <stdio.h>
#include <string.h>

#include "diff_words.h"
#include "text.h"
#include "volume.h"

struct printer {
	const struct diff_text_options *options;
	struct buf line;
	bool after_hunk; /* the next line of the list is set off */
};

static void put(const struct printer *p, enum diff_color color, const char *bytes, size_t size)
{
	if (p->options->color)
		fputs(diff_escape(color), stdout);
	fwrite(bytes, 1, size, stdout);
	if (p->options->color)
		fputs(diff_escape(COLOR_PLAIN), stdout);
}

static void put_line(const struct printer *p, enum diff_color color, const char *text)
{
	put(p, color, text, strlen(text));
	putchar('\n');
}

/* --- hunks --- */

static void emit(void *context, char mark, const char *line, size_t size)
{
	struct printer *p = context;
	enum diff_color color = mark == '@'   ? COLOR_HUNK
				: mark == '-' ? COLOR_REMOVED
				: mark == '+' ? COLOR_ADDED
					      : COLOR_PLAIN;

	p->line.size = 0;
	if (mark == '\\')
		buf_puts(&p->line, "\\ ");
	else if (mark != '@')
		buf_add(&p->line, &mark, 1);
	if (p->options->is_raw)
		buf_add(&p->line, line, size);
	else
		text_add_visible(&p->line, line, size);
	if (color == COLOR_PLAIN)
		fwrite(p->line.bytes, 1, p->line.size, stdout);
	else
		put(p, color, p->line.bytes, p->line.size);
	putchar('\n');
}

/* The name of a side that has no such text is /dev/null, as patch(1) wants it. */
static void put_name(struct printer *p, const char *mark, const char *side, const char *name)
{
	p->line.size = 0;
	buf_puts(&p->line, mark);
	if (name != NULL)
		buf_puts(&p->line, side);
	text_add_visible(&p->line, name != NULL ? name : "/dev/null", strlen(name != NULL ? name : "/dev/null"));
	put_line(p, COLOR_HEADING, p->line.bytes);
}

static void print_hunks(struct printer *p, const struct textdiff *text, const char *from, const char *to)
{
	if (!p->options->has_hunks || text->count == 0)
		return;
	put_name(p, "--- ", "a/", from);
	put_name(p, "+++ ", "b/", to);
	textdiff_hunks(text, p->options->context, emit, p);
	p->after_hunk = true;
}

void diff_text_hunks(const struct textdiff *text, const char *name, const struct diff_text_options *options)
{
	struct printer p = {.options = options};

	print_hunks(&p, text, name, name);
	buf_free(&p.line);
}

/* --- the list --- */

static void print_layer(struct printer *p, const struct compared_layer *l)
{
	char from[32] = "", to[32] = "";
	size_t colored;

	if (p->after_hunk)
		putchar('\n');
	p->after_hunk = false;
	p->line.size = 0;
	buf_printf(&p->line, "%c ", diff_mark(l->kind));
	diff_add_layer_name(&p->line, l);
	colored = p->line.size;
	diff_add_fields(&p->line, l);
	fputs("  ", stdout);
	put(p, diff_color_of_kind(l->kind), p->line.bytes, colored);
	fwrite(p->line.bytes + colored, 1, p->line.size - colored, stdout);
	putchar('\n');
	if (l->from.layer != NULL)
		diff_layer_id(&l->from, from);
	if (l->to.layer != NULL)
		diff_layer_id(&l->to, to);
	print_hunks(p, &l->text, l->from.layer != NULL ? from : NULL, l->to.layer != NULL ? to : NULL);
}

static void print_dimension(struct printer *p, const struct compared_dimension *d)
{
	char from[32], to[32];
	size_t colored, i;

	p->line.size = 0;
	diff_add_dimension_name(&p->line, d);
	colored = p->line.size;
	diff_add_facts(&p->line, d);
	put(p, d->kind == COMPARE_CHANGED ? COLOR_HEADING : diff_color_of_kind(d->kind), p->line.bytes, colored);
	fwrite(p->line.bytes + colored, 1, p->line.size - colored, stdout);
	putchar('\n');
	p->after_hunk = false;
	if (!diff_is_description_told(d)) {
		char name[16];

		if (d->from != NULL)
			snprintf(from, sizeof(from), "%s/description",
				 volume_dimension_name(d->from->dimension->dimension_id, name));
		if (d->to != NULL)
			snprintf(to, sizeof(to), "%s/description",
				 volume_dimension_name(d->to->dimension->dimension_id, name));
		print_hunks(p, &d->description, d->from != NULL ? from : NULL, d->to != NULL ? to : NULL);
	}
	for (i = 0; i < d->count; i++)
		print_layer(p, &d->layers[i]);
}

void diff_text_print(const struct comparison *comparison, const struct diff_text_options *options)
{
	struct printer p = {.options = options};
	size_t i;

	for (i = 0; i < comparison->count; i++) {
		/* Headings alone stay together. */
		if (i > 0 &&
		    (comparison->dimensions[i - 1].count > 0 || comparison->dimensions[i].count > 0 || p.after_hunk))
			putchar('\n');
		print_dimension(&p, &comparison->dimensions[i]);
	}
	buf_free(&p.line);
}
