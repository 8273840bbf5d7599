/*
 * progress.c: one line on a terminal while work is long.
 * In: steps, from any thread.
 * Out: "reading 7/14" on standard error after the first half second; nothing in a pipe.
 */
#include "progress.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "mem.h"

enum { FIRST_MS = 500, EVERY_MS = 100 };

struct progress {
	pthread_mutex_t lock;
	const char *what;
	size_t done, total;
	int64_t next_ms; /* when to show the next line */
	bool shown;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct progress *progress_new(bool wanted)
{
	struct progress *p;

	if (!wanted || !isatty(STDERR_FILENO))
		return NULL;
	p = mem_zalloc(1, sizeof(*p));
	pthread_mutex_init(&p->lock, NULL);
	p->next_ms = now_ms() + FIRST_MS;
	return p;
}

void progress_begin(struct progress *p, const char *what, size_t total)
{
	if (p == NULL)
		return;
	p->what = what;
	p->done = 0;
	p->total = total;
}

void progress_step(struct progress *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->done++;
	if (now_ms() >= p->next_ms) {
		fprintf(stderr, "\r\033[K%s %zu/%zu", p->what, p->done, p->total);
		p->shown = true;
		p->next_ms = now_ms() + EVERY_MS;
	}
	pthread_mutex_unlock(&p->lock);
}

void progress_free(struct progress *p)
{
	if (p == NULL)
		return;
	if (p->shown)
		fputs("\r\033[K", stderr);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
