/*
 * lines.c: the lines of a text as editors count them: LF, CR LF or CR ends one, and a byte order mark is none of it.
 * In: the bytes of a file, the number of a line and of a character in it.
 * Out: where they are.
 */
#include "lines.h"

#include <string.h>

#include "utf8.h"

static void find_end(struct lines *l)
{
	for (l->end = l->start; l->end < l->size && l->bytes[l->end] != '\n' && l->bytes[l->end] != '\r';)
		l->end++;
}

bool lines_find(struct lines *l, uint32_t line)
{
	if (l->bytes == NULL || line == 0)
		return false;
	if (l->line == 0 || l->line > line) {
		l->line = 1;
		l->start = l->size >= 3 && memcmp(l->bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
		find_end(l);
	}
	for (; l->line < line; l->line++) {
		if (l->end == l->size)
			return false;
		l->start = l->end + 1;
		l->start += l->bytes[l->end] == '\r' && l->start < l->size && l->bytes[l->start] == '\n';
		find_end(l);
	}
	return true;
}

bool lines_offset(struct lines *l, uint32_t line, uint32_t column, size_t *ret)
{
	uint32_t at = 1, c;
	size_t length;

	if (!lines_find(l, line))
		return false;
	for (*ret = l->start; *ret < l->end && at < column; at++) {
		length = utf8_decode(l->bytes + *ret, l->end - *ret, &c);
		*ret += length == 0 ? 1 : length;
	}
	return at == column;
}
