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

/* Sixteen bytes at a time; the operators of these vectors are known to every compiler that knows attributes of GCC. */
typedef uint8_t sixteen __attribute__((vector_size(16)));
typedef int8_t sixteen_signed __attribute__((vector_size(16)));

enum { STEP = 4 * sizeof(sixteen), BEFORE = 3 /* a character has at most so many bytes before its last one */ };

static sixteen load(const uint8_t *bytes)
{
	sixteen v;

	memcpy(&v, bytes, sizeof(v));
	return v;
}

static bool has_any(sixteen v)
{
	uint64_t halves[2];

	memcpy(halves, &v, sizeof(v));
	return (halves[0] | halves[1]) != 0;
}

/* Where v is a control character, but for those that end lines or stand between columns. */
static sixteen find_controls(sixteen v)
{
	sixteen below = (sixteen)(((sixteen_signed)v < 0x20) & ((sixteen_signed)v >= 0));

	return (below & (sixteen)(v != '\n') & (sixteen)(v != '\t')) | (sixteen)(v == 0x7F);
}

static sixteen find_trails(sixteen v)
{
	return (sixteen)((sixteen_signed)v < (int8_t)0xC0);
}

/* Wrong among ASCII and the characters U+00C0 to U+07FF, which most texts of Europe are made of; others count as wrong.
 */
static sixteen find_wrong_short(const uint8_t *at)
{
	sixteen v = load(at), v1 = load(at - 1);

	return (find_trails(v) ^ (sixteen)(v1 >= 0xC0)) | (sixteen)(v >= 0xE0) |
	       (sixteen)(((v & 0xFE) == 0xC0) | (v == 0xC2));
}

/*
 * Wrong among all characters: each byte is judged with the three before it. A byte goes on with a character where the
 * ones before ask for it, and nowhere else; leads that begin no character; second bytes that make a character too short
 * for its form, a surrogate or one above U+10FFFF; and U+0080 to U+009F, LS, PS, U+FEFF, U+FFFE and U+FFFF.
 */
static sixteen find_wrong(const uint8_t *at)
{
	sixteen v = load(at), v1 = load(at - 1), v2 = load(at - 2), v3 = load(at - 3);
	sixteen wrong = find_trails(v) ^ (sixteen)((v1 >= 0xC0) | (v2 >= 0xE0) | (v3 >= 0xF0));

	wrong |= (sixteen)(((v & 0xFE) == 0xC0) | (v >= 0xF5));
	wrong |= (sixteen)(((v1 == 0xE0) | (v1 == 0xC2)) & (v < 0xA0)) | (sixteen)((v1 == 0xED) & (v >= 0xA0));
	wrong |= (sixteen)((v1 == 0xF0) & (v < 0x90)) | (sixteen)((v1 == 0xF4) & (v >= 0x90));
	wrong |= (sixteen)((v2 == 0xE2) & (v1 == 0x80) & ((v & 0xFE) == 0xA8));
	wrong |= (sixteen)((v2 == 0xEF) & (((v1 == 0xBB) & (v == 0xBF)) | ((v1 == 0xBF) & (v >= 0xBE))));
	return wrong;
}

/* at[-BEFORE, STEP) may be read; what is before `at` was judged already, but for a character that goes on here. */
static bool is_step_common(const uint8_t *at)
{
	sixteen a = load(at), b = load(at + 16), c = load(at + 32), d = load(at + 48);
	sixteen wrong = find_controls(a) | find_controls(b) | find_controls(c) | find_controls(d);

	if (has_any(wrong))
		return false;
	if (!has_any((a | b | c | d | load(at - BEFORE)) & 0x80))
		return true;
	if (at[-1] != 0xC2 && at[-1] < 0xE0 && at[-2] < 0xE0 && at[-3] < 0xF0) {
		wrong = find_wrong_short(at) | find_wrong_short(at + 16) | find_wrong_short(at + 32) |
			find_wrong_short(at + 48);
		if (!has_any(wrong))
			return true;
	}
	wrong = find_wrong(at) | find_wrong(at + 16) | find_wrong(at + 32) | find_wrong(at + 48);
	return !has_any(wrong);
}

static const char OURS[] = "<<<<<<< ", THEIRS[] = ">>>>>>> ";

/* The first line that begins with `mark`; NULL: none. */
static const char *find_mark(const char *bytes, size_t size, const char *mark)
{
	const char *at = bytes, *end = bytes + size;

	for (; at < end && (at = memchr(at, *mark, (size_t)(end - at))) != NULL; at++)
		if ((at == bytes || at[-1] == '\n') && (size_t)(end - at) >= strlen(mark) &&
		    memcmp(at, mark, strlen(mark)) == 0)
			return at;
	return NULL;
}

/* What git leaves in a file where two sides changed the same lines, or somebody forgot to delete of that. */
static bool find_conflict(const char *bytes, size_t size, size_t *ret_offset)
{
	const char *ours = find_mark(bytes, size, OURS), *theirs = find_mark(bytes, size, THEIRS);

	if (ours == NULL && theirs == NULL)
		return false;
	*ret_offset = (size_t)((theirs == NULL || (ours != NULL && ours < theirs) ? ours : theirs) - bytes);
	return true;
}

bool characters_are_common(const char *bytes, size_t size)
{
	const uint8_t *s = (const uint8_t *)bytes;
	uint8_t edge[BEFORE + STEP];
	size_t at = 0, before;

	/* The first and the last step are judged in a copy, between characters that are right. */
	while (at <= size) {
		if (at >= BEFORE && size - at >= STEP) {
			if (!is_step_common(s + at))
				return false;
		} else {
			before = at < BEFORE ? at : BEFORE;
			memset(edge, ' ', sizeof(edge));
			memcpy(edge + BEFORE - before, s + at - before, before + (size - at < STEP ? size - at : STEP));
			if (!is_step_common(edge + BEFORE))
				return false;
		}
		at += STEP;
	}
	return !find_conflict(bytes, size, &at);
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
