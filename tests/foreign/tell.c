/*
 * tell.c: all that libdim says of a volume, as text, to be compared between machines.
 * In: the path of a volume.
 * Out: a line for each fact and each answer of a search; contents by their hash. Status 1 where libdim refuses
 * anything.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../include/dim.h"
#include "../../include/dim_format.h"
#include "../../include/dim_region.h"

static void need(enum dim_status status, const char *what)
{
	if (status == DIM_OK)
		return;
	fprintf(stderr, "tell: %s: %s\n", what, dim_strerror(status));
	exit(1);
}

static void tell_bits(const char *name, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	printf(" %s %016" PRIx64, name, bits);
}

static void tell_digest(const uint8_t *digest)
{
	int i;

	for (i = 0; i < (int)DIM_FORMAT_DIGEST_SIZE; i++)
		printf("%02x", digest[i]);
}

static void tell_layer(const struct dim_region *r, const struct dim_layer *layer)
{
	const struct dim_layer *found = NULL;
	struct dim_span content = {0}, title = {0}, word = {0};
	uint32_t i;

	need(dim_layer_content(r, layer, &content), "content");
	need(dim_layer_title(r, layer, &title), "title");
	need(dim_region_layer(r, dim_layer_id(layer), &found), "a layer by its id");
	printf("layer %" PRIu32 " at %" PRIu64 " slot %" PRIu64 " size %" PRIu64 " hash %08" PRIx32 " same %d",
	       dim_layer_id(layer), dim_layer_offset(layer), dim_layer_slot_size(layer), dim_layer_content_size(layer),
	       dim_format_hash(content.data, content.size), found == layer);
	tell_bits("frequency", dim_layer_frequency(layer));
	printf(" title %.*s digest ", (int)title.size, title.data);
	tell_digest(dim_layer_digest(layer));
	for (i = 0; i < dim_layer_keyword_count(layer); i++) {
		need(dim_layer_keyword(r, layer, i, &word), "a keyword of a layer");
		printf(" [%.*s]", (int)word.size, word.data);
	}
	printf("\n");
}

static void tell_keyword(const struct dim_region *r, uint32_t position)
{
	const struct dim_layer *layer = NULL;
	struct dim_span word = {0};
	uint32_t found = UINT32_MAX, count = 0, i;

	need(dim_region_keyword_at(r, position, &word), "a keyword");
	need(dim_region_find_keyword(r, word.data, word.size, &found), "a search for a keyword");
	need(dim_keyword_layer_count(r, position, &count), "the layers of a keyword");
	printf("keyword %.*s same %d:", (int)word.size, word.data, found == position);
	for (i = 0; i < count; i++) {
		need(dim_keyword_layer(r, position, i, &layer), "a layer of a keyword");
		printf(" %" PRIu32, dim_layer_id(layer));
	}
	printf("\n");
}

static void tell_region(const struct dim_region *r)
{
	const struct dim_layer *layer = NULL;
	struct dim_span name = {0};
	double low = 0, high = 0;
	int64_t created = 0;
	uint32_t i;

	need(dim_region_check(r, NULL), "the proof of the metadata");
	need(dim_region_name(r, &name), "the name");
	printf("D%02" PRIu32 " %.*s: %" PRIu32 " layers, %" PRIu64 " bytes, checksum ", dim_region_dimension_id(r),
	       (int)name.size, name.data, dim_region_layer_count(r), dim_region_total_size(r));
	tell_digest(dim_region_checksum(r));
	if (dim_region_created_at(r, &created) == DIM_OK)
		printf(" created %" PRId64, created);
	if (dim_region_frequency_range(r, &low, &high) == DIM_OK) {
		tell_bits("from", low);
		tell_bits("to", high);
	}
	printf("\n");
	for (i = 0; dim_region_layer_at(r, i, &layer) == DIM_OK; i++)
		tell_layer(r, layer);
	for (i = 0; i < dim_region_keyword_count(r); i++)
		tell_keyword(r, i);
	for (i = 0; dim_region_layer_by_frequency(r, i, &layer) == DIM_OK; i++)
		printf("rank %" PRIu32 " %" PRIu32 "\n", i, dim_layer_id(layer));
}

int main(int argc, char **argv)
{
	struct dim_volume *volume = NULL;
	const struct dim_snapshot *snapshot;
	const struct dim_region *region = NULL;
	struct dim_cursor cursor;
	const struct dim_layer *layer = NULL;
	size_t i;

	if (argc != 2)
		return fprintf(stderr, "usage: tell VOLUME\n"), 2;
	need(dim_volume_open(argv[1], NULL, &volume, NULL), argv[1]);
	snapshot = dim_volume_acquire(volume);
	for (i = 0; i < dim_snapshot_count(snapshot); i++) {
		need(dim_snapshot_region(snapshot, dim_snapshot_dimension_at(snapshot, i), &region), "a region");
		tell_region(region);
	}
	dim_snapshot_find_frequency(snapshot, 0.25, 5.0, &cursor);
	while (dim_cursor_next_layer(&cursor, &region, &layer) == DIM_OK)
		printf("near %" PRIu32 "/%" PRIu32 "\n", dim_region_dimension_id(region), dim_layer_id(layer));
	dim_snapshot_release(snapshot);
	dim_volume_close(volume);
	return fflush(stdout) == 0 ? 0 : 1;
}
