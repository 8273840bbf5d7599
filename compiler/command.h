/*
 * command.h: what main.c gives a command, and what a command is.
 * In: parsed options and operands, settings, a place for diagnostics.
 * Out: results on standard output, problems in the diag; main.c prints those and exits.
 */
#ifndef DIMC_COMMAND_H
#define DIMC_COMMAND_H

#include "aside.h"
#include "buf.h"
#include "diag.h"
#include "digest.h"
#include "options.h"
#include "progress.h"
#include "sandbox.h"
#include "settings.h"
#include "target.h"

/* Options that every command has. */
struct global_options {
	const char *directory;
	const char *color;
	const char *log;
	const char *diagnostics, *diagnostics_file;
	const char *trace;
	bool quiet, verbose, json, timings, help, version;
};

/* What a mutating command leaves for the log. */
struct log_facts {
	const char *volume; /* NULL: the command changes nothing, so that nothing is logged */
	bool has_changed;
	bool has_generation, has_previous;
	struct digest generation, previous;
};

struct command;

/* All commands, and the options that every one has. */
struct command_list {
	const struct command *const *commands;
	size_t count;
	const struct option *options;
	const struct option *directory; /* among them, -C */
};

struct context {
	struct global_options global;
	struct settings settings;
	struct diag *diag;
	const void *options; /* the command's own struct, filled */
	const char **operands;
	size_t operand_count;
	const struct command_list *commands;
	struct log_facts log;
	struct aside trace; /* of --trace, open; fd -1: none is wanted */
};

struct command {
	const char *name;
	const char *synopsis;
	const char *summary; /* for the list of commands: at most 27 characters */
	const char *text;    /* for the command's own help: a few lines */
	const struct option *options;
	size_t options_size;  /* of the struct they fill */
	const void *defaults; /* its first value; NULL: zeros */
	size_t min_operands, max_operands;
	bool changes_volume;	/* it leaves a line for the log */
	bool needs_no_settings; /* it runs whatever the environment and .env say */
	/* What it writes, and reads where that is known; NULL: it writes nothing. */
	void (*grant)(const struct context *context, struct sandbox *sandbox);
	void (*run)(struct context *context);
};

extern const struct command command_bundle, command_check, command_clean, command_compile, command_completion,
	command_diff, command_dump, command_explain, command_find, command_fmt, command_info, command_init,
	command_list, command_new, command_report, command_restore, command_rollback, command_schema, command_show,
	command_top, command_verify, command_watch;

/* "-d D01,D05": the numbers, in memory of the caller's to free; NULL and 0 for NULL. false, reported with status 2. */
bool command_parse_dimensions(const char *list, struct diag *diag, uint32_t **ret, size_t *ret_count);

/*
 * Leaves only the regions that -d names, a list as above. false, reported with status 2 or 9. target_close wants the
 * former count back.
 */
bool command_select_regions(const char *list, struct diag *diag, struct target *target);

/* The volume of a command: its operand, or else the one of the settings. */
const char *command_volume(const struct context *context);

/* Where a bundle is unpacked to be looked at, if an operand is a file: what most commands that read need, as their
 * `grant`. */
void command_grant_scratch(const struct context *context, struct sandbox *sandbox);

/* The process gives up all that the command does not need. false, reported with status 2 or 3. */
bool command_enter_sandbox(const struct context *context, const struct command *command);

/* Progress of a long command: a line on a terminal, events with --json. May be NULL. Free with progress_free. */
struct progress *command_progress(const struct context *context);

/* Whether a stream of this descriptor should have colors, as --color and NO_COLOR say. */
bool command_color(const struct global_options *global, int fd);

/* The threads of -j N, where 0 stands for the machine's cores. */
unsigned command_jobs(uint64_t typed);

/* Prints a finished JSON document. */
void command_print(const struct buf *buf);

#endif
