/*
 * pieces.h: what the quick reader found in a file, piece by piece.
 * In: pieces in the order of the file.
 * Out: events; texts are copied out of the file only when their event is asked for.
 */
#ifndef DIMC_PIECES_H
#define DIMC_PIECES_H

#include "event.h"

enum piece_form { PIECE_PLAIN, PIECE_QUOTED, PIECE_LITERAL, PIECE_FOLDED };

struct piece {
	size_t start, end;     /* what was typed, in the bytes of the file */
	size_t size;	       /* of a block: its text's */
	uint32_t line, column; /* as editors count */
	uint32_t indent;       /* of a block: what is no text at the start of its lines */
	enum yaml_kind kind;
	enum piece_form form; /* of a scalar */
};

struct pieces {
	const char *bytes;
	size_t size;
	struct piece *list;
	size_t count, capacity;
	size_t next;		 /* the first one that is no event yet */
	struct yaml_span *spans; /* of the first pieces, up to `spanned` */
	size_t span_count, span_capacity, spanned;
};

void pieces_add(struct pieces *pieces, struct piece piece);

/* The next piece as an event; behind the last one comes YAML_END. Texts live in the arena. */
struct yaml_event pieces_next(struct pieces *pieces, uint32_t file, struct arena *arena);

/* The scalars among the pieces that became events. */
const struct yaml_span *pieces_spans(struct pieces *pieces, size_t *ret_count);

void pieces_free(struct pieces *pieces);

#endif
