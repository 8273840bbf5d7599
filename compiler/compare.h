/*
 * compare.h: what changes from one side to the other: dimensions, their facts, their layers.
 * In: two sides.
 * Out: everything that differs, in the order of dimensions and layers; nothing for what is the same.
 */
#ifndef DIMC_COMPARE_H
#define DIMC_COMPARE_H

#include "side.h"
#include "textdiff.h"

enum compare_kind {
	COMPARE_CHANGED,
	COMPARE_ADDED,
	COMPARE_REMOVED,
	COMPARE_MOVED, /* told of where the layer is now */
	COMPARE_LEFT,  /* the same move, told of in the dimension that the layer left for another one */
	COMPARE_KINDS
};

/* What may differ of a dimension. */
enum compare_fact {
	FACT_ID, /* of two sides that stand for one dimension each */
	FACT_NAME,
	FACT_DESCRIPTION,
	FACT_CREATED_AT,
	FACT_UPDATED_AT,
	FACT_FREQUENCY_RANGE,
	FACT_LAYOUT,
	FACT_ALIGNMENT,
	FACT_CHECKSUM, /* the regions' bytes differ, though nothing else does that dimc knows of */
	FACT_COUNT
};

/* What may differ of a layer. */
enum compare_field { FIELD_TITLE, FIELD_FREQUENCY, FIELD_KEYWORDS, FIELD_CONTENT, FIELD_COUNT };

/* One of a pair that was found. */
struct compared_end {
	const struct side_dimension *dimension;
	const struct layer *layer; /* NULL: there is none on this side */
	const struct digest *digest;
};

struct compared_layer {
	enum compare_kind kind;
	struct compared_end from, to;
	unsigned fields; /* 1 << FIELD_TITLE and so on; of what is added or removed, those that have a value */
	bool is_binary;	 /* the content is no text: not UTF-8, or with a NUL */
	struct textdiff text;
};

struct compared_dimension {
	enum compare_kind kind;
	const struct side_dimension *from, *to; /* one may be NULL */
	unsigned facts;				/* 1 << FACT_ID and so on; as fields above */
	struct textdiff description;
	struct compared_layer *layers;
	size_t count, capacity;
};

struct comparison {
	struct compared_dimension *dimensions;
	size_t count, capacity;
	size_t dimension_counts[COMPARE_KINDS], layer_counts[COMPARE_KINDS];
	uint64_t removed, added; /* lines of contents that are text */
	bool is_only_layout;	 /* something differs, but only layouts and alignments */
};

/*
 * Pairs dimensions and layers by their ids (two sides of one dimension each, whatever their ids), and then what has no
 * partner by content: a layer has MOVED where exactly one layer that left has the content of exactly one that came,
 * also from one dimension to another. A layer whose content and title both became others has left, too, and another has
 * come in its place, so that ids that were shifted or swapped show as moves. *ret points into both sides.
 */
void compare_sides(const struct side *a, const struct side *b, struct comparison *ret);
void comparison_free(struct comparison *comparison);

/* The layer as it became; as it was, where it was removed. */
const struct layer *compare_shown_layer(const struct compared_layer *layer);

/* The stable name of a fact or a field: that of its key in sources and in index.json. */
const char *compare_fact_name(enum compare_fact fact);
const char *compare_field_name(enum compare_field field);

/* "changed", "added", "removed", "moved", "left". */
const char *compare_kind_name(enum compare_kind kind);

/* Whether the layer has exactly this word. */
bool compare_has_keyword(const struct layer *layer, struct text word);

/* Whether the keywords that both layers have stand in another order. */
bool compare_is_reordered(const struct layer *from, const struct layer *to);

#endif
