/*
 * ahead.c: pieces of bytes that a thread makes before they are asked for.
 * In: a function that makes them, one after the other.
 * Out: the same pieces, in their order.
 */
#include "ahead.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "mem.h"
#include "trace.h"

struct ahead {
	ahead_make make;
	void *context;
	size_t size;
	char *pieces[AHEAD_PIECES];
	ptrdiff_t results[AHEAD_PIECES];
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	/* How many pieces were made, and given away; the one that was given last is still in use. */
	uint64_t made, given;
	enum trace_stage stage;	   /* that both are at, for whoever asks where the time goes */
	bool is_over, is_unwanted; /* the last piece is made; nobody wants another */
};

struct ahead *ahead_new(ahead_make make, void *context, size_t size)
{
	struct ahead *a = mem_zalloc(1, sizeof(*a));

	a->make = make;
	a->context = context;
	a->size = size;
	a->stage = trace_outermost();
	pthread_mutex_init(&a->mutex, NULL);
	pthread_cond_init(&a->changed, NULL);
	return a;
}

/* Makes the next piece, with the mutex held before and after. */
static void make_one(struct ahead *a)
{
	size_t place = a->made % AHEAD_PIECES;
	ptrdiff_t n;

	pthread_mutex_unlock(&a->mutex);
	if (a->pieces[place] == NULL)
		a->pieces[place] = mem_alloc(a->size);
	n = a->make(a->context, a->pieces[place], a->size);
	pthread_mutex_lock(&a->mutex);
	a->results[place] = n;
	a->made++;
	a->is_over = n <= 0;
	pthread_cond_signal(&a->changed);
}

static void wait_for_other(struct ahead *a)
{
	trace_begin(TRACE_WAIT, NULL);
	pthread_cond_wait(&a->changed, &a->mutex);
	trace_end(TRACE_WAIT);
}

static void *run(void *argument)
{
	struct ahead *a = argument;

	trace_enter_thread(a->stage);
	pthread_mutex_lock(&a->mutex);
	while (!a->is_over && !a->is_unwanted) {
		/* The place of the piece that is in use is not free. */
		if (a->made < a->given + AHEAD_PIECES - 1)
			make_one(a);
		else
			wait_for_other(a);
	}
	pthread_mutex_unlock(&a->mutex);
	trace_leave_thread();
	return NULL;
}

ptrdiff_t ahead_next(struct ahead *a, const void **ret_bytes)
{
	size_t place = a->given % AHEAD_PIECES;
	ptrdiff_t n;

	pthread_mutex_lock(&a->mutex);
	/* The first piece may be all that is wanted. A thread that the system does not give is done without. */
	if (a->made == 1 && a->given == 1 && !a->is_over && !a->has_thread)
		a->has_thread = pthread_create(&a->thread, NULL, run, a) == 0;
	if (a->given == a->made && !a->has_thread && !a->is_over)
		make_one(a);
	while (a->given == a->made && !a->is_over)
		wait_for_other(a);
	if (a->given == a->made) /* asked again after the end */
		place = (a->made - 1) % AHEAD_PIECES;
	else
		a->given++;
	*ret_bytes = a->pieces[place];
	n = a->results[place];
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->mutex);
	return n;
}

void ahead_free(struct ahead *a)
{
	size_t i;

	if (a == NULL)
		return;
	pthread_mutex_lock(&a->mutex);
	a->is_unwanted = true;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->mutex);
	if (a->has_thread)
		pthread_join(a->thread, NULL);
	for (i = 0; i < AHEAD_PIECES; i++)
		free(a->pieces[i]);
	pthread_cond_destroy(&a->changed);
	pthread_mutex_destroy(&a->mutex);
	free(a);
}
