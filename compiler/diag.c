/*
 * diag.c: collects what is wrong, and decides what that means for the exit status.
 * In: problems with a place in a source, from any thread; failures of the system.
 * Out: sorted entries for diag_print.c, and the exit status.
 */
#include "diag.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "diag_entries.h"

const char *check_name(enum check check)
{
	static const char *const names[] = {
#define CHECK_NAME(id, name, about) name,
		CHECKS(CHECK_NAME)
#undef CHECK_NAME
	};

	return names[check];
}

struct diag *diag_new(void)
{
	struct diag *diag = mem_zalloc(1, sizeof(*diag));

	pthread_mutex_init(&diag->lock, NULL);
	return diag;
}

void diag_free(struct diag *diag)
{
	if (diag == NULL)
		return;
	pthread_mutex_destroy(&diag->lock);
	free(diag->files);
	free(diag->is_wrong);
	free(diag->problems);
	free(diag->remarks);
	arena_free(&diag->arena);
	free(diag);
}

uint32_t diag_file(struct diag *diag, const char *path)
{
	uint32_t number;

	pthread_mutex_lock(&diag->lock);
	diag->files = mem_reserve(diag->files, diag->file_count, &diag->file_capacity, sizeof(char *));
	diag->is_wrong = mem_reserve(diag->is_wrong, diag->file_count, &diag->wrong_capacity, sizeof(bool));
	diag->is_wrong[diag->file_count] = false;
	number = (uint32_t)diag->file_count++;
	diag->files[number] = arena_copy(&diag->arena, path, strlen(path));
	pthread_mutex_unlock(&diag->lock);
	return number;
}

static char *format_text(struct diag *diag, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));

static char *format_text(struct diag *diag, const char *format, va_list ap)
{
	va_list again;
	int size;
	char *text;

	va_copy(again, ap);
	size = vsnprintf(NULL, 0, format, again);
	va_end(again);
	text = arena_alloc(&diag->arena, (size_t)size + 1);
	vsnprintf(text, (size_t)size + 1, format, ap);
	return text;
}

static char *copy_text(struct diag *diag, const char *text)
{
	return text == NULL ? NULL : arena_copy(&diag->arena, text, strlen(text));
}

void diag_report(struct diag *diag, enum check check, struct place at, const struct diag_extra *extra,
		 const char *format, ...)
{
	struct diag_problem *problem;
	va_list ap;

	pthread_mutex_lock(&diag->lock);
	diag->problem_total++;
	diag->is_wrong[at.file] = true;
	if (diag->problem_count < DIAG_MAX_PROBLEMS) {
		diag->problems = mem_reserve(diag->problems, diag->problem_count, &diag->problem_capacity,
					     sizeof(*diag->problems));
		problem = &diag->problems[diag->problem_count];
		memset(problem, 0, sizeof(*problem));
		problem->sequence = diag->problem_count++;
		problem->check = check;
		problem->at = at;
		problem->path = diag->files[at.file];
		va_start(ap, format);
		problem->text = format_text(diag, format, ap);
		va_end(ap);
		if (extra != NULL) {
			problem->help = copy_text(diag, extra->help);
			problem->related_text = copy_text(diag, extra->related_text);
			if (extra->related != NULL)
				problem->related = *extra->related;
		}
	}
	pthread_mutex_unlock(&diag->lock);
}

static void add_remark(struct diag *diag, enum diag_kind kind, const char *format, va_list ap)
	__attribute__((format(printf, 3, 0)));

static void add_remark(struct diag *diag, enum diag_kind kind, const char *format, va_list ap)
{
	pthread_mutex_lock(&diag->lock);
	diag->remarks = mem_reserve(diag->remarks, diag->remark_count, &diag->remark_capacity, sizeof(*diag->remarks));
	diag->remarks[diag->remark_count].kind = kind;
	diag->remarks[diag->remark_count++].text = format_text(diag, format, ap);
	pthread_mutex_unlock(&diag->lock);
}

void diag_fail(struct diag *diag, enum exit_status status, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	add_remark(diag, DIAG_FAILURE, format, ap);
	va_end(ap);
	pthread_mutex_lock(&diag->lock);
	diag->failures++;
	/* The first failure names the status, but a durable one is not overwritten by what follows from it. */
	if (diag->status == EXIT_DONE)
		diag->status = status;
	pthread_mutex_unlock(&diag->lock);
}

void diag_warn(struct diag *diag, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	add_remark(diag, DIAG_WARNING, format, ap);
	va_end(ap);
}

void diag_help(struct diag *diag, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	add_remark(diag, DIAG_HELP, format, ap);
	va_end(ap);
}

void diag_differs(struct diag *diag)
{
	pthread_mutex_lock(&diag->lock);
	diag->differs = true;
	pthread_mutex_unlock(&diag->lock);
}

size_t diag_errors(struct diag *diag)
{
	size_t errors;

	pthread_mutex_lock(&diag->lock);
	errors = diag->problem_total + diag->failures;
	pthread_mutex_unlock(&diag->lock);
	return errors;
}

size_t diag_files_with_errors(struct diag *diag)
{
	size_t i, count = 0;

	for (i = 0; i < diag->file_count; i++)
		count += diag->is_wrong[i];
	return count;
}

enum exit_status diag_status(struct diag *diag)
{
	if (diag->status != EXIT_DONE)
		return diag->status;
	if (diag->problem_total > 0)
		return EXIT_REJECTED;
	return diag->differs ? EXIT_DIFFERENT : EXIT_DONE;
}
