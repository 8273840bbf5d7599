/*
 * index.c: index.json, the facts of a region for people and other languages.
 * In: those facts, from the compiler's model or from a region that was read.
 * Out: the text, the same for the same facts.
 */
#include "index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

static void write_layer(struct json *json, const struct index_layer *layer)
{
	size_t i;

	json_begin(json, NULL, '{');
	json_number(json, "layer_id", layer->layer_id);
	if (layer->title.size > 0)
		json_text(json, "title", layer->title.bytes, layer->title.size);
	json_number(json, "offset", layer->offset);
	json_number(json, "size", layer->size);
	json_number(json, "content_size", layer->content_size);
	json_double(json, "frequency", layer->frequency);
	json_begin_inline(json, "keywords", '[');
	for (i = 0; i < layer->keyword_count; i++)
		json_text(json, NULL, layer->keywords[i].bytes, layer->keywords[i].size);
	json_end_inline(json, ']');
	json_digest(json, "checksum", &layer->digest);
	json_end(json, '}');
}

bool index_write(const struct index_facts *facts, struct buf *buf)
{
	struct json json = {.buf = buf};
	struct index_layer layer;
	size_t i;

	json_begin(&json, NULL, '{');
	json_number(&json, "dimension_id", facts->dimension_id);
	json_text(&json, "dimension_name", facts->name.bytes, facts->name.size);
	json_number(&json, "version", INDEX_VERSION);
	json_text(&json, "created_at", facts->created_at.bytes, facts->created_at.size);
	json_text(&json, "updated_at", facts->updated_at.bytes, facts->updated_at.size);
	json_number(&json, "layer_count", facts->layer_count);
	json_number(&json, "total_size", facts->total_size);
	json_digest(&json, "checksum", &facts->digest);
	json_number(&json, "alignment", facts->alignment);
	json_string(&json, "layout", facts->layout == LAYOUT_PACKED ? "packed" : "page");
	json_text(&json, "generator", facts->generator.bytes, facts->generator.size);
	json_begin(&json, "layers", '[');
	for (i = 0; i < facts->layer_count; i++) {
		if (!facts->layer(facts->context, i, &layer))
			return false;
		write_layer(&json, &layer);
	}
	json_end(&json, ']');
	json_end(&json, '}');
	return true;
}

bool index_find_string(const char *json, size_t size, const char *name, struct text *ret)
{
	char want[64];
	const char *at, *end;
	int length = snprintf(want, sizeof(want), "\n  \"%s\": \"", name);

	at = memmem(json, size, want, (size_t)length);
	if (at == NULL)
		return false;
	at += length;
	end = memchr(at, '"', size - (size_t)(at - json));
	if (end == NULL)
		return false;
	ret->bytes = at;
	ret->size = (size_t)(end - at);
	return true;
}
