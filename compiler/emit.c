/*
 * emit.c: the YAML text of a dimension and of its layers, for people to read and for dimc to compile.
 * In: structs of the model.
 * Out: text from which a reader of YAML gets the same values, byte for byte; and the names of the files it goes to.
 */
#include "emit.h"

#include <stdio.h>
#include <string.h>

#include "text.h"
#include "utf8.h"
#include "yaml_text.h"

/* Nested lines are indented by two spaces. */
enum { INDENT = 2, DEFAULT_ALIGNMENT = 4096 };

bool emit_can_hold(struct text content)
{
	return utf8_is_valid(content.bytes, content.size) &&
	       (content.size == 0 || memchr(content.bytes, '\0', content.size) == NULL);
}

void emit_keywords(const struct layer *layer, struct buf *ret)
{
	size_t i, start = ret->size;

	buf_puts(ret, "keywords: [");
	for (i = 0; i < layer->keyword_count; i++) {
		buf_puts(ret, i > 0 ? ", " : "");
		yaml_text_add_line(ret, layer->keywords[i], true);
	}
	buf_puts(ret, "]\n");
	if (utf8_columns(ret->bytes + start, ret->size - 1 - start) <= YAML_TEXT_LIST_WIDTH)
		return;
	ret->size = start;
	buf_puts(ret, "keywords:\n");
	for (i = 0; i < layer->keyword_count; i++) {
		buf_puts(ret, "  - ");
		yaml_text_add_line(ret, layer->keywords[i], false);
		buf_puts(ret, "\n");
	}
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
	yaml_text_add_line(ret, dimension->name, false);
	buf_puts(ret, "\n");
	if (dimension->description.size > 0) {
		buf_puts(ret, "description: ");
		yaml_text_add_paragraph(ret, dimension->description, strlen("description: "), INDENT);
		buf_puts(ret, "\n");
	}
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
		yaml_text_add_line(ret, layer->title, false);
		buf_puts(ret, "\n");
	}
	buf_printf(ret, "frequency: %s\n", text_double(layer->frequency, frequency));
	emit_keywords(layer, ret);
	if (content_file != NULL) {
		buf_printf(ret, "content_file: %s", content_file);
	} else {
		buf_puts(ret, "content: ");
		yaml_text_add(ret, layer->content, INDENT);
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

		length = utf8_decode(text.bytes + i, text.size - i, &c);
		if (length == 0) {
			length = 1;
			c = 0xFFFD;
		}
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
