/*
 * cmd_watch.c: `dimc watch`: compiles again whenever the sources were saved.
 * In: the options of a compile, a folder of sources.
 * Out: a round for each change: what is wrong now, or what was published.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "pipeline.h"
#include "report.h"
#include "source.h"
#include "summary.h"
#include "text.h"
#include "typed.h"
#include "watch.h"

struct watch_command {
	struct typed typed; /* first: TYPED_CHECKING and typed_translate take it there */
	bool checks, polls;
	uint64_t rounds; /* 0: without end */
};

#define FIELD(field) offsetof(struct watch_command, field)
static const struct watch_command watch_defaults = {.typed.sync = true};
static const struct option watch_options[] = {
	{"output", 'o', OPTION_TEXT, FIELD(typed.volume), "VOLUME", "the volume to publish to", 0, 0},
	{"check", 0, OPTION_TRUE, FIELD(checks), NULL, "only check; nothing is published", 0, 0},
	{"dimensions", 'd', OPTION_TEXT, FIELD(typed.dimensions), "D01,D05", "only these; the others stay as published",
	 0, 0},
	{"jobs", 'j', OPTION_NUMBER, FIELD(typed.jobs), "N", "threads; the machine's cores by default", 1, 256},
	{"layout", 0, OPTION_TEXT, FIELD(typed.layout), "page|packed", "instead of what dimension.yaml says", 0, 0},
	{"align", 0, OPTION_NUMBER, FIELD(typed.alignment), "N", "alignment of slots, a power of two >= 4096", 4096,
	 1u << 30},
	{"layer-files", 0, OPTION_TRUE, FIELD(typed.layer_files), NULL, "also write every layer to D01/layers/", 0, 0},
	{"no-sync", 0, OPTION_FALSE, FIELD(typed.sync), NULL, "leave the fsyncs out: faster, not power-safe", 0, 0},
	{"rounds", 'n', OPTION_NUMBER, FIELD(rounds), "COUNT", "end after so many, with the status of the last", 1,
	 1000000000},
	{"poll", 0, OPTION_TRUE, FIELD(polls), NULL, "compare files every second; for network file systems", 0, 0},
	TYPED_CHECKING,
	{0},
};

/* One round: what it did, told when it is over. */
struct round {
	uint64_t number;
	struct timespec start;
	struct compile_options options;
	struct compile_report report;
	bool is_screen; /* of a terminal, of which the former round's text goes away */
};

static void take_log(struct context *context, const struct round *round)
{
	const struct compile_report *report = &round->report;

	context->log.volume = round->options.volume;
	if (!report->is_published)
		return;
	if (!context->log.has_changed) {
		context->log.has_previous = report->has_previous;
		context->log.previous = report->previous;
	}
	context->log.has_changed = context->log.has_generation = true;
	context->log.generation = report->generation;
}

static void add_json(const struct context *context, const struct round *round, double seconds, struct buf *ret)
{
	const struct watch_command *typed = context->options;
	struct json json = {.buf = ret, .is_inline = true};

	json_begin(&json, NULL, '{');
	json_number(&json, "round", round->number);
	json_number(&json, "errors", diag_errors(context->diag));
	json_number(&json, "warnings", diag_warnings(context->diag));
	json_number(&json, "exit", (uint64_t)diag_status(context->diag));
	json_double(&json, "seconds", seconds);
	if (!typed->checks) {
		json_string(&json, "volume", round->options.volume);
		json_bool(&json, "published", round->report.is_published);
		json_bool(&json, "up_to_date", round->report.is_up_to_date);
		if (round->report.is_published || round->report.is_up_to_date)
			report_add_json(&round->report, &json);
	}
	json_end(&json, '}');
}

/* The verdict on one line. */
static void add_verdict(const struct context *context, const struct round *round, double seconds, struct buf *ret)
{
	size_t errors = diag_errors(context->diag), warnings = diag_warnings(context->diag);
	size_t files = diag_wrong_files(context->diag);
	const struct watch_command *typed = context->options;
	char hex[DIGEST_HEX_SIZE], a[48], b[48];

	buf_printf(ret, "round %llu: ", (unsigned long long)round->number);
	if (round->report.is_published) {
		digest_hex(&round->report.generation, hex);
		if (!context->global.verbose)
			hex[16] = '\0';
		buf_printf(ret, "published generation %s to ", hex);
		text_add_printable(ret, round->options.volume, strlen(round->options.volume));
	} else if (errors > 0) {
		buf_puts(ret, text_count(errors, "error", a));
	} else if (typed->checks) {
		buf_printf(ret, "nothing is wrong in %s", text_count(round->report.file_count, "file", a));
	} else {
		buf_puts(ret, "up to date: ");
		text_add_printable(ret, round->options.volume, strlen(round->options.volume));
	}
	if (warnings > 0)
		buf_printf(ret, "%s%s", errors > 0 ? " and " : ", ", text_count(warnings, "warning", a));
	if (files > 0)
		buf_printf(ret, " in %s", text_count(files, "file", b));
	if (errors > 0 && !typed->checks && !round->report.is_published)
		buf_puts(ret, ", nothing was published");
	buf_printf(ret, "; %.0f ms\n", seconds * 1e3);
}

