/*
 * random.h: numbers without a pattern, the same ones in every run.
 * In: a seed, random_state.
 * Out: numbers below a limit.
 */
#ifndef TESTS_RANDOM_H
#define TESTS_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* splitmix64 (S. Vigna, 2015). */
static uint64_t random_state;

static inline uint64_t random_next(void)
{
	uint64_t z = (random_state += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

static inline size_t random_below(size_t end)
{
	return (size_t)(random_next() % end);
}

#endif
