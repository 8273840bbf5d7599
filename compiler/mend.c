/*
 * mend.c: does what safe fixes say.
 * In: the problems of a run that read sources.
 * Out: the files with those edits and nothing else changed; a line for each.
 */
#include "mend.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "fs.h"
#include "lines.h"
#include "rewrite.h"
#include "text.h"

enum { MAX_FILE = 1 << 30 };

/* One file, as far as its edits were taken. */
struct mending {
	struct diag *report;
	FILE *stream;
	struct arena arena;
	const char *path; /* NULL: none */
	struct lines lines;
	struct buf text;  /* what is to stand there, of the first `done` bytes */
	struct buf notes; /* what to say once that is written */
	size_t done;
	size_t edits; /* of this file, */
	size_t total; /* and of those that were written */
};

static void end_file(struct mending *m)
{
	int error = 0;

	if (m->edits > 0) {
		buf_add(&m->text, m->lines.bytes + m->done, m->lines.size - m->done);
		error = rewrite_file(m->path, (struct text){m->lines.bytes, m->lines.size},
				     (struct text){m->text.bytes, m->text.size});
	}
	if (error != 0) {
		diag_fail(m->report, EXIT_SYSTEM, "cannot mend %s: %s", m->path,
			  error == EBUSY ? "somebody else wrote it meanwhile" : strerror(error));
	} else {
		m->total += m->edits;
		if (m->stream != NULL && m->notes.size > 0)
			fwrite(m->notes.bytes, 1, m->notes.size, m->stream);
	}
	buf_free(&m->text);
	buf_free(&m->notes);
	arena_free(&m->arena);
	m->path = NULL;
}

static void begin_file(struct mending *m, const char *path)
{
	struct fs_file file = {0};

	m->path = path;
	m->done = m->edits = 0;
	if (fs_read(AT_FDCWD, path, MAX_FILE, FS_FOLLOW, &m->arena, &file) != 0) {
		diag_fail(m->report, EXIT_SYSTEM, "cannot read %s to mend it: %s", path, strerror(errno));
		file.size = 0; /* then no edit finds its place */
	}
	m->lines = (struct lines){.bytes = file.bytes, .size = file.size};
}

static void take(void *context, const char *path, enum check check, const struct fix *fix)
{
	struct mending *m = context;
	const struct extent *extent = &fix->extent;
	size_t start, end;

	if (m->path == NULL || strcmp(m->path, path) != 0) {
		if (m->path != NULL)
			end_file(m);
		begin_file(m, path);
	}
	/* A file that is no longer what was checked, or an edit inside of another: the next look will tell. */
	if (!lines_offset(&m->lines, extent->at.line, extent->at.column, &start) || start < m->done ||
	    fix->was_size > m->lines.size - start)
		return;
	end = start + fix->was_size;
	if (memcmp(m->lines.bytes + start, fix->was, fix->was_size) != 0)
		return;
	buf_add(&m->text, m->lines.bytes + m->done, start - m->done);
	buf_puts(&m->text, fix->text);
	m->done = end;
	m->edits++;
	text_add_printable(&m->notes, path, strlen(path));
	buf_printf(&m->notes, ":%u:%u: mended [%s]: ", extent->at.line, extent->at.column, check_name(check));
	text_add_printable(&m->notes, fix->what, strlen(fix->what));
	buf_puts(&m->notes, "\n");
}

size_t mend_sources(struct diag *found, struct diag *report, FILE *stream)
{
	struct mending m = {.report = report, .stream = stream};

	diag_each_safe_fix(found, take, &m);
	if (m.path != NULL)
		end_file(&m);
	return m.total;
}
