/*
 * near_words.c: words that are one letter apart.
 * In: words as unicode_fold gives them.
 * Out: the hashes by which such words are found, and whether two of them are.
 *
 * A word's hash is the sum of its bytes, each times BASE to the power of its index. Without some of them it is that of
 * the bytes before, and that of the bytes behind divided by BASE for each that is missing: no form is hashed from its
 * start.
 */
#include "near_words.h"

#include "unicode.h"
#include "utf8.h"

enum { MIN_LETTERS = 5 };

#define BASE UINT64_C(0x9E3779B97F4A7C15) /* odd, so that there is its inverse, modulo 2^64 */
#define INVERSE UINT64_C(0xF1DE83E19937733D)
#define SHORT UINT64_C(0xC2B2AE3D27D4EB4F) /* a short word is no form of a long one */

_Static_assert(BASE *INVERSE == 1, "INVERSE");

bool near_words_is_long(struct text folded)
{
	return utf8_length(folded.bytes, folded.size) >= MIN_LETTERS;
}

static uint64_t finish(uint64_t hash)
{
	hash = (hash ^ hash >> 32) * BASE;
	return hash ^ hash >> 29;
}

/* The character that begins there, and its bytes; a byte by itself where it is none. */
static uint32_t letter_at(struct text word, size_t at, size_t *ret_length)
{
	uint32_t letter;

	*ret_length = utf8_decode(word.bytes + at, word.size - at, &letter);
	if (*ret_length > 0)
		return letter;
	*ret_length = 1;
	return (unsigned char)word.bytes[at];
}

static bool is_digit(uint32_t letter)
{
	return letter < 0x80 ? letter >= '0' && letter <= '9' : unicode_is_digit(letter);
}

size_t near_words_forms(struct text folded, uint64_t *ret)
{
	uint64_t all = 0, before = 0, power = 1;
	uint32_t letter, last = 0;
	size_t at, end, length, count = 0;

	for (at = 0; at < folded.size; at++, power *= BASE)
		all += (unsigned char)folded.bytes[at] * power;
	if (!near_words_is_long(folded)) {
		ret[0] = finish(all ^ SHORT);
		return 1;
	}
	ret[count++] = finish(all);
	power = 1;
	for (at = 0; at < folded.size; at = end, last = letter) {
		uint64_t upto = before, inverse = 1;

		letter = letter_at(folded, at, &length);
		for (end = at; end < at + length; end++, power *= BASE, inverse *= INVERSE)
			upto += (unsigned char)folded.bytes[end] * power;
		/* Of two equal letters it is all the same which one is left out; and digits may differ. */
		if (letter != last && !is_digit(letter))
			ret[count++] = finish(before + (all - upto) * inverse);
		before = upto;
	}
	return count;
}

/* Whether `at` is inside of a character. */
static bool is_inside(struct text word, size_t at)
{
	return at < word.size && ((unsigned char)word.bytes[at] & 0xC0) == 0x80;
}

/* One or two letters; 0 where there are more. */
static size_t read_letters(struct text text, uint32_t ret[2])
{
	size_t at, length, count = 0;

	for (at = 0; at < text.size; at += length) {
		if (count == 2)
			return 0;
		ret[count++] = letter_at(text, at, &length);
	}
	return count;
}

bool near_words_are_apart(struct text a, struct text b)
{
	size_t start = 0, end = 0, n, m;
	uint32_t x[2] = {0}, y[2] = {0};

	while (start < a.size && start < b.size && a.bytes[start] == b.bytes[start])
		start++;
	while (start > 0 && is_inside(a, start))
		start--;
	while (end < a.size - start && end < b.size - start && a.bytes[a.size - 1 - end] == b.bytes[b.size - 1 - end])
		end++;
	while (is_inside(a, a.size - end))
		end--;
	a = (struct text){a.bytes + start, a.size - start - end}; /* what is between the equal ends */
	b = (struct text){b.bytes + start, b.size - start - end};
	n = read_letters(a, x);
	m = read_letters(b, y);
	if ((n == 0 && a.size > 0) || (m == 0 && b.size > 0))
		return false;
	if (n == 2 && m == 2)
		return x[0] == y[1] && x[1] == y[0] && !(is_digit(x[0]) && is_digit(x[1]));
	if (n > 1 || m > 1 || n + m == 0)
		return false;
	return !(n == 1 && is_digit(x[0])) && !(m == 1 && is_digit(y[0]));
}
