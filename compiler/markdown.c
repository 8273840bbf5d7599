/*
 * markdown.c: the small part of Markdown that docs/checks.md is written in, for a terminal.
 * In: a document: headings, paragraphs, lists, fenced texts, **strong**, `code`, [links](where); comments are dropped.
 * Out: a section of it; its text, wrapped.
 */
#include "markdown.h"

#include <string.h>

#include "text.h"
#include "utf8.h"

enum { INDENT = 4 };

static const char STRONG[] = "\033[1m", CODE[] = "\033[36m", PLAIN[] = "\033[0m";

struct line {
	const char *bytes;
	size_t size; /* without its end */
};

/* The next line of a text, which becomes what is behind it. false at its end. */
static bool next_line(const char **text, size_t *size, struct line *ret)
{
	const char *end;

	if (*size == 0)
		return false;
	end = memchr(*text, '\n', *size);
	ret->bytes = *text;
	ret->size = end != NULL ? (size_t)(end - *text) : *size;
	*size -= ret->size + (end != NULL);
	*text += ret->size + (end != NULL);
	return true;
}

static bool begins(struct line line, const char *prefix)
{
	size_t size = strlen(prefix);

	return line.size >= size && memcmp(line.bytes, prefix, size) == 0;
}

static bool ends(struct line line, const char *suffix)
{
	size_t size = strlen(suffix);

	return line.size >= size && memcmp(line.bytes + line.size - size, suffix, size) == 0;
}

bool markdown_section(const char *text, size_t size, const char *name, const char **ret, size_t *ret_size)
{
	struct line line;
	bool is_found = false;

	while (next_line(&text, &size, &line)) {
		if (!begins(line, "## "))
			continue;
		if (is_found) {
			*ret_size = (size_t)(line.bytes - *ret);
			return true;
		}
		if (line.size == 3 + strlen(name) && memcmp(line.bytes + 3, name, line.size - 3) == 0) {
			is_found = true;
			*ret = text;
			*ret_size = size;
		}
	}
	return is_found;
}

/* Passes over a comment that begins with this line. */
static bool skip_comment(struct line line, const char **text, size_t *size)
{
	if (!begins(line, "<!--"))
		return false;
	while (!ends(line, "-->") && next_line(text, size, &line))
		;
	return true;
}

void markdown_add(struct buf *buf, const char *text, size_t size)
{
	struct line line;
	bool is_blank = true;

	while (next_line(&text, &size, &line)) {
		if (skip_comment(line, &text, &size) || (is_blank && line.size == 0))
			continue;
		is_blank = line.size == 0;
		buf_add(buf, line.bytes, line.size);
		buf_puts(buf, "\n");
	}
	while (buf->size > 1 && memcmp(buf->bytes + buf->size - 2, "\n\n", 2) == 0)
		buf->bytes[--buf->size] = '\0';
}

/* --- wrapping --- */

struct wrapper {
	struct buf *buf;
	size_t width, indent, column; /* column 0: nothing stands on the line yet */
	bool color;
	struct buf word;
	size_t word_columns;
};

static void end_word(struct wrapper *w)
{
	if (w->word.size == 0)
		return;
	if (w->column > 0 && w->column + 1 + w->word_columns > w->width) {
		buf_puts(w->buf, "\n");
		w->column = 0;
	}
	if (w->column > 0) {
		buf_puts(w->buf, " ");
		w->column++;
	} else {
		buf_fill(w->buf, ' ', w->indent);
		w->column = w->indent;
	}
	buf_add(w->buf, w->word.bytes, w->word.size);
	w->column += w->word_columns;
	w->word.size = 0;
	w->word_columns = 0;
}

/* Text of the word that is being made. */
static void add(struct wrapper *w, const char *text, size_t size)
{
	text_add_visible(&w->word, text, size);
	w->word_columns += utf8_columns(text, size);
}

static void paint(struct wrapper *w, const char *escape)
{
	if (w->color)
		buf_puts(&w->word, escape);
}

/* Whether code says by itself where it begins and ends. */
static bool is_clear(const char *code, size_t size)
{
	size_t i;

	if (memchr(code, '"', size) != NULL)
		return true;
	for (i = 0; i < size; i++)
		if (strchr("\t |:&*!%@`,#{}[]<>?'-=", code[i]) != NULL)
			return false;
	return true;
}

/* Code is one word, whatever spaces are in it. */
static void add_code(struct wrapper *w, const char *code, size_t size)
{
	bool is_quoted = !w->color && !is_clear(code, size);

	paint(w, CODE);
	if (is_quoted)
		add(w, "\"", 1);
	add(w, code, size);
	if (is_quoted)
		add(w, "\"", 1);
	paint(w, PLAIN);
}

