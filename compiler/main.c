/*
 * main.c: the command line: finds the command, reads its options, runs it, prints what it reported, exits.
 * In: argv.
 * Out: an exit status as in `dimc --help`.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "aside.h"
#include "command.h"
#include "digest.h"
#include "events.h"
#include "fs.h"
#include "json.h"
#include "text.h"
#include "timings.h"
#include "trace.h"

static const struct command *const commands[] = {
	&command_compile, &command_check,    &command_fmt,    &command_new,	   &command_watch,  &command_explain,
	&command_schema,  &command_init,     &command_verify, &command_info,	   &command_top,    &command_show,
	&command_find,	  &command_report,   &command_diff,   &command_dump,	   &command_bundle, &command_list,
	&command_restore, &command_rollback, &command_clean,  &command_completion,
};
enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

#define GLOBAL(field) offsetof(struct global_options, field)
static const struct option global_options[] = {
	{"directory", 'C', OPTION_TEXT, GLOBAL(directory), "DIR", "go to DIR first; .env is read there", 0, 0},
	{"quiet", 'q', OPTION_TRUE, GLOBAL(quiet), NULL, "print no summary and no progress", 0, 0},
	{"verbose", 'v', OPTION_TRUE, GLOBAL(verbose), NULL, "print more", 0, 0},
	{"json", 0, OPTION_TRUE, GLOBAL(json), NULL, "print results as JSON", 0, 0},
	{"color", 0, OPTION_TEXT, GLOBAL(color), "auto|always|never", "colors; on a terminal by default", 0, 0},
	{"log", 0, OPTION_TEXT, GLOBAL(log), "FILE", "append one JSON line about what was changed", 0, 0},
	{"timings", 0, OPTION_TRUE, GLOBAL(timings), NULL, "say where the time went", 0, 0},
	{"trace", 0, OPTION_TEXT, GLOBAL(trace), "FILE", "write what each thread did when, for Perfetto", 0, 0},
	{"diagnostics", 0, OPTION_TEXT, GLOBAL(diagnostics), "text|json|sarif|github",
	 "form of messages; text by default", 0, 0},
	{"diagnostics-file", 0, OPTION_TEXT, GLOBAL(diagnostics_file), "FILE", "put that form there, and text here", 0,
	 0},
	{"help", 'h', OPTION_TRUE, GLOBAL(help), NULL, "show help", 0, 0},
	{"version", 'V', OPTION_TRUE, GLOBAL(version), NULL, "show the version", 0, 0},
	{0},
};
static const struct command_list all_commands = {commands, COMMAND_COUNT, global_options, &global_options[0]};

/* In two columns: all of it fits a terminal of 24 lines. */
static void print_help(void)
{
	enum { rows = (COMMAND_COUNT + 1) / 2 };
	size_t i;

	puts("dimc compiles dimensional layer data from YAML into memory-mapped regions.\n"
	     "usage: dimc [OPTIONS] COMMAND [ARGUMENTS]\n");
	for (i = 0; i < rows; i++) {
		const struct command *right = i + rows < COMMAND_COUNT ? commands[i + rows] : NULL;

		printf("  %-10s %-*s", commands[i]->name, right != NULL ? 27 : 0, commands[i]->summary);
		if (right != NULL)
			printf("  %-10s %s", right->name, right->summary);
		putchar('\n');
	}
	puts("\n`dimc COMMAND --help` shows its options. The volume is -o, else MMAP_BASE_PATH\n"
	     "from the environment or .env, else data/mmap.\n\n"
	     "exit: 0 done, 1 sources rejected, 2 usage, 3 system, 4 different, 5 damaged,\n"
	     "      6 newer version, 7 refused, 8 published but not durable, 9 not there");
}

static void print_command_help(const struct command *command)
{
	enum { width = 79 };
	size_t indent = strlen("usage: dimc  ") + strlen(command->name), size;
	const char *form = command->synopsis, *before = "usage:";
	struct buf buf = {0}, one = {0};

	/* Forms of a command are parted by "; ": a line each. */
	for (; *form != '\0'; form += size + strspn(form + size, "; ")) {
		size = strcspn(form, ";");
		one.size = 0;
		buf_add(&one, form, size);
		buf_printf(&buf, "%6s dimc %s ", before, command->name);
		text_add_wrapped(&buf, one.bytes, indent, indent, width);
		buf_puts(&buf, "\n");
		before = "";
	}
	buf_free(&one);
	buf_puts(&buf, "\n");
	text_add_wrapped(&buf, command->text, 0, 0, width);
	buf_puts(&buf, "\n");
	command_print(&buf);
	buf_free(&buf);
	if (command->options[0].name != NULL)
		puts("\noptions:");
	options_print(command->options, stdout);
	puts("\nfor every command:");
	options_print(global_options, stdout);
}

