/*
 * snapshot_test.c: what dim.h says about loading, unloading and holding snapshots.
 * In: the volumes A and B that tests/volume.bats compiles.
 * Out: nothing while what is held stays what it was, and what is let go is gone.
 */
#include <pthread.h>

#include "volumes.h"

static const char *a, *b;

static enum dim_status has(const struct dim_snapshot *s, uint32_t dimension)
{
	const struct dim_region *region = NULL, *same = NULL;
	const struct dim_layer *layer = NULL;
	enum dim_status status = dim_snapshot_region(s, dimension, &region), second;

	second = dim_snapshot_layer(s, dimension, 1, &same, &layer);
	CHECK(second == status || (status == DIM_OK && second == DIM_ERR_NOT_FOUND));
	CHECK((status == DIM_OK) == (region != NULL) && (second == DIM_OK ? same == region : same == NULL));
	CHECK((second == DIM_OK) == (layer != NULL));
	return status;
}

static enum dim_status has_now(struct dim_volume *volume, uint32_t dimension)
{
	const struct dim_snapshot *s = dim_volume_acquire(volume);
	enum dim_status status = has(s, dimension);

	dim_snapshot_release(s);
	return status;
}

static void check_unload(uint32_t flags)
{
	struct dim_options options = {.flags = flags};
	struct dim_volume *volume;
	const struct dim_snapshot *all, *less, *again;
	const struct dim_region *second;
	struct dim_error error = untouched();
	struct dim_usage before, after;
	unsigned fds;

	publish_all("v", a, COPY);
	fds = descriptors();
	volume = opened("v", &options);
	CHECK(dim_volume_load(volume, 1, &error) == DIM_OK && dim_volume_load(volume, 2, &error) == DIM_OK);
	CHECK(dim_volume_load(volume, 3, &error) == DIM_OK && dim_volume_load(volume, 3, &error) == DIM_OK);
	before = usage_of(volume);
	CHECK(before.loaded_count == 3 && before.dimension_count == 3 && before.snapshot_count == 1);
	CHECK(before.budget == 0 && before.serial == 1 && before.loaded_size == before.mapped_size);

	all = dim_volume_acquire(volume);
	second = dim_snapshot_region_at(all, 1);
	CHECK(dim_region_flags(second) == flags);
	CHECK(dim_volume_unload(volume, 2, &error) == DIM_OK && dim_volume_unload(volume, 2, &error) == DIM_OK);
	less = dim_volume_acquire(volume);
	CHECK(has(all, 2) == DIM_OK && has(less, 2) == DIM_ERR_NOT_LOADED && has(less, 1) == DIM_OK);
	CHECK(dim_snapshot_count(less) == 3 && dim_snapshot_dimension_at(less, 1) == 2);
	CHECK(dim_snapshot_region_at(less, 1) == NULL && dim_snapshot_region_at(less, 3) == NULL);
	CHECK(dim_snapshot_dimension_at(less, 3) == 0 && dim_snapshot_dimension_at(less, SIZE_MAX) == 0);
	CHECK(dim_snapshot_serial(less) == 1);
	after = usage_of(volume);
	CHECK(after.loaded_count == 2 && after.snapshot_count == 2 && after.mapped_size == before.mapped_size);
	CHECK(after.loaded_size == before.loaded_size - dim_region_file_size(second));
	CHECK(mappings() == 3);

	/* The last one that has it unmaps it. */
	dim_snapshot_release(all);
	CHECK(usage_of(volume).mapped_size == after.loaded_size && usage_of(volume).snapshot_count == 1);
	CHECK(mappings() == 2);
	CHECK(dim_volume_load(volume, 2, &error) == DIM_OK && is_untouched(&error));
	again = dim_volume_acquire(volume);
	CHECK(has(again, 2) == DIM_OK && has(less, 2) == DIM_ERR_NOT_LOADED && layer_is(again, 2, 7, "the same\n"));
	CHECK(dim_snapshot_region_at(again, 0) == dim_snapshot_region_at(less, 0));

	CHECK(dim_volume_load(volume, 4, &error) == DIM_ERR_NOT_FOUND && error.dimension_id == 4);
	look_at_error(&error, DIM_ERR_NOT_FOUND, 0);
	CHECK(dim_volume_unload(volume, 0, &error) == DIM_ERR_NOT_FOUND && dim_volume_load(volume, 0, NULL) != DIM_OK);
	CHECK(dim_volume_unload(volume, UINT32_MAX, &error) == DIM_ERR_NOT_FOUND && strcmp(error.path, "v") == 0);
	CHECK(has(again, 4) == DIM_ERR_NOT_FOUND && has(again, 0) == DIM_ERR_NOT_FOUND);
	dim_snapshot_release(less);
	dim_snapshot_release(again);
	dim_snapshot_release(NULL);
	dim_volume_close(volume);
	CHECK(descriptors() == fds && mappings() == 0);
	remove_all("v");
}

/* Everything is unloaded: a volume without a region is still one. */
static void check_nothing_loaded(void)
{
	struct dim_options options = {.flags = DIM_LAZY};
	struct dim_volume *volume;
	const struct dim_snapshot *s;
	uint8_t digest[32] = {42};

	publish_all("v", a, LINK);
	volume = opened("v", &options);
	s = dim_volume_acquire(volume);
	CHECK(dim_snapshot_count(s) == 3 && mappings() == 0 && usage_of(volume).mapped_size == 0);
	CHECK(has(s, 1) == DIM_ERR_NOT_LOADED && has(s, 3) == DIM_ERR_NOT_LOADED && has(s, 9) == DIM_ERR_NOT_FOUND);
	CHECK(dim_verify_snapshot(s, NULL, NULL) == DIM_OK);
	CHECK(dim_snapshot_digest(s, digest) == DIM_ERR_NOT_LOADED && digest[0] == 42);
	dim_snapshot_release(s);
	dim_volume_close(volume);
	remove_all("v");
}

