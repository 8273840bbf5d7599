/*
 * characters.c: which bytes a source may consist of.
 * In: the bytes of a file.
 * Out: whether all of them are UTF-8 and characters that YAML allows, without the marks of a merge that was not
 * finished; else where the first is that is not, and why.
 */
#include "characters.h"

#include <stdio.h>
#include <string.h>

#include "utf8.h"

enum { TEXT = 80 };

/* What git leaves in a file where two sides changed the same lines, or somebody forgot to delete of that. */
static bool find_conflict(const char *bytes, size_t size, size_t *ret_offset)
{
	static const char ours[] = "<<<<<<< ", theirs[] = ">>>>>>> ";
	const char *end = bytes + size, *line = bytes;

	while (line != NULL && (size_t)(end - line) >= sizeof(ours) - 1) {
		if (memcmp(line, ours, sizeof(ours) - 1) == 0 || memcmp(line, theirs, sizeof(theirs) - 1) == 0) {
			*ret_offset = (size_t)(line - bytes);
			return true;
		}
		line = memchr(line, '\n', (size_t)(end - line));
		line = line == NULL ? NULL : line + 1;
	}
	return false;
}

bool characters_are_allowed(const char *bytes, size_t size, size_t *ret_offset, enum check *ret_check,
			    char ret_text[80], const char **ret_help)
{
	size_t at, length;
	uint32_t c;

	*ret_check = CHECK_ENCODING;
	*ret_help = "save the file as UTF-8";
	*ret_offset = 0;
	if (size >= 2 && (memcmp(bytes, "\xFF\xFE", 2) == 0 || memcmp(bytes, "\xFE\xFF", 2) == 0)) {
		snprintf(ret_text, TEXT, "the file is UTF-16, not UTF-8");
		return false;
	}
	for (at = 0; at < size; at += length) {
		unsigned char u = (unsigned char)bytes[at];

		length = 1;
		if ((u >= 0x20 && u < 0x7F) || u == '\n' || u == '\t' || u == '\r')
			continue;
		*ret_offset = at;
		length = utf8_decode(bytes + at, size - at, &c);
		if (length == 0) {
			snprintf(ret_text, TEXT, "byte 0x%02X is not UTF-8", u);
			return false;
		}
		if (c == 0) {
			*ret_check = CHECK_NUL;
			*ret_help = "save the file as UTF-8; binary content goes into a file of its own: content_file";
			snprintf(ret_text, TEXT, "the file holds a NUL character");
			return false;
		}
		if (c < 0x20 || (c >= 0x7F && c < 0xA0 && c != 0x85) || c == 0xFFFE || c == 0xFFFF) {
			*ret_help = "write it as an escape in double quotes, or delete it";
			snprintf(ret_text, TEXT, "the character U+%04X is not allowed in YAML", (unsigned)c);
			return false;
		}
	}
	if (find_conflict(bytes, size, ret_offset)) {
		*ret_check = CHECK_SYNTAX;
		*ret_help = "keep the lines that are right, and delete those of <<<<<<<, ======= and >>>>>>>";
		snprintf(ret_text, TEXT, "git could not merge what two sides wrote here");
		return false;
	}
	return true;
}