/* How many bytes stand before `end`; `size` where it does not come. */
static size_t span(const char *text, size_t size, const char *end)
{
	const char *found = memmem(text, size, end, strlen(end));

	return found != NULL ? (size_t)(found - text) : size;
}

/* "[text](where)": whether one begins here, and where its text ends. */
static bool is_link(const char *text, size_t size, size_t *ret_end)
{
	*ret_end = span(text, size, "](");
	return *text == '[' && *ret_end < size && *ret_end == span(text, size, "]");
}

static void wrap(struct wrapper *w, const char *text, size_t size)
{
	size_t at = 0, length;
	bool is_strong = false;

	while (at < size) {
		if (text[at] == ' ') {
			end_word(w);
			at++;
		} else if (text[at] == '`') {
			length = span(text + at + 1, size - at - 1, "`");
			add_code(w, text + at + 1, length);
			at += length + 2;
		} else if (size - at >= 2 && memcmp(text + at, "**", 2) == 0) {
			is_strong = !is_strong;
			paint(w, is_strong ? STRONG : PLAIN);
			at += 2;
		} else if (is_link(text + at, size - at, &length)) {
			wrap(w, text + at + 1, length - 1);
			at += length + span(text + at + length, size - at - length, ")") + 1;
		} else {
			length = strcspn(text + at, " `*[");
			length = length > size - at ? size - at : length > 0 ? length : 1;
			add(w, text + at, length);
			at += length;
		}
	}
}

/* --- what a document is made of --- */

/* A line that belongs to no paragraph but its own. */
static bool is_special(struct line line)
{
	return line.size == 0 || begins(line, "#") || begins(line, "```") || begins(line, "- ") || begins(line, "<!--");
}

/* "```yaml NAME": NAME, a line below it; then the text. */
static void add_fenced(struct buf *buf, struct line fence, const char **text, size_t *size, bool color)
{
	const char *name = memchr(fence.bytes, ' ', fence.size);
	struct line line;

	if (name != NULL)
		buf_printf(buf, "  %s%.*s:%s\n", color ? STRONG : "", (int)(fence.bytes + fence.size - name - 1),
			   name + 1, color ? PLAIN : "");
	while (next_line(text, size, &line) && !begins(line, "```")) {
		buf_fill(buf, ' ', line.size > 0 ? INDENT : 0);
		text_add_visible(buf, line.bytes, line.size);
		buf_puts(buf, "\n");
	}
}

/* A paragraph, a heading, or an entry of a list: its lines, joined and wrapped. */
static void add_paragraph(struct buf *buf, struct line line, const char **text, size_t *size, size_t width, bool color)
{
	struct wrapper w = {.buf = buf, .width = width, .color = color};
	bool is_heading = begins(line, "#"), is_entry = begins(line, "- ");
	struct buf joined = {0};

	if (is_heading) {
		size_t level = strspn(line.bytes, "# ");

		line.bytes += level;
		line.size -= level;
		paint(&w, STRONG);
	} else if (is_entry) {
		line.bytes += 2;
		line.size -= 2;
		buf_puts(buf, "-");
		w.column = 1;
		w.indent = 2;
	}
	buf_add(&joined, line.bytes, line.size);
	while (!is_heading && *size > 0) {
		const char *rest = *text;
		size_t rest_size = *size;

		next_line(&rest, &rest_size, &line);
		if (is_special(line))
			break;
		*text = rest;
		*size = rest_size;
		buf_puts(&joined, " ");
		buf_add(&joined, line.bytes, line.size);
	}
	wrap(&w, joined.bytes, joined.size);
	if (is_heading)
		paint(&w, PLAIN);
	end_word(&w);
	buf_puts(buf, "\n");
	buf_free(&joined);
	buf_free(&w.word);
}

void markdown_render(struct buf *buf, const char *text, size_t size, size_t width, bool color)
{
	bool is_apart = false; /* an empty line is to come, but not at the begin or at the end */
	struct line line;
	size_t begin = buf->size;

	while (next_line(&text, &size, &line)) {
		if (skip_comment(line, &text, &size))
			continue;
		if (line.size == 0) {
			is_apart = buf->size > begin;
			continue;
		}
		if (is_apart)
			buf_puts(buf, "\n");
		is_apart = false;
		if (begins(line, "```"))
			add_fenced(buf, line, &text, &size, color);
		else
			add_paragraph(buf, line, &text, &size, width, color);
	}
}