/* After its generation was replaced: a lazy volume has the files open, another finds what is left of the directory. */
static void check_replaced(void)
{
	struct dim_options options = {.flags = DIM_LAZY};
	struct dim_volume *lazy, *eager;
	struct dim_error error;

	publish_all("v", a, COPY);
	lazy = opened("v", &options);
	eager = opened("v", NULL);
	CHECK(dim_volume_unload(eager, 3, NULL) == DIM_OK);
	publish_all("v", b, COPY);
	CHECK(dim_volume_load(lazy, 3, NULL) == DIM_OK && has_now(lazy, 3) == DIM_OK);
	CHECK(dim_volume_load(eager, 3, &error) == DIM_ERR_NOT_FOUND && error.dimension_id == 3);
	CHECK(has_now(eager, 3) == DIM_ERR_NOT_LOADED && has_now(eager, 1) == DIM_OK);
	CHECK(refreshed(eager) && has_now(eager, 3) == DIM_ERR_NOT_FOUND && dim_volume_load(eager, 3, NULL) != DIM_OK);
	dim_volume_close(lazy);
	dim_volume_close(eager);
	remove_all("v");
}

/* 256 at once, the one in use among them; then nothing changes until one is let go. */
static void check_limit(void)
{
	enum { ALL = 256 };
	static const struct dim_snapshot *held[ALL];
	struct dim_volume *volume;
	struct dim_error error;
	uint32_t i;

	publish_all("v", a, COPY);
	volume = opened("v", NULL);
	for (i = 0; i < ALL; i++) {
		held[i] = dim_volume_acquire(volume);
		CHECK(i == ALL - 1 ||
		      (i % 2 == 0 ? dim_volume_unload(volume, 1, NULL) : dim_volume_load(volume, 1, NULL)) == DIM_OK);
	}
	CHECK(usage_of(volume).snapshot_count == ALL);
	CHECK(dim_volume_load(volume, 1, &error) == DIM_ERR_LIMIT);
	look_at_error(&error, DIM_ERR_LIMIT, 0);
	CHECK(error.limit == ALL && error.usage == ALL + 1 && error.dimension_id == 1 && strcmp(error.path, "v") == 0);
	CHECK(dim_volume_unload(volume, 2, &error) == DIM_ERR_LIMIT && error.dimension_id == 2);
	publish_all("v", b, COPY);
	CHECK(dim_volume_refresh(volume, NULL, &error) == DIM_ERR_LIMIT && error.limit == ALL);
	CHECK(has_now(volume, 2) == DIM_OK && has_now(volume, 1) == DIM_ERR_NOT_LOADED);
	for (i = 0; i < ALL; i++)
		CHECK(has(held[i], 1) == (i % 2 == 0 ? DIM_OK : DIM_ERR_NOT_LOADED) && has(held[i], 2) == DIM_OK);
	dim_snapshot_release(held[100]);
	CHECK(refreshed(volume));
	CHECK(dim_volume_load(volume, 1, NULL) == DIM_ERR_LIMIT);
	for (i = 0; i < ALL; i++)
		if (i != 100)
			dim_snapshot_release(held[i]);
	CHECK(usage_of(volume).snapshot_count == 1);
	CHECK(dim_volume_load(volume, 1, NULL) == DIM_OK && has_now(volume, 1) == DIM_OK);
	CHECK(usage_of(volume).mapped_size == usage_of(volume).loaded_size && mappings() == 3);
	dim_volume_close(volume);
	remove_all("v");
}

static void *release_later(void *context)
{
	const struct dim_snapshot *const *held = context;

	CHECK(layer_is(held[0], 1, 1, "a one\n") && has(held[1], 1) == DIM_ERR_NOT_LOADED);
	dim_snapshot_release(held[0]);
	CHECK(layer_is(held[1], 3, 1, "only in a\n"));
	dim_snapshot_release(held[1]);
	return NULL;
}

/* The handle is closed, the files are gone, and another thread lets go of what is left. */
static void check_closed(void)
{
	const struct dim_snapshot *held[2];
	struct dim_volume *volume;
	unsigned fds = descriptors();
	pthread_t thread;

	publish_all("v", a, COPY);
	volume = opened("v", NULL);
	held[0] = dim_volume_acquire(volume);
	CHECK(dim_volume_unload(volume, 1, NULL) == DIM_OK);
	held[1] = dim_volume_acquire(volume);
	CHECK(held[0] != held[1] && dim_volume_acquire(volume) == held[1]);
	dim_snapshot_release(held[1]); /* one of two */
	dim_volume_close(volume);
	remove_all("v");
	CHECK(mappings() == 3);
	CHECK(pthread_create(&thread, NULL, release_later, held) == 0 && pthread_join(thread, NULL) == 0);
	CHECK(mappings() == 0 && descriptors() == fds);
	dim_volume_close(NULL);
}

int main(int argc, char **argv)
{
	CHECK(argc >= 2);
	a = strdup(in(argv[1], "A"));
	b = strdup(in(argv[1], "B"));
	check_unload(0);
	check_unload(DIM_LAZY);
	check_unload(DIM_IN_MEMORY);
	check_unload(DIM_LAZY | DIM_KEEP_FILES | DIM_CHECK | DIM_PREFAULT);
	check_nothing_loaded();
	check_replaced();
	check_limit();
	check_closed();
	return 0;
}
