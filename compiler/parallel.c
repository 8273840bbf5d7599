/*
 * parallel.c: one function over many items, on several threads.
 * In: a count, a number of threads, a function.
 * Out: the function was called once for every item.
 */
#include "parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "trace.h"

enum { MAX_JOBS = 256 };

struct batch {
	atomic_size_t next;
	size_t count;
	parallel_work work;
	void *context;
	enum trace_stage stage; /* that all are at, for whoever asks where the time goes */
};

static void run(struct batch *batch)
{
	size_t item;

	while ((item = atomic_fetch_add(&batch->next, 1)) < batch->count)
		batch->work(batch->context, item);
}

static void *run_thread(void *argument)
{
	struct batch *batch = argument;

	trace_enter_thread(batch->stage);
	run(batch);
	trace_leave_thread();
	return NULL;
}

void parallel_for(size_t count, unsigned jobs, parallel_work work, void *context)
{
	struct batch batch = {.count = count, .work = work, .context = context, .stage = trace_outermost()};
	pthread_t threads[MAX_JOBS];
	unsigned i, started = 0;

	if (jobs > MAX_JOBS)
		jobs = MAX_JOBS;
	if (jobs > count)
		jobs = (unsigned)count;
	if (jobs > 1)
		trace_begin(TRACE_WAIT, "for threads to begin");
	/* A thread that the system does not give is done without: the others take its items. */
	while (started + 1 < jobs && pthread_create(&threads[started], NULL, run_thread, &batch) == 0)
		started++;
	if (jobs > 1)
		trace_end(TRACE_WAIT);
	run(&batch);
	if (started == 0)
		return;
	trace_begin(TRACE_WAIT, "for threads to end");
	for (i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	trace_end(TRACE_WAIT);
}

unsigned parallel_default_jobs(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return 1;
	return (unsigned)CPU_COUNT(&set);
}
