/*
 * surface.c: what is suspicious in how a source is typed, though YAML reads it.
 * In: the bytes of a file that was read without a syntax error, and where its scalars stand.
 * Out: warnings: blanks at the ends of lines, tabs, invisible characters, a colon without its space.
 *
 * Lines are those of editors: LF, CR LF or CR ends one. 64 bytes at a time are looked at for those few that can be
 * suspicious, and only lines that have one are looked at as lines. That costs no more where a line of megabytes has it
 * at every other byte: what was looked through is not looked through again.
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
	size_t start, end; /* the current line, without its end; line 0: there is none yet */
	size_t next;	   /* where the one behind it begins */
	size_t feed;	   /* the first LF from there on, as far as it was looked for */
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
	/* Between a CR and an LF they keep two line ends from being one. */
	if (l->blanks == l->start && l->start > 0 && l->source.bytes[l->start - 1] == '\r' && l->end < l->source.size &&
	    l->source.bytes[l->end] == '\n')
		return;
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

/* --- lines --- */

static size_t find(const struct look *l, char c, size_t start, size_t end)
{
	const char *found = memchr(l->source.bytes + start, c, end - start);

	return found != NULL ? (size_t)(found - l->source.bytes) : end;
}

/* Goes on to the line that holds a byte: the current one, or one behind it. */
static void go_to(struct look *l, size_t at)
{
	while (l->line == 0 || at >= l->next) {
		l->start = l->next;
		if (l->line == 0 || l->feed < l->start)
			l->feed = find(l, '\n', l->start, l->source.size);
		l->end = find(l, '\r', l->start, l->feed);
		l->next = l->end + (l->end + 1 == l->feed ? 2 : 1);
		l->line++;
		l->at = l->commented = l->start;
		l->column = 1;
		l->has_comment = false;
	}
	while (l->span < l->span_count && l->spans[l->span].end <= l->start)
		l->span++;
}

/* Before the first line again. */
static void rewind_lines(struct look *l)
{
	l->line = 0;
	l->span = l->start = l->end = l->next = l->feed = 0;
}

static void check_line(struct look *l)
{
	size_t at;

	for (l->blanks = l->end; l->blanks > l->start && is_blank(l->source.bytes[l->blanks - 1]);)
		l->blanks--;
	check_end(l);
	for (at = find(l, '\t', l->start, l->end); at < l->end; at = find(l, '\t', at + 1, l->end))
		check_tab(l, at);
	at = l->start;
	while ((at += utf8_ascii(l->source.bytes + at, l->end - at)) < l->end)
		at += check_character(l, at);
}

/* --- all of a file --- */

/* Warns where a line of a plain text begins, at `at`, with a key and its colon, and a value right behind that. */
static void check_colon(struct look *l, const struct yaml_span *span, size_t at)
{
	struct fix fix = {.text = " ", .what = "put a space behind the colon"};
	size_t colon = at + known_key(l->source.bytes + at, span->end - at);

	if (colon == at)
		return;
	go_to(l, at);
	if (colon + 1 >= l->end || is_blank(l->source.bytes[colon + 1]))
		return;
	report(l, CHECK_MISSING_SPACE, colon + 1, colon + 1 + no_break_size(l, colon + 1), &fix,
	       "write a space behind the colon, or quote the text",
	       "a key needs a space behind its colon; without it this is text");
}

static void check_colons(struct look *l)
{
	size_t i, at;

	for (i = 0; i < l->span_count; i++) {
		const struct yaml_span *span = &l->spans[i];

		if (!span->is_plain || find(l, ':', span->start, span->end) == span->end)
			continue;
		for (at = span->start; at < span->end; at++) {
			while (at < span->end && is_blank(l->source.bytes[at]))
				at++;
			check_colon(l, span, at);
			while (at < span->end && l->source.bytes[at] != '\n' && l->source.bytes[at] != '\r')
				at++;
		}
	}
}

/* Whether what stands there makes its line worth a closer look; a blank at the end of a line does without asking. */
static bool is_suspicious(const struct look *l, size_t at)
{
	uint32_t c;

	if (is_blank(l->source.bytes[at]))
		return true;
	return utf8_decode(l->source.bytes + at, l->source.size - at, &c) > 0 && (is_invisible(c) || is_joiner(c));
}

enum { BLOCK = 64, VECTOR = 16 };

/* The compiler makes the best of these that the machine has. */
typedef unsigned char vector __attribute__((vector_size(VECTOR)));

static vector load(const char *bytes)
{
	vector ret;

	memcpy(&ret, bytes, sizeof(ret));
	return ret;
}

/* The first of the bytes from `at` on that may be suspicious, or begins a character that may; the size where there is
 * none. */
static size_t find_suspicious(const struct look *l, size_t at)
{
	char padded[BLOCK + 1];
	uint64_t found[BLOCK / sizeof(uint64_t)], any;
	size_t i;

	for (; at < l->source.size; at += BLOCK) {
		const char *block = l->source.bytes + at;

		if (l->source.size - at <= BLOCK) { /* the end of the file ends a line */
			memset(padded, '\n', sizeof(padded));
			block = memcpy(padded, block, l->source.size - at);
		}
		for (i = 0; i < BLOCK; i += VECTOR) {
			vector here = load(block + i), behind = load(block + i + 1);
			vector hits = (vector)((here == ' ') & ((behind == '\n') | (behind == '\r')));

			/* All that is invisible begins with one of these. */
			hits |= (vector)((here == '\t') | (here == 0xC2) | (here >= 0xD8));
			memcpy(&found[i / sizeof(uint64_t)], &hits, sizeof(hits));
		}
		for (any = 0, i = 0; i < BLOCK / sizeof(uint64_t); i++)
			any |= found[i];
		for (i = 0; any != 0 && i < BLOCK; i++)
			if (((const unsigned char *)found)[i] != 0 && is_suspicious(l, at + i))
				return at + i;
	}
	return l->source.size;
}

void surface_check(struct text source, const struct yaml_span *spans, size_t count, uint32_t file, struct diag *diag)
{
	struct look l = {.source = source, .spans = spans, .span_count = count, .diag = diag, .file = file};
	size_t at;

	if (diag_wants(diag, CHECK_MISSING_SPACE))
		check_colons(&l);
	if (!diag_wants(diag, CHECK_TRAILING_BLANKS) && !diag_wants(diag, CHECK_TAB) &&
	    !diag_wants(diag, CHECK_INVISIBLE_CHARACTER))
		return;
	rewind_lines(&l);
	for (at = 0; (at = find_suspicious(&l, at)) < source.size; at = l.next) {
		go_to(&l, at);
		check_line(&l);
	}
}
