/*
 * diag_entries.h: what diag.c collects and diag_print.c shows; nobody else includes it.
 * In: diag.h.
 * Out: the structs of one run's problems and remarks.
 */
#ifndef DIMC_DIAG_ENTRIES_H
#define DIMC_DIAG_ENTRIES_H

#include <pthread.h>

#include "diag.h"

/* More than anybody reads; a file of a million mistakes must not take all memory. */
enum { DIAG_MAX_PROBLEMS = 10000 };

enum diag_kind { DIAG_FAILURE, DIAG_WARNING, DIAG_HELP };

struct diag_problem {
	enum check check;
	bool is_error;	  /* or else a warning */
	bool is_printed;  /* for people */
	const char *path; /* of at.file */
	struct place at;
	struct place related; /* line 0: none */
	const char *text;
	const char *related_text;
	const char *help;
	const struct fix *fix; /* NULL: none */
	size_t sequence;
};

struct diag_remark {
	enum diag_kind kind;
	enum exit_status status; /* of a failure */
	const char *text;
};

/* A problem was reported there; or one that is about this file, too. */
enum { DIAG_REPORTED = 1, DIAG_MARKED = 2 };

struct diag {
	pthread_mutex_t lock;
	struct arena arena;
	char **files;		 /* by number */
	unsigned char *is_wrong; /* which of the files have problems, by these bits */
	size_t file_count, file_capacity, wrong_capacity;
	struct diag_problem *problems;
	size_t problem_count, problem_capacity;
	size_t error_count, warning_count; /* kept ones, */
	size_t error_total, warning_total; /* and all of them */
	enum check_level levels[CHECK_COUNT];
	struct diag_remark *remarks;
	size_t remark_count, remark_capacity, remarks_printed;
	size_t failures;
	bool totals_printed;
	bool only_counts;
	bool differs;
	FILE *early; /* NULL: problems wait for diag_print */
	bool early_color, holds_early;
	enum exit_status status;
};

/* qsort's order of pointers to problems: by path, line and column. */
int diag_by_place(const void *a, const void *b);

/* All problems in that order; the caller's to free. */
struct diag_problem **diag_sorted(struct diag *diag);

/* Prints the problems of one file that were not printed yet. Called with the lock held. */
void diag_print_file(struct diag *diag, uint32_t file);

/* The forms of diag_write, each in a file of its own. */
void diag_write_json(struct diag *diag, struct buf *ret);
void diag_write_sarif(struct diag *diag, struct buf *ret);
void diag_write_github(struct diag *diag, struct buf *ret);

#endif
