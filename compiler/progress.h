/*
 * progress.h: one line on a terminal while work is long.
 * In: steps, from any thread.
 * Out: "reading 7/14" on standard error after the first half second; nothing in a pipe.
 */
#ifndef DIMC_PROGRESS_H
#define DIMC_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

struct progress;

/* NULL where `wanted` is false or standard error is no terminal; all functions take NULL. */
struct progress *progress_new(bool wanted);

/* Begins a part of the work: what is done, and how many steps it has. */
void progress_begin(struct progress *progress, const char *what, size_t total);

/* One step is done. Thread-safe. */
void progress_step(struct progress *progress);

/* Clears the line and frees. */
void progress_free(struct progress *progress);

#endif
