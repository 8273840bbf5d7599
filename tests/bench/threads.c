/*
 * threads.c: what a lookup costs each of many threads that share one snapshot.
 * In: a published volume.
 * Out: CPU nanoseconds a lookup, and an acquire with its release, for 1, 2 and 100 threads: medians of ROUNDS.
 */
#include <pthread.h>

#include "bench.h"

enum { THREADS_MAX = 100 };

static struct dim_volume *volume;
static const struct dim_snapshot *snapshot;
static struct corpus corpus;

/* What a thread does; the array of contents tells what memory takes where nobody looks anything up. */
enum what { ARRAY, LAYER, ACQUIRE, WHATS };
static const char *const names[WHATS] = {"array, threads", "layer, threads", "acquire and release"};

struct thread {
	pthread_t id;
	pthread_barrier_t *barrier;
	enum what what;
	size_t first, lookups;
	double nanoseconds; /* of its own CPU time, a lookup */
	uint64_t sum;
};

static uint64_t look_up(const struct dim_snapshot *from, const struct key *key)
{
	const struct dim_region *region;
	const struct dim_layer *layer;
	struct dim_span content;

	NEED(dim_snapshot_layer(from, key->dimension_id, key->layer_id, &region, &layer) == DIM_OK);
	NEED(dim_layer_content(region, layer, &content) == DIM_OK);
	return touched(content.data, content.size);
}

static void *run(void *argument)
{
	struct thread *t = argument;
	double started;
	size_t i;

	pthread_barrier_wait(t->barrier);
	for (i = 0; i < corpus.key_count; i++) /* the thread's first touches are not what is measured */
		t->sum += look_up(snapshot, &corpus.keys[i]);
	started = seconds_of(CLOCK_THREAD_CPUTIME_ID);
	for (i = 0; i < t->lookups; i++)
		if (t->what == ACQUIRE) {
			dim_snapshot_release(dim_volume_acquire(volume));
		} else {
			const struct key *key = &corpus.keys[(t->first + i) % corpus.key_count];

			t->sum += t->what == LAYER ? look_up(snapshot, key)
						   : touched(key->content.data, key->content.size);
		}
	t->nanoseconds = (seconds_of(CLOCK_THREAD_CPUTIME_ID) - started) * 1e9 / (double)t->lookups;
	return NULL;
}

/* Enough for two threads to meet, and for a hundred not to take all day. */
static size_t lookups_of(size_t threads, enum what what)
{
	size_t most = what == ACQUIRE ? 4000000 : 400000, all = most * 10;

	return threads * most < all ? most : all / threads;
}

static double average(size_t count, enum what what)
{
	static struct thread threads[THREADS_MAX];
	pthread_barrier_t barrier;
	double total = 0;
	size_t i;

	NEED(pthread_barrier_init(&barrier, NULL, (unsigned)count) == 0);
	for (i = 0; i < count; i++) {
		threads[i] = (struct thread){.barrier = &barrier,
					     .what = what,
					     .first = i * corpus.key_count / count,
					     .lookups = lookups_of(count, what)};
		NEED(pthread_create(&threads[i].id, NULL, run, &threads[i]) == 0);
	}
	for (i = 0; i < count; i++) {
		NEED(pthread_join(threads[i].id, NULL) == 0);
		total += threads[i].nanoseconds;
	}
	pthread_barrier_destroy(&barrier);
	return total / (double)count;
}

int main(int argc, char **argv)
{
	static const size_t counts[] = {1, 2, THREADS_MAX};
	static double times[WHATS][3][ROUNDS_MAX];
	size_t rounds = rounds_wanted(), round, i, k;

	if (argc != 2) {
		fputs("usage: threads VOLUME\n", stderr);
		return 2;
	}
	NEED(dim_volume_open(argv[1], NULL, &volume, NULL) == DIM_OK);
	snapshot = dim_volume_acquire(volume);
	corpus = corpus_of(snapshot);
	for (round = 0; round < rounds; round++)
		for (k = 0; k < WHATS; k++) {
			average(1, (enum what)k); /* what ran before has left its own bytes in the processor's caches */
			for (i = 0; i < 3; i++)
				times[k][i][round] = average(counts[i], (enum what)k);
		}
	for (k = 0; k < WHATS; k++)
		for (i = 0; i < 3; i++)
			printf("%s: %zu threads\t%.1f\n", names[k], counts[i], median_of(times[k][i], rounds));
	dim_snapshot_release(snapshot);
	dim_volume_close(volume);
	return 0;
}
