/*
 * lines.h: the lines of a text as editors count them: LF, CR LF or CR ends one, and a byte order mark is none of it.
 * In: the bytes of a file, the number of a line and of a character in it.
 * Out: where they are.
 */
#ifndef DIMC_LINES_H
#define DIMC_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `bytes` and `size` are the caller's to set; all else begins as zero, and is where the last search went. */
struct lines {
	const char *bytes;
	size_t size;
	uint32_t line;	   /* 0: none yet */
	size_t start, end; /* of that line, without its end */
	uint32_t column;   /* the character of it that was found last, */
	size_t offset;	   /* and where that begins */
};

/* Goes to a line, from 1; quickest forward. false where the text has fewer: there is one behind the last line end. */
bool lines_find(struct lines *lines, uint32_t line);

/* The byte at which a character of that line begins, from 1; its end where the line has one fewer. Quickest forward. */
bool lines_offset(struct lines *lines, uint32_t line, uint32_t column, size_t *ret);

#endif
