/*
 * quick.c: the common subset of YAML as events with places, many times as fast as libyaml.
 * In: the bytes of one file that characters_are_common knows.
 * Out: exactly the events that plain.h gives; or nothing where the file is not certain to be of the subset.
 *
 * The whole file is looked through before the first event goes out: then there is no way back. What looks like a
 * mistake is left to libyaml, which has the words for it.
 */
#include "quick.h"

#include <stdlib.h>
#include <string.h>

#include "pieces.h"
#include "quick_value.h"

/* Collections in collections; fewer than YAML_MAX_DEPTH, which is an error. */
enum { MAX_LEVELS = 32 };

/* A list whose "- " stands below its key, and not further to the right, is none of libyaml's blocks. */
enum level_kind { LEVEL_MAPPING, LEVEL_LIST, LEVEL_LIST_BELOW_KEY };

struct level {
	size_t column; /* from 0 on */
	enum level_kind kind;
};

struct quick {
	struct pieces pieces;
	uint32_t file;
	struct arena *arena;
	struct quick_line line;
	struct level levels[MAX_LEVELS];
	size_t depth;
	bool in_document;
	bool wants_value;     /* the document, a key or a "-" has nothing behind it yet; */
	struct piece nothing; /* what stands there if nothing comes */
};

/* The place of `at` on the line, for what has no text of its own. */
static void add_mark(struct quick *q, enum yaml_kind kind, size_t size)
{
	quick_add(&q->line, kind, PIECE_PLAIN, q->line.at + size);
}

static bool push(struct quick *q, enum level_kind kind, size_t column)
{
	if (q->depth == MAX_LEVELS)
		return false;
	q->levels[q->depth++] = (struct level){column, kind};
	add_mark(q, kind == LEVEL_MAPPING ? YAML_MAPPING : YAML_SEQUENCE, kind == LEVEL_LIST_BELOW_KEY ? 1 : 0);
	return true;
}

static void pop(struct quick *q)
{
	q->depth--;
	add_mark(q, q->levels[q->depth].kind == LEVEL_MAPPING ? YAML_MAPPING_END : YAML_SEQUENCE_END, 0);
}

/* Behind the key's colon or the "-" of an entry, where `at` is, stands nothing on this line. */
static void expect_value(struct quick *q)
{
	struct pieces *pieces = &q->pieces;

	add_mark(q, YAML_SCALAR, 0);
	q->nothing = pieces->list[--pieces->count];
	q->wants_value = true;
}

static void settle_value(struct quick *q)
{
	if (q->wants_value)
		pieces_add(&q->pieces, q->nothing);
	q->wants_value = false;
}

/* Opens and closes levels until a key, or the "-" of an entry, fits in at `column`. false: it does not. */
static bool settle(struct quick *q, size_t column, bool is_entry)
{
	const struct level *top = q->depth > 0 ? &q->levels[q->depth - 1] : NULL;

	if (q->wants_value && (top == NULL || column > top->column)) {
		q->wants_value = false;
		return push(q, is_entry ? LEVEL_LIST : LEVEL_MAPPING, column);
	}
	if (q->wants_value && column == top->column && top->kind == LEVEL_MAPPING && is_entry) {
		q->wants_value = false;
		return push(q, LEVEL_LIST_BELOW_KEY, column);
	}
	settle_value(q);
	while (q->depth > 0 && q->levels[q->depth - 1].column > column)
		pop(q);
	if (q->depth > 0 && !is_entry && q->levels[q->depth - 1].kind == LEVEL_LIST_BELOW_KEY)
		pop(q);
	top = q->depth > 0 ? &q->levels[q->depth - 1] : NULL;
	return top != NULL && top->column == column && (top->kind != LEVEL_MAPPING) == is_entry;
}

static void begin_document(struct quick *q, size_t size)
{
	add_mark(q, YAML_DOCUMENT, size);
	q->in_document = q->wants_value = true;
}

/* false where the document is empty. */
static bool end_document(struct quick *q)
{
	if (!q->in_document)
		return true;
	if (q->depth == 0)
		return false;
	settle_value(q);
	while (q->depth > 0)
		pop(q);
	add_mark(q, YAML_DOCUMENT_END, 0);
	q->in_document = false;
	return true;
}

static bool is_entry_at(const char *at)
{
	return at[0] == '-' && (at[1] == ' ' || at[1] == '\n');
}

/* A line "---". */
static bool read_separator(struct quick *q)
{
	if (!end_document(q))
		return false;
	begin_document(q, 3);
	q->line.at += 3;
	return quick_ends(&q->line);
}

/* A line that has something, from its first character on: keys and signs of entries, and a value. */
static bool read_line(struct quick *q)
{
	struct quick_line *l = &q->line;
	bool is_entry = is_entry_at(l->at);
	const char *colon = quick_find_colon(l);
	size_t column = (size_t)(l->at - l->start);

	if (column == 0 && l->end - l->at >= 3 && memcmp(l->at, "---", 3) == 0)
		return read_separator(q);
	if ((!is_entry && colon == NULL) || (column == 0 && *l->at == '.'))
		return false;
	if (!q->in_document)
		begin_document(q, 0);
	if (!settle(q, column, is_entry))
		return false;
	for (;;) {
		if (is_entry) {
			l->at++;
		} else {
			quick_add(l, YAML_SCALAR, PIECE_PLAIN, colon);
			l->at = colon + 1;
		}
		expect_value(q);
		if (quick_ends(l))
			return true;
		q->wants_value = false;
		if (!is_entry)
			break;
		/* Behind "- " another collection may begin. */
		is_entry = is_entry_at(l->at);
		colon = quick_find_colon(l);
		if (!is_entry && colon == NULL)
			break;
		if (!push(q, is_entry ? LEVEL_LIST : LEVEL_MAPPING, (size_t)(l->at - l->start)))
			return false;
	}
	return quick_value(l, q->levels[q->depth - 1].column);
}

/* Whether all of the file is of the subset; then the pieces are there. */
static bool read_lines(struct quick *q)
{
	struct quick_line *l = &q->line;
	const char *end = q->pieces.bytes + q->pieces.size, *next;

	for (next = q->pieces.bytes; next < end; next = l->end + 1) {
		l->number++;
		l->start = l->at = l->counted = next;
		l->end = memchr(next, '\n', (size_t)(end - next));
		l->column = 1;
		while (*l->at == ' ')
			l->at++;
		if (l->at < l->end && *l->at != '#' && !read_line(q))
			return false;
	}
	l->number++;
	l->at = l->counted = end;
	l->column = 1;
	if (!end_document(q))
		return false;
	add_mark(q, YAML_END, 0);
	return q->pieces.count > 1; /* a file without documents is a mistake, or soon will be */
}

struct quick *quick_open(const char *bytes, size_t size, uint32_t file, struct arena *arena)
{
	struct quick *q;

	if (size == 0 || bytes[size - 1] != '\n')
		return NULL;
	q = mem_zalloc(1, sizeof(*q));
	q->pieces.bytes = bytes;
	q->pieces.size = size;
	q->file = file;
	q->arena = arena;
	q->line.pieces = &q->pieces;
	if (read_lines(q))
		return q;
	quick_close(q);
	return NULL;
}

struct yaml_event quick_next(struct quick *quick)
{
	return pieces_next(&quick->pieces, quick->file, quick->arena);
}

const struct yaml_span *quick_spans(struct quick *quick, size_t *ret_count)
{
	return pieces_spans(&quick->pieces, ret_count);
}

void quick_close(struct quick *quick)
{
	pieces_free(&quick->pieces);
	free(quick);
}
