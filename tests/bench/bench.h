/*
 * bench.h: what the programs that measure libdim share: a corpus, clocks, medians, lines for tests/bench/lookups.sh.
 * In: a published volume.
 * Out: `name<TAB>value` on stdout, one line a figure.
 */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../include/dim.h"

#define NEED(condition)                                                                          \
	do {                                                                                     \
		if (!(condition)) {                                                              \
			fprintf(stderr, "%s:%d: it needs %s\n", __FILE__, __LINE__, #condition); \
			exit(1);                                                                 \
		}                                                                                \
	} while (0)

enum { DIMENSIONS_MAX = 64, ROUNDS_MAX = 101 };

/* A layer that is looked up, and what it is. */
struct key {
	uint32_t dimension_id, layer_id;
	struct dim_span content;
};

/* A keyword that is looked up: in one dimension, or in all (dimension_id 0). */
struct word {
	uint32_t dimension_id;
	struct dim_span text, missing; /* copies; what is missing is as long, and nowhere in the volume */
	const uint32_t *layers;	       /* pairs of dimension_id and layer_id */
	size_t count;		       /* pairs */
};

/* All that there is to find, in random order, always the same one. */
struct corpus {
	const struct dim_snapshot *snapshot;
	struct key *keys;
	size_t key_count;
	struct word *words, *words_of_all;
	size_t word_count, word_of_all_count;
};

/* What a layer is asked for: enough to prove that it is the right one, and that its pages were touched. */
static inline uint64_t touched(const void *data, size_t size)
{
	const uint8_t *bytes = data;

	return (uint64_t)bytes[0] + bytes[size - 1] + size;
}

/* What a keyword is asked for, where the answer is a list of pairs of dimension_id and layer_id. */
static inline uint64_t sum_of_layers(const void *pairs, size_t size)
{
	const char *at = pairs;
	uint64_t sum = 0;
	uint32_t pair[2];

	for (; size >= sizeof(pair); at += sizeof(pair), size -= sizeof(pair)) {
		memcpy(pair, at, sizeof(pair));
		sum += pair[1];
	}
	return sum;
}

/* And where each of these layers is looked up, too. */
static inline uint64_t sum_of_contents(const void *pairs, size_t size, uint64_t (*layer)(uint32_t, uint32_t))
{
	const char *at = pairs;
	uint64_t sum = 0;
	uint32_t pair[2];

	for (; size >= sizeof(pair); at += sizeof(pair), size -= sizeof(pair)) {
		memcpy(pair, at, sizeof(pair));
		sum += layer(pair[0], pair[1]);
	}
	return sum;
}

/*
 * Somebody who looks layers and keywords up. What a lookup returns is the same for all: `touched` of the content, its
 * size, or the sum of the layer_ids. NULL: cannot.
 */
struct peer {
	const char *name;
	void (*build)(const struct corpus *corpus, const char *directory);
	void (*open)(const char *directory);
	uint64_t (*layer)(uint32_t dimension_id, uint32_t layer_id);
	uint64_t (*found)(uint32_t dimension_id, uint32_t layer_id); /* its size, and no byte of it touched */
	uint64_t (*keyword)(uint32_t dimension_id, const char *text, size_t size);
	uint64_t (*keyword_of_all)(const char *text, size_t size);
	uint64_t (*contents)(uint32_t dimension_id, const char *text, size_t size); /* of the layers, `touched` */
};

extern const struct peer peer_lmdb, peer_cdb, peer_sqlite, peer_files;

/* Of words.c. */
struct corpus corpus_of(const struct dim_snapshot *snapshot);

static inline double seconds_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static inline int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static inline double median_of(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare_doubles);
	return values[count / 2];
}

static inline size_t rounds_wanted(void)
{
	const char *text = getenv("ROUNDS");
	size_t rounds = text != NULL ? strtoul(text, NULL, 10) : 9;

	return rounds < 1 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds;
}

/* xorshift64*: S. Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled", 2016. */
static inline size_t random_below(uint64_t *state, size_t n)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (size_t)((*state * UINT64_C(2685821657736338717)) >> 33) % n;
}

#endif
