/*
 * made_yaml.h: documents of YAML, made at random, always the same ones.
 * In: nothing.
 * Out: make_document() puts the next one into `doc`.
 */
#ifndef TESTS_MADE_YAML_H
#define TESTS_MADE_YAML_H

#include "made_scalars.h"

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
			put(chance(2) ? "...\n" : "... a: b\n");
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

#endif
