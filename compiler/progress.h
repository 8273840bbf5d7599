/*
 * progress.h: one line on a terminal while work is long; or JSON events for a program that waits.
 * In: steps or bytes, from any thread.
 * Out: "reading 7/14", "packing 1.2 GiB of 4.0 GiB, 12 s left" on standard error, after the first half second.
 */
#ifndef DIMC_PROGRESS_H
#define DIMC_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress;

/* NULL where `wanted` is false or standard error is no terminal; all functions take NULL. */
struct progress *progress_new(bool wanted);

/* Prints a line of JSON a second instead, whatever standard error is: event, what, unit, done, total, seconds_left. */
struct progress *progress_new_events(void);

/* Begins a part of the work: what is done, and how many steps it has. */
void progress_begin(struct progress *progress, const char *what, size_t total);

/* One step is done. Thread-safe. */
void progress_step(struct progress *progress);

/* The same for a part of the work that is counted in bytes: how many there are; how many are done. */
void progress_begin_bytes(struct progress *progress, const char *what, uint64_t total);
void progress_bytes(struct progress *progress, uint64_t done);

/* Clears the line, for others to write there, until progress_resume. */
void progress_pause(struct progress *progress);
void progress_resume(struct progress *progress);

/* Clears the line and frees. */
void progress_free(struct progress *progress);

#endif
