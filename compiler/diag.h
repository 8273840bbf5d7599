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

/* What goes with a problem; all optional. */
struct diag_extra {
	const struct place *related; /* a second place */
	const char *related_text;    /* what is there: "first given here" */
	const char *help;	     /* the way out */
};

struct diag;

struct diag *diag_new(void);
void diag_free(struct diag *diag);

/* Gives a file that is about to be read its number. Thread-safe, like all that follows but diag_print. */
uint32_t diag_file(struct diag *diag, const char *path);

/* Reports that the sources are wrong at `at`. `extra` may be NULL; all texts are copied. */
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

/* The number of errors so far, of both kinds; and of files with rejected sources. */
size_t diag_errors(struct diag *diag);
size_t diag_files_with_errors(struct diag *diag);

/* The exit status: 0 without errors; a failure of the system before a rejection of the sources. */
enum exit_status diag_status(struct diag *diag);

/* Prints everything that was not printed yet: problems sorted by place, then failures in the order they came. */
void diag_print(struct diag *diag, FILE *stream, bool color);

/* The stable name of a check. */
const char *check_name(enum check check);

#endif
