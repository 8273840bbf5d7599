/*
 * trace_test.c: what dim.h says about events: which, in what order, with what serials, sizes and errors.
 * In: the volumes A and B that tests/volume.bats compiles.
 * Out: nothing while every call tells what it did, and nothing else.
 */
#include <pthread.h>

#include "volumes.h"

enum { MANY = 64 };

struct seen {
	struct dim_event events[MANY];
	struct dim_error errors[MANY];
	size_t count, checked;
	pthread_t thread;
};

static void record(void *context, const struct dim_event *event)
{
	struct seen *seen = context;

	CHECK(seen->count < MANY && pthread_equal(seen->thread, pthread_self()));
	CHECK((event->error != NULL) == (event->kind == DIM_EVENT_REFUSE));
	CHECK(strcmp(event->path, "v") == 0);
	seen->events[seen->count] = *event;
	if (event->error != NULL)
		seen->errors[seen->count] = *event->error;
	seen->count++;
}

/* The next event that was not looked at yet. */
static const struct dim_error *next(struct seen *seen, enum dim_event_kind kind, uint32_t dimension, uint64_t serial,
				    uint64_t size)
{
	const struct dim_event *event = &seen->events[seen->checked];

	CHECK(seen->checked < seen->count);
	CHECK(event->kind == kind && event->dimension_id == dimension);
	CHECK(event->serial == serial && event->size == size);
	return &seen->errors[seen->checked++];
}

static uint64_t size_of(const char *volume, unsigned id)
{
	struct stat st;

	CHECK(stat(region_path(in(volume, "consciousness"), id), &st) == 0);
	return (uint64_t)st.st_size;
}

static bool ended(const struct seen *seen)
{
	return seen->checked == seen->count;
}

static void check_events(const char *a, const char *b)
{
	static struct seen seen;
	struct dim_options options = {.trace = record, .trace_context = &seen};
	uint64_t one = size_of(a, 1), two = size_of(a, 2), three = size_of(a, 3);
	struct dim_volume *volume = NULL, *none = NULL;
	const struct dim_snapshot *held;
	struct dim_error error;

	seen.thread = pthread_self();
	CHECK(dim_volume_open("v", &options, &none, &error) == DIM_ERR_NOT_FOUND && none == NULL);
	CHECK(memcmp(next(&seen, DIM_EVENT_REFUSE, 0, 0, 0), &error, sizeof(error)) == 0 && ended(&seen));
	publish_all("v", a, LINK);
	options.memory_budget = one + two - 1;
	CHECK(dim_volume_open("v", &options, &none, &error) == DIM_ERR_LIMIT);
	next(&seen, DIM_EVENT_LOAD, 1, 1, one);
	CHECK(memcmp(next(&seen, DIM_EVENT_REFUSE, 2, 0, 0), &error, sizeof(error)) == 0 && ended(&seen));
	options.memory_budget = 0;

	volume = opened("v", &options);
	next(&seen, DIM_EVENT_LOAD, 1, 1, one);
	next(&seen, DIM_EVENT_LOAD, 2, 1, two);
	next(&seen, DIM_EVENT_LOAD, 3, 1, three);
	next(&seen, DIM_EVENT_OPEN, 0, 1, one + two + three);
	CHECK(ended(&seen) && dim_volume_load(volume, 1, NULL) == DIM_OK && !refreshed(volume));
	dim_snapshot_release(dim_volume_acquire(volume));
	usage_of(volume);
	CHECK(ended(&seen)); /* nothing happened */

	CHECK(dim_volume_unload(volume, 2, NULL) == DIM_OK && dim_volume_unload(volume, 2, NULL) == DIM_OK);
	next(&seen, DIM_EVENT_UNLOAD, 2, 1, two);
	CHECK(ended(&seen) && dim_volume_load(volume, 9, &error) == DIM_ERR_NOT_FOUND);
	CHECK(memcmp(next(&seen, DIM_EVENT_REFUSE, 9, 1, 0), &error, sizeof(error)) == 0);
	CHECK(dim_volume_unload(volume, 9, NULL) == DIM_ERR_NOT_FOUND);
	next(&seen, DIM_EVENT_REFUSE, 9, 1, 0);
	CHECK(dim_volume_load(volume, 2, NULL) == DIM_OK);
	next(&seen, DIM_EVENT_LOAD, 2, 1, two);

	/* Shared regions are not loaded again. */
	publish_all("v", b, LINK);
	held = dim_volume_acquire(volume);
	CHECK(ended(&seen) && refreshed(volume));
	next(&seen, DIM_EVENT_LOAD, 1, 2, size_of(b, 1));
	next(&seen, DIM_EVENT_LOAD, 4, 2, size_of(b, 4));
	next(&seen, DIM_EVENT_REFRESH, 0, 2, size_of(b, 1) + size_of(b, 2) + size_of(b, 4));
	CHECK(ended(&seen));

	/* Refused once, and told once: the same words again are no event. */
	stage("v/staged", a, 1, LINK);
	CHECK(mkdir("v/staged/D02", 0755) == 0);
	write_file("v/staged/D02/region.mmap", "junk", 4);
	publish("v");
	CHECK(dim_volume_refresh(volume, NULL, &error) == DIM_ERR_NOT_REGION);
	next(&seen, DIM_EVENT_LOAD, 1, 3, one);
	CHECK(memcmp(next(&seen, DIM_EVENT_REFUSE, 2, 3, 0), &error, sizeof(error)) == 0 && ended(&seen));
	CHECK(dim_volume_refresh(volume, NULL, NULL) == DIM_ERR_NOT_REGION && ended(&seen));
	dim_volume_close(volume);
	next(&seen, DIM_EVENT_CLOSE, 0, 2, 0);
	dim_snapshot_release(held);
	CHECK(ended(&seen));
	remove_all("v");
}

int main(int argc, char **argv)
{
	CHECK(argc >= 2);
	check_events(in(argv[1], "A"), in(argv[1], "B"));
	return 0;
}
