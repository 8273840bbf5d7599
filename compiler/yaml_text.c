/*
 * yaml_text.c: a text as YAML, for people to read and for every reader of YAML to give back.
 * In: a text of the model.
 * Out: the text as it is, between double quotes, or as a block.
 *
 * A text stands as it is wherever all readers agree on it, else between double quotes. Carriage returns, NEL, LS and PS
 * would be line breaks of YAML, and BOM is none of its characters but in quotes: these are always escaped.
 */
#include "yaml_text.h"

#include <string.h>

#include "text.h"
#include "utf8.h"

enum { BOM = 0xFEFF };

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

/* Whether readers of a source would not see the character, and are told of it; joiners belong between letters. */
static bool is_hidden(struct text text, size_t at, size_t length, uint32_t c)
{
	bool is_between_letters = at > 0 && at + length < text.size && (unsigned char)text.bytes[at - 1] >= 0x80 &&
				  (unsigned char)text.bytes[at + length] >= 0x80;

	return text_is_invisible(c) || c == 0xA0 || ((c == 0x200C || c == 0x200D) && !is_between_letters) ||
	       (!text_is_printable(c) && c != '\n' && c != '\t');
}

bool yaml_text_has_hidden(struct text text)
{
	size_t at, length;
	uint32_t c;

	for (at = 0; at < text.size; at += length) {
		length = decode(text, at, &c);
		if (is_hidden(text, at, length, c))
			return true;
	}
	return false;
}

static void break_line(struct buf *buf, size_t indent)
{
	buf_puts(buf, "\n");
	buf_fill(buf, ' ', indent);
}

/* A backslash at the end of a line keeps YAML from reading the break. */
void yaml_text_add_quoted(struct buf *buf, struct text text, size_t indent)
{
	size_t at, length;
	uint32_t c;

	buf_puts(buf, "\"");
	for (at = 0; at < text.size; at += length) {
		length = decode(text, at, &c);
		if (c == '"' || c == '\\' || !text_is_printable(c) || is_hidden(text, at, length, c))
			add_escape(buf, c);
		else
			buf_add(buf, text.bytes + at, length);
		if (c == '\n' && at + 1 < text.size && text.bytes[at + 1] != '\n') {
			buf_puts(buf, "\\");
			break_line(buf, indent);
			if (text.bytes[at + 1] == ' ')
				buf_puts(buf, "\\"); /* or it would be taken for more of the indentation */
		}
	}
	buf_puts(buf, "\"");
}

/* --- blocks --- */

bool yaml_text_fits_block(struct text text)
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
static void add_block(struct buf *buf, struct text text, size_t indent)
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
		break_line(buf, line_end > at ? indent : 0);
		buf_add(buf, at, (size_t)(line_end - at));
	}
}

void yaml_text_add(struct buf *buf, struct text text, size_t indent)
{
	if (yaml_text_fits_block(text))
		add_block(buf, text, indent);
	else
		yaml_text_add_quoted(buf, text, indent);
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

void yaml_text_add_line(struct buf *buf, struct text text, bool in_list)
{
	if (is_plain(text, in_list))
		buf_add(buf, text.bytes, text.size);
	else
		yaml_text_add_quoted(buf, text, 0);
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
static void add_folded(struct buf *buf, struct text text, size_t indent)
{
	size_t at, end, columns = YAML_TEXT_WIDTH;

	buf_puts(buf, ">-");
	for (at = 0; at < text.size; at = end) {
		size_t width;

		end = next_break(text, at);
		width = utf8_columns(text.bytes + at, end - at); /* with the space before it */
		if (columns + width > YAML_TEXT_WIDTH) {
			break_line(buf, indent);
			columns = indent;
			if (at > 0) {
				at++;
				width--;
			}
		}
		buf_add(buf, text.bytes + at, end - at);
		columns += width;
	}
}

void yaml_text_add_paragraph(struct buf *buf, struct text text, size_t column, size_t indent)
{
	if (memchr(text.bytes, '\n', text.size) != NULL)
		yaml_text_add(buf, text, indent);
	else if (column + utf8_columns(text.bytes, text.size) <= YAML_TEXT_WIDTH)
		yaml_text_add_line(buf, text, false);
	else if (yaml_text_fits_block(text) && !is_blank(text.bytes[0]) && !is_blank(text.bytes[text.size - 1]) &&
		 memchr(text.bytes, '\t', text.size) == NULL)
		add_folded(buf, text, indent);
	else
		yaml_text_add_quoted(buf, text, indent);
}
