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

struct diag *diag_new(void)
{
	struct diag *diag = mem_zalloc(1, sizeof(*diag));
	size_t i;

	pthread_mutex_init(&diag->lock, NULL);
	for (i = 0; i < CHECK_COUNT; i++)
		diag->levels[i] = check_default_level(i) == LEVEL_ALWAYS ? LEVEL_ALWAYS : LEVEL_OFF;
	return diag;
}

struct diag *diag_new_listener(const struct diag *diag)
{
	struct diag *listener = diag_new();

	diag_set_levels(listener, diag->levels);
	listener->only_counts = true;
	return listener;
}

void diag_set_levels(struct diag *diag, const enum check_level levels[CHECK_COUNT])
{
	memcpy(diag->levels, levels, sizeof(diag->levels));
}

void diag_levels(const struct diag *diag, enum check_level ret[CHECK_COUNT])
{
	memcpy(ret, diag->levels, sizeof(diag->levels));
}

bool diag_wants(const struct diag *diag, enum check check)
{
	return diag->levels[check] != LEVEL_OFF;
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

static uint32_t add_file(struct diag *diag, char *path)
{
	diag->files = mem_reserve(diag->files, diag->file_count, &diag->file_capacity, sizeof(char *));
	diag->is_wrong = mem_reserve(diag->is_wrong, diag->file_count, &diag->wrong_capacity, sizeof(*diag->is_wrong));
	diag->is_wrong[diag->file_count] = 0;
	diag->files[diag->file_count] = path;
	return (uint32_t)diag->file_count++;
}

uint32_t diag_file(struct diag *diag, const char *path)
{
	uint32_t number;

	pthread_mutex_lock(&diag->lock);
	number = add_file(diag, arena_copy(&diag->arena, path, strlen(path)));
	pthread_mutex_unlock(&diag->lock);
	return number;
}

uint32_t diag_files(struct diag *diag, const char *folder, const char *const *names, size_t count,
		    const char **ret_paths)
{
	size_t folder_size = strlen(folder), i;
	uint32_t first;

	pthread_mutex_lock(&diag->lock);
	first = (uint32_t)diag->file_count;
	for (i = 0; i < count; i++) {
		size_t name_size = strlen(names[i]);
		char *path = arena_alloc(&diag->arena, folder_size + 1 + name_size + 1);

		memcpy(path, folder, folder_size); /* NOLINT(bugprone-not-null-terminated-result): more follows */
		path[folder_size] = '/';
		memcpy(path + folder_size + 1, names[i], name_size);
		add_file(diag, path);
		ret_paths[i] = path;
	}
	pthread_mutex_unlock(&diag->lock);
	return first;
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

static const struct fix *copy_fix(struct diag *diag, const struct fix *fix)
{
	struct fix *copy;

	if (fix == NULL)
		return NULL;
	copy = arena_alloc(&diag->arena, sizeof(*copy));
	*copy = *fix;
	copy->was = arena_copy(&diag->arena, fix->was, fix->was_size);
	copy->text = copy_text(diag, fix->text);
	copy->what = copy_text(diag, fix->what);
	return copy;
}

/* Room for one more problem; NULL where there are more than anybody reads. Warnings never take the room of errors. */
static struct diag_problem *add_problem(struct diag *diag, bool is_error)
{
	size_t *kept = is_error ? &diag->error_count : &diag->warning_count;
	struct diag_problem *problem;

	if (*kept == DIAG_MAX_PROBLEMS)
		return NULL;
	++*kept;
	diag->problems =
		mem_reserve(diag->problems, diag->problem_count, &diag->problem_capacity, sizeof(*diag->problems));
	problem = &diag->problems[diag->problem_count];
	memset(problem, 0, sizeof(*problem));
	problem->sequence = diag->problem_count++;
	problem->is_error = is_error;
	return problem;
}

void diag_report(struct diag *diag, enum check check, struct place at, const struct diag_extra *extra,
		 const char *format, ...)
{
	bool is_error = diag->levels[check] >= LEVEL_ERROR;
	struct diag_problem *problem;
	va_list ap;

	if (diag->levels[check] == LEVEL_OFF)
		return;
	pthread_mutex_lock(&diag->lock);
	++*(is_error ? &diag->error_total : &diag->warning_total);
	if (!diag->only_counts)
		diag->is_wrong[at.file] |= DIAG_REPORTED;
	problem = diag->only_counts ? NULL : add_problem(diag, is_error);
	if (problem != NULL) {
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
			problem->fix = copy_fix(diag, extra->fix);
		}
	}
	pthread_mutex_unlock(&diag->lock);
}

static void add_remark(struct diag *diag, enum diag_kind kind, enum exit_status status, const char *format, va_list ap)
	__attribute__((format(printf, 4, 0)));

static void add_remark(struct diag *diag, enum diag_kind kind, enum exit_status status, const char *format, va_list ap)
{
	pthread_mutex_lock(&diag->lock);
	diag->remarks = mem_reserve(diag->remarks, diag->remark_count, &diag->remark_capacity, sizeof(*diag->remarks));
	diag->remarks[diag->remark_count].kind = kind;
	diag->remarks[diag->remark_count].status = status;
	diag->remarks[diag->remark_count++].text = format_text(diag, format, ap);
	pthread_mutex_unlock(&diag->lock);
}

void diag_fail(struct diag *diag, enum exit_status status, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	add_remark(diag, DIAG_FAILURE, status, format, ap);
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
	add_remark(diag, DIAG_WARNING, EXIT_DONE, format, ap);
	va_end(ap);
}

void diag_help(struct diag *diag, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	add_remark(diag, DIAG_HELP, EXIT_DONE, format, ap);
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
	errors = diag->error_total + diag->failures;
	pthread_mutex_unlock(&diag->lock);
	return errors;
}

size_t diag_warnings(struct diag *diag)
{
	return diag->warning_total;
}

size_t diag_wrong_files(struct diag *diag)
{
	size_t i, count = 0;

	for (i = 0; i < diag->file_count; i++)
		count += diag->is_wrong[i] & DIAG_REPORTED;
	return count;
}

bool diag_is_wrong(struct diag *diag, uint32_t first, size_t count)
{
	size_t i;

	for (i = first; i < first + count; i++)
		if (diag->is_wrong[i] != 0)
			return true;
	return false;
}

void diag_mark_wrong(struct diag *diag, uint32_t file)
{
	pthread_mutex_lock(&diag->lock);
	if (!diag->only_counts)
		diag->is_wrong[file] |= DIAG_MARKED;
	pthread_mutex_unlock(&diag->lock);
}

void diag_forget_from(struct diag *diag, const struct diag_totals *totals)
{
	diag->file_count = totals->files;
	diag->problem_count = diag->error_count = diag->warning_count = 0;
	diag->error_total = diag->warning_total = 0;
	diag->remark_count = totals->remarks;
	diag->failures = totals->failures;
	diag->status = totals->status;
}

struct diag_totals diag_totals(const struct diag *diag)
{
	return (struct diag_totals){diag->file_count, diag->remark_count, diag->failures, diag->status};
}

int diag_by_place(const void *a, const void *b)
{
	const struct diag_problem *x = *(const struct diag_problem *const *)a,
				  *y = *(const struct diag_problem *const *)b;
	int order = strcmp(x->path, y->path);

	if (order != 0)
		return order;
	if (x->at.line != y->at.line)
		return x->at.line < y->at.line ? -1 : 1;
	if (x->at.column != y->at.column)
		return x->at.column < y->at.column ? -1 : 1;
	return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

struct diag_problem **diag_sorted(struct diag *diag)
{
	struct diag_problem **sorted = mem_zalloc(diag->problem_count + 1, sizeof(struct diag_problem *));

	for (size_t i = 0; i < diag->problem_count; i++)
		sorted[i] = &diag->problems[i];
	qsort(sorted, diag->problem_count, sizeof(*sorted), diag_by_place);
	return sorted;
}

static bool has_safe_fix(const struct diag_problem *problem)
{
	return problem->fix != NULL && problem->fix->is_safe;
}

size_t diag_safe_fixes(struct diag *diag)
{
	size_t i, count = 0;

	for (i = 0; i < diag->problem_count; i++)
		count += has_safe_fix(&diag->problems[i]);
	return count;
}

void diag_each_safe_fix(struct diag *diag,
			void (*take)(void *context, const char *path, enum check check, const struct fix *fix),
			void *context)
{
	struct diag_problem **sorted = diag_sorted(diag);
	size_t i;

	for (i = 0; i < diag->problem_count; i++)
		if (has_safe_fix(sorted[i]))
			take(context, sorted[i]->path, sorted[i]->check, sorted[i]->fix);
	free(sorted);
}

void diag_show_early(struct diag *diag, FILE *stream, bool color)
{
	diag->early = stream;
	diag->early_color = color;
}

void diag_hold_early(struct diag *diag, bool holds)
{
	diag->holds_early = holds;
}

bool diag_has_early(struct diag *diag, uint32_t file)
{
	bool has;

	pthread_mutex_lock(&diag->lock);
	has = diag->early != NULL && !diag->holds_early && (diag->is_wrong[file] & DIAG_REPORTED) != 0;
	pthread_mutex_unlock(&diag->lock);
	return has;
}

void diag_print_early(struct diag *diag, uint32_t file)
{
	pthread_mutex_lock(&diag->lock);
	diag_print_file(diag, file);
	pthread_mutex_unlock(&diag->lock);
}

enum exit_status diag_status(struct diag *diag)
{
	if (diag->status != EXIT_DONE)
		return diag->status;
	if (diag->error_total > 0)
		return EXIT_REJECTED;
	return diag->differs ? EXIT_DIFFERENT : EXIT_DONE;
}

void diag_write(struct diag *diag, enum diag_format format, struct buf *ret)
{
	if (format == DIAG_JSON)
		diag_write_json(diag, ret);
	else if (format == DIAG_SARIF)
		diag_write_sarif(diag, ret);
	else
		diag_write_github(diag, ret);
}
