/*
 * check_text.c: whether bytes are text.
 * In: bytes.
 * Out: yes or no. No branch depends on a single byte, so that the compiler takes sixteen at a time.
 */
#include "check.h"

enum {
	BLOCK = 64,
	BEFORE = 3 /* bytes that a character can have before its last one */
};

/* Whether `c` is wrong behind `c1` where no character has more than two bytes: no byte is 0xE0 or more. */
static inline uint8_t is_wrong_of_two(uint8_t c, uint8_t c1)
{
	uint8_t is_inside = (c & 0xC0) == 0x80, has_to_be = c1 >= 0xC0;

	return (uint8_t)((is_inside ^ has_to_be) | (c == 0) | ((c & 0xFE) == 0xC0));
}

/* Whether b[0] is wrong behind the three bytes before it. */
static inline uint8_t is_wrong(const uint8_t *b)
{
	uint8_t c = b[0], c1 = b[-1], c2 = b[-2], c3 = b[-3];
	uint8_t is_inside = (c & 0xC0) == 0x80;
	uint8_t has_to_be = (c1 >= 0xC0) | (c2 >= 0xE0) | (c3 >= 0xF0);
	uint8_t never = (c == 0) | ((c & 0xFE) == 0xC0) | (c >= 0xF5);
	/* overlong forms, surrogates, and what is past U+10FFFF */
	uint8_t narrow = ((c1 == 0xE0) & (c < 0xA0)) | ((c1 == 0xED) & (c >= 0xA0)) | ((c1 == 0xF0) & (c < 0x90)) |
			 ((c1 == 0xF4) & (c >= 0x90));

	return (uint8_t)((is_inside ^ has_to_be) | never | narrow);
}

/* The BLOCK bytes at `b`, behind BEFORE others. */
static uint8_t is_block_wrong(const uint8_t *b)
{
	uint8_t greatest = b[-3] > b[-2] ? b[-3] : b[-2], wrong = 0;
	size_t i;

	for (i = 0; i < BLOCK; i++)
		greatest = b[i] > greatest ? b[i] : greatest;
	if (greatest < 0xE0 && b[-1] < 0xE0)
		for (i = 0; i < BLOCK; i++)
			wrong |= is_wrong_of_two(b[i], b[(ptrdiff_t)i - 1]);
	else
		for (i = 0; i < BLOCK; i++)
			wrong |= is_wrong(b + i);
	return wrong;
}

bool dim_check_text(const uint8_t *bytes, size_t size)
{
	uint8_t block[BEFORE + BLOCK], wrong = 0;
	size_t done, part;

	/* As if between letters: a character that was cut then lacks its beginning, or its end. */
	memset(block, 'x', BEFORE);
	for (done = 0; done < size + BEFORE; done += BLOCK) {
		part = done >= size ? 0 : size - done;
		if (part >= BLOCK) {
			memcpy(block + BEFORE, bytes + done, BLOCK);
		} else {
			memset(block + BEFORE, 'x', BLOCK);
			if (part > 0)
				memcpy(block + BEFORE, bytes + done, part);
		}
		wrong |= is_block_wrong(block + BEFORE);
		memcpy(block, block + BLOCK, BEFORE);
	}
	return wrong == 0;
}
