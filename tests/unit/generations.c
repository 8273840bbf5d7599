/*
 * generations.c: opens a volume again and again while somebody publishes to it.
 * In: a volume whose generations all say who they are; how many opens at least; a file that says that publishing has
 * ended. Out: how many opens saw which generation. Status 1 where one was not whole, or not of one generation.
 */
#include <unistd.h>

#include "accessors.h"

/*
 * A generation called a has 3 dimensions, one called b has 5, of 2 layers each; every name and every content begins
 * with that letter.
 */
static char look(const char *path)
{
	struct dim_volume *volume = NULL;
	const struct dim_snapshot *snapshot = NULL;
	struct dim_error error;
	enum dim_status status = dim_volume_open(path, NULL, &volume, &error);
	char which = 0;
	size_t i;
	uint32_t k;

	if (status != DIM_OK) {
		fprintf(stderr, "%s: %s\n", dim_strerror(status), error.message);
		exit(1);
	}
	snapshot = dim_volume_acquire(volume);
	for (i = 0; i < dim_snapshot_count(snapshot); i++) {
		const struct dim_region *r = dim_snapshot_region_at(snapshot, i);
		struct dim_span span = {0};

		CHECK(dim_region_dimension_id(r) == i + 1);
		CHECK(dim_verify_region(r, NULL, NULL) == DIM_OK);
		CHECK(dim_region_name(r, &span) == DIM_OK && span.size > 0);
		if (which == 0)
			which = span.data[0];
		CHECK(span.data[0] == which);
		CHECK(dim_region_layer_count(r) == 2);
		for (k = 0; k < 2; k++) {
			const struct dim_layer *layer = NULL;

			CHECK(dim_region_layer_at(r, k, &layer) == DIM_OK);
			CHECK(dim_layer_content(r, layer, &span) == DIM_OK && span.size > 0 && span.data[0] == which);
		}
	}
	CHECK((which == 'a' && dim_snapshot_count(snapshot) == 3) ||
	      (which == 'b' && dim_snapshot_count(snapshot) == 5));
	dim_snapshot_release(snapshot);
	dim_volume_close(volume);
	return which;
}

int main(int argc, char **argv)
{
	size_t seen[2] = {0}, changes = 0, least, i;
	char last = 0;

	CHECK(argc == 4);
	least = strtoul(argv[2], NULL, 10);
	for (i = 0; i < least || access(argv[3], F_OK) != 0; i++) {
		char which = look(argv[1]);

		seen[which == 'b']++;
		changes += last != 0 && which != last;
		last = which;
	}
	printf("opens %zu a %zu b %zu changes %zu\n", i, seen[0], seen[1], changes);
	return 0;
}
