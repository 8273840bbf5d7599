/*
 * json_test.c: how JSON is written: one style, every character that must be escaped.
 * In: nothing.
 * Out: nothing while json.h writes the texts below.
 */
#include <string.h>

#include "../../compiler/json.h"
#include "test.h"

static void is(struct buf *buf, const char *want)
{
	if (buf->bytes == NULL || strcmp(buf->bytes, want) != 0) {
		fprintf(stderr, "--- got\n%s\n--- not\n%s\n", buf->bytes != NULL ? buf->bytes : "", want);
		exit(1);
	}
	buf_free(buf);
}

static void check_style(void)
{
	struct buf buf = {0};
	struct json json = {.buf = &buf};
	struct digest digest = {{0x01, 0xAB}};

	json_begin(&json, NULL, '{');
	json_number(&json, "number", UINT64_MAX);
	json_double(&json, "whole", 2);
	json_double(&json, "tenth", 0.1);
	json_bool(&json, "yes", true);
	json_bool(&json, "no", false);
	json_null(&json, "nothing");
	json_digest(&json, "checksum", &digest);
	json_begin(&json, "empty", '[');
	json_end(&json, ']');
	json_begin(&json, "object", '{');
	json_end(&json, '}');
	json_begin_inline(&json, "words", '[');
	json_string(&json, NULL, "a");
	json_string(&json, NULL, "b");
	json_end_inline(&json, ']');
	json_begin_inline(&json, "none", '[');
	json_end_inline(&json, ']');
	json_begin(&json, "list", '[');
	json_begin(&json, NULL, '{');
	json_number(&json, "a", 0);
	json_end(&json, '}');
	json_begin_inline(&json, NULL, '{');
	json_number(&json, "b", 1);
	json_number(&json, "c", 2);
	json_end_inline(&json, '}');
	json_end(&json, ']');
	json_end(&json, '}');
	is(&buf, "{\n"
		 "  \"number\": 18446744073709551615,\n"
		 "  \"whole\": 2.0,\n"
		 "  \"tenth\": 0.1,\n"
		 "  \"yes\": true,\n"
		 "  \"no\": false,\n"
		 "  \"nothing\": null,\n"
		 "  \"checksum\": \"sha256:01ab000000000000000000000000000000000000000000000000000000000000\",\n"
		 "  \"empty\": [],\n"
		 "  \"object\": {},\n"
		 "  \"words\": [\"a\", \"b\"],\n"
		 "  \"none\": [],\n"
		 "  \"list\": [\n"
		 "    {\n"
		 "      \"a\": 0\n"
		 "    },\n"
		 "    {\"b\": 1, \"c\": 2}\n"
		 "  ]\n"
		 "}\n");
}

static void check_text(const char *bytes, size_t size, const char *want)
{
	struct buf buf = {0};
	struct json json = {.buf = &buf};

	json_text(&json, NULL, bytes, size);
	is(&buf, want);
}

static void check_escapes(void)
{
	char c[2] = {0}, want[16];
	int i;

	check_text("", 0, "\"\"");
	check_text("\"quoted\" \\ /", 12, "\"\\\"quoted\\\" \\\\ /\"");
	check_text("\n\t\r", 3, "\"\\n\\t\\r\"");
	check_text("a\0b", 3, "\"a\\u0000b\"");
	check_text("\xC3\xA9 \xF0\x9F\x98\x80", 7, "\"\xC3\xA9 \xF0\x9F\x98\x80\"");
	check_text("a\xFF"
		   "b\xC3",
		   4,
		   "\"a\xEF\xBF\xBD"
		   "b\xEF\xBF\xBD\""); /* what is not UTF-8 becomes U+FFFD */
	for (i = 1; i < 0x80; i++) {
		c[0] = (char)i;
		if (i == '\n' || i == '\t' || i == '\r' || i == '"' || i == '\\')
			continue;
		snprintf(want, sizeof(want), i < 0x20 || i == 0x7F ? "\"\\u%04x\"" : "\"%c\"", i);
		check_text(c, 1, want);
	}
}

int main(void)
{
	struct buf buf = {0};
	struct json json = {.buf = &buf};

	check_style();
	check_escapes();
	json_begin(&json, "na\"me", '[');
	json_end(&json, ']');
	is(&buf, "\"na\\\"me\": []\n");
	return 0;
}
