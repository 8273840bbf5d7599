/*
 * cmd_completion.c: `dimc completion`: the scripts that complete a command line in a shell, and what they ask.
 * In: the name of a shell; `words` and an unfinished line; `tables`.
 * Out: a script of compiler/completion/; candidates; the tables of commands and options, for scripts/commandpages.awk.
 */
#include <string.h>

#include "command.h"
#include "complete.h"
#include "embedded.h"

struct completion_command {
	char unused;
};

static const struct option completion_options[] = {{0}};

/* A field of a line: tabs and line breaks are spaces. */
static void add_field(struct buf *buf, const char *text, char end)
{
	size_t start = buf->size;
	char *at;

	buf_puts(buf, text != NULL ? text : "");
	for (at = buf->bytes + start; buf->size > start && *at != '\0'; at++)
		if (*at == '\t' || *at == '\n')
			*at = ' ';
	buf_add(buf, &end, 1);
}

static void add_options(struct buf *buf, const char *command, const struct option *options)
{
	const struct option *o;

	for (o = options; o->name != NULL; o++) {
		bool is_one_dash = o->letter == OPTION_ONE_DASH;
		char letter[3] = {'-', o->letter, '\0'};

		buf_puts(buf, "option\t");
		add_field(buf, command, '\t');
		add_field(buf, o->letter != 0 && !is_one_dash ? letter : "", '\t');
		buf_puts(buf, is_one_dash ? "-" : "--");
		add_field(buf, o->name, '\t');
		add_field(buf, o->argument, '\t');
		add_field(buf, o->help, '\n');
	}
}

/* Lines "command NAME SYNOPSIS SUMMARY TEXT" and "option COMMAND LETTER NAME ARGUMENT HELP", with tabs. */
static void print_tables(const struct command_list *commands, struct buf *buf)
{
	size_t i;

	for (i = 0; i < commands->count; i++) {
		const struct command *command = commands->commands[i];

		buf_puts(buf, "command\t");
		add_field(buf, command->name, '\t');
		add_field(buf, command->synopsis, '\t');
		add_field(buf, command->summary, '\t');
		add_field(buf, command->text, '\n');
		add_options(buf, command->name, command->options);
	}
	add_options(buf, "", commands->options);
}

static void run_completion(struct context *context)
{
	const char *wanted = context->operands[0];
	const struct embedded *script;
	struct buf buf = {0};

	if (strcmp(wanted, "words") == 0) {
		complete_line(context->commands, context->operands + 1, context->operand_count - 1, &buf);
	} else if (context->operand_count > 1) {
		diag_fail(context->diag, EXIT_USAGE, "too many arguments");
	} else if (strcmp(wanted, "tables") == 0) {
		print_tables(context->commands, &buf);
	} else {
		buf_printf(&buf, "compiler/completion/dimc.%s", wanted);
		script = embedded_find(buf.bytes);
		buf.size = 0;
		if (script != NULL)
			buf_add(&buf, script->bytes, script->size);
		else
			diag_fail(context->diag, EXIT_USAGE,
				  "there is a completion for bash, zsh and fish, not for \"%s\"", wanted);
	}
	command_print(&buf);
	buf_free(&buf);
}

const struct command command_completion = {
	.name = "completion",
	.synopsis = "bash|zsh|fish",
	.summary = "completion for a shell",
	.text = "Prints a script that makes the shell complete commands, options, files, dimensions, layers and\n"
		"keywords. `make install` puts it where the shell looks; to try it: eval \"$(dimc completion bash)\".",
	.options = completion_options,
	.options_size = sizeof(struct completion_command),
	.min_operands = 1,
	.max_operands = SIZE_MAX,
	.needs_no_settings = true,
	.run = run_completion,
};
