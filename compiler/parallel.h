/*
 * parallel.h: one function over many items, on several threads.
 * In: a count, a number of threads, a function.
 * Out: the function was called once for every item; in which order and where, nobody may depend on.
 */
#ifndef DIMC_PARALLEL_H
#define DIMC_PARALLEL_H

#include <stddef.h>

typedef void (*parallel_work)(void *context, size_t item);

/* Calls work(context, 0..count-1) on up to `jobs` threads, this one among them, and returns when all is done. */
void parallel_for(size_t count, unsigned jobs, parallel_work work, void *context);

/* How many threads the machine runs at once, for the default of -j. At least 1. */
unsigned parallel_default_jobs(void);

#endif
