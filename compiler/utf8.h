/*
 * utf8.h: UTF-8 as in RFC 3629, one code point at a time.
 * In: bytes.
 * Out: code points, and how many terminal columns they take.
 */
#ifndef DIMC_UTF8_H
#define DIMC_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A space at which no line is broken: it looks like any other, and comes with text that is copied. */
#define UTF8_NO_BREAK "\xC2\xA0"

/*
 * Decodes the code point at the start of bytes[0, size), size > 0. Returns the number of its bytes, 1 to 4, or 0 where
 * they are not UTF-8 (overlong, surrogate, above U+10FFFF, cut short).
 */
size_t utf8_decode(const char *bytes, size_t size, uint32_t *ret_code_point);

/* How many bytes at the start are ASCII; quick where all of them are. */
size_t utf8_ascii(const char *bytes, size_t size);

/* How many bytes at the start are below `least`, which may be the first byte of some character. */
size_t utf8_find(const char *bytes, size_t size, unsigned char least);

/* Whether all of it is UTF-8. */
bool utf8_is_valid(const char *bytes, size_t size);

/* The number of code points of valid UTF-8; a byte that is not counts as one. */
size_t utf8_length(const char *bytes, size_t size);

/* Terminal columns of a code point: 0, 1 or 2. */
int utf8_width(uint32_t code_point);

/* Terminal columns of a text. */
size_t utf8_columns(const char *bytes, size_t size);

#endif
