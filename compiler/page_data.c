/*
 * page_data.c: what the drawings and the search of a report are made of.
 * In: the facts of regions; how much of their texts to take along.
 * Out: one JSON document.
 *
 * A layer is an array, and "columns" names its members once: with thousands of layers, names would be most of the page.
 */
#include "page_data.h"

#include <string.h>

#include "json.h"
#include "region_facts.h"
#include "sections.h"
#include "utf8.h"

static const char *const text_words[] = {"auto", "full", "excerpt", "none"};

bool page_text_parse(const char *word, enum page_text *ret)
{
	size_t i;

	for (i = 0; i < sizeof(text_words) / sizeof(text_words[0]); i++) {
		if (strcmp(word, text_words[i]) == 0) {
			*ret = (enum page_text)i;
			return true;
		}
	}
	return false;
}

enum page_text page_text_decide(enum page_text wanted, const struct page_facts *facts)
{
	if (wanted != PAGE_TEXT_AUTO)
		return wanted;
	return facts->bytes.content <= PAGE_AUTO_LIMIT ? PAGE_TEXT_FULL : PAGE_TEXT_EXCERPT;
}

/* At most `max` bytes, and no half of a character. */
static size_t cut(const char *bytes, size_t size, size_t max)
{
	if (size <= max)
		return size;
	while (max > 0 && ((unsigned char)bytes[max] & 0xC0) == 0x80)
		max--;
	return max;
}

static void write_binary(struct json *json, const char *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	char hex[2 * PAGE_BINARY_EXCERPT];
	size_t i;

	for (i = 0; i < size; i++) {
		hex[2 * i] = digits[(unsigned char)bytes[i] >> 4];
		hex[2 * i + 1] = digits[(unsigned char)bytes[i] & 15];
	}
	json_text(json, NULL, hex, 2 * size);
}

/* is_text, shown (bytes of the content that are here), text */
static bool write_content(struct json *json, const struct dim_region *region, uint32_t position, enum page_text text)
{
	const struct dim_layer *layer;
	struct dim_span content;
	bool is_text;
	size_t shown;

	if (dim_region_layer_at(region, position, &layer) != DIM_OK ||
	    dim_layer_content(region, layer, &content) != DIM_OK)
		return false;
	is_text = utf8_is_valid(content.data, content.size) && memchr(content.data, '\0', content.size) == NULL;
	shown = content.size;
	if (text == PAGE_TEXT_NONE)
		shown = 0;
	else if (!is_text && shown > PAGE_BINARY_EXCERPT)
		shown = PAGE_BINARY_EXCERPT;
	else if (is_text && text == PAGE_TEXT_EXCERPT)
		shown = cut(content.data, content.size, PAGE_EXCERPT);
	json_bool(json, NULL, is_text);
	json_number(json, NULL, shown);
	if (is_text)
		json_text(json, NULL, content.data, shown);
	else
		write_binary(json, content.data, shown);
	return true;
}

static bool write_layer(struct json *json, const struct dim_region *region, uint32_t position, enum page_text text)
{
	char hex[DIGEST_HEX_SIZE];
	struct index_layer layer;
	bool ok;
	size_t i;

	if (!region_facts_layer(region, position, &layer))
		return false;
	json_begin(json, NULL, '[');
	json_number(json, NULL, layer.layer_id);
	json_text(json, NULL, layer.title.bytes, layer.title.size);
	json_double(json, NULL, layer.frequency);
	json_number(json, NULL, layer.offset);
	json_number(json, NULL, layer.size);
	json_number(json, NULL, layer.content_size);
	digest_hex(&layer.digest, hex);
	json_string(json, NULL, hex);
	json_begin(json, NULL, '[');
	for (i = 0; i < layer.keyword_count; i++)
		json_text(json, NULL, layer.keywords[i].bytes, layer.keywords[i].size);
	json_end(json, ']');
	ok = write_content(json, region, position, text);
	json_end(json, ']');
	return ok;
}

static void write_columns(struct json *json)
{
	static const char *const columns[] = {"id",	"title",    "frequency", "offset", "size", "content",
					      "digest", "keywords", "isText",	 "shown",  "text"};
	size_t i;

	json_begin(json, "columns", '[');
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		json_string(json, NULL, columns[i]);
	json_end(json, ']');
}

static void write_sections(struct json *json, const struct dim_region *region)
{
	struct section_facts sections[SECTIONS_MAX];
	size_t count = sections_read(region, sections), i;

	json_begin(json, "sections", '[');
	for (i = 0; i < count; i++) {
		json_begin(json, NULL, '[');
		json_string(json, NULL, sections[i].name);
		json_number(json, NULL, sections[i].offset);
		json_number(json, NULL, sections[i].size);
		json_end(json, ']');
	}
	json_end(json, ']');
}

static bool write_dimension(struct json *json, const struct page_dimension *d, enum page_text text)
{
	char hex[DIGEST_HEX_SIZE];
	bool ok = true;
	uint32_t i;

	digest_hex(&d->digest, hex);
	json_begin(json, NULL, '{');
	json_number(json, "id", d->id);
	json_text(json, "name", d->name.bytes, d->name.size);
	json_text(json, "description", d->description.bytes, d->description.size);
	json_string(json, "digest", hex);
	json_string(json, "layout", dim_region_layout(d->region) == 0 ? "page" : "packed");
	json_number(json, "alignment", dim_region_alignment(d->region));
	json_number(json, "header", PAGE_HEADER_SIZE);
	json_number(json, "metadataOffset", dim_region_metadata_offset(d->region));
	json_number(json, "metadataSize", dim_region_metadata_size(d->region));
	json_number(json, "total", dim_region_total_size(d->region));
	json_number(json, "file", d->bytes.file);
	if (d->has_range) {
		json_begin(json, "band", '[');
		json_double(json, NULL, d->range_low);
		json_double(json, NULL, d->range_high);
		json_end(json, ']');
	} else {
		json_null(json, "band");
	}
	write_sections(json, d->region);
	json_begin(json, "layers", '[');
	for (i = 0; i < d->layers && ok; i++)
		ok = write_layer(json, d->region, i, text);
	json_end(json, ']');
	json_end(json, '}');
	return ok;
}

bool page_data_write(const struct page_facts *facts, enum page_text text, struct buf *buf)
{
	struct json json = {.buf = buf, .is_inline = true};
	char hex[DIGEST_HEX_SIZE];
	bool ok = true;
	size_t i;

	digest_hex(&facts->digest, hex);
	json_begin(&json, NULL, '{');
	json_string(&json, "digest", hex);
	json_string(&json, "text", text_words[text]);
	write_columns(&json);
	json_begin(&json, "dimensions", '[');
	for (i = 0; i < facts->count && ok; i++)
		ok = write_dimension(&json, &facts->dimensions[i], text);
	json_end(&json, ']');
	json_end(&json, '}');
	return ok;
}
