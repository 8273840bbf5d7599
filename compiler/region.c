/*
 * region.c: from a checked dimension to the bytes of its region; the writer's side of dim_format.h.
 * In: a dimension with its layers in ascending layer_id, a layout, an alignment.
 * Out: header and metadata with the region digest, and the whole file through a sink.
 */
#include "region.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "../include/dim_format.h"
#include "trace.h"

/* One keyword of one layer; sorted, they are the keyword table and its postings. */
struct mention {
	uint64_t start; /* of the word, the first byte highest: most words differ there */
	struct text word;
	uint32_t layer; /* position */
	uint32_t place; /* in the layer keywords, in authored order */
};

struct region_tables {
	const struct dimension *dimension;
	struct mention *mentions;
	size_t mention_count;
	size_t keyword_count;
	uint64_t sizes[DIM_SECTION_KNOWN + 1];
	uint64_t offsets[DIM_SECTION_KNOWN + 1]; /* from the start of the metadata */
	uint64_t metadata_size;
	uint32_t strings_used; /* while they are filled */
	char *metadata;
};

static int compare_text(struct text a, struct text b)
{
	int order = memcmp(a.bytes, b.bytes, a.size < b.size ? a.size : b.size);

	return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static uint64_t start_of(struct text word)
{
	uint64_t start = 0;

	memcpy(&start, word.bytes, word.size < sizeof(start) ? word.size : sizeof(start));
	return be64toh(start);
}

static int by_word_and_layer(const void *a, const void *b)
{
	const struct mention *x = a, *y = b;
	int order;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	order = compare_text(x->word, y->word);
	return order != 0 ? order : (x->layer > y->layer) - (x->layer < y->layer);
}

static bool begins_word(const struct region_tables *t, size_t i)
{
	return i == 0 || compare_text(t->mentions[i - 1].word, t->mentions[i].word) != 0;
}

/* Counts and sorts the keywords, and sizes every section. false where a count does not fit the format's 32 bits. */
static bool size_tables(struct region_tables *t)
{
	const struct dimension *d = t->dimension;
	uint64_t strings = d->name.size + d->description.size;
	uint64_t at = DIM_SECTION_KNOWN * sizeof(struct dim_section);
	size_t i, k, count = 0;
	int kind;

	for (i = 0; i < d->layer_count; i++) {
		count += d->layers[i].keyword_count;
		strings += d->layers[i].title.size;
	}
	if (count > DIM_FORMAT_MAX_POSTINGS)
		return false;
	t->mentions = mem_zalloc(count, sizeof(*t->mentions));
	for (i = 0; i < d->layer_count; i++)
		for (k = 0; k < d->layers[i].keyword_count; k++, t->mention_count++)
			t->mentions[t->mention_count] =
				(struct mention){start_of(d->layers[i].keywords[k]), d->layers[i].keywords[k],
						 (uint32_t)i, (uint32_t)t->mention_count};
	qsort(t->mentions, count, sizeof(*t->mentions), by_word_and_layer);
	for (i = 0; i < count; i++) {
		if (begins_word(t, i)) {
			t->keyword_count++;
			strings += t->mentions[i].word.size;
		}
	}
	if (strings > UINT32_MAX)
		return false;
	assert(t->keyword_count <= DIM_FORMAT_MAX_KEYWORDS); /* so many different words of UTF-8 have more than 4 GiB */
	t->sizes[DIM_SECTION_DIMENSION] = sizeof(struct dim_dimension_record);
	t->sizes[DIM_SECTION_LAYERS] = d->layer_count * sizeof(struct dim_layer_record);
	t->sizes[DIM_SECTION_FREQUENCY_ORDER] = d->layer_count * sizeof(struct dim_le32);
	t->sizes[DIM_SECTION_LAYER_KEYWORDS] = count * sizeof(struct dim_le32);
	t->sizes[DIM_SECTION_KEYWORDS] = t->keyword_count * sizeof(struct dim_keyword_record);
	t->sizes[DIM_SECTION_POSTINGS] = count * sizeof(struct dim_le32);
	t->sizes[DIM_SECTION_KEYWORD_HASH] =
		dim_format_hash_slots((uint32_t)t->keyword_count) * sizeof(struct dim_hash_slot);
	t->sizes[DIM_SECTION_STRINGS] = strings;
	for (kind = 1; kind <= DIM_SECTION_KNOWN; kind++) {
		at = (at + DIM_FORMAT_SECTION_ALIGNMENT - 1) & ~(uint64_t)(DIM_FORMAT_SECTION_ALIGNMENT - 1);
		t->offsets[kind] = at;
		at += t->sizes[kind];
	}
	t->metadata_size = at;
	return true;
}

static void *section(const struct region_tables *t, enum dim_format_section kind)
{
	return t->metadata + t->offsets[kind];
}

static void fill_directory(const struct region_tables *t, uint64_t metadata_offset)
{
	struct dim_section *directory = (struct dim_section *)(void *)t->metadata;
	int kind;

	for (kind = 1; kind <= DIM_SECTION_KNOWN; kind++) {
		directory[kind - 1].kind = dim_put32((uint32_t)kind);
		directory[kind - 1].offset = dim_put64(metadata_offset + t->offsets[kind]);
		directory[kind - 1].size = dim_put64(t->sizes[kind]);
	}
}

static struct dim_string_ref add_string(struct region_tables *t, struct text text)
{
	struct dim_string_ref ref = {dim_put32(t->strings_used), dim_put32((uint32_t)text.size)};

	if (text.size > 0)
		memcpy((char *)section(t, DIM_SECTION_STRINGS) + t->strings_used, text.bytes, text.size);
	t->strings_used += (uint32_t)text.size;
	return ref;
}

static void fill_dimension(struct region_tables *t)
{
	const struct dimension *d = t->dimension;
	struct dim_dimension_record *record = section(t, DIM_SECTION_DIMENSION);

	record->name = add_string(t, d->name);
	record->description = add_string(t, d->description);
	record->flags = dim_put32((d->has_created_at ? DIM_DIMENSION_HAS_CREATED_AT : 0u) |
				  (d->has_updated_at ? DIM_DIMENSION_HAS_UPDATED_AT : 0u) |
				  (d->has_frequency_range ? DIM_DIMENSION_HAS_FREQUENCY_RANGE : 0u));
	if (d->has_created_at)
		record->created_at = dim_put64((uint64_t)d->created_at);
	if (d->has_updated_at)
		record->updated_at = dim_put64((uint64_t)d->updated_at);
	if (d->has_frequency_range) {
		record->frequency_low = dim_putf64(d->frequency_low);
		record->frequency_high = dim_putf64(d->frequency_high);
	}
}

static void fill_layers(struct region_tables *t, const struct region *region)
{
	struct dim_layer_record *records = section(t, DIM_SECTION_LAYERS);
	uint32_t keyword_first = 0;
	size_t i;

	for (i = 0; i < t->dimension->layer_count; i++) {
		const struct layer *layer = &t->dimension->layers[i];
		struct dim_layer_record *record = &records[i];

		record->layer_id = dim_put32(layer->layer_id);
		record->keyword_count = dim_put32((uint32_t)layer->keyword_count);
		record->offset = dim_put64(region->slots[i].offset);
		record->size = dim_put64(region->slots[i].size);
		record->content_size = dim_put64(region->slots[i].content_size);
		record->frequency = dim_putf64(layer->frequency);
		record->keyword_first = dim_put32(keyword_first);
		record->title = add_string(t, layer->title);
		memcpy(record->digest, region->contents[i].bytes, DIGEST_SIZE);
		keyword_first += (uint32_t)layer->keyword_count;
	}
}

struct rank {
	double frequency;
	uint32_t layer;
};

static int by_frequency(const void *a, const void *b)
{
	const struct rank *x = a, *y = b;

	if (x->frequency != y->frequency)
		return x->frequency < y->frequency ? -1 : 1;
	return (x->layer > y->layer) - (x->layer < y->layer);
}

static void fill_frequency_order(const struct region_tables *t)
{
	struct dim_le32 *order = section(t, DIM_SECTION_FREQUENCY_ORDER);
	size_t count = t->dimension->layer_count, i;
	struct rank *ranks = mem_zalloc(count, sizeof(*ranks));

	for (i = 0; i < count; i++)
		ranks[i] = (struct rank){t->dimension->layers[i].frequency, (uint32_t)i};
	qsort(ranks, count, sizeof(*ranks), by_frequency);
	for (i = 0; i < count; i++)
		order[i] = dim_put32(ranks[i].layer);
	free(ranks);
}

static void add_to_hash(const struct region_tables *t, struct text word, uint32_t keyword)
{
	struct dim_hash_slot *slots = section(t, DIM_SECTION_KEYWORD_HASH);
	uint32_t mask = (uint32_t)dim_format_hash_slots((uint32_t)t->keyword_count) - 1;
	uint32_t hash = dim_format_hash(word.bytes, word.size);
	uint32_t at = hash & mask;

	while (dim_get32(slots[at].keyword) != 0)
		at = (at + 1) & mask;
	slots[at].hash = dim_put32(hash);
	slots[at].keyword = dim_put32(keyword + 1);
}

static void fill_keywords(struct region_tables *t)
{
	struct dim_keyword_record *records = section(t, DIM_SECTION_KEYWORDS);
	struct dim_le32 *postings = section(t, DIM_SECTION_POSTINGS);
	struct dim_le32 *of_layers = section(t, DIM_SECTION_LAYER_KEYWORDS);
	uint32_t keyword = 0, first = 0;
	size_t i;

	for (i = 0; i < t->mention_count; i++) {
		if (begins_word(t, i)) {
			keyword = i == 0 ? 0 : keyword + 1;
			first = (uint32_t)i;
			records[keyword].text = add_string(t, t->mentions[i].word);
			records[keyword].posting_first = dim_put32(first);
			add_to_hash(t, t->mentions[i].word, keyword);
		}
		records[keyword].posting_count = dim_put32((uint32_t)i + 1 - first);
		postings[i] = dim_put32(t->mentions[i].layer);
		of_layers[t->mentions[i].place] = dim_put32(keyword);
	}
}

static void fill_header(struct region *region, const struct region_tables *t)
{
	struct dim_header header;
	struct digest_state *state = digest_new();

	memset(&header, 0, sizeof(header));
	memcpy(header.magic, DIM_FORMAT_MAGIC, sizeof(header.magic));
	header.version = dim_put32(DIM_FORMAT_VERSION);
	header.dimension_id = dim_put32(t->dimension->dimension_id);
	header.layer_count = dim_put32((uint32_t)t->dimension->layer_count);
	header.total_size = dim_put64(region->at.total_size);
	header.header_size = dim_put32(sizeof(header));
	header.alignment = dim_put32(region->alignment);
	header.metadata_offset = dim_put64(region->at.metadata_offset);
	header.metadata_size = dim_put64(t->metadata_size);
	header.layout = dim_put32(region->layout == LAYOUT_PACKED ? DIM_FORMAT_LAYOUT_PACKED : DIM_FORMAT_LAYOUT_PAGE);
	header.section_count = dim_put32(DIM_SECTION_KNOWN);
	digest_add(state, &header, sizeof(header));
	digest_add(state, region->metadata.bytes, region->metadata.size);
	digest_end(state, &region->digest);
	digest_free(state);
	memcpy(header.checksum, region->digest.bytes, sizeof(header.checksum));
	memcpy(region->header, &header, sizeof(header));
}

static void digest_contents(struct region *region)
{
	struct digest_state *state = digest_new();
	size_t i;

	trace_begin(TRACE_HASH, NULL);
	for (i = 0; i < region->dimension->layer_count; i++) {
		digest_start(state);
		digest_add(state, region->dimension->layers[i].content.bytes,
			   region->dimension->layers[i].content.size);
		digest_end(state, &region->contents[i]);
		trace_count(0, region->dimension->layers[i].content.size);
	}
	trace_end(TRACE_HASH);
	digest_free(state);
}

static void free_tables(struct region *region)
{
	if (region->tables != NULL)
		free(region->tables->mentions);
	free(region->tables);
	region->tables = NULL;
}

bool region_measure(const struct dimension *dimension, enum layout layout, uint32_t alignment, struct region *ret)
{
	size_t i;

	memset(ret, 0, sizeof(*ret));
	ret->dimension = dimension;
	ret->layout = layout;
	ret->alignment = alignment;
	if (dimension->layer_count > UINT32_MAX)
		return false;
	ret->slots = mem_zalloc(dimension->layer_count, sizeof(*ret->slots));
	for (i = 0; i < dimension->layer_count; i++)
		ret->slots[i].content_size = dimension->layers[i].content.size;
	ret->tables = mem_zalloc(1, sizeof(*ret->tables));
	ret->tables->dimension = dimension;
	if (!size_tables(ret->tables))
		return false;
	ret->metadata_size = ret->tables->metadata_size;
	return true;
}

void region_fill(struct region *region)
{
	struct region_tables *t = region->tables;

	region->contents = mem_zalloc(region->dimension->layer_count, sizeof(*region->contents));
	digest_contents(region);
	t->metadata = buf_fill(&region->metadata, 0, (size_t)t->metadata_size);
	fill_directory(t, region->at.metadata_offset);
	fill_dimension(t);
	fill_layers(t, region);
	fill_frequency_order(t);
	fill_keywords(t);
	assert(t->strings_used == t->sizes[DIM_SECTION_STRINGS]);
	fill_header(region, t);
	free_tables(region);
}

void region_write(const struct region *region, struct out *out)
{
	size_t i;

	out_write(out, region->header, sizeof(region->header));
	if (region->layout == LAYOUT_PAGE)
		out_write(out, region->metadata.bytes, region->metadata.size);
	for (i = 0; i < region->dimension->layer_count; i++) {
		out_pad_to(out, region->slots[i].offset);
		out_write(out, region->dimension->layers[i].content.bytes, region->dimension->layers[i].content.size);
	}
	if (region->layout == LAYOUT_PACKED) {
		out_pad_to(out, region->at.metadata_offset);
		out_write(out, region->metadata.bytes, region->metadata.size);
	}
	out_pad_to(out, region->at.total_size);
}

void region_drop(struct region *region)
{
	free_tables(region);
	free(region->slots);
	free(region->contents);
	buf_free(&region->metadata);
	region->slots = NULL;
	region->contents = NULL;
}

void region_free(struct region *region)
{
	region_drop(region);
	memset(region, 0, sizeof(*region));
}
