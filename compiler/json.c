/*
 * json.c: writes JSON (RFC 8259) into a buffer, in a fixed style.
 * In: a sequence of calls in the order of the document.
 * Out: the text; what is written depends on the calls alone.
 */
#include "json.h"

#include <assert.h>
#include <string.h>

#include "text.h"
#include "utf8.h"

/* ASCII that stands for itself; most of what is written. */
static bool is_plain(char c)
{
	return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

/* UTF-8 as it is; quotes, backslash and control characters escaped; what is not UTF-8 becomes U+FFFD. */
static void add_quoted(struct buf *buf, const char *bytes, size_t size)
{
	size_t at, length;
	uint32_t c;

	buf_add(buf, "\"", 1);
	for (at = 0; at < size; at += length) {
		for (length = 0; at + length < size && is_plain(bytes[at + length]); length++)
			;
		if (length > 0) {
			buf_add(buf, bytes + at, length);
			continue;
		}
		length = utf8_decode(bytes + at, size - at, &c);
		if (length == 0) {
			buf_puts(buf, "\xEF\xBF\xBD");
			length = 1;
		} else if (c == '"' || c == '\\') {
			buf_printf(buf, "\\%c", (int)c);
		} else if (c == '\n') {
			buf_puts(buf, "\\n");
		} else if (c == '\t') {
			buf_puts(buf, "\\t");
		} else if (c == '\r') {
			buf_puts(buf, "\\r");
		} else if (c < 0x20 || c == 0x7F) {
			buf_printf(buf, "\\u%04x", (unsigned)c);
		} else {
			buf_add(buf, bytes + at, length);
		}
	}
	buf_add(buf, "\"", 1);
}

/* What stands before a member: comma, line and indent, name. */
static void begin_member(struct json *json, const char *name)
{
	if (json->has_members[json->depth])
		buf_puts(json->buf, json->is_inline ? ", " : ",");
	if (json->depth > 0 && !json->is_inline) {
		buf_puts(json->buf, "\n");
		buf_fill(json->buf, ' ', (size_t)json->depth * 2);
	}
	json->has_members[json->depth] = true;
	if (name != NULL) {
		add_quoted(json->buf, name, strlen(name));
		buf_puts(json->buf, ": ");
	}
}

void json_begin(struct json *json, const char *name, char open)
{
	begin_member(json, name);
	buf_add(json->buf, &open, 1);
	json->depth++;
	assert(json->depth < JSON_MAX_DEPTH);
	json->has_members[json->depth] = false;
}

void json_end(struct json *json, char close)
{
	bool empty = !json->has_members[json->depth];

	json->depth--;
	if (!empty && !json->is_inline) {
		buf_puts(json->buf, "\n");
		buf_fill(json->buf, ' ', (size_t)json->depth * 2);
	}
	buf_add(json->buf, &close, 1);
	if (json->depth == 0)
		buf_puts(json->buf, "\n");
}

void json_begin_inline(struct json *json, const char *name, char open)
{
	assert(!json->is_inline);
	json_begin(json, name, open);
	json->is_inline = true;
}

void json_end_inline(struct json *json, char close)
{
	json_end(json, close);
	json->is_inline = false;
}

void json_text(struct json *json, const char *name, const char *bytes, size_t size)
{
	begin_member(json, name);
	add_quoted(json->buf, bytes, size);
}

void json_string(struct json *json, const char *name, const char *text)
{
	json_text(json, name, text, strlen(text));
}

void json_number(struct json *json, const char *name, uint64_t value)
{
	char digits[20], *at = digits + sizeof(digits);

	begin_member(json, name);
	do
		*--at = (char)('0' + value % 10);
	while ((value /= 10) > 0);
	buf_add(json->buf, at, (size_t)(digits + sizeof(digits) - at));
}

void json_double(struct json *json, const char *name, double value)
{
	char text[40];

	begin_member(json, name);
	buf_puts(json->buf, text_double(value, text));
}

void json_bool(struct json *json, const char *name, bool value)
{
	begin_member(json, name);
	buf_puts(json->buf, value ? "true" : "false");
}

void json_null(struct json *json, const char *name)
{
	begin_member(json, name);
	buf_puts(json->buf, "null");
}

void json_digest(struct json *json, const char *name, const struct digest *digest)
{
	char text[7 + DIGEST_HEX_SIZE] = "sha256:";

	digest_hex(digest, text + 7);
	json_string(json, name, text);
}