static void tell(struct context *context, const struct round *round)
{
	double seconds = summary_seconds_since(round->start);
	struct buf buf = {0};

	if (round->is_screen && round->number > 1)
		fputs("\033[H\033[2J", stdout);
	fflush(stdout);
	diag_print(context->diag, stderr, command_color(&context->global, STDERR_FILENO));
	if (context->global.json) {
		add_json(context, round, seconds, &buf);
	} else if (!context->global.quiet) {
		if (round->report.is_published)
			report_print_changes(&round->report);
		add_verdict(context, round, seconds, &buf);
		if (round->is_screen) {
			buf_puts(&buf, "watching ");
			text_add_printable(&buf, context->operands[0], strlen(context->operands[0]));
			buf_puts(&buf, "; Ctrl-C ends\n");
		}
	}
	command_print(&buf);
	fflush(stdout);
	buf_free(&buf);
}

/* .env is read again, and every round has a diag of its own, which the caller made. */
static void run_round(struct context *context, struct watch *watch, bool *told_polling, struct round *round)
{
	const struct watch_command *typed = context->options;
	uint32_t *selected = NULL;
	const char *why;
	bool is_loaded;

	round->start = summary_start();
	settings_free(&context->settings);
	is_loaded = settings_load(context->diag, &context->settings);
	round->options.volume = typed->typed.volume != NULL ? typed->typed.volume : context->settings.base_path;
	why = watch_begin(watch, round->options.volume);
	if (why != NULL && !*told_polling) {
		diag_warn(context->diag, "%s: looking at %s every second instead", why, context->operands[0]);
		diag_help(context->diag, "raise it with sysctl, or say --poll");
	}
	*told_polling = why != NULL;
	if (is_loaded && typed_translate(context, &round->options, &selected)) {
		round->options.progress = progress_new(!context->global.quiet && !context->global.json);
		if (typed->checks)
			check_sources(&round->options, context->diag, &round->report);
		else
			compile_volume(&round->options, context->diag, &round->report);
		progress_free(round->options.progress);
	}
	free(selected);
	if (!typed->checks)
		take_log(context, round);
}

/* Where the system said no, something else than the sources may have to change: again, ever more rarely. */
static unsigned next_retry(const struct context *context, unsigned before)
{
	enum { FIRST = 250, LAST = 32000 };

	if (diag_status(context->diag) != EXIT_SYSTEM || access(context->operands[0], F_OK) != 0)
		return 0;
	return before == 0 ? FIRST : before < LAST ? before * 2 : LAST;
}

static void run_watch(struct context *context)
{
	const struct watch_command *typed = context->options;
	struct diag *own = context->diag;
	struct watch *watch;
	bool told_polling = false, is_last;
	uint64_t number;
	unsigned retry = 0;

	if (typed_is_list(context))
		return;
	if (context->global.diagnostics != NULL) {
		diag_fail(own, EXIT_USAGE, "--diagnostics is for one run; watch tells its rounds as text or --json");
		return;
	}
	if (access(context->operands[0], F_OK) != 0) {
		source_report_closed(context->operands[0], errno, own);
		return;
	}
	watch = watch_new(context->operands[0], typed->polls);
	for (number = 1;; number++) {
		struct round round = {.number = number};

		round.is_screen = isatty(STDOUT_FILENO) == 1 && isatty(STDERR_FILENO) == 1 && !context->global.json &&
				  !context->global.quiet;
		context->diag = diag_new();
		run_round(context, watch, &told_polling, &round);
		/* What was typed wrong is no round: main.c says it. */
		is_last = number == typed->rounds || (number == 1 && diag_status(context->diag) == EXIT_USAGE);
		if (!is_last || typed->rounds == number)
			tell(context, &round);
		report_free(&round.report);
		if (is_last || ferror(stdout))
			break;
		retry = next_retry(context, retry);
		if (watch_wait(watch, retry) == WATCH_ENDED) {
			diag_free(context->diag);
			context->diag = diag_new();
			break;
		}
		diag_free(context->diag);
	}
	watch_free(watch);
	diag_free(own);
	context->global.quiet = true; /* the rounds have told everything */
}

/* Also the volume's parent: the volume may go away, and be made again, while we wait. */
static void grant_watch(const struct context *context, struct sandbox *sandbox)
{
	const struct watch_command *typed = context->options;

	if (typed->checks)
		return;
	sandbox_write_file(sandbox, typed->typed.volume != NULL ? typed->typed.volume : context->settings.base_path);
	sandbox_write_below(sandbox, typed->typed.volume != NULL ? typed->typed.volume : context->settings.base_path);
}

const struct command command_watch = {
	.name = "watch",
	.synopsis = "SOURCES [-o VOLUME] [OPTIONS]",
	.summary = "compile on every save",
	.text = "Compiles once, and again as soon as something below SOURCES was saved, added, moved or deleted, or\n"
		".env was. Each round shows what is wrong at that moment; only sources without a mistake are\n"
		"published. Hidden files and those of editors (name~, #name#) begin no round. Ctrl-C or SIGTERM\n"
		"ends it with 0, after the round that runs.",
	.options = watch_options,
	.options_size = sizeof(struct watch_command),
	.defaults = &watch_defaults,
	.max_operands = 1,
	.changes_volume = true,
	.grant = grant_watch,
	.run = run_watch,
};
