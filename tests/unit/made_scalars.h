/*
 * made_scalars.h: values, comments and line ends of YAML, made at random, always the same ones.
 * In: nothing.
 * Out: their text in `doc`, and which kinds of pieces it has.
 */
#ifndef TESTS_MADE_SCALARS_H
#define TESTS_MADE_SCALARS_H

#include <stdbool.h>
#include <string.h>

#include "../../compiler/buf.h"

/* What documents are made of, and whether the quick reader should take some that have it. */
#define PIECES(X)                    \
	X(COMMENT_LINE, true)        \
	X(BLANK_LINE, true)          \
	X(BLANKS_LINE, true)         \
	X(COMMENT_BEHIND, true)      \
	X(BLANKS_BEHIND, true)       \
	X(SEPARATOR, true)           \
	X(INDENTED_DOCUMENT, true)   \
	X(NESTED_MAPPING, true)      \
	X(LIST, true)                \
	X(LIST_BELOW_KEY, true)      \
	X(LIST_IN_LIST, true)        \
	X(MAPPING_IN_LIST, true)     \
	X(NOTHING, true)             \
	X(PLAIN, true)               \
	X(PLAIN_ODD, true)           \
	X(SINGLE_QUOTED, true)       \
	X(DOUBLE_QUOTED, true)       \
	X(BRACKETS, true)            \
	X(BRACKETS_EMPTY, true)      \
	X(BRACKETS_QUOTED, true)     \
	X(BLOCK_CLIPPED, true)       \
	X(BLOCK_STRIPPED, true)      \
	X(BLOCK_KEPT, true)          \
	X(BLOCK_BLANK_FIRST, true)   \
	X(BLOCK_BLANK_LAST, true)    \
	X(BLOCK_BLANK_INSIDE, true)  \
	X(BLOCK_DEEPER_LINE, true)   \
	X(BLOCK_BLANKS_LINE, true)   \
	X(BLOCK_TAB, true)           \
	X(BLOCK_COMMENT_AFTER, true) \
	X(BLOCK_COLON, true)         \
	X(UNICODE, true)             \
	X(UNICODE_KEY, true)         \
	X(BYTE_ORDER_MARK, true)     \
	X(TYPO, true)                \
	X(BRACKETS_NESTED, false)    \
	X(BRACKETS_OVER_LINES, true) \
	X(BRACES, false)             \
	X(BLOCK_FOLDED, true)        \
	X(BLOCK_NUMBERED, false)     \
	X(BLOCK_EMPTY, false)        \
	X(PLAIN_OVER_LINES, false)   \
	X(QUOTED_OVER_LINES, false)  \
	X(ESCAPE, false)             \
	X(QUOTED_KEY, false)         \
	X(ANCHOR, false)             \
	X(TAG, false)                \
	X(DOCUMENT_END, false)       \
	X(DIRECTIVE, false)          \
	X(TAB, false)                \
	X(CARRIAGE_RETURN, false)    \
	X(OTHER_LINE_BREAK, false)   \
	X(NOT_ALLOWED, false)        \
	X(NO_LAST_LINE_END, false)

#define NAME(name, taken) name,
enum piece_kind { PIECES(NAME) KINDS };
#define ROW(name, taken) {#name, taken},
static const struct {
	const char *name;
	bool is_taken;
} pieces[] = {PIECES(ROW)};

static struct {
	uint64_t random;
	struct buf text;
	bool has[KINDS];
	bool is_judged; /* right now */
	bool is_odd;	/* may have what the quick reader leaves alone */
	size_t made[KINDS], taken[KINDS];
} doc = {.random = 88172645463325252u};

static unsigned below(unsigned limit)
{
	doc.random ^= doc.random << 13;
	doc.random ^= doc.random >> 7;
	doc.random ^= doc.random << 17;
	return (unsigned)(doc.random >> 33) % limit;
}

static bool chance(unsigned one_in)
{
	return below(one_in) == 0;
}

static void put(const char *text)
{
	buf_add(&doc.text, text, strlen(text));
}

static void has(enum piece_kind kind, const char *text)
{
	doc.has[kind] = true;
	put(text);
}

/* For what the quick reader leaves alone: seldom, and not in every document. */
static bool odd(enum piece_kind kind)
{
	if (!doc.is_odd || !chance(40))
		return false;
	doc.has[kind] = true;
	return true;
}

static void blanks(size_t count)
{
	while (count-- > 0)
		put(" ");
}

#define PICK(list) list[below(sizeof(list) / sizeof(list[0]))]

static const char *word(void)
{
	static const char *const words[] = {"joy", "a",	  "grief of", "x-1",   "12", "1.5",   "no",   "it's",
					    "a:b", "a#b", "http://x", "(one)", "-7", "a - b", "x, y", "~"};
	static const char *const unicode[] = {"\xC3\xA9t\xC3\xA9",  "\xE6\xB0\xB4", "a\xC2\xA0z",
					      "\xF0\x9F\x98\x80 z", "\xE2\x80\x93", "\xD0\x9C\xD0\xB8\xD1\x80"};

	if (chance(6)) {
		doc.has[UNICODE] = true;
		return PICK(unicode);
	}
	return PICK(words);
}

