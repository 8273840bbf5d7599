/*
 * threads_test.c: eight threads read one region at once, and one volume is opened by all of them.
 * In: a volume of three dimensions or more, by tests/race.bats.
 * Out: nothing while all see the same. A race would show under -fsanitize=thread.
 */
#include <pthread.h>

#include "accessors.h"

enum { THREADS = 8, ROUNDS = 20 };

struct shared {
	const char *path;
	const struct dim_region *region;
};

static uint64_t sum_of(const struct dim_region *r)
{
	const struct dim_layer *layer = NULL;
	struct dim_span span = {0};
	uint64_t sum = 0;
	uint32_t i, k, position = 0;

	for (i = 0; i < dim_region_layer_count(r); i++) {
		CHECK(dim_region_layer_at(r, i, &layer) == DIM_OK);
		CHECK(dim_layer_content(r, layer, &span) == DIM_OK);
		for (k = 0; k < span.size; k++)
			sum = sum * 31 + (unsigned char)span.data[k];
		for (k = 0; k < dim_layer_keyword_count(layer); k++) {
			CHECK(dim_layer_keyword(r, layer, k, &span) == DIM_OK);
			CHECK(dim_region_find_keyword(r, span.data, span.size, &position) == DIM_OK);
			sum = sum * 31 + position;
		}
	}
	return sum;
}

static void *read_all(void *context)
{
	const struct shared *shared = context;
	uint64_t *sum = malloc(sizeof(*sum));
	int i;

	CHECK(sum != NULL);
	*sum = sum_of(shared->region);
	for (i = 0; i < ROUNDS; i++) {
		struct dim_volume *volume = NULL;
		const struct dim_snapshot *snapshot = NULL;
		struct dim_error error;

		CHECK(sum_of(shared->region) == *sum);
		CHECK(dim_region_check(shared->region, &error) == DIM_OK);
		CHECK(dim_verify_region(shared->region, NULL, NULL) == DIM_OK);
		CHECK(dim_volume_open(shared->path, NULL, &volume, &error) == DIM_OK);
		snapshot = dim_volume_acquire(volume);
		CHECK(sum_of(dim_snapshot_region_at(snapshot, 2)) == *sum);
		dim_snapshot_release(snapshot);
		dim_volume_close(volume);
	}
	return sum;
}

int main(int argc, char **argv)
{
	struct dim_volume *volume = NULL;
	const struct dim_snapshot *snapshot = NULL;
	struct shared shared;
	pthread_t threads[THREADS];
	uint64_t want;
	size_t i;

	CHECK(argc >= 2);
	CHECK(dim_volume_open(argv[1], NULL, &volume, NULL) == DIM_OK);
	snapshot = dim_volume_acquire(volume);
	shared.path = argv[1];
	CHECK(dim_snapshot_region(snapshot, 3, &shared.region) == DIM_OK);
	want = sum_of(shared.region);
	for (i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, read_all, &shared) == 0);
	for (i = 0; i < THREADS; i++) {
		void *sum = NULL;

		CHECK(pthread_join(threads[i], &sum) == 0 && *(uint64_t *)sum == want);
		free(sum);
	}
	dim_snapshot_release(snapshot);
	dim_volume_close(volume);
	return 0;
}
