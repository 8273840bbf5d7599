/*
 * item.c: how one entry of a list is taken out of a source.
 * In: the bytes of the file, and which of them the entry is.
 * Out: the edit that removes it with its comma or its line; or none, where something would be lost.
 */
#include "item.h"

#include <string.h>

#include "utf8.h"

/* `- word`, alone on its line; `dash` is behind the dash. */
static bool remove_line(struct text source, const char *dash, const char *after, struct place at, struct fix *ret)
{
	const char *line = dash, *end = source.bytes + source.size;

	while (line > source.bytes && (line[-1] == ' ' || line[-1] == '-'))
		line--;
	while (after < end && (*after == ' ' || *after == '\t'))
		after++;
	after += end - after > 1 && *after == '\r';
	if ((line > source.bytes && line[-1] != '\n' && line[-1] != '\r') || after >= end || *after != '\n')
		return false;
	at.column = 1;
	ret->extent = (struct extent){at, at.line + 1, 1};
	ret->was = line;
	ret->was_size = (size_t)(after + 1 - line);
	return true;
}

bool item_removal(struct text source, struct text item, struct place at, struct fix *ret)
{
	const char *start = item.bytes, *before = start;

	if (item.size == 0 || memchr(item.bytes, '\n', item.size) != NULL ||
	    memchr(item.bytes, '\r', item.size) != NULL)
		return false;
	while (before > source.bytes && before[-1] == ' ')
		before--;
	if (before > source.bytes && before[-1] == '-')
		return remove_line(source, before, start + item.size, at, ret);
	if (before == source.bytes || before[-1] != ',')
		return false; /* the comma stands on another line, perhaps behind a comment */
	before--;
	at.column -= (uint32_t)utf8_length(before, (size_t)(start - before));
	ret->was = before;
	ret->was_size = (size_t)(start - before) + item.size;
	at.length = (uint32_t)utf8_length(ret->was, ret->was_size);
	ret->extent = (struct extent){at, at.line, at.column + at.length};
	return true;
}