/* What may stand in a text on its own, and means something elsewhere. */
static const char *sign(void)
{
	static const char *const signs[] = {
		"# no",	  " # is", ": ",  ":",	 "- ", "-",  "---", "...", "? ", "[", "]", "{a}",
		"'",	  "\"",	   "\\n", "&a",	 "*a", "!t", "|",   ">",   "%",	 "@", "`", ",",
		"key: v", "a",	   "===", "<<:", "~",  ".",  "=",   "$x",  "\\", "^", ";", "<<<<"};

	return PICK(signs);
}

static void line_end(void)
{
	if (chance(12))
		has(BLANKS_BEHIND, chance(2) ? " " : "   ");
	if (chance(15))
		has(COMMENT_BEHIND, chance(3) ? " #" : "  # why: [not]");
	if (odd(TAB))
		put("\t");
	put(odd(CARRIAGE_RETURN) ? (chance(2) ? "\r\n" : "\r") : odd(OTHER_LINE_BREAK) ? "\xC2\x85" : "\n");
}

static void between_lines(size_t indent)
{
	if (chance(12))
		has(BLANK_LINE, "\n");
	if (chance(20)) {
		blanks(below(6) + 1);
		has(BLANKS_LINE, "\n");
	}
	if (chance(12)) {
		blanks(chance(3) ? below(6) : indent);
		has(COMMENT_LINE, chance(2) ? "# said: \"it\t[\n" : "#\n");
	}
}

static void block_line(size_t indent, bool is_folded)
{
	blanks(indent);
	if (chance(is_folded ? 30 : 8)) {
		doc.has[BLOCK_DEEPER_LINE] = true;
		blanks(below(4) + 1);
	}
	if (chance(60))
		has(BLOCK_TAB, "\t");
	put(word());
	if (chance(10))
		has(BLOCK_TAB, "\t");
	if (chance(4))
		put(sign());
	if (chance(6))
		has(BLOCK_COLON, ": x");
	if (chance(8))
		put("  ");
	put(odd(OTHER_LINE_BREAK) ? "\xE2\x80\xA8" : odd(CARRIAGE_RETURN) ? "\r\n" : "\n");
}

/* Lines of an empty one's kind, up to three. */
static void block_blanks(size_t indent, enum piece_kind kind)
{
	size_t count = below(3) + 1;

	doc.has[kind] = true;
	while (count-- > 0) {
		blanks(chance(2) ? 0 : below((unsigned)indent + 1));
		if (chance(8)) {
			doc.has[BLOCK_BLANKS_LINE] = true;
			blanks(indent + below(3));
		}
		put("\n");
	}
}

static void block(size_t parent)
{
	size_t indent = parent + 1 + below(4), count = below(5) + 1;
	bool is_folded = chance(3);

	if (is_folded)
		has(BLOCK_FOLDED, ">");
	else
		put("|");
	switch (below(4)) {
	case 0:
		has(BLOCK_STRIPPED, "-");
		break;
	case 1:
		has(BLOCK_KEPT, "+");
		break;
	default:
		doc.has[BLOCK_CLIPPED] = true;
	}
	if (odd(BLOCK_NUMBERED)) {
		put("2");
		indent = parent + 2;
	}
	line_end();
	if (odd(BLOCK_EMPTY))
		return;
	if (chance(6))
		block_blanks(indent, BLOCK_BLANK_FIRST);
	while (count-- > 0) {
		block_line(indent, is_folded);
		if (count > 0 && chance(5))
			block_blanks(indent, BLOCK_BLANK_INSIDE);
	}
	if (chance(5))
		block_blanks(indent, BLOCK_BLANK_LAST);
	if (chance(10)) {
		blanks(chance(2) ? 0 : below((unsigned)indent));
		has(BLOCK_COMMENT_AFTER, "# after\n");
	}
}

static void quoted(void)
{
	const char *quote = chance(2) ? "'" : "\"";

	doc.has[*quote == '"' ? DOUBLE_QUOTED : SINGLE_QUOTED] = true;
	put(quote);
	if (!chance(8)) {
		const char *text = chance(3) ? sign() : word();

		if (strchr(text, *quote) == NULL && strchr(text, '\\') == NULL)
			put(text);
		put(chance(4) ? "  b " : "");
		if (odd(ESCAPE))
			put(*quote == '"' ? "\\n" : "''");
		if (odd(QUOTED_OVER_LINES))
			put("\n   z");
	}
	put(quote);
}

static void brackets(void)
{
	unsigned count = below(4) + 1;

	if (chance(8)) {
		has(BRACKETS_EMPTY, chance(2) ? "[]" : "[  ]");
		return;
	}
	has(BRACKETS, chance(6) ? "[ " : "[");
	while (count-- > 0) {
		if (chance(4)) {
			doc.has[BRACKETS_QUOTED] = true;
			quoted();
		} else if (odd(BRACKETS_NESTED)) {
			put("[a, [b]]");
		} else {
			put(word());
			if (doc.is_odd && chance(8))
				put(sign());
		}
		if (count > 0)
			put(chance(6) ? " ," : ", ");
		if (chance(10)) {
			has(BRACKETS_OVER_LINES, chance(2) ? "\n" : chance(9) ? "\n... " : "\n \n");
			blanks(below(5));
		}
	}
	put(chance(6) ? " ]" : "]");
}

static void plain(void)
{
	doc.has[PLAIN] = true;
	put(word());
	if (chance(6)) {
		doc.has[PLAIN_ODD] = true;
		put(chance(2) ? " " : "");
		put(sign());
	}
	if (odd(PLAIN_OVER_LINES))
		put("\n       more");
}

#endif
