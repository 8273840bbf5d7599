/*
 * timings.c: --timings and --trace: where a run's time went.
 * In: what trace.h has counted, and the system of the process.
 * Out: a table on standard error, or a member of a JSON document; and the file of --trace.
 */
#include "timings.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "text.h"
#include "trace.h"
#include "trace_file.h"

static bool is_wanted, is_told;

/* What the run took in all, beside its stages. */
struct whole {
	struct trace_run run;
	uint64_t cpu, user, system; /* nanoseconds */
	uint64_t peak, minor_faults, major_faults;
	uint64_t bytes_read;
};

static uint64_t nanoseconds(struct timeval time)
{
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u;
}

static void look(struct whole *ret)
{
	struct trace_total total;
	struct rusage usage;
	int outer;

	*ret = (struct whole){0};
	trace_get_run(&ret->run);
	getrusage(RUSAGE_SELF, &usage);
	ret->user = nanoseconds(usage.ru_utime);
	ret->system = nanoseconds(usage.ru_stime);
	ret->cpu = ret->user + ret->system;
	ret->peak = (uint64_t)usage.ru_maxrss * 1024;
	ret->minor_faults = (uint64_t)usage.ru_minflt;
	ret->major_faults = (uint64_t)usage.ru_majflt;
	for (outer = 0; outer < TRACE_STAGES; outer++)
		if (trace_total((enum trace_stage)outer, TRACE_READ, &total))
			ret->bytes_read += total.bytes;
}

/* Calls `take` with each stage that occurred, and behind it with those that were inside of it. */
static void each_stage(void (*take)(void *context, enum trace_stage outer, enum trace_stage stage,
				    const struct trace_total *total),
		       void *context)
{
	struct trace_total total;
	int outer, stage;

	for (outer = 0; outer < TRACE_STAGES; outer++) {
		if (!trace_total((enum trace_stage)outer, (enum trace_stage)outer, &total))
			continue;
		take(context, (enum trace_stage)outer, (enum trace_stage)outer, &total);
		for (stage = 0; stage < TRACE_STAGES; stage++)
			if (stage != outer && trace_total((enum trace_stage)outer, (enum trace_stage)stage, &total))
				take(context, (enum trace_stage)outer, (enum trace_stage)stage, &total);
	}
}

/* --- JSON --- */

static void add_member(void *context, enum trace_stage outer, enum trace_stage stage, const struct trace_total *total)
{
	struct json *json = context;

	json_begin(json, NULL, '{');
	json_string(json, "stage", trace_stage_name(stage));
	if (outer != stage)
		json_string(json, "within", trace_stage_name(outer));
	json_number(json, "wall_us", total->wall / 1000);
	json_number(json, "cpu_us", total->cpu / 1000);
	json_number(json, "spans", total->count);
	if (total->files > 0)
		json_number(json, "files", total->files);
	if (total->bytes > 0)
		json_number(json, "bytes", total->bytes);
	json_end(json, '}');
}

void timings_add_json(struct json *json)
{
	struct whole whole;

	if (!is_wanted)
		return;
	is_told = true;
	look(&whole);
	json_begin(json, "timings", '{');
	json_begin(json, "stages", '[');
	each_stage(add_member, json);
	json_end(json, ']');
	json_number(json, "wall_us", whole.run.wall / 1000);
	json_number(json, "marked_us", whole.run.marked / 1000);
	json_number(json, "cpu_us", whole.cpu / 1000);
	json_number(json, "user_us", whole.user / 1000);
	json_number(json, "system_us", whole.system / 1000);
	json_number(json, "threads", whole.run.threads);
	json_number(json, "peak_bytes", whole.peak);
	json_number(json, "minor_faults", whole.minor_faults);
	json_number(json, "major_faults", whole.major_faults);
	json_end(json, '}');
}

/* --- the table --- */

struct table {
	struct buf *buf;
	const struct whole *whole;
};

