/*
 * html.c: texts of authors in a page of HTML, where they stay texts.
 * In: any bytes.
 * Out: HTML that shows them; JSON that no script element can be left by.
 */
#include "html.h"

#include <string.h>

#include "text.h"

static const char *entity(char c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void html_add_text(struct buf *buf, const char *bytes, size_t size)
{
	struct buf shown = {0};
	size_t i, from = 0;

	text_add_visible(&shown, bytes, size);
	for (i = 0; i < shown.size; i++) {
		if (entity(shown.bytes[i]) == NULL)
			continue;
		buf_add(buf, shown.bytes + from, i - from);
		buf_puts(buf, entity(shown.bytes[i]));
		from = i + 1;
	}
	if (shown.size > 0)
		buf_add(buf, shown.bytes + from, shown.size - from);
	buf_free(&shown);
}

/* All of these stand in strings alone, so that an escape can take their place. */
void html_add_json(struct buf *buf, const char *json, size_t size)
{
	size_t i, from = 0;

	for (i = 0; i < size; i++) {
		size_t length = 1;

		if (size - i >= 3 &&
		    (memcmp(json + i, "\xE2\x80\xA8", 3) == 0 || memcmp(json + i, "\xE2\x80\xA9", 3) == 0))
			length = 3;
		else if (json[i] != '<' && json[i] != '>' && json[i] != '&')
			continue;
		buf_add(buf, json + from, i - from);
		buf_printf(buf, "\\u%04x",
			   length == 3 ? 0x2000u | ((unsigned char)json[i + 2] & 0x3Fu) : (unsigned)json[i]);
		i += length - 1;
		from = i + 1;
	}
	buf_add(buf, json + from, size - from);
}