static const struct command *find_command(const char *name, struct diag *diag)
{
	const char *names[COMMAND_COUNT], *meant;
	size_t i;

	for (i = 0; i < COMMAND_COUNT; i++) {
		names[i] = commands[i]->name;
		if (strcmp(names[i], name) == 0)
			return commands[i];
	}
	meant = text_did_you_mean(name, strlen(name), names, COMMAND_COUNT);
	diag_fail(diag, EXIT_USAGE, "there is no command \"%s\"", name);
	if (meant != NULL)
		diag_help(diag, "did you mean \"%s\"?", meant);
	else
		diag_help(diag, "`dimc --help` lists the commands");
	return NULL;
}

static void check_color(const char *color, struct diag *diag)
{
	if (color != NULL && strcmp(color, "auto") != 0 && strcmp(color, "always") != 0 && strcmp(color, "never") != 0)
		diag_fail(diag, EXIT_USAGE, "--color takes auto, always or never, not \"%s\"", color);
}

/* One line about what a mutating command did; the only place that reads the clock for something that is kept. */
static void write_log(const struct context *context, const struct command *command, int fd)
{
	struct buf buf = {0};
	struct json json = {.buf = &buf, .is_inline = true};
	char when[24];

	json_begin(&json, NULL, '{');
	json_string(&json, "time", text_time((int64_t)time(NULL), when));
	json_string(&json, "command", command->name);
	json_number(&json, "pid", (uint64_t)getpid());
	json_string(&json, "volume", context->log.volume);
	json_bool(&json, "changed", context->log.has_changed);
	if (context->log.has_previous)
		json_digest(&json, "previous", &context->log.previous);
	if (context->log.has_generation)
		json_digest(&json, "generation", &context->log.generation);
	json_number(&json, "errors", diag_errors(context->diag));
	json_number(&json, "exit", (uint64_t)diag_status(context->diag));
	json_end(&json, '}');
	if (write(fd, buf.bytes, buf.size) != (ssize_t)buf.size)
		diag_warn(context->diag, "cannot write the log %s: %s", context->global.log, strerror(errno));
	buf_free(&buf);
}

/* Options and operands of the command are read, the working directory and the settings are in place: runs it. */
static void run(struct context *context, const struct command *command)
{
	const char *reader = getenv("DIMC_READER");
	int log = -1;

	timings_start(&context->global);
	if (reader != NULL && *reader != '\0' && !yaml_choose_reader(reader)) {
		diag_fail(context->diag, EXIT_USAGE, "DIMC_READER must be quick or libyaml, not \"%s\"", reader);
		return;
	}
	if (context->operand_count < command->min_operands || context->operand_count > command->max_operands) {
		diag_fail(context->diag, EXIT_USAGE, "%s",
			  context->operand_count < command->min_operands ? "an argument is missing"
									 : "too many arguments");
		diag_help(context->diag, "usage: dimc %s %s", command->name, command->synopsis);
		return;
	}
	if (!command->needs_no_settings && !settings_load(context->diag, &context->settings))
		return;
	if (context->global.log != NULL && command->changes_volume) {
		log = aside_open_through(context->global.log);
		if (log < 0) {
			diag_fail(context->diag, EXIT_SYSTEM, "cannot open the log %s: %s", context->global.log,
				  aside_error(errno));
			return;
		}
	}
	if (timings_begin(context) && command_enter_sandbox(context, command))
		command->run(context);
	if (log >= 0 && context->log.volume != NULL)
		write_log(context, command, log);
	if (log >= 0)
		close(log);
}

static bool parse_format(const struct global_options *global, struct diag *diag, enum diag_format *ret)
{
	static const char *const names[] = {
		[DIAG_TEXT] = "text", [DIAG_JSON] = "json", [DIAG_SARIF] = "sarif", [DIAG_GITHUB] = "github"};
	enum diag_format format;

	*ret = DIAG_TEXT;
	for (format = DIAG_TEXT; global->diagnostics != NULL && format <= DIAG_GITHUB; format++) {
		if (strcmp(names[format], global->diagnostics) == 0) {
			*ret = format;
			return true;
		}
	}
	if (global->diagnostics != NULL)
		diag_fail(diag, EXIT_USAGE, "--diagnostics takes text, json, sarif or github, not \"%s\"",
			  global->diagnostics);
	else if (global->diagnostics_file != NULL)
		diag_fail(diag, EXIT_USAGE, "--diagnostics-file needs --diagnostics=json, sarif or github");
	return diag_errors(diag) == 0;
}

static void print_problems(struct context *context, const struct command *command)
{
	struct diag *diag = context->diag;
	size_t errors = diag_errors(diag), warnings = diag_warnings(diag), files = diag_wrong_files(diag);
	size_t fixes = diag_safe_fixes(diag);
	struct buf word = {0}, shown = {0};
	char a[48], b[48], c[48];

	diag_print(diag, stderr, command_color(&context->global, STDERR_FILENO));
	if (files == 0 || context->global.quiet)
		return;
	assert(command != NULL); /* nobody else reads files of sources */
	fprintf(stderr, "%s%s%s in %s%s\n", errors > 0 ? text_count(errors, "error", a) : "",
		errors > 0 && warnings > 0 ? " and " : "", warnings > 0 ? text_count(warnings, "warning", b) : "",
		text_count(files, "file", c), errors > 0 && command->changes_volume ? "; nothing was published" : "");
	if (fixes == 0)
		return;
	text_add_word(&word,
		      command == &command_check || command == &command_compile ? context->operands[0] : "SOURCES");
	text_add_printable(&shown, word.bytes, word.size);
	fprintf(stderr, "`dimc check --fix %s` mends ", shown.bytes);
	if (fixes == 1 && errors + warnings == 1)
		fputs("it\n", stderr);
	else
		fprintf(stderr, "%zu of them\n", fixes);
	buf_free(&word);
	buf_free(&shown);
}

