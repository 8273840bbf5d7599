/*
 * pieces.c: what the quick reader found in a file, piece by piece.
 * In: pieces in the order of the file.
 * Out: events; texts are copied out of the file only when their event is asked for.
 */
#include "pieces.h"

#include <stdlib.h>
#include <string.h>

#include "utf8.h"

enum { FIRST_CAPACITY = 32 /* a layer has about so many */ };

void pieces_add(struct pieces *pieces, struct piece piece)
{
	if (pieces->list == NULL) {
		pieces->capacity = FIRST_CAPACITY;
		pieces->list = mem_grow(NULL, pieces->capacity, sizeof(*pieces->list));
	}
	pieces->list = mem_reserve(pieces->list, pieces->count, &pieces->capacity, sizeof(*pieces->list));
	pieces->list[pieces->count++] = piece;
}

/* The first line of a block, behind that of its "|" or ">". */
static const char *first_line(const struct pieces *pieces, const struct piece *piece)
{
	return (const char *)memchr(pieces->bytes + piece->start, '\n', piece->end - piece->start) + 1;
}

/* Where the text of a line begins; fewer blanks than the indentation are an empty line, too. */
static const char *line_text(const struct piece *piece, const char *line, const char *next)
{
	return (size_t)(next - line) > piece->indent ? line + piece->indent : next - 1;
}

/* The lines without their indentation, as far as the text goes. */
static void copy_literal(const struct pieces *pieces, const struct piece *piece, char *ret)
{
	const char *end = pieces->bytes + piece->end, *line = first_line(pieces, piece), *next, *text;
	size_t left = piece->size, length;

	for (; left > 0; line = next, left -= length, ret += length) {
		next = (const char *)memchr(line, '\n', (size_t)(end - line)) + 1;
		text = line_text(piece, line, next);
		length = (size_t)(next - text);
		if (length > left)
			length = left; /* "|-" */
		memcpy(ret, text, length);
	}
}

/* One line end between two lines is a space, and of more than one the first goes. */
static void copy_folded(const struct pieces *pieces, const struct piece *piece, char *ret)
{
	const char *end = pieces->bytes + piece->end, *line = first_line(pieces, piece), *next, *text;
	size_t at = 0, ends = 0, length;

	for (; line < end; line = next, ends++) {
		next = (const char *)memchr(line, '\n', (size_t)(end - line)) + 1;
		text = line_text(piece, line, next);
		length = (size_t)(next - 1 - text);
		if (length == 0)
			continue;
		if (at > 0 && ends == 1)
			ret[at++] = ' ';
		else
			for (ends -= at > 0; ends > 0; ends--)
				ret[at++] = '\n';
		memcpy(ret + at, text, length);
		at += length;
		ends = 0;
	}
	memset(ret + at, '\n', piece->size - at);
}

static struct text text_of(const struct pieces *pieces, const struct piece *piece, struct arena *arena)
{
	size_t quote = piece->form == PIECE_QUOTED ? 1 : 0, size = piece->end - piece->start - 2 * quote;
	char *text;

	if (piece->form < PIECE_LITERAL)
		return (struct text){arena_copy(arena, pieces->bytes + piece->start + quote, size), size};
	text = arena_alloc_raw(arena, piece->size + 1);
	if (piece->form == PIECE_LITERAL)
		copy_literal(pieces, piece, text);
	else
		copy_folded(pieces, piece, text);
	text[piece->size] = '\0';
	return (struct text){text, piece->size};
}

struct yaml_event pieces_next(struct pieces *pieces, uint32_t file, struct arena *arena)
{
	struct yaml_event event = {.kind = YAML_END};
	const struct piece *piece;

	if (pieces->next == pieces->count)
		return event;
	piece = &pieces->list[pieces->next++];
	event.kind = piece->kind;
	event.at = (struct place){file, piece->line, piece->column, 1};
	event.raw.bytes = pieces->bytes + piece->start;
	event.raw.size = piece->end - piece->start;
	if (piece->kind != YAML_SCALAR)
		return event;
	event.is_plain = piece->form == PIECE_PLAIN;
	event.text = text_of(pieces, piece, arena);
	if (piece->form < PIECE_LITERAL && piece->end > piece->start)
		event.at.length = (uint32_t)utf8_length(event.raw.bytes, event.raw.size);
	return event;
}

const struct yaml_span *pieces_spans(struct pieces *pieces, size_t *ret_count)
{
	for (; pieces->spanned < pieces->next; pieces->spanned++) {
		const struct piece *piece = &pieces->list[pieces->spanned];

		if (piece->kind != YAML_SCALAR)
			continue;
		pieces->spans =
			mem_reserve(pieces->spans, pieces->span_count, &pieces->span_capacity, sizeof(*pieces->spans));
		pieces->spans[pieces->span_count++] = (struct yaml_span){
			piece->start, piece->end, piece->form == PIECE_PLAIN, piece->form >= PIECE_LITERAL};
	}
	*ret_count = pieces->span_count;
	return pieces->spans;
}

void pieces_free(struct pieces *pieces)
{
	free(pieces->list);
	free(pieces->spans);
}
