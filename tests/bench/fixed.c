/*
 * fixed.c: always the same lookups, for scripts/check-instructions.sh to count their instructions.
 * In: a volume.
 * Out: nothing; status 1 where a lookup finds nothing.
 */
#include "bench.h"

enum { ROUNDS = 100 };

static uint64_t sum;

/* Each layer by its id, and its content. */
static void ask_layers(const struct dim_snapshot *now, uint32_t dimension_id, uint32_t count)
{
	const struct dim_region *region;
	const struct dim_layer *layer;
	struct dim_span content;
	uint32_t id;

	for (id = 1; id <= count; id++) {
		NEED(dim_snapshot_layer(now, dimension_id, id, &region, &layer) == DIM_OK);
		NEED(dim_layer_content(region, layer, &content) == DIM_OK);
		sum += touched(content.data, content.size);
	}
}

/* Each of its keywords, in its own region. */
static void ask_keywords(const struct dim_region *region)
{
	const struct dim_layer *layer;
	struct dim_span word;
	uint32_t i, found;

	for (i = 0; dim_region_keyword_at(region, i, &word) == DIM_OK; i++) {
		NEED(dim_region_find_keyword(region, word.data, word.size, &found) == DIM_OK && found == i);
		NEED(dim_keyword_layer(region, found, 0, &layer) == DIM_OK);
		sum += dim_layer_id(layer);
	}
}

/* All dimensions at once. */
static void search(const struct dim_snapshot *now)
{
	const struct dim_region *region;
	const struct dim_layer *layer;
	struct dim_cursor cursor;
	struct dim_span word;

	dim_snapshot_find_frequency(now, 1, 20, &cursor);
	while (dim_cursor_next_layer(&cursor, &region, &layer) == DIM_OK)
		sum += dim_layer_id(layer);
	dim_snapshot_find_prefix(now, "b", 1, &cursor);
	while (dim_cursor_next_keyword(&cursor, &word) == DIM_OK)
		sum += word.size;
}

int main(int argc, char **argv)
{
	const struct dim_snapshot *now;
	struct dim_volume *volume;
	size_t round, i;

	NEED(argc == 2);
	NEED(dim_volume_open(argv[1], NULL, &volume, NULL) == DIM_OK);
	now = dim_volume_acquire(volume);
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < dim_snapshot_count(now); i++) {
			const struct dim_region *region = dim_snapshot_region_at(now, i);

			ask_layers(now, dim_region_dimension_id(region), dim_region_layer_count(region));
			ask_keywords(region);
		}
		search(now);
	}
	dim_snapshot_release(now);
	dim_volume_close(volume);
	return sum > 0 ? 0 : 1;
}
