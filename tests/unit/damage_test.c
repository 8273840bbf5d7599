/*
 * damage_test.c: one flipped bit, in every byte of a region.
 * In: the volume that tests/unit.bats compiles: a region in the page layout and a packed one.
 * Out: nothing while each is found, told with a range of bytes that holds it, and with the layer whose slot it lies in.
 */
#include "accessors.h"

struct findings {
	uint64_t at; /* the byte that was flipped */
	size_t count, around;
	uint32_t layer_id; /* of a finding around it */
	bool blames_others;
};

static void add(void *context, const struct dim_error *error)
{
	struct findings *f = context;

	f->count++;
	if (f->at < error->offset || f->at - error->offset >= error->size)
		return;
	f->around++;
	if (f->layer_id != 0 && error->layer_id != 0 && f->layer_id != error->layer_id)
		f->blames_others = true;
	if (error->layer_id != 0)
		f->layer_id = error->layer_id;
}

/* The layer in whose slot a byte lies, or 0. */
static uint32_t owner(const struct dim_region *good, uint64_t at)
{
	const struct dim_layer *layer = NULL;
	uint32_t i;

	for (i = 0; i < dim_region_layer_count(good); i++) {
		CHECK(dim_region_layer_at(good, i, &layer) == DIM_OK);
		if (at >= dim_layer_offset(layer) && at - dim_layer_offset(layer) < dim_layer_slot_size(layer))
			return dim_layer_id(layer);
	}
	return 0;
}

static size_t flip_all(const struct dim_region *good, size_t tail)
{
	struct dim_span all = dim_region_bytes(good);
	size_t size = all.size + tail, at, wrong = 0;
	char *bytes = calloc(1, size);
	int bit;

	CHECK(bytes != NULL);
	memcpy(bytes, all.data, all.size);
	for (at = 0; at < size; at++) {
		uint64_t metadata = dim_region_metadata_offset(good);
		bool is_metadata = at < 256 || (at >= metadata && at - metadata < dim_region_metadata_size(good));
		uint32_t id = owner(good, at);

		/* Every bit of what has a meaning; elsewhere one bit a byte, another one each time. */
		for (bit = is_metadata ? 0 : (int)(at % 8); bit < (is_metadata ? 8 : (int)(at % 8) + 1); bit++) {
			struct findings f = {.at = at};
			const char *what = NULL;

			bytes[at] = (char)(bytes[at] ^ 1 << bit);
			dim_verify_bytes(bytes, size, NULL, add, &f);
			bytes[at] = (char)(bytes[at] ^ 1 << bit);
			if (f.count == 0)
				what = "it is not found";
			else if (f.around == 0)
				what = "no finding has it in its bytes";
			else if (id != 0 && (f.layer_id != id || f.blames_others))
				what = "its layer is not named";
			if (what != NULL && wrong++ < 10)
				fprintf(stderr, "layout %u, byte %zu, bit %d: %s\n", dim_region_layout(good), at, bit,
					what);
		}
	}
	free(bytes);
	return wrong;
}

int main(int argc, char **argv)
{
	struct dim_volume *volume = NULL;
	const struct dim_snapshot *snapshot = NULL;
	size_t wrong;

	CHECK(argc >= 2);
	CHECK(dim_volume_open(argv[1], NULL, &volume, NULL) == DIM_OK);
	snapshot = dim_volume_acquire(volume);
	CHECK(dim_region_layout(dim_snapshot_region_at(snapshot, 0)) == 0);
	CHECK(dim_region_layout(dim_snapshot_region_at(snapshot, 1)) == 1);
	wrong = flip_all(dim_snapshot_region_at(snapshot, 0), 4096);
	wrong += flip_all(dim_snapshot_region_at(snapshot, 1), 100);
	dim_snapshot_release(snapshot);
	dim_volume_close(volume);
	CHECK(wrong == 0);
	return 0;
}
