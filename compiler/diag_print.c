/*
 * diag_print.c: shows problems to people: file:line:col, the source line, a caret, the way out.
 * In: the collected entries; source files are read again for their lines.
 * Out: text on a stream. Nothing of a source reaches a terminal as a control character.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "diag_entries.h"
#include "fs.h"
#include "lines.h"
#include "text.h"
#include "utf8.h"

enum { TAB = 8, WINDOW = 110, MAX_SHOWN_FILE = 1 << 28 };

/* A character of a line: its number from 1, its offset, and the terminal's column from 0. */
struct spot {
	uint32_t number;
	size_t byte, column;
};

/* The text of one file, and how far it was looked through: places mostly ascend, and lines may be long and many. */
struct loaded {
	struct arena arena;
	bool is_loaded;
	uint32_t file;
	struct lines lines;
	struct spot caret, left; /* in the line that was found last */
};

struct printer {
	struct diag *diag;
	FILE *stream;
	bool color;
	struct loaded places, related; /* apart, since both go through their files in order */
};

static const char *paint(const struct printer *p, const char *escape)
{
	return p->color ? escape : "";
}

static const char *const RED = "\033[1;31m", *const CYAN = "\033[1;36m", *const YELLOW = "\033[1;33m",
			 *const BOLD = "\033[1m", *const PLAIN = "\033[0m";

static void load(const struct printer *p, struct loaded *l, uint32_t file)
{
	struct fs_file text = {0};

	if (l->is_loaded && l->file == file)
		return;
	arena_free(&l->arena);
	l->is_loaded = true;
	l->file = file;
	if (fs_read(AT_FDCWD, p->diag->files[file], MAX_SHOWN_FILE, FS_FOLLOW, &l->arena, &text) != 0)
		text.bytes = NULL;
	l->lines = (struct lines){.bytes = text.bytes, .size = text.size};
}

static bool find_line(const struct printer *p, struct loaded *l, struct place at)
{
	static const struct spot first = {1, 0, 0};
	uint32_t before;

	load(p, l, at.file);
	before = l->lines.line;
	if (!lines_find(&l->lines, at.line))
		return false;
	if (l->lines.line != before)
		l->caret = l->left = first;
	return true;
}

/* How many bytes the character has that begins a text, and how many columns it takes when it is shown at `column`. */
static size_t measure(const char *bytes, size_t size, size_t column, bool *ret_is_tab, size_t *ret_width)
{
	uint32_t c;
	size_t length = utf8_decode(bytes, size, &c);

	*ret_is_tab = length > 0 && c == '\t';
	if (*ret_is_tab)
		*ret_width = TAB - column % TAB;
	else if (length == 0 || !text_is_printable(c))
		*ret_width = 1;
	else
		*ret_width = (size_t)utf8_width(c);
	return length == 0 ? 1 : length;
}

/* Moves a spot forward to a character, or to a column; from the line's begin where it stands behind that. */
static void walk(const char *line, size_t size, uint32_t number, size_t column, struct spot *spot)
{
	size_t width;
	bool is_tab;

	if (spot->number > number || spot->column > column)
		*spot = (struct spot){1, 0, 0};
	while (spot->byte < size && spot->number < number && spot->column < column) {
		spot->byte += measure(line + spot->byte, size - spot->byte, spot->column, &is_tab, &width);
		spot->column += width;
		spot->number++;
	}
}

/* The first column to show: 0 unless the caret stands far to the right in a line that is wider than the window. */
static size_t window_start(const char *line, size_t size, struct spot caret)
{
	struct spot right = caret;

	if (caret.column < WINDOW * 2 / 3)
		return 0;
	walk(line, size, UINT32_MAX, caret.column + WINDOW, &right);
	return right.column <= WINDOW ? 0 : caret.column - WINDOW / 2;
}

/* The source line and the caret under it. Tabs become spaces; a long line is cut to a window around the caret. */
static void print_line(struct printer *p, struct loaded *l, struct place at)
{
	struct buf shown = {0}, marks = {0};
	const char *line;
	size_t size, first;
	struct spot spot;
	int gutter;

	if (at.line == 0 || !find_line(p, l, at))
		return;
	line = l->lines.bytes + l->lines.start;
	size = l->lines.end - l->lines.start;
	walk(line, size, at.column, SIZE_MAX, &l->caret);
	first = window_start(line, size, l->caret);
	walk(line, size, UINT32_MAX, first, &l->left);
	if (first > 0) {
		buf_puts(&shown, "...");
		buf_puts(&marks, "   ");
	}
	for (spot = l->left; spot.byte < size && spot.column < first + WINDOW; spot.number++) {
		bool is_tab, is_under = spot.number > at.column && spot.number - at.column < at.length;
		size_t width, length = measure(line + spot.byte, size - spot.byte, spot.column, &is_tab, &width);

		if (is_tab)
			buf_fill(&shown, ' ', width);
		else
			text_add_printable(&shown, line + spot.byte, length);
		if (spot.number == at.column && width > 0) {
			buf_puts(&marks, "^");
			buf_fill(&marks, at.length > 1 ? '~' : ' ', width - 1);
		} else if (spot.number == at.column && marks.size > 0) {
			marks.bytes[marks.size - 1] = '^'; /* an accent stands over the letter before it */
		} else {
			buf_fill(&marks, is_under ? '~' : ' ', width);
		}
		spot.byte += length;
		spot.column += width;
	}
	if (spot.byte < size)
		buf_puts(&shown, "...");
	if (spot.number <= at.column)
		buf_puts(&marks, "^"); /* at the end of the line */
	while (marks.size > 0 && marks.bytes[marks.size - 1] == ' ')
		marks.size--;
	gutter = fprintf(p->stream, "%5u", at.line);
	fprintf(p->stream, " |%s%s\n%*s | %s%.*s%s\n", shown.size > 0 ? " " : "", shown.size > 0 ? shown.bytes : "",
		gutter, "", paint(p, RED), (int)marks.size, marks.size > 0 ? marks.bytes : "", paint(p, PLAIN));
	buf_free(&shown);
	buf_free(&marks);
}

