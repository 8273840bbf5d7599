/*
 * unicode.c: the forms of Unicode text (UAX 15) and its case folding; the only room that knows utf8proc.
 * In: UTF-8.
 * Out: texts that are equal where people see no difference.
 */
#include "unicode.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "utf8.h"

static bool is_ascii(struct text text)
{
	return utf8_ascii(text.bytes, text.size) == text.size;
}

static struct text map(struct text text, utf8proc_option_t options, struct arena *arena)
{
	utf8proc_uint8_t *mapped;
	utf8proc_ssize_t size =
		utf8proc_map((const utf8proc_uint8_t *)text.bytes, (utf8proc_ssize_t)text.size, &mapped, options);
	struct text ret = text;

	if (size == UTF8PROC_ERROR_NOMEM)
		mem_have(NULL); /* says so and ends the run */
	if (size < 0)
		return ret;
	ret = (struct text){arena_copy(arena, mapped, (size_t)size), (size_t)size};
	free(mapped);
	return ret;
}

struct text unicode_compose(struct text text, struct arena *arena)
{
	return is_ascii(text) ? text : map(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE, arena);
}

/*
 * Whether all of a text is in ASCII and Latin-1: then nothing in it is composed of anything, and each letter is folded
 * by itself.
 */
static bool is_simple(struct text text)
{
	const unsigned char *bytes = (const unsigned char *)text.bytes;
	size_t i;

	for (i = 0; i < text.size; i++) {
		if (bytes[i] < 0x80)
			continue;
		if (bytes[i] != 0xC3 || i + 1 == text.size || (bytes[i + 1] & 0xC0) != 0x80)
			return false;
		i++;
	}
	return true;
}

/* In lower case; the letter sharp s is two. */
static struct text fold_simple(struct text text, struct arena *arena)
{
	unsigned char *folded = (unsigned char *)arena_copy(arena, text.bytes, text.size);
	size_t i;

	for (i = 0; i < text.size; i++) {
		if (folded[i] >= 'A' && folded[i] <= 'Z') {
			folded[i] += 'a' - 'A';
		} else if (folded[i] == 0xC3) {
			i++;
			if (folded[i] == 0x9F)
				folded[i - 1] = folded[i] = 's';
			else if (folded[i] < 0x9F && folded[i] != 0x97) /* the sign of multiplication */
				folded[i] += 0x20;
		}
	}
	return (struct text){(const char *)folded, text.size};
}

struct text unicode_fold(struct text text, struct arena *arena)
{
	if (is_simple(text))
		return fold_simple(text, arena);
	return map(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD, arena);
}

/* Whether a letter and a mark behind it have a code point of their own. */
static bool do_compose(uint32_t letter, uint32_t mark)
{
	utf8proc_int32_t pair[2] = {(utf8proc_int32_t)letter, (utf8proc_int32_t)mark};

	return utf8proc_normalize_utf32(pair, 2, UTF8PROC_STABLE | UTF8PROC_COMPOSE) == 1;
}

/* Whether a code point is a letter with its accent, which could be two. */
static bool is_composed(uint32_t c, const utf8proc_property_t *property)
{
	utf8proc_int32_t parts[8];
	int last;

	/* Hangul has no other form in practice, and its syllables are no letters with accents. */
	if (property->decomp_seqindex == UINT16_MAX || (c >= 0xAC00 && c <= 0xD7A3))
		return false;
	return utf8proc_decompose_char((utf8proc_int32_t)c, parts, 8, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE, &last) >
		       1 &&
	       do_compose((uint32_t)parts[0], (uint32_t)parts[1]);
}

/* Whether the mark behind text[0, at) and the letter before it have a code point of their own. */
static bool is_decomposed(struct text text, size_t at, uint32_t mark)
{
	uint32_t letter;
	size_t start = at;

	while (start > 0 && ((unsigned char)text.bytes[--start] & 0xC0) == 0x80)
		;
	return start < at && utf8_decode(text.bytes + start, at - start, &letter) == at - start &&
	       do_compose(letter, mark);
}

/* The first bytes of U+00C0, the first letter with an accent, and of U+0300, the first accent. */
enum { FIRST_COMPOSED = 0xC3, FIRST_MARK = 0xCC };

/* U+4000 to U+9FFF, Han: neither. */
static bool is_plain(unsigned char lead)
{
	return lead >= 0xE4 && lead <= 0xE9;
}

void unicode_find_forms(struct text text, struct unicode_forms *forms)
{
	const utf8proc_property_t *property;
	size_t at = 0, length;
	uint32_t c;

	for (; at < text.size && !(forms->composed && forms->decomposed); at += length) {
		at += utf8_find(text.bytes + at, text.size - at, forms->composed ? FIRST_MARK : FIRST_COMPOSED);
		if (at == text.size)
			return;
		length = 1;
		if (is_plain((unsigned char)text.bytes[at]))
			continue;
		length = utf8_decode(text.bytes + at, text.size - at, &c);
		if (length == 0)
			return;
		property = utf8proc_get_property((utf8proc_int32_t)c);
		if (!forms->composed)
			forms->composed = is_composed(c, property);
		if (!forms->decomposed && property->combining_class > 0)
			forms->decomposed = is_decomposed(text, at, c);
	}
}

bool unicode_is_digit(uint32_t code_point)
{
	return utf8proc_category((utf8proc_int32_t)code_point) == UTF8PROC_CATEGORY_ND;
}

bool unicode_is_word(uint32_t code_point)
{
	utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code_point);

	return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

static bool is_quote(const char *character)
{
	static const char *const quotes[] = {"\u2018", "\u2019", "\u201A", "\u201C", "\u201D", "\u201E"};
	size_t i;

	for (i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++)
		if (memcmp(character, quotes[i], strlen(quotes[i])) == 0)
			return true;
	return false;
}

bool unicode_is_in_quotes(struct text text)
{
	enum { SIZE = 3 }; /* of each of them */

	return text.size >= 2 * (size_t)SIZE && is_quote(text.bytes) && is_quote(text.bytes + text.size - SIZE);
}
