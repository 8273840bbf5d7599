/*
 * mem.c: memory that is there or ends the run, and arenas.
 * In: sizes.
 * Out: memory, never NULL.
 */
#include "mem.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_SIZE = 64 * 1024, ALIGNMENT = 16 };

/*
 * Under AddressSanitizer, what an arena has not given out may not be touched, nor what lies between two pieces: else
 * who writes beyond a piece writes into the next one, unseen.
 */
#if defined(__SANITIZE_ADDRESS__)
#define IS_GUARDED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_GUARDED 1
#endif
#endif
#ifdef IS_GUARDED
#include <sanitizer/asan_interface.h>
enum { GAP = ALIGNMENT };
#define close_memory __asan_poison_memory_region
#define open_memory __asan_unpoison_memory_region
#else
enum { GAP = 0 };
#define close_memory(memory, size) ((void)0)
#define open_memory(memory, size) ((void)(size))
#endif

struct arena_chunk {
	struct arena_chunk *next;
	size_t used;
	size_t size;
	_Alignas(ALIGNMENT) char bytes[];
};

/*
 * Chunks that were given back, of CHUNK_SIZE. What one thread read and freed is where the next one reads to: memory
 * stays as small as what is in use at once, and its pages are there already.
 */
static struct {
	pthread_mutex_t lock;
	struct arena_chunk *free;
} pool = {PTHREAD_MUTEX_INITIALIZER, NULL};

/* Whether what this run is about is done already, where others see it. */
static atomic_bool is_published;

void mem_published(bool yes)
{
	is_published = yes;
}

/* What is left to do then, without memory. */
static void (*_Atomic tidy_at_end)(void);

void mem_at_end(void (*tidy)(void))
{
	tidy_at_end = tidy;
}

static _Noreturn void out_of_memory(void)
{
	void (*tidy)(void) = atomic_exchange(&tidy_at_end, NULL);
	static const char before[] = "dimc: error: out of memory; nothing was published\n";
	static const char after[] = "dimc: error: out of memory; the work is done, but may not be durable\n";
	ssize_t ignored = is_published ? write(STDERR_FILENO, after, sizeof(after) - 1)
				       : write(STDERR_FILENO, before, sizeof(before) - 1);

	(void)ignored;
	if (tidy != NULL)
		tidy();
	_exit(is_published ? 8 : 3);
}

void *mem_have(void *memory)
{
	if (memory == NULL)
		out_of_memory();
	return memory;
}

/*
 * Where the linker leads what the program was put together from (--wrap, in the Makefile), libdim and libarchive among
 * it. libarchive 3.6 crashes in two places where it has no memory, and takes it for damage or exits by itself in
 * others.
 */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the linker's names */
void *__real_malloc(size_t size) __attribute__((weak));
void *__real_calloc(size_t count, size_t size) __attribute__((weak));
void *__real_realloc(void *old, size_t size) __attribute__((weak));
void *__wrap_malloc(size_t size) __attribute__((weak));
void *__wrap_calloc(size_t count, size_t size) __attribute__((weak));
void *__wrap_realloc(void *old, size_t size) __attribute__((weak));
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

void *__wrap_malloc(size_t size)
{
	return mem_have(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
	return mem_have(__real_calloc(count, size));
}

void *__wrap_realloc(void *old, size_t size)
{
	void *memory = __real_realloc(old, size);

	return size == 0 ? memory : mem_have(memory);
}

void *mem_alloc(size_t size)
{
	return mem_have(malloc(size == 0 ? 1 : size));
}

void *mem_zalloc(size_t count, size_t size)
{
	return mem_have(calloc(count == 0 ? 1 : count, size == 0 ? 1 : size));
}

void *mem_grow(void *old, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		out_of_memory();
	return mem_have(realloc(old, count * size == 0 ? 1 : count * size));
}

void *mem_reserve(void *array, size_t count, size_t *capacity, size_t element_size)
{
	if (count < *capacity)
		return array;
	*capacity = *capacity == 0 ? 8 : *capacity * 2;
	return mem_grow(array, *capacity, element_size);
}

static struct arena_chunk *take_chunk(size_t size)
{
	struct arena_chunk *chunk = NULL;

	if (size == CHUNK_SIZE) {
		pthread_mutex_lock(&pool.lock);
		chunk = pool.free;
		if (chunk != NULL)
			pool.free = chunk->next;
		pthread_mutex_unlock(&pool.lock);
	}
	if (chunk == NULL)
		chunk = mem_alloc(sizeof(*chunk) + size);
	chunk->used = 0;
	chunk->size = size;
	close_memory(chunk->bytes, size);
	return chunk;
}

void *arena_alloc_raw(struct arena *arena, size_t size)
{
	struct arena_chunk *chunk = arena->chunks;
	size_t given = size;
	void *memory;

	if (size > SIZE_MAX - CHUNK_SIZE)
		out_of_memory();
	size = (size + GAP + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	if (chunk == NULL || size > chunk->size - chunk->used) {
		size_t want = size > CHUNK_SIZE / 4 ? size : CHUNK_SIZE;

		chunk = take_chunk(want);
		if (want == size && arena->chunks != NULL) {
			/* A large piece gets a chunk of its own, behind the one that still has room. */
			chunk->next = arena->chunks->next;
			arena->chunks->next = chunk;
		} else {
			chunk->next = arena->chunks;
			arena->chunks = chunk;
		}
	}
	memory = chunk->bytes + chunk->used;
	chunk->used += size;
	open_memory(memory, given);
	return memory;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	return memset(arena_alloc_raw(arena, size), 0, size);
}

#ifndef __clang__ /* gcc's analyser loses sight of the chunk, which the arena holds */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif
char *arena_copy(struct arena *arena, const void *bytes, size_t size)
{
	char *copy = arena_alloc_raw(arena, size + 1);

	if (size > 0)
		memcpy(copy, bytes, size);
	copy[size] = '\0';
	return copy;
}
#ifndef __clang__
#pragma GCC diagnostic pop
#endif

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list ap;
	int size;
	char *text;

	va_start(ap, format);
	size = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	text = arena_alloc(arena, (size_t)size + 1);
	va_start(ap, format);
	vsnprintf(text, (size_t)size + 1, format, ap);
	va_end(ap);
	return text;
}

void arena_take(struct arena *arena, struct arena *from)
{
	struct arena_chunk **last = &from->chunks;

	/* Behind the chunk that still has room. */
	while (*last != NULL)
		last = &(*last)->next;
	if (arena->chunks == NULL) {
		arena->chunks = from->chunks;
	} else {
		*last = arena->chunks->next;
		arena->chunks->next = from->chunks;
	}
	from->chunks = NULL;
}

void arena_free(struct arena *arena)
{
	struct arena_chunk *chunk = arena->chunks, *next, *given = NULL;

	for (; chunk != NULL; chunk = next) {
		next = chunk->next;
		if (chunk->size == CHUNK_SIZE) {
			close_memory(chunk->bytes, chunk->size);
			chunk->next = given;
			given = chunk;
		} else {
			free(chunk);
		}
	}
	arena->chunks = NULL;
	if (given == NULL)
		return;
	for (chunk = given; chunk->next != NULL;)
		chunk = chunk->next;
	pthread_mutex_lock(&pool.lock);
	chunk->next = pool.free;
	pool.free = given;
	pthread_mutex_unlock(&pool.lock);
}

void arena_trim(void)
{
	struct arena_chunk *chunk, *next;

	pthread_mutex_lock(&pool.lock);
	chunk = pool.free;
	pool.free = NULL;
	pthread_mutex_unlock(&pool.lock);
	for (; chunk != NULL; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
}