static double percent(uint64_t part, uint64_t whole)
{
	return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

static void add_row(const struct table *table, const char *indent, const char *name, uint64_t wall)
{
	buf_printf(table->buf, "%s%-*s %9.1f %5.1f%%", indent, *indent != '\0' ? 8 : 10, name, (double)wall / 1e6,
		   percent(wall, table->whole->run.wall));
}

static void add_processors(const struct table *table, uint64_t cpu, uint64_t wall)
{
	buf_printf(table->buf, " %9.1f %4.0f%%", (double)cpu / 1e6, percent(cpu, wall * table->whole->run.threads));
}

static void add_stage(void *context, enum trace_stage outer, enum trace_stage stage, const struct trace_total *total)
{
	const struct table *table = context;
	char size[16];

	add_row(table, outer == stage ? "" : "  ", trace_stage_name(stage), total->wall);
	add_processors(table, total->cpu, total->wall);
	buf_printf(table->buf, " %7llu", (unsigned long long)total->count);
	if (total->files > 0 || total->bytes > 0)
		buf_printf(table->buf, " %7llu", (unsigned long long)total->files);
	if (total->bytes > 0)
		buf_printf(table->buf, " %10s", text_size(total->bytes, size));
	buf_puts(table->buf, "\n");
}

static void add_table(struct buf *buf)
{
	struct whole whole;
	struct table table = {buf, &whole};
	char threads[48], peak[16], speed[16];

	look(&whole);
	buf_puts(buf, "STAGE        WALL ms  SHARE    CPU ms  BUSY   SPANS   FILES       SIZE\n");
	each_stage(add_stage, &table);
	add_row(&table, "", "unmarked", whole.run.wall - whole.run.marked);
	buf_puts(buf, "\n");
	add_row(&table, "", "total", whole.run.wall);
	add_processors(&table, whole.cpu, whole.run.wall);
	buf_printf(buf, "\n%s; user %.1f ms, system %.1f ms; at most %s of memory; %llu page faults, %llu from disk",
		   text_count(whole.run.threads, "thread", threads), (double)whole.user / 1e6,
		   (double)whole.system / 1e6, text_size(whole.peak, peak), (unsigned long long)whole.minor_faults,
		   (unsigned long long)whole.major_faults);
	if (whole.bytes_read > 0 && whole.run.wall > 0)
		buf_printf(buf, "; %s of sources a second",
			   text_size((uint64_t)((double)whole.bytes_read * 1e9 / (double)whole.run.wall), speed));
	buf_puts(buf, "\n");
}

/* --- the run --- */

/* --diagnostics for a program that reads standard error, where nothing else may stand. */
static bool is_for_program(const struct global_options *global)
{
	return global->diagnostics != NULL && strcmp(global->diagnostics, "text") != 0 &&
	       global->diagnostics_file == NULL;
}

void timings_check(const struct global_options *global, struct diag *diag)
{
	if (!global->timings || global->json || !is_for_program(global))
		return;
	diag_fail(diag, EXIT_USAGE, "--timings and --diagnostics=%s both go to standard error", global->diagnostics);
	diag_help(diag, "add --diagnostics-file FILE, or --json, which takes the timings to standard output");
}

void timings_start(const struct global_options *global)
{
	if (global->timings || global->trace != NULL)
		trace_start(global->trace != NULL);
}

bool timings_begin(struct context *context)
{
	if (context->global.trace != NULL && !trace_file_open(context->global.trace, &context->trace, context->diag))
		return false;
	is_wanted = context->global.timings;
	trace_end(TRACE_STARTUP);
	return true;
}

/* The run has told all the rest by now. */
static void report_unwritten(const struct context *context, int error)
{
	struct diag *late = diag_new();
	const char *done = context->log.has_changed ? "the work is done, but " : "";

	diag_fail(context->diag, context->log.has_changed ? EXIT_NOT_DURABLE : EXIT_SYSTEM, "there is no trace");
	diag_fail(late, EXIT_SYSTEM, "%scannot write the trace %s: %s", done, context->global.trace, strerror(error));
	diag_print(late, stderr, command_color(&context->global, STDERR_FILENO));
	diag_free(late);
}

void timings_end(struct context *context, const struct command *command)
{
	struct buf buf = {0};
	int error;

	trace_stop();
	if (is_wanted && !is_told && !is_for_program(&context->global)) {
		add_table(&buf);
		fwrite(buf.bytes, 1, buf.size, stderr);
		buf_free(&buf);
	}
	if (context->trace.fd >= 0) {
		error = trace_file_write(&context->trace, command->name);
		if (error != 0)
			report_unwritten(context, error);
	}
	trace_free();
}