/* Texts hold words of the sources and names of files. */
static void print_text(struct printer *p, const char *text)
{
	struct buf shown = {0};

	text_add_printable(&shown, text, strlen(text));
	fprintf(p->stream, "%s", shown.bytes != NULL ? shown.bytes : "");
	buf_free(&shown);
}

static void print_place(struct printer *p, struct place at)
{
	fputs(paint(p, BOLD), p->stream);
	print_text(p, p->diag->files[at.file]);
	if (at.line == 0)
		fprintf(p->stream, ":%s ", paint(p, PLAIN));
	else
		fprintf(p->stream, ":%u:%u:%s ", at.line, at.column, paint(p, PLAIN));
}

static void print_help(struct printer *p, const char *text)
{
	fprintf(p->stream, "      = %shelp:%s ", paint(p, CYAN), paint(p, PLAIN));
	print_text(p, text);
	fputc('\n', p->stream);
}

static void print_problem(struct printer *p, struct diag_problem *problem)
{
	problem->is_printed = true;
	print_place(p, problem->at);
	fprintf(p->stream, "%s%s:%s ", paint(p, problem->is_error ? RED : YELLOW),
		problem->is_error ? "error" : "warning", paint(p, PLAIN));
	print_text(p, problem->text);
	fprintf(p->stream, " [%s]\n", check_name(problem->check));
	print_line(p, &p->places, problem->at);
	if (problem->related_text != NULL) {
		print_place(p, problem->related);
		fprintf(p->stream, "%snote:%s %s\n", paint(p, CYAN), paint(p, PLAIN), problem->related_text);
		print_line(p, &p->related, problem->related);
	}
	if (problem->help != NULL)
		print_help(p, problem->help);
}

static void printer_free(struct printer *p)
{
	arena_free(&p->places.arena);
	arena_free(&p->related.arena);
}

void diag_print_file(struct diag *diag, uint32_t file)
{
	struct printer p = {.diag = diag, .stream = diag->early, .color = diag->early_color};
	struct diag_problem **found = mem_zalloc(diag->problem_count + 1, sizeof(struct diag_problem *));
	size_t count = 0, i;

	for (i = 0; i < diag->problem_count; i++)
		if (diag->problems[i].at.file == file && !diag->problems[i].is_printed)
			found[count++] = &diag->problems[i];
	qsort(found, count, sizeof(*found), diag_by_place);
	flockfile(p.stream);
	for (i = 0; i < count; i++)
		print_problem(&p, found[i]);
	fflush(p.stream);
	funlockfile(p.stream);
	printer_free(&p);
	free(found);
}

static void print_remark(struct printer *p, const struct diag_remark *r)
{
	bool is_failure = r->kind == DIAG_FAILURE;

	if (r->kind == DIAG_HELP) {
		print_help(p, r->text);
		return;
	}
	fprintf(p->stream, "dimc: %s%s:%s ", paint(p, is_failure ? RED : YELLOW), is_failure ? "error" : "warning",
		paint(p, PLAIN));
	print_text(p, r->text);
	fputc('\n', p->stream);
}

const char *diag_first_failure(const struct diag *diag)
{
	size_t i;

	for (i = 0; i < diag->remark_count; i++)
		if (diag->remarks[i].kind == DIAG_FAILURE)
			return diag->remarks[i].text;
	return NULL;
}

void diag_print(struct diag *diag, FILE *stream, bool color)
{
	struct printer p = {.diag = diag, .stream = stream, .color = color};
	struct diag_problem **sorted = diag_sorted(diag);
	size_t i;

	for (i = 0; i < diag->problem_count; i++)
		if (!sorted[i]->is_printed)
			print_problem(&p, sorted[i]);
	free(sorted);
	if (!diag->totals_printed && diag->error_total > diag->error_count)
		fprintf(stream, "... and %zu more errors\n", diag->error_total - diag->error_count);
	if (!diag->totals_printed && diag->warning_total > diag->warning_count)
		fprintf(stream, "... and %zu more warnings\n", diag->warning_total - diag->warning_count);
	diag->totals_printed = true;
	for (i = diag->remarks_printed; i < diag->remark_count; i++)
		print_remark(&p, &diag->remarks[i]);
	diag->remarks_printed = diag->remark_count;
	printer_free(&p);
}
