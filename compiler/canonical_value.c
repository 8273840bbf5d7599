/*
 * canonical_value.c: the one form in which a single value of a source is written.
 * In: the value, as it is read and as it was typed, and what its field holds.
 * Out: its text.
 */
#include "canonical_value.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "text.h"
#include "unicode.h"
#include "utf8.h"
#include "yaml_text.h"

/* Whether a reader of YAML may take the text for a number, a time, a truth value or nothing, where it has no quotes. */
static bool is_ambiguous(struct text text)
{
	static const char *const words[] = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
	size_t i;

	if (text.size == 0 || strchr("0123456789+-.", text.bytes[0]) != NULL)
		return true;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(text.bytes, words[i]) == 0)
			return true;
	return false;
}

/* Whether the author's quotes, or the block, say what the text alone would not. */
static bool wants_quotes(const struct outline_node *value)
{
	return strchr("\"'|>", *value->raw.bytes) != NULL &&
	       (is_ambiguous(value->text) || yaml_text_has_hidden(value->text) || unicode_is_in_quotes(value->text));
}

static void add_line(struct buf *buf, const struct outline_node *value, bool in_list)
{
	if (wants_quotes(value))
		yaml_text_add_quoted(buf, value->text, 0);
	else
		yaml_text_add_line(buf, value->text, in_list);
}

/* --- folded blocks --- */

/* Whether a reader of YAML gets the text from buf[from, end), the value of a key whose blocks are indented like this.
 */
static bool reads_as(const struct buf *buf, size_t from, size_t indent, struct text text)
{
	struct diag *diag = diag_new();
	struct arena arena = {0};
	struct buf source = {0};
	struct yaml_event event;
	struct yaml_reader *reader;
	bool same;

	buf_fill(&source, ' ', indent - 2);
	buf_puts(&source, "k: ");
	buf_add(&source, buf->bytes + from, buf->size - from);
	buf_puts(&source, "\n");
	reader = yaml_open(source.bytes, source.size, diag_file(diag, ""), diag, &arena);
	while ((event = yaml_next(reader)).kind != YAML_END && event.kind != YAML_SCALAR)
		;
	event = yaml_next(reader);
	same = event.kind == YAML_SCALAR && event.text.size == text.size &&
	       memcmp(event.text.bytes, text.bytes, text.size) == 0;
	yaml_close(reader);
	arena_free(&arena);
	buf_free(&source);
	diag_free(diag);
	return same;
}

static const char *line_end(const char *at, const char *end)
{
	while (at < end && *at != '\n' && *at != '\r')
		at++;
	return at;
}

static const char *next_line(const char *at, const char *end)
{
	at = line_end(at, end);
	if (at < end)
		at += end - at > 1 && at[0] == '\r' && at[1] == '\n' ? 2 : 1;
	return at;
}

static size_t count_spaces(const char *at, const char *end)
{
	size_t count = 0;

	while (at + count < end && at[count] == ' ')
		count++;
	return count;
}

/*
 * A folded block with the author's lines, at another indentation. Nothing is added, and false, where that does not give
 * the same text.
 */
static bool add_folded(struct buf *buf, const struct outline_node *value, size_t indent)
{
	const char *begin = next_line(value->raw.bytes, value->raw.bytes + value->raw.size),
		   *end = value->raw.bytes + value->raw.size, *at, *behind;
	size_t from = buf->size, margin = SIZE_MAX, first = SIZE_MAX, spaces, i;
	struct text text = value->text;

	for (at = begin; at < end; at = next_line(at, end)) {
		behind = line_end(at, end);
		spaces = count_spaces(at, behind);
		if (at + spaces == behind)
			continue;
		first = first == SIZE_MAX ? spaces : first;
		margin = spaces < margin ? spaces : margin;
	}
	if (first == SIZE_MAX || !yaml_text_fits_block(text))
		return false;
	buf_puts(buf, first > margin ? ">2" : ">");
	for (i = 0; i < text.size && text.bytes[text.size - 1 - i] == '\n'; i++)
		;
	buf_puts(buf, i == 0 ? "-" : i == 1 ? "" : "+");
	for (at = begin; at < end; at = next_line(at, end)) {
		behind = line_end(at, end);
		buf_puts(buf, "\n");
		if ((size_t)(behind - at) > margin) {
			buf_fill(buf, ' ', indent);
			buf_add(buf, at + margin, (size_t)(behind - at) - margin);
		}
	}
	while (buf->bytes[buf->size - 1] == '\n')
		buf->size--;
	for (; i > 1; i--)
		buf_puts(buf, "\n");
	if (reads_as(buf, from, indent, text))
		return true;
	buf->size = from;
	return false;
}

void canonical_value_add(struct buf *buf, enum canonical_kind kind, const struct outline_node *value, size_t column,
			 size_t indent, bool in_list)
{
	struct text text = value->text;
	bool is_line = memchr(text.bytes, '\n', text.size) == NULL;
	char decimal[40];
	const char *digit;

	switch (kind) {
	case CANONICAL_WHOLE:
		for (digit = text.bytes + (*text.bytes == '+'); *digit == '0'; digit++)
			;
		buf_puts(buf, digit);
		break;
	case CANONICAL_DECIMAL:
		buf_puts(buf, text_double(strtod(text.bytes, NULL), decimal));
		break;
	case CANONICAL_WORD:
		yaml_text_add_line(buf, text, in_list);
		break;
	case CANONICAL_LINE:
		add_line(buf, value, in_list);
		break;
	case CANONICAL_PROSE:
		if (is_line && column + utf8_columns(text.bytes, text.size) <= YAML_TEXT_WIDTH)
			add_line(buf, value, in_list);
		else if (*value->raw.bytes != '>' || !add_folded(buf, value, indent))
			yaml_text_add_paragraph(buf, text, column, indent);
		break;
	case CANONICAL_CONTENT:
		if (*value->raw.bytes == '"' && yaml_text_has_hidden(text))
			yaml_text_add_quoted(buf, text, indent);
		else if (*value->raw.bytes != '>' || !add_folded(buf, value, indent))
			yaml_text_add(buf, text, indent);
		break;
	}
}
