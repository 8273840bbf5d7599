/*
 * mem.h: memory that is there or ends the run, and arenas.
 * In: sizes.
 * Out: memory, never NULL.
 *
 * Where the system has none left, the run ends here with one line and exit status 3, or 8 behind the commit point: the
 * only place but main.c that exits. Nothing is lost by it: what is being published is staged aside, and the next run
 * clears it away.
 */
#ifndef DIMC_MEM_H
#define DIMC_MEM_H

#include <stdbool.h>
#include <stddef.h>

/* Uninitialised, zeroed, and grown memory; freed with free(). `count * size` is checked for overflow. */
void *mem_alloc(size_t size);
void *mem_zalloc(size_t count, size_t size);
void *mem_grow(void *old, size_t count, size_t size);

/* Says on which side of the commit point the run is: before it, at first. */
void mem_published(bool yes);

/* What is to be done when it ends so: without memory, in any thread. NULL: nothing. */
void mem_at_end(void (*tidy)(void));

/* What a library allocated; where that is NULL, the run ends. */
void *mem_have(void *memory);

/* An arena hands out memory that lives until the arena is freed. Not thread-safe; one thread works in one arena. */
struct arena {
	struct arena_chunk *chunks;
};

/* `size` zeroed bytes, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size);

/* The same, with any bytes in it. */
void *arena_alloc_raw(struct arena *arena, size_t size);

/* A copy of `size` bytes with a NUL after them. */
char *arena_copy(struct arena *arena, const void *bytes, size_t size);

/* A formatted string. */
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Moves all memory of another arena to this one; the other is empty afterwards. */
void arena_take(struct arena *arena, struct arena *from);

/* Gives memory that arenas gave up to whoever needs memory of another kind. */
void arena_trim(void);

/* Frees everything. The arena is empty afterwards and may be used again. */
void arena_free(struct arena *arena);

/*
 * A growing array: makes room for one more element after `count`. `*capacity` is kept by the array's owner; memory is
 * the owner's, freed with free().
 */
void *mem_reserve(void *array, size_t count, size_t *capacity, size_t element_size);

#endif
