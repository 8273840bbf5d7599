/*
 * trace_file.c: every span of a run in a file that chrome://tracing and Perfetto show.
 * In: a path, before the work; what trace.h has kept, after it.
 * Out: the file, whole, also of a run that failed.
 *
 * The form is the "Trace Event Format" of Chromium's tracing: complete events (X) with times in microseconds, and
 * metadata (M) that gives threads their names. Times are cut to whole microseconds at both ends of a span, so that what
 * was nested stays so.
 */
#include "trace_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fs.h"
#include "json.h"
#include "trace.h"

enum { PIECE = 1 << 18 };

bool trace_file_open(const char *path, struct aside *ret, struct diag *diag)
{
	int error;

	if (!aside_can_replace(path)) {
		diag_fail(diag, EXIT_USAGE, "%s is there, and no regular file", path);
		return false;
	}
	error = aside_open(ret, path);
	if (error != 0)
		diag_fail(diag, EXIT_SYSTEM, "cannot write the trace %s: %s", path, strerror(error));
	return error == 0;
}

struct writing {
	struct json json;
	struct buf buf;
	int fd, error;
};

/* What is there so far goes to the file: a trace may be larger than all that the run had in memory. */
static void flush(struct writing *w)
{
	if (w->error == 0 && fs_write_all(w->fd, w->buf.bytes, w->buf.size) != 0)
		w->error = errno;
	w->buf.size = 0;
}

static void begin_event(struct writing *w, const char *name, const char *phase, unsigned thread)
{
	json_begin_inline(&w->json, NULL, '{');
	json_string(&w->json, "name", name);
	json_string(&w->json, "ph", phase);
	json_number(&w->json, "pid", (uint64_t)getpid());
	json_number(&w->json, "tid", thread);
}

static void add_name(struct writing *w, const char *what, unsigned thread, const char *name)
{
	begin_event(w, what, "M", thread);
	json_begin(&w->json, "args", '{');
	json_string(&w->json, "name", name);
	json_end(&w->json, '}');
	json_end_inline(&w->json, '}');
}

static void add_span(void *context, unsigned thread, const struct trace_span *span)
{
	struct writing *w = context;
	struct json *json = &w->json;
	uint64_t start = span->start / 1000, end = (span->start + span->wall) / 1000;

	begin_event(w, trace_stage_name(span->stage), "X", thread);
	json_string(json, "cat", "dimc");
	json_number(json, "ts", start);
	json_number(json, "dur", end - start);
	json_begin(json, "args", '{');
	if (span->detail[0] != '\0')
		json_string(json, "of", span->detail);
	json_number(json, "cpu_us", span->cpu / 1000);
	if (span->files > 0)
		json_number(json, "files", span->files);
	if (span->bytes > 0)
		json_number(json, "bytes", span->bytes);
	json_end(json, '}');
	json_end_inline(json, '}');
	if (w->buf.size >= PIECE)
		flush(w);
}

int trace_file_write(struct aside *file, const char *command)
{
	struct writing w = {.fd = file->fd};
	struct trace_run run;
	char name[32];
	unsigned i;

	w.json.buf = &w.buf;
	trace_get_run(&run);
	json_begin(&w.json, NULL, '{');
	json_string(&w.json, "displayTimeUnit", "ms");
	json_begin(&w.json, "otherData", '{');
	json_string(&w.json, "generator", "dimc " DIM_VERSION);
	json_string(&w.json, "command", command);
	json_number(&w.json, "wall_us", run.wall / 1000);
	json_number(&w.json, "lost_spans", run.lost);
	json_end(&w.json, '}');
	json_begin(&w.json, "traceEvents", '[');
	snprintf(name, sizeof(name), "dimc %.20s", command);
	add_name(&w, "process_name", 1, name);
	for (i = 1; i <= run.threads; i++) {
		snprintf(name, sizeof(name), i == 1 ? "main" : "thread %u", i);
		add_name(&w, "thread_name", i, name);
	}
	trace_each(add_span, &w);
	json_end(&w.json, ']');
	json_end(&w.json, '}');
	flush(&w);
	buf_free(&w.buf);
	if (w.error != 0) {
		aside_discard(file);
		return w.error;
	}
	return aside_commit(file);
}
