/*
 * spans_test.c: what trace.h counts, over more threads and spans than it keeps.
 * In: nothing.
 * Out: nothing while it does what it says.
 */
#include <string.h>
#include <time.h>

#include "../../compiler/parallel.h"
#include "../../compiler/trace.h"
#include "test.h"

enum { ITEMS = 8, MILLISECOND = 1000000, MANY = 500000, KEPT = 800 * 512 };

static void pause_for(long milliseconds)
{
	nanosleep(&(struct timespec){0, milliseconds * MILLISECOND}, NULL);
}

static void work(void *context, size_t item)
{
	(void)context;
	trace_begin_dimension(TRACE_READ, (uint32_t)item);
	pause_for(2);
	trace_begin(TRACE_HASH, "a name that is too long for it: its end");
	trace_count(1, 10);
	pause_for(2);
	trace_end(TRACE_HASH);
	trace_end(TRACE_READ);
}

static void nested(void *context, size_t item)
{
	(void)item;
	parallel_for(2, 2, work, context);
}

static struct trace_total total(enum trace_stage outer, enum trace_stage stage)
{
	struct trace_total found;

	CHECK(trace_total(outer, stage, &found));
	return found;
}

struct seen {
	size_t count, named;
	unsigned threads;
};

static void look(void *context, unsigned thread, const struct trace_span *span)
{
	struct seen *seen = context;
	const char *detail = span->detail;

	seen->count++;
	seen->threads = thread > seen->threads ? thread : seen->threads;
	seen->named += span->stage == TRACE_HASH && strcmp(detail, "oo long for it: its end") == 0;
	CHECK(span->cpu <= span->wall);
}

int main(void)
{
	struct trace_total found;
	struct trace_run run;
	struct seen seen = {0};
	size_t i;

	/* Off, nothing happens. */
	trace_begin(TRACE_READ, "nobody asked");
	trace_end(TRACE_WRITE);
	CHECK(!trace_total(TRACE_READ, TRACE_READ, &found));

	trace_start(true);
	trace_end(TRACE_STARTUP);
	trace_begin(TRACE_READ, NULL);
	for (i = 0; i < 3; i++)
		parallel_for(ITEMS, 4, work, NULL);
	trace_get_run(&run);
	CHECK(run.threads == 4); /* of three times three that were started */
	/* Inside of others while it is open: the clock runs, and spans are counted. */
	CHECK(total(TRACE_READ, TRACE_READ).count > 3 * ITEMS);
	trace_end(TRACE_READ);

	/* What several threads do at the same time takes its time once. */
	found = total(TRACE_READ, TRACE_READ);
	CHECK(found.wall >= 3 * 2 * 4 * MILLISECOND && found.wall < run.wall + MILLISECOND);
	found = total(TRACE_READ, TRACE_HASH);
	CHECK(found.count == 3 * ITEMS && found.files == 3 * ITEMS && found.bytes == 3 * ITEMS * 10);
	CHECK(found.wall >= 3 * 2 * MILLISECOND && found.wall < total(TRACE_READ, TRACE_READ).wall);
	CHECK(!trace_total(TRACE_HASH, TRACE_HASH, &found));

	/* Threads of threads have numbers of their own. */
	parallel_for(3, 3, nested, NULL);
	trace_get_run(&run);
	CHECK(run.threads >= 4 && run.threads <= 6);

	for (i = 0; i < MANY; i++) {
		trace_begin(TRACE_PROVE, NULL);
		trace_end(TRACE_PROVE);
	}
	trace_stop();
	trace_get_run(&run);
	CHECK(total(TRACE_PROVE, TRACE_PROVE).count == MANY);
	trace_each(look, &seen);
	CHECK(seen.count <= KEPT && seen.count > KEPT - 512 * (size_t)run.threads);
	CHECK(seen.threads == run.threads);
	CHECK(seen.named >= 3 * ITEMS);
	CHECK(run.lost > MANY - KEPT && run.lost + seen.count > MANY);
	CHECK(run.marked <= run.wall);
	trace_free();
	return 0;
}
