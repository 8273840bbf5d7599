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
	const char *path; /* of at.file */
	struct place at;
	struct place related; /* line 0: none */
	const char *text;
	const char *related_text;
	const char *help;
	size_t sequence;
};

struct diag_remark {
	enum diag_kind kind;
	const char *text;
};

struct diag {
	pthread_mutex_t lock;
	struct arena arena;
	char **files;
	bool *is_wrong; /* which of the files have problems */
	size_t file_count, file_capacity, wrong_capacity;
	struct diag_problem *problems;
	size_t problem_count, problem_capacity, problem_total;
	struct diag_remark *remarks;
	size_t remark_count, remark_capacity, remarks_printed;
	size_t failures;
	bool problems_printed;
	bool differs;
	enum exit_status status;
};

#endif
