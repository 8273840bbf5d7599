/*
 * fuzz_rewrite.c: sources from anybody, rewritten: by the safe fixes of `dimc check --fix`, and by `dimc fmt`.
 * In: what a fuzzer makes of YAML files; each is taken for a layer file and for a dimension.yaml.
 * Out: nothing while a mended file says what the old one said, but for its mistakes, and a formatted one all of it.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../../compiler/check.h"
#include "../../compiler/fields.h"
#include "../../compiler/fmt.h"
#include "../../compiler/fs.h"
#include "../../compiler/lines.h"
#include "../../compiler/mend.h"
#include "fuzz.h"

static char folder_path[64];

/* Where a file of each kind lies: its name tells fmt what it is. */
static struct kind {
	const char *name;
	void (*read)(const struct fields_input *);
	char path[128];
} kinds[] = {{.name = "layer.yaml", .read = fields_read_layers},
	     {.name = "dimension.yaml", .read = fields_read_dimension}};

static void remove_folder(void)
{
	fs_remove_tree(AT_FDCWD, folder_path);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	size_t i;

	(void)argc;
	(void)argv;
	strcpy(folder_path,
	       access("/dev/shm", W_OK) == 0 ? "/dev/shm/fuzz_rewrite.XXXXXX" : "/tmp/fuzz_rewrite.XXXXXX");
	CHECK(mkdtemp(folder_path) != NULL && atexit(remove_folder) == 0);
	for (i = 0; i < 2; i++)
		snprintf(kinds[i].path, sizeof(kinds[i].path), "%s/%s", folder_path, kinds[i].name);
	return 0;
}

/* --- what a text says, event by event --- */

struct events {
	struct diag *diag;
	struct arena arena;
	struct yaml_event *each;
	size_t count, capacity;
	bool is_right, has_aliases;
};

static void read_events(struct text text, struct events *ret)
{
	struct yaml_reader *reader;
	struct yaml_event event;

	memset(ret, 0, sizeof(*ret));
	ret->diag = diag_new();
	reader = yaml_open(text.bytes, text.size, diag_file(ret->diag, "text"), ret->diag, &ret->arena);
	while ((event = yaml_next(reader)).kind != YAML_END) {
		ret->each = mem_reserve(ret->each, ret->count, &ret->capacity, sizeof(*ret->each));
		ret->has_aliases = ret->has_aliases || event.raw.bytes == NULL;
		ret->each[ret->count++] = event;
	}
	ret->is_right = !yaml_failed(reader);
	yaml_close(reader);
}

static void free_events(struct events *events)
{
	free(events->each);
	arena_free(&events->arena);
	diag_free(events->diag);
}

static bool is_text(const struct yaml_event *event, const char *bytes, size_t size)
{
	return event->kind == YAML_SCALAR && event->text.size == size && memcmp(event->text.bytes, bytes, size) == 0;
}

/* --- the safe fixes --- */

struct edit {
	const char *start, *end; /* in the text that is mended */
	enum check check;
	const char *text;
};

struct edits {
	struct text text;
	struct lines lines;
	struct edit each[1000];
	size_t count;
	bool has_syntax; /* what was one text is to be a key and a value */
};

/* Each lies where it says, to the byte, and changes something. */
static void take_edit(void *context, const char *path, enum check check, const struct fix *fix)
{
	struct edits *edits = context;
	size_t start, end;

	(void)path;
	CHECK(lines_offset(&edits->lines, fix->extent.at.line, fix->extent.at.column, &start));
	CHECK(lines_offset(&edits->lines, fix->extent.end_line, fix->extent.end_column, &end));
	CHECK(end >= start && end - start == fix->was_size);
	CHECK(memcmp(edits->text.bytes + start, fix->was, fix->was_size) == 0);
	CHECK(fix->was_size != strlen(fix->text) || memcmp(fix->text, fix->was, fix->was_size) != 0);
	edits->has_syntax = edits->has_syntax || check == CHECK_SYNTAX;
	if (edits->count < 1000)
		edits->each[edits->count++] =
			(struct edit){edits->text.bytes + start, edits->text.bytes + end, check, fix->text};
}

/* The edit of this check that changes the event; NULL: none. */
static const struct edit *edit_of(const struct edits *edits, const struct yaml_event *event, enum check check)
{
	const char *end = event->raw.bytes + event->raw.size;
	size_t i;

	for (i = 0; i < edits->count; i++)
		if (edits->each[i].check == check && event->raw.bytes < edits->each[i].end &&
		    end > edits->each[i].start)
			return &edits->each[i];
	return NULL;
}

