/*
 * diag.h: collects what is wrong, and says it well at the end.
 * In: problems with a place in a source, from any thread; failures of the system.
 * Out: all of them, sorted by file and line, as file:line:col with the source line and a caret; and the exit status.
 */
#ifndef DIMC_DIAG_H
#define DIMC_DIAG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "buf.h"
#include "checks.h"
#include "mem.h"

enum exit_status {
	EXIT_DONE = 0,
	EXIT_REJECTED = 1,    /* the sources were rejected */
	EXIT_USAGE = 2,	      /* wrong usage */
	EXIT_SYSTEM = 3,      /* the system said no */
	EXIT_DIFFERENT = 4,   /* compared and different */
	EXIT_DAMAGED = 5,     /* failed verification */
	EXIT_VERSION = 6,     /* a version this program does not know */
	EXIT_REFUSED = 7,     /* a bundle was refused as unsafe */
	EXIT_NOT_DURABLE = 8, /* published, but its durability could not be confirmed */
	EXIT_NOT_THERE = 9    /* the thing asked for is not there */
};

/* A place in a source file. Lines and columns count from 1, columns in characters; line 0 is the file as a whole. */
struct place {
	uint32_t file; /* from diag_file */
	uint32_t line;
	uint32_t column;
	uint32_t length; /* characters to underline, at least 1 */
};

/* The characters from the start of `at` up to an end that is not part of it any more. */
struct extent {
	struct place at;
	uint32_t end_line, end_column;
};

/* How a problem can be mended: put `text` in the place of what is there. */
struct fix {
	struct extent extent;
	const char *was; /* what stands there: `was_size` bytes */
	size_t was_size;
	const char *text; /* may be empty */
	const char *what; /* what that does: "change it to \"frequency\"" */
	bool is_safe;	  /* it cannot be wrong, nor lose anything: `dimc check --fix` does it */
};

/* What goes with a problem; all optional. */
struct diag_extra {
	const struct place *related; /* a second place */
	const char *related_text;    /* what is there: "first given here" */
	const char *help;	     /* the way out */
	const struct fix *fix;	     /* in the file of the problem */
};

struct diag;

struct diag *diag_new(void);

/* With the levels of another one; it counts what is reported about sources, and keeps nothing of it. */
struct diag *diag_new_listener(const struct diag *diag);
void diag_free(struct diag *diag);

/*
 * How loud each check is, as -W options say; before anything is reported. Until this is called, all that can be turned
 * off is: who only compares sources does not judge them.
 */
void diag_set_levels(struct diag *diag, const enum check_level levels[CHECK_COUNT]);

/* The levels that hold. */
void diag_levels(const struct diag *diag, enum check_level ret[CHECK_COUNT]);

/* Whether a check is not off: what is costly to find need not be looked for. */
bool diag_wants(const struct diag *diag, enum check check);

/* Gives a file that is about to be read its number. Thread-safe, like all that follows but diag_print. */
uint32_t diag_file(struct diag *diag, const char *path);

/*
 * The same for `count` files of a folder, by name: the number of the first one, which the others follow. ret_paths gets
 * their paths, which live as long as the diag.
 */
uint32_t diag_files(struct diag *diag, const char *folder, const char *const *names, size_t count,
		    const char **ret_paths);

/* Reports what a check found at `at`, as loud as its level is. `extra` may be NULL; all texts are copied. */
void diag_report(struct diag *diag, enum check check, struct place at, const struct diag_extra *extra,
		 const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Reports what is not about a place in the sources; the run ends with `status` unless a worse one is reported. */
void diag_fail(struct diag *diag, enum exit_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Something worth knowing that fails nothing. */
void diag_warn(struct diag *diag, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A line of advice under the last failure or warning. */
void diag_help(struct diag *diag, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What was compared is different, as the results say: no error, but status 4, unless something fails as well. */
void diag_differs(struct diag *diag);

/* The number of errors so far, in sources and others; of warnings about sources; of files with either of them. */
size_t diag_errors(struct diag *diag);
size_t diag_warnings(struct diag *diag);
size_t diag_wrong_files(struct diag *diag);

/* Whether something was reported in one of `count` files from `first` on. */
bool diag_is_wrong(struct diag *diag, uint32_t first, size_t count);

/* Something was reported that is about this file as well, at another place. */
void diag_mark_wrong(struct diag *diag, uint32_t file);

/* What was reported so far, and not about sources. */
struct diag_totals {
	size_t files, remarks, failures;
	enum exit_status status;
};

struct diag_totals diag_totals(const struct diag *diag);

/* Forgets what was reported since, and all about sources, before these are read once more. */
void diag_forget_from(struct diag *diag, const struct diag_totals *totals);

/* The number of errors and warnings whose fix is safe. */
size_t diag_safe_fixes(struct diag *diag);

/* Calls `take` with each safe fix, by file and place, its path, and the check that found it. */
void diag_each_safe_fix(struct diag *diag,
			void (*take)(void *context, const char *path, enum check check, const struct fix *fix),
			void *context);

/* From now on what is wrong with a file is shown as soon as it was read, to somebody who waits at a terminal. */
void diag_show_early(struct diag *diag, FILE *stream, bool color);

/* Not while it may turn out that everything must be read once more. */
void diag_hold_early(struct diag *diag, bool holds);

/* Whether there is something to show of a file that has been read; shows it. */
bool diag_has_early(struct diag *diag, uint32_t file);
void diag_print_early(struct diag *diag, uint32_t file);

/* The exit status: 0 without errors; a failure of the system before a rejection of the sources. */
enum exit_status diag_status(struct diag *diag);

/* Prints everything that was not printed yet: problems sorted by place, then failures in the order they came. */
void diag_print(struct diag *diag, FILE *stream, bool color);

/* The text of the first failure; NULL where there is none. It stays as long as `diag`. */
const char *diag_first_failure(const struct diag *diag);

/* The forms for programs: all of it in one document, or a line for each problem. */
enum diag_format { DIAG_TEXT, DIAG_JSON, DIAG_SARIF, DIAG_GITHUB };

/* Appends all that was reported, printed or not, in one of the forms for programs. */
void diag_write(struct diag *diag, enum diag_format format, struct buf *ret);

#endif
