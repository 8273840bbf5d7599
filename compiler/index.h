/*
 * index.h: index.json, the facts of a region for people and other languages.
 * In: those facts, from the compiler's model or from a region that was read.
 * Out: the text, the same for the same facts.
 */
#ifndef DIMC_INDEX_H
#define DIMC_INDEX_H

#include "buf.h"
#include "digest.h"
#include "model.h"

enum { INDEX_VERSION = 1 };

struct index_layer {
	uint32_t layer_id;
	uint64_t offset, size, content_size;
	double frequency;
	struct text title; /* size 0: none */
	struct digest digest;
	size_t keyword_count;
	struct text keywords[MODEL_MAX_KEYWORDS];
};

struct index_facts {
	uint32_t dimension_id;
	struct text name;
	struct text created_at, updated_at; /* YYYY-MM-DDTHH:MM:SSZ */
	uint64_t total_size;
	struct digest digest; /* of the region */
	uint32_t alignment;
	enum layout layout;
	struct text generator; /* the program that wrote it, with its version */
	size_t layer_count;
	/* Gives the layer at `position`; false where that is not possible. */
	bool (*layer)(void *context, size_t position, struct index_layer *ret);
	void *context;
};

/* Appends the whole file. false where facts->layer failed. */
bool index_write(const struct index_facts *facts, struct buf *buf);

/*
 * Finds the value of a string member at the top of an index.json as index_write writes it. false where there is none.
 */
bool index_find_string(const char *json, size_t size, const char *name, struct text *ret);

#endif
