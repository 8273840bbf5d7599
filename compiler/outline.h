/*
 * outline.h: a source as its author laid it out: documents, keys, values, and the comments that speak of them.
 * In: the text of a source that has no errors.
 * Out: a tree of what is written, each comment at what it belongs to.
 */
#ifndef DIMC_OUTLINE_H
#define DIMC_OUTLINE_H

#include "events.h"

struct comment {
	struct comment *next;	 /* of the same kind at the same thing */
	struct comment *earlier; /* of the whole text */
	struct text text;	 /* from # on, without blanks at its end */
	bool is_after_blank;	 /* it begins a line, and the line before it is empty */
	uint32_t column;	 /* where it has a line of its own; 0: a dash or the like stands before it */
};

struct comments {
	struct comment *first, *last;
};

struct outline_node {
	enum yaml_kind kind;		    /* YAML_SCALAR, YAML_SEQUENCE or YAML_MAPPING */
	struct text text;		    /* of a scalar, as a reader gets it */
	struct text raw;		    /* of a scalar, as it was typed */
	struct outline_entry *first, *last; /* of the others */
	size_t count;
	struct comments tail; /* behind the last entry */
};

/* A key with its value, an item of a list, or a document. */
struct outline_entry {
	struct outline_entry *next;
	struct text key; /* of a mapping's entry */
	struct comments
		before;	       /* in the lines above; of a document those that stay at its top, whatever key is first */
	struct comments trail; /* behind it, in its line */
	bool is_after_blank;   /* the line before it is empty; of a document: the line between its top and its keys */
	struct outline_node value;
};

struct outline {
	struct arena arena;
	struct outline_node documents; /* a sequence of them */
	struct comment *last_comment;
	size_t comment_count;
};

/*
 * Reads a text, which must stay as it is until outline_free. false, and nothing to be used, where it has anchors,
 * aliases, tags or directives: they tie places together that this tree would move.
 */
bool outline_read(struct text text, struct outline *ret);

void outline_free(struct outline *outline);

#endif
