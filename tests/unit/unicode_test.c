/*
 * unicode_test.c: the quick ways of unicode.h give what utf8proc gives.
 * In: nothing.
 * Out: nothing while words are folded, and forms found, as by Unicode.
 */
#include <string.h>
#include <utf8proc.h>

#include "../../compiler/unicode.h"
#include "test.h"

/* Every character up to U+3FFF, by itself, and between others of each kind that may have to do with it. */
static void check_folding(void)
{
	static const char *const around[][2] = {
		{"", ""}, {"A", "Z"}, {"\u00C9", "\u00DF"}, {"e", "\u0301"}, {"\u00D7", "1"}};
	utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_NULLTERM;
	struct arena arena = {0};
	utf8proc_int32_t c;
	size_t i;

	for (c = 1; c < 0x4000; c++) {
		for (i = 0; i < sizeof(around) / sizeof(around[0]); i++) {
			utf8proc_uint8_t bytes[5] = {0}, *right;
			struct text folded;
			char text[32];

			utf8proc_encode_char(c, bytes);
			snprintf(text, sizeof(text), "%s%s%s", around[i][0], (const char *)bytes, around[i][1]);
			CHECK(utf8proc_map((const utf8proc_uint8_t *)text, 0, &right, options) >= 0);
			folded = unicode_fold((struct text){text, strlen(text)}, &arena);
			CHECK(folded.size == strlen((const char *)right) &&
			      memcmp(folded.bytes, right, folded.size) == 0);
			free(right);
		}
	}
	arena_free(&arena);
}

/* The forms in a text, 'c', 'd', "cd" or none. */
static bool has_forms(const char *text, const char *forms)
{
	struct unicode_forms found = {0};

	unicode_find_forms((struct text){text, strlen(text)}, &found);
	return found.composed == (strchr(forms, 'c') != NULL) && found.decomposed == (strchr(forms, 'd') != NULL);
}

static void check_forms(void)
{
	struct unicode_forms none = {0};
	static const char padding[] = "sixteen letters, and then sixteen";
	char text[80];
	size_t i;

	for (i = 0; i < sizeof(padding); i++) {
		snprintf(text, sizeof(text), "%.*s\u00E9 and e\u0301", (int)i, padding);
		CHECK(has_forms(text, "cd"));
		snprintf(text, sizeof(text), "%.*se\u0301 and \u00E9%s", (int)i, padding, padding);
		CHECK(has_forms(text, "cd"));
		snprintf(text, sizeof(text), "%.*se\u0301%s", (int)i, padding, padding);
		CHECK(has_forms(text, "d"));
		snprintf(text, sizeof(text), "%s\u00E9%.*s", padding, (int)i, padding);
		CHECK(has_forms(text, "c"));
		snprintf(text, sizeof(text), "%s%.*s", padding, (int)i, padding);
		CHECK(has_forms(text, ""));
	}
	CHECK(has_forms("\u0438\u0306", "d") && has_forms("\u0439 \u0438\u0306", "cd") && has_forms("\u0439", "c"));
	CHECK(has_forms("\u6C34\u6C34\u00E9", "c") && has_forms("\u6C34e\u0301", "d") && has_forms("\u6C34\u0301", ""));
	CHECK(has_forms("\u304B\u3099", "d") && has_forms("\u304C", "c"));
	CHECK(has_forms("\u0301", "") && has_forms("\u00DF\u00E6", "") && has_forms("\uAC00", ""));
	unicode_find_forms((struct text){0}, &none); /* a layer without a title */
	CHECK(!none.composed && !none.decomposed);
	CHECK(has_forms("\u00E9\u0301", "c")); /* which has no code point of its own */
}

int main(void)
{
	check_folding();
	check_forms();
	return 0;
}
