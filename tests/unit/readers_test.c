/*
 * readers_test.c: the quick reader beside libyaml, on files and on documents made of pieces of YAML.
 * In: files, if any; else a number of documents to make.
 * Out: nothing wrong; how many of the files were taken, or a table: each piece, in how many documents it was, and how
 * many of these the quick reader took. A piece that it never took, and should, is an error.
 */
#include <fcntl.h>

#include "../../compiler/buf.h"
#include "../../compiler/fs.h"
#include "readers.h"

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
			has(BRACKETS_OVER_LINES, chance(2) ? "\n" : "\n \n");
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

static void node(size_t parent, int depth);

/* What stands on one line, or begins there. */
static void value(size_t parent)
{
	if (odd(ANCHOR))
		put(chance(2) ? "&a " : "*a ");
	if (odd(TAG))
		put("!!str ");
	switch (below(6)) {
	case 0:
		block(parent);
		return;
	case 1:
		brackets();
		break;
	case 2:
		quoted();
		break;
	case 3:
		if (odd(BRACES)) {
			put("{a: b}");
			break;
		} /* fall through */
	default:
		plain();
	}
	line_end();
}

static void list(size_t indent, int depth, bool is_inside)
{
	unsigned count = below(3) + 1;
	bool is_first = true;

	for (; count > 0; count--, is_first = false) {
		if (!is_first || !is_inside) {
			between_lines(indent);
			blanks(indent);
		}
		put("-");
		if (chance(10)) {
			doc.has[NOTHING] = true;
			line_end();
		} else if (depth > 0 && chance(4)) {
			size_t more = 1 + below(3);

			blanks(more);
			doc.has[LIST_IN_LIST] = true;
			list(indent + 1 + more, depth - 1, true);
		} else {
			blanks(1 + (chance(4) ? below(3) : 0));
			value(indent);
		}
	}
}

static void mapping(size_t indent, int depth, bool is_inside)
{
	static const char *const keys[] = {"layer_id", "title", "frequency", "keywords", "content", "a b", "x/y", "k1"};
	unsigned count = below(4) + 1;
	bool is_first = true;

	for (; count > 0; count--, is_first = false) {
		if (!is_first || !is_inside) {
			between_lines(indent);
			blanks(indent);
		}
		if (odd(QUOTED_KEY))
			put("\"q\"");
		else if (chance(20))
			has(UNICODE_KEY, "t\xC3\xAFtre");
		else
			put(PICK(keys));
		put(":");
		if (chance(10)) {
			doc.has[NOTHING] = true;
			line_end();
		} else if (depth > 0 && chance(4)) {
			line_end();
			node(indent, depth - 1);
		} else {
			blanks(1 + (chance(6) ? below(3) : 0));
			value(indent);
		}
	}
}

/* A collection below a key of a mapping that begins at `parent`. */
static void node(size_t parent, int depth)
{
	switch (below(4)) {
	case 0:
		doc.has[NESTED_MAPPING] = true;
		mapping(parent + 1 + below(4), depth, false);
		break;
	case 1:
		doc.has[LIST_BELOW_KEY] = true;
		list(parent, depth, false);
		break;
	case 2:
		doc.has[LIST] = true;
		list(parent + 1 + below(4), depth, false);
		break;
	default:
		doc.has[MAPPING_IN_LIST] = true;
		blanks(parent + 2);
		put("- ");
		mapping(parent + 4, depth, true);
	}
}

/* One byte too much, too little, or another one, wherever. */
static void typo(void)
{
	static const char bytes[] = " \n:#-[]{},'\"|>&*!%@`?\t\\.xa0~\r\x85\xC2\xE2\xEF<";
	size_t at = below((unsigned)doc.text.size);
	char byte = bytes[below(sizeof(bytes) - 1)];

	doc.has[TYPO] = true;
	switch (below(3)) {
	case 0:
		doc.text.bytes[at] = byte;
		break;
	case 1:
		memmove(doc.text.bytes + at, doc.text.bytes + at + 1, doc.text.size - at - 1);
		doc.text.size--;
		break;
	default:
		buf_add(&doc.text, "", 1);
		memmove(doc.text.bytes + at + 1, doc.text.bytes + at, doc.text.size - at - 1);
		doc.text.bytes[at] = byte;
	}
}

static void make_document(void)
{
	unsigned count = chance(4) ? 2 + below(2) : 1;

	doc.text.size = 0;
	memset(doc.has, 0, sizeof(doc.has));
	doc.is_odd = chance(3);
	if (chance(30))
		has(BYTE_ORDER_MARK, "\xEF\xBB\xBF");
	if (odd(DIRECTIVE))
		put("%YAML 1.1\n");
	while (count-- > 0) {
		size_t indent = 0;

		if (chance(5)) {
			doc.has[INDENTED_DOCUMENT] = true;
			indent = below(4);
		}
		if (chance(6)) {
			doc.has[LIST] = true;
			list(indent, 2, false);
		} else {
			mapping(indent, 2, false);
		}
		if (odd(DOCUMENT_END))
			put("...\n");
		if (count > 0 || chance(20)) {
			has(SEPARATOR, "---");
			line_end();
		}
	}
	if (odd(NOT_ALLOWED))
		put(chance(2) ? "# \x01\n" : "# \xC3(\n");
	if (odd(NO_LAST_LINE_END))
		doc.text.size--;
	while (doc.text.size > 0 && chance(4))
		typo();
}

/* Where it is wrong, CHECK ends the program. */
static void show_document(void)
{
	if (doc.is_judged)
		fprintf(stderr, "the document, without this line:\n%.*s", (int)doc.text.size, doc.text.bytes);
}

static void run_made(size_t count)
{
	size_t taken = 0, i, k;

	CHECK(atexit(show_document) == 0);
	for (i = 0; i < count; i++) {
		char *exact;
		bool is_quick;

		make_document();
		exact = malloc(doc.text.size + 1); /* a sanitizer sees who reads beyond it */
		CHECK(exact != NULL);
		memcpy(exact + 1, doc.text.bytes, doc.text.size);
		doc.is_judged = true;
		is_quick = readers_agree(exact + 1, doc.text.size);
		doc.is_judged = false;
		free(exact);
		taken += is_quick;
		for (k = 0; k < KINDS; k++) {
			doc.made[k] += doc.has[k];
			doc.taken[k] += doc.has[k] && is_quick;
		}
	}
	printf("%-22s %8s %8s\n%-22s %8zu %8zu\n", "", "made", "taken", "documents", count, taken);
	for (k = 0; k < KINDS; k++)
		printf("%-22s %8zu %8zu\n", pieces[k].name, doc.made[k], doc.taken[k]);
	for (k = 0; k < KINDS; k++)
		CHECK(doc.made[k] > 0 && (doc.taken[k] > 0 || !pieces[k].is_taken));
	buf_free(&doc.text);
}

static void run_files(char **names, int count)
{
	size_t taken = 0;
	int i;

	for (i = 0; i < count; i++) {
		struct arena arena = {0};
		struct fs_file file;

		CHECK(fs_read(AT_FDCWD, names[i], 1 << 26, FS_FOLLOW, &arena, &file) == 0);
		if (readers_agree(file.bytes, file.size))
			taken++;
		else if (getenv("TELL") != NULL)
			printf("%s\n", names[i]);
		arena_free(&arena);
	}
	printf("%zu of %d files\n", taken, count);
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--made") == 0)
		run_made(strtoul(argv[2], NULL, 10));
	else
		run_files(argv + 1, argc - 1);
	return 0;
}
