/*
 * progress.c: one line on a terminal while work is long; or JSON events for a program that waits.
 * In: steps or bytes, from any thread.
 * Out: "reading 7/14", "packing 1.2 GiB of 4.0 GiB, 12 s left" on standard error, after the first half second.
 */
#include "progress.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "mem.h"
#include "text.h"

enum { FIRST_MS = 500, EVERY_MS = 100, EVENT_MS = 1000 };

struct progress {
	pthread_mutex_t lock;
	const char *what;
	uint64_t done, total;
	bool is_bytes;
	bool as_events;
	int64_t began_ms, next_ms; /* when this part began; when to show the next line */
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

struct progress *progress_new_events(void)
{
	struct progress *p = mem_zalloc(1, sizeof(*p));

	pthread_mutex_init(&p->lock, NULL);
	p->as_events = true;
	p->next_ms = now_ms() + EVENT_MS;
	return p;
}

static void begin(struct progress *p, const char *what, uint64_t total, bool is_bytes)
{
	if (p == NULL)
		return;
	p->what = what;
	p->done = 0;
	p->total = total;
	p->is_bytes = is_bytes;
	p->began_ms = now_ms();
}

void progress_begin(struct progress *p, const char *what, size_t total)
{
	begin(p, what, total, false);
}

void progress_begin_bytes(struct progress *p, const char *what, uint64_t total)
{
	begin(p, what, total, true);
}

/* The seconds that the rest takes at the pace so far; -1 where that cannot be told yet. */
static int64_t seconds_left(const struct progress *p, int64_t now)
{
	double elapsed = (double)(now - p->began_ms) / 1000;

	if (p->done == 0 || p->done > p->total || elapsed < 0.1)
		return -1;
	return (int64_t)(elapsed * (double)(p->total - p->done) / (double)p->done + 0.5);
}

static void show_line(const struct progress *p, int64_t left)
{
	char done[16], total[16];

	if (p->is_bytes)
		fprintf(stderr, "\r\033[K%s %s of %s", p->what, text_size(p->done, done), text_size(p->total, total));
	else
		fprintf(stderr, "\r\033[K%s %llu/%llu", p->what, (unsigned long long)p->done,
			(unsigned long long)p->total);
	if (p->is_bytes && left >= 0)
		fprintf(stderr, ", %lld s left", (long long)left);
}

static void show_event(const struct progress *p, int64_t left)
{
	fprintf(stderr, "{\"event\": \"progress\", \"what\": \"%s\", \"unit\": \"%s\", \"done\": %llu, \"total\": %llu",
		p->what, p->is_bytes ? "bytes" : "steps", (unsigned long long)p->done, (unsigned long long)p->total);
	if (left >= 0)
		fprintf(stderr, ", \"seconds_left\": %lld", (long long)left);
	fputs("}\n", stderr);
}

/* Called with the lock held. */
static void show(struct progress *p)
{
	int64_t now = now_ms();

	if (now < p->next_ms)
		return;
	if (p->as_events)
		show_event(p, seconds_left(p, now));
	else
		show_line(p, seconds_left(p, now));
	p->shown = !p->as_events;
	p->next_ms = now + (p->as_events ? EVENT_MS : EVERY_MS);
}

void progress_step(struct progress *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->done++;
	show(p);
	pthread_mutex_unlock(&p->lock);
}

void progress_bytes(struct progress *p, uint64_t done)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->done = done;
	show(p);
	pthread_mutex_unlock(&p->lock);
}

void progress_pause(struct progress *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}

void progress_resume(struct progress *p)
{
	if (p != NULL)
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
