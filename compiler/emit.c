/*
 * emit.c: the YAML text of a dimension and of its layers, for people to read and for dimc to compile.
 * In: structs of the model.
 * Out: text from which a reader of YAML gets the same values, byte for byte; and the names of the files it goes to.
 *
 * A text stands as it is wherever all readers agree on it, else between double quotes. Carriage returns, NEL, LS and PS
 * would be line breaks of YAML, and BOM is none of its characters but in quotes: these are always escaped.
 */
#include "emit.h"

#include <stdio.h>
#include <string.h>

#include "text.h"
#include "utf8.h"

/* Lines that may be broken are broken before this column. Nested lines are indented by two spaces. */
enum { WIDTH = 80, INDENT = 2, DEFAULT_ALIGNMENT = 4096, BOM = 0xFEFF };
static const char break_line[] = "\n  ";

bool emit_can_hold(struct text content)
{
	return utf8_is_valid(content.bytes, content.size) &&
	       (content.size == 0 || memchr(content.bytes, '\0', content.size) == NULL);
}

/* The next character. Texts were found to be UTF-8; where somebody changed the region since, no reader takes the rest.
 */
static size_t decode(struct text text, size_t at, uint32_t *ret)
{
	size_t length = utf8_decode(text.bytes + at, text.size - at, ret);

	if (length > 0)
		return length;
	*ret = 0xFFFD;
	return 1;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* --- double quotes --- */

static void add_escape(struct buf *buf, uint32_t c)
{
	if (c == '"' || c == '\\')
		buf_printf(buf, "\\%c", (char)c);
	else if (c == '\n' || c == '\t' || c == '\r')
		buf_puts(buf, c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r");
	else
		buf_printf(buf, c < 0x100 ? "\\x%02X" : c < 0x10000 ? "\\u%04X" : "\\U%08X", (unsigned)c);
}

/* Every line of the text gets a line of its own: a backslash at its end keeps YAML from reading the break. */
static void add_quoted(struct buf *buf, struct text text)
{
	size_t at, length;
	uint32_t c;

	buf_puts(buf, "\"");
	for (at = 0; at < text.size; at += length) {
		length = decode(text, at, &c);
		if (c == '"' || c == '\\' || c == BOM || !text_is_printable(c))
			add_escape(buf, c);
		else
			buf_add(buf, text.bytes + at, length);
		if (c == '\n' && at + 1 < text.size && text.bytes[at + 1] != '\n') {
			buf_printf(buf, "\\%s", break_line);
			if (text.bytes[at + 1] == ' ')
				buf_puts(buf, "\\"); /* or it would be taken for more of the indentation */
		}
	}
	buf_puts(buf, "\"");
}

/* --- blocks --- */

/* Whether a block gives back exactly the text. One of blanks and line breaks alone would, but nobody would see it. */
static bool fits_block(struct text text)
{
	size_t at, length;
	uint32_t c;
	bool is_visible = false;

	for (at = 0; at < text.size; at += length) {
		length = decode(text, at, &c);
		if ((c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 ||
		    c == BOM || c == 0xFFFE || c == 0xFFFF)
			return false;
		is_visible = is_visible || c > ' ';
	}
	return is_visible;
}

/* A literal block. Where the first line would mislead a reader about the indentation, the indicator tells it. */
static void add_block(struct buf *buf, struct text text)
{
	const char *at = text.bytes, *end = text.bytes + text.size, *line_end;

	buf_puts(buf, is_blank(*at) || *at == '\n' ? "|2" : "|");
	if (end[-1] != '\n')
		buf_puts(buf, "-");
	else if (text.size > 1 && end[-2] == '\n')
		buf_puts(buf, "+");
	for (; at < end; at = line_end + 1) {
		line_end = memchr(at, '\n', (size_t)(end - at));
		if (line_end == NULL)
			line_end = end;
		buf_puts(buf, line_end > at ? break_line : "\n");
		buf_add(buf, at, (size_t)(line_end - at));
	}
}

static void add_text(struct buf *buf, struct text text)
{
	if (fits_block(text))
		add_block(buf, text);
	else
		add_quoted(buf, text);
}

/* --- one line --- */

/* Whether a text without quotes is read as it is, after "key: " or, `in_list`, between brackets. */
static bool is_plain(struct text text, bool in_list)
{
	static const char never_first[] = "-?:,[]{}#&*!|>'\"%@`=<~ ";
	size_t at, length;
	uint32_t c;

	if (text.size == 0 || strchr(never_first, text.bytes[0]) != NULL || text.bytes[text.size - 1] == ' ' ||
	    text.bytes[text.size - 1] == ':')
		return false;
	for (at = 0; at < text.size; at += length) {
		length = decode(text, at, &c);
		if (c == BOM || !text_is_printable(c) || (in_list && c < 0x80 && strchr(",[]{}?:", (int)c) != NULL))
			return false;
		if (at > 0 && ((c == '#' && text.bytes[at - 1] == ' ') || (c == ' ' && text.bytes[at - 1] == ':')))
			return false;
	}
	return true;
}

static void add_line(struct buf *buf, struct text text, bool in_list)
{
	if (is_plain(text, in_list))
		buf_add(buf, text.bytes, text.size);
	else
		add_quoted(buf, text);
}

/* A line may be broken at a single space, which is how YAML reads the break. */
static size_t next_break(struct text text, size_t at)
{
	for (at++; at < text.size; at++)
		if (text.bytes[at] == ' ' && text.bytes[at - 1] != ' ' && text.bytes[at + 1] != ' ')
			break;
	return at;
}

/* A long line as several, in a folded block, which gives back one. */
static void add_folded(struct buf *buf, struct text text)
{
	size_t at, end, columns = WIDTH;

	buf_puts(buf, ">-");
	for (at = 0; at < text.size; at = end) {
		size_t width;

		end = next_break(text, at);
		width = utf8_columns(text.bytes + at, end - at); /* with the space before it */
		if (columns + width > WIDTH) {
			buf_puts(buf, break_line);
			columns = INDENT;
			if (at > 0) {
				at++;
				width--;
			}
		}
		buf_add(buf, text.bytes + at, end - at);
		columns += width;
	}
}

static void add_paragraph(struct buf *buf, const char *key, struct text text)
{
	buf_printf(buf, "%s: ", key);
	if (memchr(text.bytes, '\n', text.size) != NULL)
		add_text(buf, text);
	else if (strlen(key) + 2 + utf8_columns(text.bytes, text.size) <= WIDTH)
		add_line(buf, text, false);
	else if (fits_block(text) && !is_blank(text.bytes[0]) && !is_blank(text.bytes[text.size - 1]) &&
		 memchr(text.bytes, '\t', text.size) == NULL)
		add_folded(buf, text);
	else
		add_quoted(buf, text);
	buf_puts(buf, "\n");
}

static void add_keywords(struct buf *buf, const struct layer *layer)
{
	struct buf word = {0};
	size_t i, columns, width;

	buf_puts(buf, "keywords: [");
	columns = strlen("keywords: [");
	for (i = 0; i < layer->keyword_count; i++) {
		word.size = 0;
		add_line(&word, layer->keywords[i], true);
		width = utf8_columns(word.bytes, word.size) + 1; /* with the comma or bracket behind it */
		if (i > 0 && columns + 1 + width > WIDTH) {
			buf_printf(buf, ",%s", break_line);
			columns = INDENT;
		} else if (i > 0) {
			buf_puts(buf, ", ");
			columns++;
		}
		buf_add(buf, word.bytes, word.size);
		columns += width;
	}
	buf_puts(buf, "]\n");
	buf_free(&word);
}

/* --- files --- */

static void add_time(struct buf *buf, const char *key, int64_t seconds)
{
	char time[24];

	buf_printf(buf, "%s: %s\n", key, text_time(seconds, time));
}

void emit_dimension(const struct dimension *dimension, struct buf *ret)
{
	char low[40], high[40];

	buf_printf(ret, "dimension_id: %u\nname: ", dimension->dimension_id);
	add_line(ret, dimension->name, false);
	buf_puts(ret, "\n");
	if (dimension->description.size > 0)
		add_paragraph(ret, "description", dimension->description);
	if (dimension->has_created_at)
		add_time(ret, "created_at", dimension->created_at);
	if (dimension->has_updated_at)
		add_time(ret, "updated_at", dimension->updated_at);
	if (dimension->has_frequency_range)
		buf_printf(ret, "frequency_range: [%s, %s]\n", text_double(dimension->frequency_low, low),
			   text_double(dimension->frequency_high, high));
	if (dimension->layout == LAYOUT_PACKED)
		buf_puts(ret, "layout: packed\n");
	if (dimension->alignment != 0 && dimension->alignment != DEFAULT_ALIGNMENT)
		buf_printf(ret, "alignment: %u\n", dimension->alignment);
}

void emit_layer(const struct layer *layer, const char *content_file, struct buf *ret)
{
	char frequency[40];

	buf_printf(ret, "layer_id: %u\n", layer->layer_id);
	if (layer->title.size > 0) {
		buf_puts(ret, "title: ");
		add_line(ret, layer->title, false);
		buf_puts(ret, "\n");
	}
	buf_printf(ret, "frequency: %s\n", text_double(layer->frequency, frequency));
	add_keywords(ret, layer);
	if (content_file != NULL) {
		buf_printf(ret, "content_file: %s", content_file);
	} else {
		buf_puts(ret, "content: ");
		add_text(ret, layer->content);
	}
	buf_puts(ret, "\n");
}

/* --- names --- */

/* Letters and digits in lower case, one dash for all between them, of at most 48 bytes, cut between words. */
static void add_slug(struct text text, char *at)
{
	/* U+00C0 to U+00FF without their accents. */
	static const char latin[] = "aaaaaaaceeeeiiiidnooooo-ouuuuytsaaaaaaaceeeeiiiidnooooo-ouuuuyty";
	enum { MAX = 48 };
	char *end = at + MAX, *begin = at, *word = at;
	size_t i, length;
	uint32_t c;

	*at++ = '-';
	for (i = 0; i < text.size; i += length) {
		char letter = '-';

		length = decode(text, i, &c);
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			letter = (char)c;
		else if (c >= 'A' && c <= 'Z')
			letter = (char)(c - 'A' + 'a');
		else if (c >= 0xC0 && c <= 0xFF)
			letter = latin[c - 0xC0];
		if (letter == '-' && at[-1] == '-')
			continue;
		if (letter == '-')
			word = at;
		if (at == end) {
			at = word > begin ? word : at;
			break;
		}
		*at++ = letter;
	}
	at -= at[-1] == '-';
	*at = '\0';
}

void emit_folder_name(const struct dimension *dimension, char ret[EMIT_NAME_SIZE])
{
	add_slug(dimension->name, ret + snprintf(ret, EMIT_NAME_SIZE, "D%02u", dimension->dimension_id));
}

void emit_layer_name(const struct layer *layer, uint32_t largest_id, char ret[EMIT_NAME_SIZE])
{
	int digits = snprintf(ret, EMIT_NAME_SIZE, "%u", largest_id);
	int size = snprintf(ret, EMIT_NAME_SIZE, "%0*u", digits < 3 ? 3 : digits, layer->layer_id);

	add_slug(layer->title.size > 0 ? layer->title : layer->keywords[0], ret + size);
}
