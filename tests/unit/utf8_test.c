/*
 * utf8_test.c: every code point, and every way to get one wrong.
 * In: nothing.
 * Out: nothing while utf8.h reads UTF-8 as RFC 3629 defines it.
 */
#include <string.h>

#include "../../compiler/utf8.h"
#include "test.h"

/* Written from RFC 3629, section 3, and not from utf8.c. Returns the number of bytes. */
static size_t encode(uint32_t c, char ret[4])
{
	size_t length = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4, i;
	static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};

	for (i = length - 1; i > 0; i--, c >>= 6)
		ret[i] = (char)(0x80 | (c & 0x3F));
	ret[0] = (char)(lead[length] | c);
	return length;
}

static void check_code_points(void)
{
	char bytes[5] = {0};
	uint32_t c, got = 0;

	for (c = 0; c <= 0x110FFF; c++) {
		size_t length = encode(c, bytes), i;
		bool exists = c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF);

		bytes[length] = 'x';
		CHECK(utf8_decode(bytes, length, &got) == (exists ? length : 0));
		CHECK(!exists || got == c);
		CHECK(utf8_decode(bytes, length + (length < 4), &got) == (exists ? length : 0));
		CHECK(utf8_is_valid(bytes, length) == exists);
		for (i = 1; i < length; i++) /* cut short */
			CHECK(utf8_decode(bytes, i, &got) == 0);
		if (exists)
			CHECK(utf8_length(bytes, length) == 1 && utf8_columns(bytes, length) == (size_t)utf8_width(c));
		CHECK(utf8_width(c) >= 0 && utf8_width(c) <= 2);
	}
}

/* Every pair of bytes and, behind E0, ED, F0 and F4, every triple: the only good ones are those that encode gives. */
static void check_sequences(void)
{
	unsigned a, b, k;
	uint32_t c;

	for (a = 0; a < 256; a++) {
		for (b = 0; b < 256; b++) {
			char two[] = {(char)a, (char)b};
			bool is_two = a >= 0xC2 && a <= 0xDF && b >= 0x80 && b <= 0xBF;

			CHECK(utf8_decode(two, 2, &c) == (a < 0x80 ? 1u : is_two ? 2u : 0u));
			for (k = 0x7F; k <= 0xC0; k++) {
				char three[] = {(char)a, (char)b, (char)k}, again[4];
				size_t length = utf8_decode(three, 3, &c);

				if (length == 3)
					CHECK(encode(c, again) == 3 && memcmp(three, again, 3) == 0);
				else
					CHECK(length == (a < 0x80 ? 1u : is_two ? 2u : 0u));
			}
		}
	}
	CHECK(utf8_decode("\xE0\x80\x80", 3, &c) == 0);	    /* overlong */
	CHECK(utf8_decode("\xC0\x80", 2, &c) == 0);	    /* overlong NUL */
	CHECK(utf8_decode("\xED\xA0\x80", 3, &c) == 0);	    /* surrogate */
	CHECK(utf8_decode("\xF0\x8F\xBF\xBF", 4, &c) == 0); /* overlong */
	CHECK(utf8_decode("\xF4\x90\x80\x80", 4, &c) == 0); /* above U+10FFFF */
	CHECK(utf8_decode("\xF8\x88\x80\x80", 4, &c) == 0);
	CHECK(utf8_decode("\x80", 1, &c) == 0 && utf8_decode("\xFF", 1, &c) == 0);
}

/* A byte is found wherever it stands, and no lower one. */
static void check_find(void)
{
	char bytes[48];
	size_t at, size;

	for (size = 0; size <= sizeof(bytes); size++) {
		memset(bytes, '\x8F', sizeof(bytes));
		CHECK(utf8_find(bytes, size, 0x90) == size && utf8_find(bytes, size, 0x8F) == 0);
		for (at = 0; at < size; at++) {
			bytes[at] = '\x90';
			CHECK(utf8_find(bytes, size, 0x90) == at);
			bytes[at] = '\x8F';
		}
	}
}

int main(void)
{
	check_find();
	check_code_points();
	check_sequences();
	CHECK(utf8_is_valid("", 0) && utf8_length("", 0) == 0 && utf8_columns("", 0) == 0);
	CHECK(utf8_is_valid("a\0b", 3) && utf8_length("a\0b", 3) == 3);
	CHECK(utf8_length("\xC3\xA9t\xC3\xA9", 5) == 3);
	CHECK(utf8_length("a\xFF"
			  "b\xC3",
			  4) == 4); /* each wrong byte counts as one */
	CHECK(!utf8_is_valid("abc\xC3", 4));
	/* Terminal columns: e and a combining acute accent, a Chinese character, an emoji. */
	CHECK(utf8_columns("e\xCC\x81", 3) == 1);
	CHECK(utf8_columns("\xE6\xB0\xB4", 3) == 2);
	CHECK(utf8_columns("\xF0\x9F\x98\x80", 4) == 2);
	CHECK(utf8_columns("abc\xC3\xA9", 5) == 4);
	CHECK(utf8_columns("a\xFF"
			   "b",
			   3) == 3);
	return 0;
}
