/*
 * utf8.c: UTF-8 as in RFC 3629, one code point at a time.
 * In: bytes.
 * Out: code points, and how many terminal columns they take.
 */
#include "utf8.h"

size_t utf8_decode(const char *bytes, size_t size, uint32_t *ret_code_point)
{
	const uint8_t *s = (const uint8_t *)bytes;
	uint32_t c = s[0];
	size_t length, i;

	if (c < 0x80) {
		*ret_code_point = c;
		return 1;
	}
	if (c >= 0xC2 && c <= 0xDF)
		length = 2;
	else if (c >= 0xE0 && c <= 0xEF)
		length = 3;
	else if (c >= 0xF0 && c <= 0xF4)
		length = 4;
	else
		return 0;
	if (length > size)
		return 0;
	c &= 0xFFu >> (length + 1);
	for (i = 1; i < length; i++) {
		if ((s[i] & 0xC0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3F);
	}
	if ((length == 3 && c < 0x800) || (length == 4 && (c < 0x10000 || c > 0x10FFFF)) ||
	    (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	*ret_code_point = c;
	return length;
}

bool utf8_is_valid(const char *bytes, size_t size)
{
	size_t at, length;
	uint32_t c;

	for (at = 0; at < size; at += length) {
		length = utf8_decode(bytes + at, size - at, &c);
		if (length == 0)
			return false;
	}
	return true;
}

size_t utf8_length(const char *bytes, size_t size)
{
	size_t at, length, count = 0;
	uint32_t c;

	for (at = 0; at < size; at += length == 0 ? 1 : length, count++)
		length = utf8_decode(bytes + at, size - at, &c);
	return count;
}

struct range {
	uint32_t first, last;
};

static bool is_in(uint32_t c, const struct range *ranges, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

/* The blocks that matter, from Unicode's EastAsianWidth.txt (W, F) and the combining and format characters (Mn, Cf). */
int utf8_width(uint32_t c)
{
	static const struct range zero[] = {{0x300, 0x36F},   {0x483, 0x489},	{0x591, 0x5BD},	   {0x610, 0x61A},
					    {0x64B, 0x65F},   {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},  {0x200B, 0x200F},
					    {0x202A, 0x202E}, {0x2060, 0x2064}, {0x20D0, 0x20FF},  {0xFE00, 0xFE0F},
					    {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF}};
	static const struct range wide[] = {
		{0x1100, 0x115F},   {0x2E80, 0x303E},  {0x3041, 0x33FF},   {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},
		{0xA000, 0xA4CF},   {0xA960, 0xA97F},  {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},
		{0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},  {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF},
		{0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD}};

	if (c < 0x300)
		return 1;
	if (is_in(c, zero, sizeof(zero) / sizeof(zero[0])))
		return 0;
	return is_in(c, wide, sizeof(wide) / sizeof(wide[0])) ? 2 : 1;
}

size_t utf8_columns(const char *bytes, size_t size)
{
	size_t at, length, columns = 0;
	uint32_t c;

	for (at = 0; at < size; at += length) {
		length = utf8_decode(bytes + at, size - at, &c);
		if (length == 0)
			length = 1, c = 0xFFFD;
		columns += (size_t)utf8_width(c);
	}
	return columns;
}
