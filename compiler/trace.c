/*
 * trace.c: where a run's time goes: what each thread did, and when.
 * In: begin and end of stages, from any thread; what they read or wrote.
 * Out: for each stage its time on the clock and on the processors; and, where asked for, every span.
 */
#include "trace.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mem.h"

/* How long a thread's own clock may be guessed by the other: to read it takes the kernel a microsecond. */
enum { GUESSED = 100 * 1000 };

enum { MAX_DEPTH = 8, MAX_THREADS = 512, CHUNK_SPANS = 512, MAX_CHUNKS = 800 };

bool trace_is_on;

struct chunk {
	struct chunk *next;
	size_t count;
	struct trace_span spans[CHUNK_SPANS];
};

/* What a thread writes to, alone. It outlives the thread: the next one of that number goes on with it. */
struct lane {
	struct trace_span open[MAX_DEPTH]; /* `cpu` is what the thread's clock said at the start */
	unsigned depth;
	uint64_t looked, cpu;	       /* when the thread's own clock was read, and what it said */
	unsigned inside[TRACE_STAGES]; /* how often each is open */
	struct trace_total totals[TRACE_STAGES][TRACE_STAGES];
	struct chunk *first, *last;
};

/*
 * The time during which at least one thread is inside. Who comes first takes its clock off, who goes last adds it: the
 * order of the sums does not matter, so that two atomic words do without a lock.
 */
struct presence {
	atomic_uint inside;
	atomic_int_fast64_t wall;
};

static bool keeps_spans;
static uint64_t origin, stopped; /* by the monotonic clock; 0: still running */
static struct presence presences[TRACE_STAGES][TRACE_STAGES], any;
static struct lane *lanes[MAX_THREADS];
static atomic_bool is_taken[MAX_THREADS];
static atomic_size_t chunk_count, lost;
static _Thread_local struct lane *own;
static _Thread_local size_t own_number;

