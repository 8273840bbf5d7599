/*
 * marks.h: from the number of a character in a file to its byte and its place.
 * In: the bytes of a file, which are UTF-8.
 * Out: where a character stands, in the lines that editors count.
 */
#ifndef DIMC_MARKS_H
#define DIMC_MARKS_H

#include "diag.h"

/* Where the last search went. `bytes`, `size` and `file` are the caller's to set; `line` and `column` begin as 1. */
struct marks {
	const char *bytes;
	size_t size;
	uint32_t file;
	size_t index, byte;
	uint32_t line, column;
};

/* The byte at which the character `index` begins; quickest forward. */
size_t marks_byte(struct marks *marks, size_t index);

/* The place of the characters from `start` up to `end`, as far as their line goes; `marks` stays at `start`. */
struct place marks_place(struct marks *marks, size_t start, size_t end);

/* The place of the character that begins at this byte. */
struct place marks_place_of_byte(struct marks *marks, size_t byte);

#endif
