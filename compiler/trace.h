/*
 * trace.h: where a run's time goes: what each thread did, and when.
 * In: begin and end of stages, from any thread; what they read or wrote.
 * Out: for each stage its time on the clock and on the processors; and, where asked for, every span.
 *
 * The one global of dimc that changes: every room would have to hand it on otherwise, down to fsync. It is off unless
 * trace_start was called, and costs one branch then. Nothing that is written to a volume depends on it.
 */
#ifndef DIMC_TRACE_H
#define DIMC_TRACE_H

#include <stdbool.h>
#include <stdint.h>

/* In the order in which they are shown. */
enum trace_stage {
	TRACE_STARTUP, /* from the start of the process to that of the command */
	TRACE_CACHE,   /* what former runs remembered */
	TRACE_LIST,    /* names in directories */
	TRACE_READ,
	TRACE_PARSE,
	TRACE_JUDGE, /* what no single value can show, and warnings */
	TRACE_BUILD,
	TRACE_COMPARE, /* with what is published */
	TRACE_PACK,
	TRACE_UNPACK,
	TRACE_PROVE,
	TRACE_HASH,
	TRACE_WRITE,
	TRACE_SYNC,
	TRACE_PUBLISH,
	TRACE_WAIT,   /* for other threads */
	TRACE_TIDY,   /* memory given back */
	TRACE_REPORT, /* what is told at the end */
	TRACE_STAGES
};

/* Written by trace_start and trace_stop alone, while there is one thread. */
extern bool trace_is_on;

/* What stands behind the inline functions below; not to be called. */
void trace_open(enum trace_stage stage, const char *detail);
void trace_open_dimension(enum trace_stage stage, uint32_t dimension_id);
void trace_close(enum trace_stage stage);
void trace_add(uint64_t files, uint64_t bytes);
void trace_take_thread(enum trace_stage stage);
void trace_give_thread(void);

/*
 * A stage begins on this thread, inside of the one that is open there. `detail`, short, tells one from another; NULL:
 * nothing does. The same stage may be open more than once: its time is that of the outermost.
 */
static inline void trace_begin(enum trace_stage stage, const char *detail)
{
	if (__builtin_expect(trace_is_on, 0))
		trace_open(stage, detail);
}

/* The same with the detail D05. */
static inline void trace_begin_dimension(enum trace_stage stage, uint32_t dimension_id)
{
	if (__builtin_expect(trace_is_on, 0))
		trace_open_dimension(stage, dimension_id);
}

/* The innermost stage that is open on this thread, which must be this one, ends. */
static inline void trace_end(enum trace_stage stage)
{
	if (__builtin_expect(trace_is_on, 0))
		trace_close(stage);
}

/* Files and bytes that the innermost stage has read, hashed or written. */
static inline void trace_count(uint64_t files, uint64_t bytes)
{
	if (__builtin_expect(trace_is_on, 0))
		trace_add(files, bytes);
}

/* The outermost stage that is open on this thread; TRACE_STAGES: none. */
enum trace_stage trace_outermost(void);

/*
 * A thread that was started, before and after its work: it gets the lowest number that is free (the main one has 1),
 * and is in `stage`, that of the thread which waits for it; TRACE_STAGES: in none.
 */
static inline void trace_enter_thread(enum trace_stage stage)
{
	if (__builtin_expect(trace_is_on, 0))
		trace_take_thread(stage);
}

static inline void trace_leave_thread(void)
{
	if (__builtin_expect(trace_is_on, 0))
		trace_give_thread();
}

/* --- for who shows it --- */

/*
 * Begins, on the main thread, with `startup` open since the process began. `keeps_spans`: for trace_each, in at most
 * 32 MB of memory.
 */
void trace_start(bool keeps_spans);

/* Ends all that is open on the main thread, and begins nothing any more. Other threads have ended. */
void trace_stop(void);

/* All times are in nanoseconds. */
struct trace_total {
	uint64_t wall;	/* while at least one thread was at it */
	uint64_t cpu;	/* of all threads together */
	uint64_t count; /* of spans */
	uint64_t files, bytes;
};

/*
 * What `stage` took inside of `outer`, the outermost stage of its thread; of the outermost itself, where both are the
 * same. false where it did not occur.
 */
bool trace_total(enum trace_stage outer, enum trace_stage stage, struct trace_total *ret);

struct trace_run {
	uint64_t wall;	 /* since the process began, up to trace_stop or to now */
	uint64_t marked; /* of that, while any thread was in any stage */
	unsigned threads;
	uint64_t lost; /* spans that found no memory; the totals have them */
};

void trace_get_run(struct trace_run *ret);

enum { TRACE_DETAIL_SIZE = 24 };

struct trace_span {
	uint64_t start, wall, cpu; /* since the process began */
	uint64_t files, bytes;
	uint8_t stage;
	char detail[TRACE_DETAIL_SIZE];
};

/* Every span, thread by thread, in the order in which they ended. */
void trace_each(void (*take)(void *context, unsigned thread, const struct trace_span *span), void *context);

const char *trace_stage_name(enum trace_stage stage);

void trace_free(void);

#endif
