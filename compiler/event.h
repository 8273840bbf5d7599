/*
 * event.h: one event of a YAML file, and where in the file a scalar stands.
 * In: nothing; plain.c and quick.c make events, events.c hands them out.
 * Out: plain structs.
 */
#ifndef DIMC_EVENT_H
#define DIMC_EVENT_H

#include "diag.h"
#include "model.h"

enum {
	YAML_MAX_DEPTH = 64,
	YAML_MAX_ANCHORS = 256,	   /* in one document */
	YAML_MAX_DIRECTIVES = 256, /* in front of one document */
	YAML_MAX_EXPANSION = 10,   /* aliases may expand to this many times the file's own size */
};

enum yaml_kind {
	YAML_END, /* of the stream, or after a problem */
	YAML_DOCUMENT,
	YAML_DOCUMENT_END, /* left out where yaml_fails_next looked beyond it */
	YAML_SCALAR,
	YAML_SEQUENCE,
	YAML_SEQUENCE_END,
	YAML_MAPPING,
	YAML_MAPPING_END,
};

enum yaml_tag { YAML_TAG_NONE, YAML_TAG_STR, YAML_TAG_INT, YAML_TAG_FLOAT, YAML_TAG_SEQ, YAML_TAG_MAP, YAML_TAG_OTHER };

struct yaml_event {
	enum yaml_kind kind;
	enum yaml_tag tag;
	const char *tag_name; /* as YAML resolves it; NULL: none */
	bool is_plain;	      /* a scalar without quotes that is no block */
	bool is_decorated; /* a node with an anchor or a tag, or what an alias stands for; a document with directives */
	struct text text;  /* of a scalar */
	struct text
		raw; /* of a scalar or bracket, as typed, in the bytes of the file; NULL where an alias stands for it */
	struct place at;
};

/* Where in the file a scalar stands: bytes from `start` up to `end`. */
struct yaml_span {
	size_t start, end;
	bool is_plain, is_block;
};

#endif
