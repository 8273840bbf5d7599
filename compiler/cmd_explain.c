/*
 * cmd_explain.c: `dimc explain`: what a check means, why it is made, and how to mend what it finds.
 * In: the name of a check, as messages have it; docs/checks.md, which travels inside the program.
 * Out: its section of that document; the list of all checks where no name is given.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "command.h"
#include "embedded.h"
#include "json.h"
#include "markdown.h"
#include "text.h"
#include "warnings.h"

/* `NAME`, or `[NAME]` as it stands in a message. CHECK_COUNT, reported, where no check has that name. */
static enum check find_check(const char *typed, struct diag *diag)
{
	const char *names[CHECK_COUNT], *meant;
	size_t size = strlen(typed);
	enum check check;

	if (size >= 2 && typed[0] == '[' && typed[size - 1] == ']') {
		typed++;
		size -= 2;
	}
	for (check = 0; check < CHECK_COUNT; check++) {
		names[check] = check_name(check);
		if (strlen(names[check]) == size && memcmp(names[check], typed, size) == 0)
			return check;
	}
	diag_fail(diag, EXIT_USAGE, "there is no check \"%.*s\"", (int)size, typed);
	meant = text_did_you_mean(typed, size, names, CHECK_COUNT);
	if (meant != NULL)
		diag_help(diag, "did you mean \"%s\"?", meant);
	else
		diag_help(diag, "`dimc explain` lists the checks");
	return CHECK_COUNT;
}

/* Nothing where the document does not have it; a test looks that it has all. */
static void find_section(enum check check, const char **ret, size_t *ret_size)
{
	const struct embedded *file = embedded_find("docs/checks.md");

	*ret = "";
	*ret_size = 0;
	if (file != NULL)
		markdown_section(file->bytes, file->size, check_name(check), ret, ret_size);
}

static size_t columns_of_terminal(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20 ? size.ws_col : 80;
}

static void print_section(const struct context *context, enum check check)
{
	enum check_level level = check_default_level(check);
	struct buf markdown = {0}, buf = {0};
	const char *text;
	size_t size;

	find_section(check, &text, &size);
	buf_printf(&markdown, "**%s:** %s (%s%s)\n\n", check_name(check), check_about(check),
		   warnings_level_name(level), level == LEVEL_ALWAYS ? " an error" : "");
	buf_add(&markdown, text, size);
	markdown_render(&buf, markdown.bytes, markdown.size, columns_of_terminal(),
			command_color(&context->global, STDOUT_FILENO));
	command_print(&buf);
	buf_free(&markdown);
	buf_free(&buf);
}

/* The text as Markdown: that is what editors show beside a line. */
static void add_json(struct json *json, enum check check)
{
	struct buf plain = {0};
	const char *text;
	size_t size;

	find_section(check, &text, &size);
	markdown_add(&plain, text, size);
	json_begin(json, NULL, '{');
	json_string(json, "check", check_name(check));
	json_string(json, "level", warnings_level_name(check_default_level(check)));
	json_string(json, "about", check_about(check));
	json_text(json, "text", plain.bytes, plain.size);
	json_end(json, '}');
	buf_free(&plain);
}

static void print_list(const struct context *context)
{
	enum check_level levels[CHECK_COUNT];
	struct buf buf = {0};
	struct json json = {.buf = &buf};
	enum check check;

	for (check = 0; check < CHECK_COUNT; check++)
		levels[check] = check_default_level(check);
	if (!context->global.json) {
		warnings_print(levels, stdout);
		return;
	}
	json_begin(&json, NULL, '[');
	for (check = 0; check < CHECK_COUNT; check++)
		add_json(&json, check);
	json_end(&json, ']');
	command_print(&buf);
	buf_free(&buf);
}

static void run_explain(struct context *context)
{
	struct buf buf = {0};
	struct json json = {.buf = &buf};
	enum check check;

	if (context->operand_count == 0) {
		print_list(context);
		return;
	}
	check = find_check(context->operands[0], context->diag);
	if (check == CHECK_COUNT)
		return;
	if (!context->global.json) {
		print_section(context, check);
		return;
	}
	add_json(&json, check);
	command_print(&buf);
	buf_free(&buf);
}

static const struct option explain_options[] = {{0}};

const struct command command_explain = {
	.name = "explain",
	.synopsis = "[CHECK]",
	.summary = "what a message is about",
	.text = "What the check means whose name stands in brackets behind a message, why it is made, an example, and "
		"how to mend it. Without a name: the list of all checks. --json gives the text as Markdown.",
	.options = explain_options,
	.max_operands = 1,
	.run = run_explain,
};
