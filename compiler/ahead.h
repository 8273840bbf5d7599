/*
 * ahead.h: pieces of bytes that a thread makes before they are asked for.
 * In: a function that makes them, one after the other.
 * Out: the same pieces, in their order.
 */
#ifndef DIMC_AHEAD_H
#define DIMC_AHEAD_H

#include <stddef.h>

struct ahead;

/*
 * `make` fills the `size` bytes at `piece` or fewer of them: how many, 0 at the end, -1 where something is wrong. It is
 * called by one thread at a time, and not again after 0 or -1; what it leaves in `context` may be looked at then.
 */
typedef ptrdiff_t (*ahead_make)(void *context, void *piece, size_t size);

/* Nothing is made before the first ahead_next; then up to AHEAD_PIECES of `size` bytes are in memory. */
enum { AHEAD_PIECES = 4 };
struct ahead *ahead_new(ahead_make make, void *context, size_t size);

/* What `make` gave; the piece is valid until the next call. */
ptrdiff_t ahead_next(struct ahead *ahead, const void **ret_bytes);

/* Waits for the piece that is being made. */
void ahead_free(struct ahead *ahead);

#endif
