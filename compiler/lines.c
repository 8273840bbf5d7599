/*
 * lines.c: the lines of a text as editors count them: LF, CR LF or CR ends one, and a byte order mark is none of it.
 * In: the bytes of a file, the number of a line and of a character in it.
 * Out: where they are.
 */
#include "lines.h"

#include <string.h>

#include "utf8.h"

static void begin_line(struct lines *l, size_t start)
{
	for (l->start = l->end = start; l->end < l->size && l->bytes[l->end] != '\n' && l->bytes[l->end] != '\r';)
		l->end++;
	l->offset = start;
	l->column = 1;
}

bool lines_find(struct lines *l, uint32_t line)
{
	if (l->bytes == NULL || line == 0)
		return false;
	if (l->line == 0 || l->line > line) {
		l->line = 1;
		begin_line(l, l->size >= 3 && memcmp(l->bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0);
	}
	for (; l->line < line; l->line++) {
		if (l->end == l->size)
			return false;
		begin_line(l, l->end + (l->size - l->end > 1 && memcmp(l->bytes + l->end, "\r\n", 2) == 0 ? 2 : 1));
	}
	return true;
}

bool lines_offset(struct lines *l, uint32_t line, uint32_t column, size_t *ret)
{
	size_t length;
	uint32_t c;

	if (!lines_find(l, line))
		return false;
	if (l->column > column) {
		l->column = 1;
		l->offset = l->start;
	}
	for (; l->offset < l->end && l->column < column; l->column++) {
		length = utf8_decode(l->bytes + l->offset, l->end - l->offset, &c);
		l->offset += length == 0 ? 1 : length;
	}
	*ret = l->offset;
	return l->column == column;
}
