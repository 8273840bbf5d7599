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
#include "text.h"
#include "utf8.h"

enum { TAB = 8, WINDOW = 110, MAX_SHOWN_FILE = 1 << 28 };

/* A source that is shown, and how far it was walked. Problems are sorted, so the walk mostly goes on from there. */
struct view {
	struct arena arena; /* holds `text` */
	struct fs_file text;
	uint32_t file; /* whose text it is */
	bool is_loaded;
	uint32_t line;	   /* of `at`, from 1; 0: nothing was walked yet */
	const char *start; /* of the line */
	const char *at;	   /* a character of it */
	size_t column;	   /* of `at`, from 1 */
};

struct printer {
	struct diag *diag;
	FILE *stream;
	bool color;
	struct view problem, related; /* places of problems ascend, and so do mostly those that they refer to */
};

static const char *paint(const struct printer *p, const char *escape)
{
	return p->color ? escape : "";
}

static const char *const RED = "\033[1;31m", *const CYAN = "\033[1;36m", *const YELLOW = "\033[1;33m",
			 *const BOLD = "\033[1m", *const PLAIN = "\033[0m";

static int by_place(const void *a, const void *b)
{
	const struct diag_problem *x = a, *y = b;
	int order = strcmp(x->path, y->path);

	if (order != 0)
		return order;
	if (x->at.line != y->at.line)
		return x->at.line < y->at.line ? -1 : 1;
	if (x->at.column != y->at.column)
		return x->at.column < y->at.column ? -1 : 1;
	return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

static void load(struct view *view, const struct diag *diag, uint32_t file)
{
	if (view->is_loaded && view->file == file)
		return;
	arena_free(&view->arena);
	view->is_loaded = true;
	view->file = file;
	view->line = 0;
	if (fs_read(AT_FDCWD, diag->files[file], MAX_SHOWN_FILE, FS_FOLLOW, &view->arena, &view->text) != 0)
		memset(&view->text, 0, sizeof(view->text));
}

static bool ends_line(char c)
{
	return c == '\n' || c == '\r';
}

/* Walks to a character: lines end with LF, CR LF or CR, as editors count. false where the file has no such line. */
static bool walk_to(struct view *view, uint32_t line, size_t column)
{
	const char *end = view->text.bytes + view->text.size;
	uint32_t c;

	if (view->text.bytes == NULL)
		return false;
	if (view->line == 0 || line < view->line) {
		bool has_bom = view->text.size >= 3 && memcmp(view->text.bytes, "\xEF\xBB\xBF", 3) == 0;

		view->line = 1;
		view->column = 1;
		view->at = view->start = view->text.bytes + (has_bom ? 3 : 0);
	}
	while (view->line < line) {
		while (view->at < end && !ends_line(*view->at))
			view->at++;
		if (view->at == end)
			return false;
		view->at += *view->at == '\r' && view->at + 1 < end && view->at[1] == '\n' ? 2 : 1;
		view->start = view->at;
		view->column = 1;
		view->line++;
	}
	if (column < view->column) {
		view->at = view->start;
		view->column = 1;
	}
	for (; view->column < column && view->at < end && !ends_line(*view->at); view->column++) {
		size_t length = utf8_decode(view->at, (size_t)(end - view->at), &c);

		view->at += length == 0 ? 1 : length;
	}
	return true;
}

/* The source line and the caret under it. Tabs become spaces; a long line is cut to a window around the caret. */
static void print_line(struct printer *p, struct view *view, struct place place)
{
	struct buf shown = {0}, marks = {0};
	size_t first = place.column > WINDOW * 2 / 3 ? place.column - WINDOW / 2 : 1, columns = 0, column, length;
	const char *at, *end;
	uint32_t c;

	load(view, p->diag, place.file);
	if (place.line == 0 || !walk_to(view, place.line, first))
		return;
	end = view->text.bytes + view->text.size;
	if (first > 1) {
		buf_puts(&shown, "...");
		buf_puts(&marks, "   ");
	}
	for (at = view->at, column = first; at < end && !ends_line(*at) && columns < WINDOW; at += length, column++) {
		const char *mark = column == place.column ? "^" : column > place.column ? "~" : " ";
		size_t width;

		length = utf8_decode(at, (size_t)(end - at), &c);
		if (length == 0)
			length = 1, c = 0xFFFD;
		width = c == '\t' ? TAB - columns % TAB : (size_t)utf8_width(c);
		if (c == '\t')
			buf_fill(&shown, ' ', width);
		else
			text_add_printable(&shown, at, length);
		if (width > 0 && column < (size_t)place.column + place.length) {
			buf_puts(&marks, mark);
			buf_fill(&marks,
				 mark[0] == '^' && place.length > 1 ? '~'
				 : mark[0] == '^'		    ? ' '
								    : mark[0],
				 width - 1);
		}
		columns += width;
	}
	if (at < end && !ends_line(*at))
		buf_puts(&shown, "...");
	if (column <= place.column)
		buf_puts(&marks, "^"); /* at the end of the line */
	while (marks.size > 0 && marks.bytes[marks.size - 1] == ' ')
		marks.size--;
	fprintf(p->stream, "%5u | %s\n      | %s%.*s%s\n", place.line, shown.size > 0 ? shown.bytes : "", paint(p, RED),
		(int)marks.size, marks.size > 0 ? marks.bytes : "", paint(p, PLAIN));
	buf_free(&shown);
	buf_free(&marks);
}

/* A message, in which a source's words may stand: nothing of them reaches a terminal as a control character. */
static void print_text(struct printer *p, const char *text)
{
	struct buf shown = {0};

	text_add_printable(&shown, text, strlen(text));
	fputs(shown.bytes != NULL ? shown.bytes : "", p->stream);
	buf_free(&shown);
}

static void print_place(struct printer *p, struct place at)
{
	struct buf path = {0};

	text_add_printable(&path, p->diag->files[at.file], strlen(p->diag->files[at.file]));
	if (at.line == 0)
		fprintf(p->stream, "%s%s:%s ", paint(p, BOLD), path.bytes, paint(p, PLAIN));
	else
		fprintf(p->stream, "%s%s:%u:%u:%s ", paint(p, BOLD), path.bytes, at.line, at.column, paint(p, PLAIN));
	buf_free(&path);
}

static void print_help(struct printer *p, const char *text)
{
	fprintf(p->stream, "      = %shelp:%s ", paint(p, CYAN), paint(p, PLAIN));
	print_text(p, text);
	fputc('\n', p->stream);
}

static void print_problem(struct printer *p, const struct diag_problem *problem)
{
	print_place(p, problem->at);
	fprintf(p->stream, "%serror:%s ", paint(p, RED), paint(p, PLAIN));
	print_text(p, problem->text);
	fprintf(p->stream, " [%s]\n", check_name(problem->check));
	print_line(p, &p->problem, problem->at);
	if (problem->related_text != NULL) {
		print_place(p, problem->related);
		fprintf(p->stream, "%snote:%s %s\n", paint(p, CYAN), paint(p, PLAIN), problem->related_text);
		print_line(p, &p->related, problem->related);
	}
	if (problem->help != NULL)
		print_help(p, problem->help);
}

static void print_remark(struct printer *p, const struct diag_remark *remark)
{
	if (remark->kind == DIAG_HELP) {
		print_help(p, remark->text);
		return;
	}
	fprintf(p->stream, "dimc: %s%s:%s ", paint(p, remark->kind == DIAG_FAILURE ? RED : YELLOW),
		remark->kind == DIAG_FAILURE ? "error" : "warning", paint(p, PLAIN));
	print_text(p, remark->text);
	fputc('\n', p->stream);
}

void diag_print(struct diag *diag, FILE *stream, bool color)
{
	struct printer p = {.diag = diag, .stream = stream, .color = color};
	size_t i;

	if (!diag->problems_printed && diag->problem_count > 0) {
		qsort(diag->problems, diag->problem_count, sizeof(*diag->problems), by_place);
		for (i = 0; i < diag->problem_count; i++)
			print_problem(&p, &diag->problems[i]);
		if (diag->problem_total > diag->problem_count)
			fprintf(stream, "... and %zu more errors\n", diag->problem_total - diag->problem_count);
		diag->problems_printed = true;
	}
	for (; diag->remarks_printed < diag->remark_count; diag->remarks_printed++)
		print_remark(&p, &diag->remarks[diag->remarks_printed]);
	arena_free(&p.problem.arena);
	arena_free(&p.related.arena);
}