/* Keys are spelt anew, keywords are gone, and all else says what it said. */
static void check_mended(const struct edits *edits, struct text mended)
{
	struct events was, is;
	const struct edit *edit;
	size_t i, k = 0;

	read_events(edits->text, &was);
	read_events(mended, &is);
	if (was.is_right && !edits->has_syntax && edits->count < 1000) {
		CHECK(is.is_right);
		for (i = 0; i < was.count && !was.has_aliases; i++) {
			const struct yaml_event *event = &was.each[i];

			if (event->kind == YAML_SCALAR && edit_of(edits, event, CHECK_KEYWORD_DUPLICATE) != NULL)
				continue;
			CHECK(k < is.count && is.each[k].kind == event->kind && is.each[k].tag == event->tag);
			CHECK(is.each[k].is_decorated == event->is_decorated);
			edit = event->kind == YAML_SCALAR ? edit_of(edits, event, CHECK_UNKNOWN_KEY) : NULL;
			CHECK(event->kind != YAML_SCALAR ||
			      is_text(&is.each[k], edit != NULL ? edit->text : event->text.bytes,
				      edit != NULL ? strlen(edit->text) : event->text.size));
			k++;
		}
		CHECK(was.has_aliases || k == is.count);
	}
	free_events(&was);
	free_events(&is);
}

static void write_file(const char *path, struct text text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	CHECK(fd >= 0 && fs_write_all(fd, text.bytes, text.size) == 0 && close(fd) == 0);
}

/* Reads and checks it as a compile does, with every warning that can be had. */
static void judge(const struct kind *kind, struct text text, struct diag *diag)
{
	struct dimension *d = calloc(1, sizeof(*d));
	struct model model = {.dimensions = d, .count = 1};
	struct fields_input input = {.diag = diag,
				     .dimension = d,
				     .bytes = text.bytes,
				     .size = text.size,
				     .file = diag_file(diag, kind->path),
				     .folder = -1,
				     .max_region_size = 1 << 20};
	enum check_level levels[CHECK_COUNT];
	size_t i;

	CHECK(d != NULL);
	for (i = 0; i < CHECK_COUNT; i++)
		levels[i] = check_default_level(i) == LEVEL_OFF ? LEVEL_WARNING : check_default_level(i);
	diag_set_levels(diag, levels);
	d->layout = LAYOUT_UNSET;
	d->folder = folder_path;
	kind->read(&input);
	check_dimension(d, diag);
	check_ids(&model, diag);
	model_free(&model);
}

static void mend(const struct kind *kind, struct text text)
{
	struct diag *diag = diag_new(), *report = diag_new();
	struct edits edits = {.text = text, .lines = {.bytes = text.bytes, .size = text.size}};
	struct arena arena = {0};
	struct fs_file file;

	judge(kind, text, diag);
	diag_each_safe_fix(diag, take_edit, &edits);
	if (edits.count > 0) {
		write_file(kind->path, text);
		CHECK(mend_sources(diag, report, NULL) > 0 && diag_errors(report) == 0);
		CHECK(fs_read(AT_FDCWD, kind->path, SIZE_MAX / 2, FS_FOLLOW, &arena, &file) == 0);
		check_mended(&edits, (struct text){file.bytes, file.size});
	}
	arena_free(&arena);
	diag_free(report);
	diag_free(diag);
}

/* --- the one form --- */

static void format(const struct kind *kind, struct text text)
{
	struct diag *diag = diag_new(), *judged = diag_new();
	struct buf once = {0}, twice = {0};
	enum fmt_result result = fmt_text(kind->path, text, diag, &once);
	struct text formatted;

	/* EXIT_SYSTEM: fmt's own proof found that the new form would not say the same. */
	CHECK(diag_status(diag) == (result == FMT_FAILED ? EXIT_REJECTED : EXIT_DONE));
	if (result == FMT_CHANGED) {
		formatted = (struct text){once.bytes, once.size};
		CHECK(fmt_text(kind->path, formatted, diag, &twice) == FMT_SAME && diag_status(diag) == EXIT_DONE);
		judge(kind, formatted, judged);
		/* fmt may have taken it for a file of the other kind. */
		CHECK(diag_errors(judged) > 0 || diag_safe_fixes(judged) == 0);
	}
	buf_free(&once);
	buf_free(&twice);
	diag_free(judged);
	diag_free(diag);
}

static void test_one(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1); /* with a NUL behind it, as files are read */
	size_t i;

	CHECK(copy != NULL);
	memcpy(copy, data, size);
	copy[size] = '\0';
	for (i = 0; i < 2; i++) {
		mend(&kinds[i], (struct text){copy, size});
		format(&kinds[i], (struct text){copy, size});
	}
	free(copy);
}