/* For people on standard error; for programs there or in a file. */
static void tell_problems(struct context *context, const struct command *command, enum diag_format format)
{
	const char *path = context->global.diagnostics_file;
	struct buf buf = {0};
	int error = 0;

	if (format != DIAG_TEXT) {
		diag_write(context->diag, format, &buf);
		if (path == NULL && buf.size > 0)
			error = fs_write_all(STDERR_FILENO, buf.bytes, buf.size) != 0 ? errno : 0;
		else if (path != NULL)
			error = aside_write_through(path, buf.size > 0 ? buf.bytes : "", buf.size);
		if (error != 0)
			diag_fail(context->diag, EXIT_SYSTEM, "cannot write the diagnostics to %s: %s",
				  path != NULL ? path : "standard error", aside_error(error));
		buf_free(&buf);
	}
	if (format == DIAG_TEXT || path != NULL)
		print_problems(context, command);
}

/*
 * A descriptor that the caller closed must not become a file of ours, into which messages would be written. What is
 * read from it or written to it fails as it would have: a result that nobody gets is no success.
 */
static void open_standard_streams(void)
{
	static const int contrary[] = {O_WRONLY, O_RDONLY, O_RDWR};
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", contrary[fd] | O_CLOEXEC);
}

int main(int argc, char **argv)
{
	struct context context = {.commands = &all_commands, .trace = {.fd = -1, .dirfd = -1}};
	struct option_target targets[2] = {{global_options, &context.global}};
	enum diag_format format = DIAG_TEXT;
	const struct command *command = NULL;
	void *options = NULL;
	int used = 0, status;

	open_standard_streams();
	(void)signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of its write */
	digest_take_memory();
	context.diag = diag_new();
	if (!options_parse(targets, 1, argc - 1, argv + 1, true, &used, &context.operands, &context.operand_count,
			   context.diag)) {
		diag_help(context.diag, "`dimc --help` lists the commands, `dimc COMMAND --help` its options");
		goto out;
	}
	free(context.operands);
	context.operands = NULL;
	argc -= used + 1;
	argv += used + 1;
	if (argc > 0 && strcmp(argv[0], "help") == 0) {
		context.global.help = true;
		argc--;
		argv++;
	}
	if (argc > 0) {
		command = find_command(argv[0], context.diag);
		if (command == NULL)
			goto out;
		options = mem_zalloc(1, command->options_size);
		if (command->defaults != NULL)
			memcpy(options, command->defaults, command->options_size);
		context.options = options;
		targets[1] = (struct option_target){command->options, options};
		if (!options_parse(targets, 2, argc - 1, argv + 1, false, &used, &context.operands,
				   &context.operand_count, context.diag)) {
			diag_help(context.diag, "usage: dimc %s %s", command->name, command->synopsis);
			goto out;
		}
	}
	check_color(context.global.color, context.diag);
	timings_check(&context.global, context.diag);
	if (!parse_format(&context.global, context.diag, &format) || diag_errors(context.diag) > 0)
		goto out;
	if (isatty(STDERR_FILENO) && (format == DIAG_TEXT || context.global.diagnostics_file != NULL))
		diag_show_early(context.diag, stderr, command_color(&context.global, STDERR_FILENO));
	if (context.global.version)
		puts("dimc " DIM_VERSION);
	else if (context.global.help && command != NULL)
		print_command_help(command);
	else if (context.global.help)
		print_help();
	else if (command == NULL)
		diag_fail(context.diag, EXIT_USAGE, "a command is missing; `dimc --help` lists them");
	else if (context.global.directory != NULL && chdir(context.global.directory) != 0)
		diag_fail(context.diag, EXIT_SYSTEM, "cannot go to %s: %s", context.global.directory, strerror(errno));
	else
		run(&context, command);
out:
	trace_begin(TRACE_REPORT, NULL);
	if (fflush(stdout) != 0 || ferror(stdout))
		diag_fail(context.diag, context.log.has_changed ? EXIT_NOT_DURABLE : EXIT_SYSTEM,
			  "%scannot write to standard output: %s",
			  context.log.has_changed ? "the work is done, but " : "", strerror(errno));
	tell_problems(&context, command, format);
	trace_end(TRACE_REPORT);
	timings_end(&context, command);
	status = diag_status(context.diag);
	settings_free(&context.settings);
	free(context.operands);
	if (command != NULL && options != NULL)
		options_free(command->options, options);
	free(options);
	diag_free(context.diag);
	return status;
}
