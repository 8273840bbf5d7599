/*
 * marks.c: from the number of a character in a file to its byte and its place.
 * In: the bytes of a file, which are UTF-8.
 * Out: where a character stands, in the lines that editors count.
 *
 * libyaml counts characters, and breaks lines at NEL, LS and PS. This follows it through the bytes.
 */
#include "marks.h"

static size_t lead_length(char c)
{
	unsigned char u = (unsigned char)c;

	return u < 0x80 ? 1 : u < 0xE0 ? 2 : u < 0xF0 ? 3 : 4;
}

size_t marks_byte(struct marks *marks, size_t index)
{
	if (index < marks->index) {
		marks->index = marks->byte = 0;
		marks->line = marks->column = 1;
	}
	for (; marks->index < index && marks->byte < marks->size; marks->index++) {
		char c = marks->bytes[marks->byte];

		marks->byte += lead_length(c);
		if (c == '\n' || (c == '\r' && (marks->byte >= marks->size || marks->bytes[marks->byte] != '\n'))) {
			marks->line++;
			marks->column = 1;
		} else {
			marks->column++;
		}
	}
	return marks->byte;
}

struct place marks_place(struct marks *marks, size_t start, size_t end)
{
	size_t i = marks_byte(marks, start), length = 0;

	for (; i < marks->size && length < end - start && marks->bytes[i] != '\n' && marks->bytes[i] != '\r';
	     i += lead_length(marks->bytes[i]))
		length++;
	return (struct place){marks->file, marks->line, marks->column, length == 0 ? 1 : (uint32_t)length};
}

struct place marks_place_of_byte(struct marks *marks, size_t byte)
{
	size_t index = 0, i;

	for (i = 0; i < byte; i += lead_length(marks->bytes[i]))
		index++;
	return marks_place(marks, index, index + 1);
}
