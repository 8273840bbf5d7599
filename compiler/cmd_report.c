/*
 * cmd_report.c: `dimc report`: one page of HTML to look at a volume.
 * In: a path.
 * Out: the page, in a file or on standard output.
 */
#include <errno.h>
#include <string.h>

#include "aside.h"
#include "command.h"
#include "fs.h"
#include "json.h"
#include "page.h"
#include "rights.h"
#include "text.h"

struct report_command {
	const char *output, *dimensions, *text;
	uint64_t jobs;
};

#define FIELD(field) offsetof(struct report_command, field)
static const struct option report_options[] = {
	{"output", 'o', OPTION_TEXT, FIELD(output), "FILE", "the page to write; - is standard output", 0, 0},
	{"dimensions", 'd', OPTION_TEXT, FIELD(dimensions), "D01,D05", "only these", 0, 0},
	{"text", 0, OPTION_TEXT, FIELD(text), "auto|full|excerpt|none", "how much of the contents; auto by default", 0,
	 0},
	{"jobs", 'j', OPTION_NUMBER, FIELD(jobs), "N", "threads; the machine's cores by default", 1, 256},
	{0},
};
#undef FIELD

/* The directory of the file, where it is missing. 0 or errno. */
static int make_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct arena arena = {0};
	int error = 0;

	if (slash != NULL && slash != path && fs_make_path(arena_copy(&arena, path, (size_t)(slash - path)), true) != 0)
		error = errno;
	arena_free(&arena);
	return error;
}

static bool write_file(const char *path, const struct buf *page, struct diag *diag)
{
	int error = make_directory(path);

	if (error == 0)
		error = aside_write(path, page->bytes, page->size);
	if (error != 0) {
		diag_fail(diag, EXIT_SYSTEM, "cannot write %s: %s", path, aside_error(error));
		rights_help(diag, path, NULL, error);
	}
	return error == 0;
}

static void print_written(const struct context *context, const char *path, const struct page_facts *facts, size_t size)
{
	char dimensions[48], layers[48], bytes[16];
	struct buf buf = {0};
	struct json json = {.buf = &buf};

	if (context->global.json) {
		json_begin(&json, NULL, '{');
		json_string(&json, "path", path);
		json_digest(&json, "digest", &facts->digest);
		json_number(&json, "dimensions", facts->count);
		json_number(&json, "layers", facts->layers);
		json_number(&json, "size", size);
		json_end(&json, '}');
		command_print(&buf);
	} else if (!context->global.quiet) {
		printf("wrote %s: %s, %s; %s\n", path, text_count(facts->count, "dimension", dimensions),
		       text_count(facts->layers, "layer", layers), text_size(size, bytes));
	}
	buf_free(&buf);
}

static void report(const struct context *context, const struct target *target, enum page_text text)
{
	const struct report_command *typed = context->options;
	struct page_facts facts;
	struct buf page = {0};

	if (!page_facts_gather(target, &facts) || !page_write(&facts, text, &page)) {
		diag_fail(context->diag, EXIT_DAMAGED, "%s: a record is damaged", target->path);
		diag_help(context->diag, "`dimc verify %s` tells where", target->path);
	} else if (strcmp(typed->output, "-") == 0) {
		command_print(&page);
	} else if (write_file(typed->output, &page, context->diag)) {
		print_written(context, typed->output, &facts, page.size);
	}
	buf_free(&page);
	page_facts_free(&facts);
}

static void run_report(struct context *context)
{
	const struct report_command *typed = context->options;
	enum page_text text = PAGE_TEXT_AUTO;
	struct target target;

	if (typed->output == NULL) {
		diag_fail(context->diag, EXIT_USAGE, "-o is missing: the page to write");
		diag_help(context->diag, "usage: dimc report [PATH] -o out/report/index.html");
		return;
	}
	if (typed->text != NULL && !page_text_parse(typed->text, &text)) {
		diag_fail(context->diag, EXIT_USAGE, "--text takes auto, full, excerpt or none, not \"%s\"",
			  typed->text);
		return;
	}
	if (!target_open(command_volume(context), &context->settings, context->diag, &target))
		return;
	/* The page shows digests and contents side by side: they must belong together. */
	if ((typed->dimensions == NULL || command_select_regions(typed->dimensions, context->diag, &target)) &&
	    target_prove(&target, NULL, 0, command_jobs(typed->jobs), context->diag))
		report(context, &target, text);
	target_close(&target);
}

static void grant_report(const struct context *context, struct sandbox *sandbox)
{
	const struct report_command *typed = context->options;

	sandbox_write_file(sandbox, typed->output);
	command_grant_scratch(context, sandbox);
}

const struct command command_report = {
	.name = "report",
	.synopsis = "[PATH] -o FILE [-d D01,D05] [--text=full|excerpt|none]",
	.summary = "a page to look at a volume",
	.text = "PATH is a volume, a generation, a dimension's directory, a region file or a bundle. The page is one\n"
		"file of HTML that needs no network: how each region is filled, frequencies, shared keywords, the\n"
		"largest layers, a search. The contents are in it, up to 8 MiB of them; beyond that, or with\n"
		"--text=excerpt, the first 400 bytes of each.",
	.options = report_options,
	.options_size = sizeof(struct report_command),
	.max_operands = 1,
	.grant = grant_report,
	.run = run_report,
};
