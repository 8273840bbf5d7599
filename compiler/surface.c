/*
 * surface.c: what is suspicious in how a source is typed, though YAML reads it.
 * In: the bytes of a file that was read without a syntax error, and where its scalars stand.
 * Out: warnings: blanks at the ends of lines, tabs, invisible characters, a colon without its space.
 *
 * Lines are those of editors: LF, CR LF or CR ends one. Only what is found costs more than a look at its byte, and that
 * too where a line of megabytes has it at every other byte: what was looked through is not looked through again.
 */
#include "surface.h"

#include <stdio.h>
#include <string.h>

#include "known_keys.h"
#include "utf8.h"

struct look {
	struct text source;
	const struct yaml_span *spans;
	size_t span_count;
	size_t span; /* the first one that does not end before the current line */
	struct diag *diag;
	uint32_t file, line;
	size_t start, end; /* the current line, without its end */
	size_t blanks;	   /* where the blanks at its end begin */
	size_t at;	   /* a byte of it, and its column: extents mostly ascend */
	uint32_t column;
	size_t commented; /* up to here no comment has begun, or one has */
	bool has_comment;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The scalar that the byte stands in; NULL: none. `at` is in the current line. */
static const struct yaml_span *span_at(const struct look *l, size_t at)
{
	size_t low = l->span, high = l->span_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (l->spans[middle].start <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low > l->span && at < l->spans[low - 1].end ? &l->spans[low - 1] : NULL;
}

/* Bytes from `start` to `end` of the current line. */
static struct extent extent_of(struct look *l, size_t start, size_t end)
{
	uint32_t length = (uint32_t)utf8_length(l->source.bytes + start, end - start);
	struct place at = {l->file, l->line, 0, length == 0 ? 1 : length};

	if (start < l->at) {
		l->at = l->start;
		l->column = 1;
	}
	l->column += (uint32_t)utf8_length(l->source.bytes + l->at, start - l->at);
	l->at = start;
	at.column = l->column;
	return (struct extent){at, l->line, l->column + length};
}

static void report(struct look *l, enum check check, size_t start, size_t end, struct fix *fix, const char *help,
		   const char *text)
{
	struct diag_extra extra = {.help = help, .fix = fix};

	fix->extent = extent_of(l, start, end);
	fix->was = l->source.bytes + start;
	fix->was_size = end - start;
	diag_report(l->diag, check, fix->extent.at, &extra, "%s", text);
}

/* Blanks at the end of a line, unless they are part of a text of several lines. */
static void check_end(struct look *l)
{
	struct fix fix = {.text = "", .what = "delete them", .is_safe = true};
	const struct yaml_span *span;

	if (l->blanks == l->end)
		return;
	span = span_at(l, l->blanks);
	/* What follows the | of a block on its line is not text yet. */
	if (span != NULL && !span->is_plain && !(span->is_block && span->start >= l->start))
		return;
	if (span == NULL || !span->is_block || span->start >= l->start)
		report(l, CHECK_TRAILING_BLANKS, l->blanks, l->end, &fix, NULL, "blanks at the end of the line");
}

/* Whether a comment of the current line has begun before `at`, where no scalar is; `at` ascends. */
static bool is_in_comment(struct look *l, size_t at)
{
	for (; l->commented < at && !l->has_comment; l->commented++)
		l->has_comment = l->source.bytes[l->commented] == '#' &&
				 (l->commented == l->start || is_blank(l->source.bytes[l->commented - 1])) &&
				 span_at(l, l->commented) == NULL;
	return l->has_comment;
}

static void check_tab(struct look *l, size_t at)
{
	struct fix fix = {.text = " ", .what = "put a space in its place", .is_safe = true};

	if (at < l->blanks && span_at(l, at) == NULL && !is_in_comment(l, at))
		report(l, CHECK_TAB, at, at + 1, &fix, NULL, "a tab where a space is meant");
}

/* Characters that no editor shows; those that turn the direction of writing can make a line say what it does not. */
static bool is_invisible(uint32_t c)
{
	return c == 0x00AD || c == 0x061C || c == 0x180E || c == 0x200B || (c >= 0x202A && c <= 0x202E) ||
	       c == 0x2060 || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB);
}

/* Those that join or part the letters of many scripts, and mean nothing between those of English. */
static bool is_joiner(uint32_t c)
{
	return c == 0x200C || c == 0x200D;
}

static bool is_ascii_around(const struct look *l, size_t start, size_t end)
{
	return start == l->start || end == l->end || (unsigned char)l->source.bytes[start - 1] < 0x80 ||
	       (unsigned char)l->source.bytes[end] < 0x80;
}

static size_t check_character(struct look *l, size_t at)
{
	struct fix fix = {.text = "", .what = "delete it"};
	uint32_t c;
	size_t length = utf8_decode(l->source.bytes + at, l->end - at, &c);
	char text[80];

	if (length == 0)
		return 1;
	if (is_invisible(c) || (is_joiner(c) && is_ascii_around(l, at, at + length))) {
		snprintf(text, sizeof(text), "the character U+%04X cannot be seen", (unsigned)c);
		report(l, CHECK_INVISIBLE_CHARACTER, at, at + length, &fix,
		       "delete it; where it is meant, write it as an escape in double quotes", text);
	}
	return length;
}

/* The bytes of a no-break space that stands there; 0 for anything else. */
static size_t no_break_size(const struct look *l, size_t at)
{
	return l->end - at >= 2 && memcmp(l->source.bytes + at, UTF8_NO_BREAK, 2) == 0 ? 2 : 0;
}

/* A plain text that begins with a key and a colon, in the current line. */
static void check_colon(struct look *l)
{
	struct fix fix = {.text = " ", .what = "put a space behind the colon"};
	const struct yaml_span *span;
	size_t at = l->start, length, i;

	for (i = l->span; i < l->span_count && l->spans[i].start < l->end; i++) {
		span = &l->spans[i];
		at = span->start > l->start ? span->start : l->start;
		while (at < l->end && is_blank(l->source.bytes[at]))
			at++;
		if (!span->is_plain || at >= span->end)
			continue;
		length = known_key(l->source.bytes + at, l->end - at);
		if (length == 0 || at + length + 1 >= l->end || is_blank(l->source.bytes[at + length + 1]) ||
		    at + length >= span->end)
			continue;
		at += length + 1;
		report(l, CHECK_MISSING_SPACE, at, at + no_break_size(l, at), &fix,
		       "write a space behind the colon, or quote the text",
		       "a key needs a space behind its colon; without it this is text");
	}
}

/* The first tab from `at` on; the end of the line where there is none. */
static size_t find_tab(const struct look *l, size_t at)
{
	const char *tab = memchr(l->source.bytes + at, '\t', l->end - at);

	return tab != NULL ? (size_t)(tab - l->source.bytes) : l->end;
}

static void check_line(struct look *l)
{
	size_t at;

	while (l->span < l->span_count && l->spans[l->span].end <= l->start)
		l->span++;
	for (l->blanks = l->end; l->blanks > l->start && is_blank(l->source.bytes[l->blanks - 1]);)
		l->blanks--;
	l->at = l->commented = l->start;
	l->column = 1;
	l->has_comment = false;
	check_end(l);
	check_colon(l);
	for (at = find_tab(l, l->start); at < l->end; at = find_tab(l, at + 1))
		check_tab(l, at);
	at = l->start;
	while ((at += utf8_ascii(l->source.bytes + at, l->end - at)) < l->end)
		at += check_character(l, at);
}

void surface_check(struct text source, const struct yaml_span *spans, size_t count, uint32_t file, struct diag *diag)
{
	struct look l = {.source = source, .spans = spans, .span_count = count, .diag = diag, .file = file};
	char c = '\0';

	if (!diag_wants(diag, CHECK_TRAILING_BLANKS) && !diag_wants(diag, CHECK_TAB) &&
	    !diag_wants(diag, CHECK_INVISIBLE_CHARACTER) && !diag_wants(diag, CHECK_MISSING_SPACE))
		return;
	for (l.end = 0; l.end < source.size; l.start = l.end) {
		while (l.end < source.size && (c = source.bytes[l.end]) != '\n' && c != '\r')
			l.end++;
		l.line++;
		check_line(&l);
		l.end += l.end + 1 < source.size && c == '\r' && source.bytes[l.end + 1] == '\n' ? 2 : 1;
	}
}
