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

struct printer {
	struct diag *diag;
	FILE *stream;
	bool color;
	struct arena arena; /* holds `text` */
	uint32_t file;	    /* whose text it is */
	bool is_loaded;
	struct fs_file text;
	uint32_t line; /* the last one that was looked for, and where it begins; 0: none */
	const char *start;
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

static void load(struct printer *p, uint32_t file)
{
	if (p->is_loaded && p->file == file)
		return;
	arena_free(&p->arena);
	p->is_loaded = true;
	p->file = file;
	if (fs_read(AT_FDCWD, p->diag->files[file], MAX_SHOWN_FILE, FS_FOLLOW, &p->arena, &p->text) != 0)
		memset(&p->text, 0, sizeof(p->text));
	p->line = 0;
}

/* The bytes of a line, without its end: LF, CR LF or CR, as editors count. Problems are sorted, so lines mostly follow.
 */
static bool find_line(struct printer *p, struct place at, const char **ret_line, size_t *ret_size)
{
	const char *bytes, *end, *stop;

	load(p, at.file);
	bytes = p->text.bytes;
	end = bytes + p->text.size;
	if (bytes == NULL)
		return false;
	if (p->line == 0 || at.line < p->line) {
		p->line = 1;
		p->start = p->text.size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? bytes + 3 : bytes;
	}
	for (;;) {
		for (stop = p->start; stop < end && *stop != '\n' && *stop != '\r'; stop++)
			;
		if (p->line == at.line)
			break;
		if (stop == end)
			return false;
		p->start = stop + (*stop == '\r' && stop + 1 < end && stop[1] == '\n' ? 2 : 1);
		p->line++;
	}
	*ret_line = p->start;
	*ret_size = (size_t)(stop - p->start);
	return true;
}

/* The source line and the caret under it. Tabs become spaces; a long line is cut to a window around the caret. */
static void print_line(struct printer *p, struct place at)
{
	struct buf shown = {0}, marks = {0};
	const char *line;
	size_t size, i, length, columns = 0, first_column = 0, count = 1;
	uint32_t c;

	if (at.line == 0 || !find_line(p, at, &line, &size))
		return;
	if (at.column > WINDOW * 2 / 3) {
		first_column = at.column - WINDOW / 2;
		buf_puts(&shown, "...");
		buf_puts(&marks, "   ");
	}
	for (i = 0; i < size && columns < WINDOW; i += length, count++) {
		size_t width;
		const char *mark = " ";

		length = utf8_decode(line + i, size - i, &c);
		if (length == 0)
			length = 1, c = 0xFFFD;
		width = c == '\t' ? TAB - columns % TAB : (size_t)utf8_width(c);
		if (count < first_column)
			continue;
		if (count == at.column)
			mark = "^";
		else if (count > at.column && count < (size_t)at.column + at.length)
			mark = "~";
		if (c == '\t')
			buf_fill(&shown, ' ', width);
		else
			text_add_printable(&shown, line + i, length);
		if (width > 0 && count < (size_t)at.column + at.length) {
			buf_puts(&marks, mark);
			buf_fill(&marks,
				 mark[0] == '^' && at.length > 1 ? '~'
				 : mark[0] == '^'		 ? ' '
								 : mark[0],
				 width - 1);
		}
		columns += width;
	}
	if (i < size)
		buf_puts(&shown, "...");
	if (count <= at.column)
		buf_puts(&marks, "^"); /* at the end of the line */
	while (marks.size > 0 && marks.bytes[marks.size - 1] == ' ')
		marks.size--;
	fprintf(p->stream, "%5u | %s\n      | %s%.*s%s\n", at.line, shown.size > 0 ? shown.bytes : "", paint(p, RED),
		(int)marks.size, marks.size > 0 ? marks.bytes : "", paint(p, PLAIN));
	buf_free(&shown);
	buf_free(&marks);
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

static void print_problem(struct printer *p, const struct diag_problem *problem)
{
	print_place(p, problem->at);
	fprintf(p->stream, "%serror:%s %s [%s]\n", paint(p, RED), paint(p, PLAIN), problem->text,
		check_name(problem->check));
	print_line(p, problem->at);
	if (problem->related_text != NULL) {
		print_place(p, problem->related);
		fprintf(p->stream, "%snote:%s %s\n", paint(p, CYAN), paint(p, PLAIN), problem->related_text);
		print_line(p, problem->related);
	}
	if (problem->help != NULL)
		fprintf(p->stream, "      = %shelp:%s %s\n", paint(p, CYAN), paint(p, PLAIN), problem->help);
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
	for (i = diag->remarks_printed; i < diag->remark_count; i++) {
		const struct diag_remark *r = &diag->remarks[i];

		if (r->kind == DIAG_HELP)
			fprintf(stream, "      = %shelp:%s %s\n", paint(&p, CYAN), paint(&p, PLAIN), r->text);
		else
			fprintf(stream, "dimc: %s%s:%s %s\n", paint(&p, r->kind == DIAG_FAILURE ? RED : YELLOW),
				r->kind == DIAG_FAILURE ? "error" : "warning", paint(&p, PLAIN), r->text);
	}
	diag->remarks_printed = diag->remark_count;
	arena_free(&p.arena);
}
