/*
 * events.h: YAML as a stream of events with places; the only room that includes <yaml.h> of libyaml.
 * In: the bytes of one file.
 * Out: events, aliases already replaced by what they stand for; or one reported problem, after which nothing comes.
 */
#ifndef DIMC_EVENTS_H
#define DIMC_EVENTS_H

#include "diag.h"
#include "model.h"

enum {
	YAML_MAX_DEPTH = 64,
	YAML_MAX_ANCHORS = 256,	 /* in one document */
	YAML_MAX_EXPANSION = 10, /* aliases may expand to this many times the file's own size */
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

struct yaml_reader;

/*
 * Begins to read. `bytes` must stay as they are until yaml_close; scalars live in the arena. `file` is the number that
 * diag_file gave.
 */
struct yaml_reader *yaml_open(const char *bytes, size_t size, uint32_t file, struct diag *diag, struct arena *arena);

/* The next event. After YAML_END comes YAML_END. */
struct yaml_event yaml_next(struct yaml_reader *reader);

/* Passes over the rest of the value that `first` began. */
void yaml_skip(struct yaml_reader *reader, const struct yaml_event *first);

/* Whether the stream ended with a problem, which was reported. */
bool yaml_failed(const struct yaml_reader *reader);

/* The same where it is no YAML; lists that are nested too deep, and what aliases do wrong, are no such problem. */
bool yaml_is_broken(const struct yaml_reader *reader);

/*
 * Whether what comes next is a problem, which is reported then. What was just read is likely not what its author meant:
 * of that there is nothing to say.
 */
bool yaml_fails_next(struct yaml_reader *reader);

/* All scalars so far, in the order of the file, and the bytes that they stand in, until yaml_close. */
const struct yaml_span *yaml_spans(const struct yaml_reader *reader, size_t *ret_count, struct text *ret_bytes);

void yaml_close(struct yaml_reader *reader);

#endif
