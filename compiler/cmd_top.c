/*
 * cmd_top.c: `dimc top`: what of a volume is in memory and who reads it, again and again.
 * In: a volume.
 * Out: a screen that is renewed, or one table after the other where standard output is no terminal.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "json.h"
#include "residency.h"

struct top_command {
	uint64_t seconds;
	uint64_t times; /* 0: without end */
	const char *dimensions;
};

static const struct top_command top_defaults = {.seconds = 1};

static const struct option top_options[] = {
	{"interval", 'i', OPTION_NUMBER, offsetof(struct top_command, seconds), "SECONDS", "between two looks (1)", 1,
	 86400},
	{"times", 'n', OPTION_NUMBER, offsetof(struct top_command, times), "COUNT",
	 "looks (no end on a terminal, else 1)", 1, 1000000000},
	{"dimensions", 'd', OPTION_TEXT, offsetof(struct top_command, dimensions), "D01,D05", "only these", 0, 0},
	{0},
};

static size_t rows_of_terminal(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row < 8)
		return SIZE_MAX;
	return size.ws_row - 2u;
}

/* One look, printed. `refused` is why a newer generation is not in use, or NULL. */
static void show(const struct context *context, const char *path, const struct residency *now,
		 const struct residency *before, const struct dim_error *refused, bool is_screen)
{
	struct json json = {.is_inline = true};
	struct buf buf = {0};
	char why[600];

	if (context->global.json) {
		json.buf = &buf;
		residency_json(now, path, &json);
	} else {
		residency_table(now, before, path, is_screen ? rows_of_terminal() : SIZE_MAX, &buf);
		if (refused != NULL) {
			dim_error_format(refused, why, sizeof(why));
			buf_printf(&buf, "\nrefused a newer generation: %s\n", why);
		}
	}
	/* From the upper left corner, and nothing below of the former look. */
	if (is_screen)
		fputs("\033[H\033[2J", stdout);
	command_print(&buf);
	fflush(stdout);
	buf_free(&buf);
}

static void watch(const struct context *context, const char *path, struct dim_volume *volume)
{
	const struct top_command *typed = context->options;
	bool is_terminal = isatty(STDOUT_FILENO) == 1, is_screen = is_terminal && !context->global.json;
	uint64_t times = typed->times != 0 ? typed->times : is_terminal ? UINT64_MAX : 1, i;
	struct residency now, before = {0};
	struct timespec pause = {(time_t)typed->seconds, 0};

	for (i = 0; i < times && !ferror(stdout); i++) {
		const struct dim_snapshot *snapshot;
		struct dim_error error;
		bool is_refused;

		if (i > 0)
			nanosleep(&pause, NULL);
		is_refused = dim_volume_refresh(volume, NULL, &error) != DIM_OK;
		snapshot = dim_volume_acquire(volume);
		residency_take(path, snapshot, typed->dimensions == NULL, &now);
		show(context, path, &now, i > 0 ? &before : NULL, is_refused ? &error : NULL, is_screen);
		dim_snapshot_release(snapshot);
		residency_free(&before);
		before = now;
	}
	residency_free(&before);
}

static void run_top(struct context *context)
{
	const struct top_command *typed = context->options;
	const char *path = command_volume(context);
	struct dim_volume *volume;
	uint32_t *dimensions;
	size_t count;

	if (!command_parse_dimensions(typed->dimensions, context->diag, &dimensions, &count))
		return;
	volume = residency_open(path, context->settings.max_size, dimensions, count, context->diag);
	if (volume != NULL)
		watch(context, path, volume);
	dim_volume_close(volume);
	free(dimensions);
}

static void grant_top(const struct context *context, struct sandbox *sandbox)
{
	(void)context;
	sandbox->sees_processes = true;
}

const struct command command_top = {
	.name = "top",
	.synopsis = "[VOLUME] [-d D01,D05] [-i SECONDS] [-n COUNT]",
	.summary = "watch memory and readers",
	.text = "RESIDENT is the part of a region that is in the page cache, which the kernel tells to the\n"
		"owner of the files. READERS are processes that have the region mapped, OLDER those that\n"
		"still have a former one; both of the processes that this user may look at. Ctrl-C ends it.",
	.options = top_options,
	.options_size = sizeof(struct top_command),
	.defaults = &top_defaults,
	.max_operands = 1,
	.grant = grant_top,
	.run = run_top,
};