static uint64_t read_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* What the thread has had of a processor by now; since its clock was read, it is taken to have had one all the time. */
static uint64_t own_cpu(uint64_t now)
{
	if (now - own->looked >= GUESSED) {
		own->cpu = read_clock(CLOCK_THREAD_CPUTIME_ID);
		own->looked = now;
	}
	return own->cpu + (now - own->looked);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* --- spans --- */

static void enter(struct presence *presence, uint64_t now)
{
	if (atomic_fetch_add(&presence->inside, 1) == 0)
		atomic_fetch_sub(&presence->wall, (int_fast64_t)now);
}

static void leave(struct presence *presence, uint64_t now)
{
	if (atomic_fetch_sub(&presence->inside, 1) == 1)
		atomic_fetch_add(&presence->wall, (int_fast64_t)now);
}

void trace_open(enum trace_stage stage, const char *detail)
{
	size_t size = detail != NULL ? strlen(detail) : 0;
	struct trace_span *span;

	if (own == NULL)
		return;
	assert(own->depth < MAX_DEPTH);
	span = &own->open[own->depth++];
	*span = (struct trace_span){.stage = (uint8_t)stage};
	/* Of what is too long, the end says more. */
	if (size >= TRACE_DETAIL_SIZE)
		detail += size - (TRACE_DETAIL_SIZE - 1);
	if (size > 0)
		strcpy(span->detail, detail);
	span->start = read_clock(CLOCK_MONOTONIC) - origin;
	span->cpu = own_cpu(span->start);
	if (own->depth == 1)
		enter(&any, span->start);
	if (own->inside[stage]++ == 0)
		enter(&presences[own->open[0].stage][stage], span->start);
}

void trace_open_dimension(enum trace_stage stage, uint32_t dimension_id)
{
	char name[16];

	snprintf(name, sizeof(name), "D%02u", dimension_id);
	trace_open(stage, name);
}

static void keep(const struct trace_span *span)
{
	if (own->last == NULL || own->last->count == CHUNK_SPANS) {
		struct chunk *chunk;

		if (atomic_fetch_add(&chunk_count, 1) >= MAX_CHUNKS) {
			atomic_fetch_sub(&chunk_count, 1);
			atomic_fetch_add(&lost, 1);
			return;
		}
		chunk = mem_alloc(sizeof(*chunk));
		chunk->next = NULL;
		chunk->count = 0;
		if (own->last != NULL)
			own->last->next = chunk;
		else
			own->first = chunk;
		own->last = chunk;
	}
	own->last->spans[own->last->count++] = *span;
}

void trace_close(enum trace_stage stage)
{
	struct trace_total *total;
	struct trace_span *span;
	uint64_t cpu, now;
	unsigned outer;

	if (own == NULL)
		return;
	now = read_clock(CLOCK_MONOTONIC) - origin;
	cpu = own_cpu(now);
	assert(own->depth > 0 && own->open[own->depth - 1].stage == stage);
	span = &own->open[--own->depth];
	outer = own->open[0].stage;
	total = &own->totals[outer][stage];
	span->wall = now - span->start;
	span->cpu = cpu > span->cpu ? least(cpu - span->cpu, span->wall) : 0;
	total->files += span->files;
	total->bytes += span->bytes;
	total->count++;
	if (--own->inside[stage] == 0) {
		leave(&presences[outer][stage], now);
		total->cpu += span->cpu;
	}
	if (own->depth == 0)
		leave(&any, now);
	if (keeps_spans)
		keep(span);
}

void trace_add(uint64_t files, uint64_t bytes)
{
	if (own == NULL || own->depth == 0)
		return;
	own->open[own->depth - 1].files += files;
	own->open[own->depth - 1].bytes += bytes;
}

/* --- threads --- */

enum trace_stage trace_outermost(void)
{
	return own != NULL && own->depth > 0 ? (enum trace_stage)own->open[0].stage : TRACE_STAGES;
}

void trace_take_thread(enum trace_stage stage)
{
	size_t i;

	for (i = 0; i < MAX_THREADS && atomic_exchange(&is_taken[i], true); i++)
		;
	if (i == MAX_THREADS) /* its work is nobody's then */
		return;
	if (lanes[i] == NULL)
		lanes[i] = mem_zalloc(1, sizeof(*lanes[i]));
	own = lanes[i];
	own_number = i;
	own->looked = read_clock(CLOCK_MONOTONIC) - origin;
	own->cpu = read_clock(CLOCK_THREAD_CPUTIME_ID);
	if (stage != TRACE_STAGES)
		trace_open(stage, NULL);
}

void trace_give_thread(void)
{
	if (own == NULL)
		return;
	assert(own->depth <= 1);
	if (own->depth == 1)
		trace_close((enum trace_stage)own->open[0].stage);
	own = NULL;
	atomic_store(&is_taken[own_number], false);
}

/* --- the whole --- */

void trace_start(bool keeps)
{
	keeps_spans = keeps;
	/* Until now nothing waited: what the process took of its processor is how long it is there. */
	origin = read_clock(CLOCK_MONOTONIC) - read_clock(CLOCK_PROCESS_CPUTIME_ID);
	trace_is_on = true;
	trace_take_thread(TRACE_STARTUP);
	atomic_fetch_add(&any.wall, (int_fast64_t)own->open[0].start);
	atomic_fetch_add(&presences[TRACE_STARTUP][TRACE_STARTUP].wall, (int_fast64_t)own->open[0].start);
	own->open[0].start = own->open[0].cpu = 0;
}

void trace_stop(void)
{
	if (!trace_is_on)
		return;
	while (own->depth > 0)
		trace_close(own->open[own->depth - 1].stage);
	stopped = read_clock(CLOCK_MONOTONIC) - origin;
	trace_is_on = false;
}

static uint64_t now_or_end(void)
{
	return stopped != 0 ? stopped : read_clock(CLOCK_MONOTONIC) - origin;
}

static uint64_t wall_of(struct presence *presence)
{
	int_fast64_t wall = atomic_load(&presence->wall);

	if (atomic_load(&presence->inside) > 0)
		wall += (int_fast64_t)now_or_end();
	return wall > 0 ? (uint64_t)wall : 0;
}

/* What is open on the main thread, in which this is asked, belongs to it as well. */
static void add_open(const struct lane *lane, enum trace_stage outer, enum trace_stage stage, struct trace_total *ret)
{
	uint64_t cpu;
	unsigned i;

	for (i = 0; i < lane->depth; i++) {
		if (lane->open[0].stage != outer || lane->open[i].stage != stage)
			continue;
		cpu = read_clock(CLOCK_THREAD_CPUTIME_ID);
		ret->cpu += cpu > lane->open[i].cpu ? cpu - lane->open[i].cpu : 0;
		ret->count++;
		return;
	}
}

bool trace_total(enum trace_stage outer, enum trace_stage stage, struct trace_total *ret)
{
	size_t i;

	*ret = (struct trace_total){.wall = wall_of(&presences[outer][stage])};
	for (i = 0; i < MAX_THREADS && lanes[i] != NULL; i++) {
		const struct trace_total *total = &lanes[i]->totals[outer][stage];

		ret->cpu += total->cpu;
		ret->count += total->count;
		ret->files += total->files;
		ret->bytes += total->bytes;
	}
	if (lanes[0] != NULL)
		add_open(lanes[0], outer, stage, ret);
	return ret->count > 0;
}

void trace_get_run(struct trace_run *ret)
{
	*ret = (struct trace_run){.wall = now_or_end(), .marked = wall_of(&any), .lost = atomic_load(&lost)};
	while (ret->threads < MAX_THREADS && lanes[ret->threads] != NULL)
		ret->threads++;
}

void trace_each(void (*take)(void *context, unsigned thread, const struct trace_span *span), void *context)
{
	const struct chunk *chunk;
	unsigned i;
	size_t k;

	for (i = 0; i < MAX_THREADS && lanes[i] != NULL; i++)
		for (chunk = lanes[i]->first; chunk != NULL; chunk = chunk->next)
			for (k = 0; k < chunk->count; k++)
				take(context, i + 1, &chunk->spans[k]);
}

const char *trace_stage_name(enum trace_stage stage)
{
	static const char *const names[TRACE_STAGES] = {
		[TRACE_STARTUP] = "startup", [TRACE_CACHE] = "cache",	  [TRACE_LIST] = "list",
		[TRACE_READ] = "read",	     [TRACE_PARSE] = "parse",	  [TRACE_JUDGE] = "judge",
		[TRACE_BUILD] = "build",     [TRACE_COMPARE] = "compare", [TRACE_PACK] = "pack",
		[TRACE_UNPACK] = "unpack",   [TRACE_PROVE] = "prove",	  [TRACE_HASH] = "hash",
		[TRACE_WRITE] = "write",     [TRACE_SYNC] = "sync",	  [TRACE_PUBLISH] = "publish",
		[TRACE_WAIT] = "wait",	     [TRACE_TIDY] = "tidy",	  [TRACE_REPORT] = "report",
	};

	return names[stage];
}

void trace_free(void)
{
	struct chunk *chunk, *next;
	size_t i;

	for (i = 0; i < MAX_THREADS && lanes[i] != NULL; i++) {
		for (chunk = lanes[i]->first; chunk != NULL; chunk = next) {
			next = chunk->next;
			free(chunk);
		}
		free(lanes[i]);
		lanes[i] = NULL;
	}
	own = NULL;
}
