/*
 * fuzz_source.c: sources from anybody: read, checked, complained about in every form, packed, and loaded again.
 * In: what a fuzzer makes of YAML files; each is taken for a layer file or for a dimension.yaml.
 * Out: nothing while every input is refused with a place and a reason, or becomes a region that proves itself; and
 * while what is said of it is well formed, at places that the file has.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../compiler/check.h"
#include "../../compiler/diag_entries.h"
#include "../../compiler/fields.h"
#include "../../compiler/fs.h"
#include "../../compiler/lines.h"
#include "../../compiler/lint.h"
#include "../../compiler/region.h"
#include "../../compiler/utf8.h"
#include "../../include/dim.h"
#include "../../include/dim_verify.h"
#include "fuzz.h"

enum { MAX_REGION = 1 << 20 };

static char folder_path[64], source_path[128];
static int folder = -1;

static void remove_folder(void)
{
	fs_remove_tree(AT_FDCWD, folder_path);
}

static void write_file(const char *name, const void *bytes, size_t size)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	CHECK(fd >= 0 && fs_write_all(fd, bytes, size) == 0 && close(fd) == 0);
}

/* A folder for the source that messages quote, for content_file, and for the region. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	strcpy(folder_path, access("/dev/shm", W_OK) == 0 ? "/dev/shm/fuzz_source.XXXXXX" : "/tmp/fuzz_source.XXXXXX");
	CHECK(mkdtemp(folder_path) != NULL);
	snprintf(source_path, sizeof(source_path), "%s/source.yaml", folder_path);
	folder = open(folder_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(folder >= 0 && atexit(remove_folder) == 0);
	write_file("content.txt", "content of a file\n", 18);
	return 0;
}

/* What people get to see is UTF-8 without control characters, and everything has its name. */
static void check_printable(const char *text, size_t size)
{
	size_t i;

	CHECK(utf8_is_valid(text, size));
	for (i = 0; i < size; i++)
		CHECK(text[i] == '\n' || (unsigned char)text[i] >= ' ');
}

/* A place is one of the file: a character, or the end of a line. */
static void check_place(struct place at, struct lines *lines)
{
	size_t offset;

	CHECK(at.line == 0 || lines_offset(lines, at.line, at.column, &offset));
}

static void check_fix(const struct fix *fix, struct lines *lines)
{
	size_t start, end;

	CHECK(lines_offset(lines, fix->extent.at.line, fix->extent.at.column, &start));
	CHECK(lines_offset(lines, fix->extent.end_line, fix->extent.end_column, &end));
	CHECK(end >= start && end - start == fix->was_size);
	CHECK(memcmp(lines->bytes + start, fix->was, fix->was_size) == 0 && *fix->what != '\0');
}

/* JSON is YAML, as far as a reader of events can tell. */
static void check_json(const struct buf *json)
{
	struct diag *diag = diag_new();
	struct arena arena = {0};
	struct yaml_reader *reader = yaml_open(json->bytes, json->size, diag_file(diag, "json"), diag, &arena);

	while (yaml_next(reader).kind != YAML_END)
		;
	CHECK(!yaml_failed(reader));
	yaml_close(reader);
	arena_free(&arena);
	diag_free(diag);
}

/* Places and fixes are those of the text. */
static void check_places(struct diag *diag, const char *bytes, size_t size)
{
	struct lines lines = {.bytes = bytes, .size = size};
	size_t i;

	for (i = 0; i < diag->problem_count; i++) {
		check_place(diag->problems[i].at, &lines);
		check_place(diag->problems[i].related, &lines);
		if (diag->problems[i].fix != NULL)
			check_fix(diag->problems[i].fix, &lines);
		check_printable(diag->problems[i].text, strlen(diag->problems[i].text));
	}
}

/* What people and programs are told, in every form. */
static void check_messages(struct diag *diag, const char *bytes, size_t size)
{
	enum diag_format format;
	struct buf written = {0};
	char *text = NULL;
	size_t text_size = 0;
	FILE *stream = open_memstream(&text, &text_size);

	CHECK(stream != NULL);
	write_file("source.yaml", bytes, size); /* it is read again for its lines */
	diag_print(diag, stream, false);
	CHECK(fclose(stream) == 0);
	CHECK((text_size > 0) == (diag_errors(diag) + diag_warnings(diag) > 0));
	check_printable(text, text_size);
	CHECK(diag_errors(diag) == 0 || strstr(text, "error: ") != NULL);
	for (format = DIAG_JSON; format <= DIAG_GITHUB; format++) {
		written.size = 0;
		diag_write(diag, format, &written);
		if (written.size > 0)
			check_printable(written.bytes, written.size);
		if (format != DIAG_GITHUB)
			check_json(&written);
	}
	buf_free(&written);
	free(text);
}

static void check_region(const struct region *region)
{
	const struct dimension *d = region->dimension;
	struct dim_options options = {.max_region_size = MAX_REGION};
	struct dim_region *r = NULL;
	struct dim_error error;
	struct digest digest;
	struct dim_span span;
	uint64_t size = 0;
	struct out out;
	size_t i, k;

	unlinkat(folder, "region.mmap", 0);
	out_open(&out, folder, "region.mmap");
	region_write(region, &out);
	CHECK(out_close(&out, false, &size, &digest) == 0);
	CHECK(size == region->at.total_size);
	CHECK(dim_region_openat(folder, "region.mmap", &options, &r, &error) == DIM_OK);
	CHECK(dim_verify_region(r, NULL, NULL) == DIM_OK);
	CHECK(dim_region_layer_count(r) == d->layer_count);
	CHECK(dim_region_name(r, &span) == DIM_OK && span.size == d->name.size);
	for (i = 0; i < d->layer_count; i++) {
		const struct layer *l = &d->layers[i];
		const struct dim_layer *layer = NULL;
		uint32_t position;

		CHECK(dim_region_layer(r, l->layer_id, &layer) == DIM_OK);
		CHECK(dim_layer_frequency(layer) == l->frequency);
		CHECK(dim_layer_content(r, layer, &span) == DIM_OK);
		CHECK(span.size == l->content.size && memcmp(span.data, l->content.bytes, span.size) == 0);
		CHECK(dim_layer_keyword_count(layer) == l->keyword_count);
		for (k = 0; k < l->keyword_count; k++)
			CHECK(dim_region_find_keyword(r, l->keywords[k].bytes, l->keywords[k].size, &position) ==
			      DIM_OK);
	}
	dim_region_close(r);
}

static void build(const struct dimension *d, bool is_right)
{
	enum layout layout = d->layout == LAYOUT_UNSET ? LAYOUT_PAGE : d->layout;
	uint32_t alignment = d->alignment == 0 ? 4096 : d->alignment;
	struct region region;

	/* Regions are also built from what has mistakes in it, so that all of them are told in one run. */
	if (region_measure(d, layout, alignment, &region) &&
	    layout_region(layout, alignment, region.metadata_size, region.slots, d->layer_count, &region.at) &&
	    region.at.total_size <= MAX_REGION) {
		region_fill(&region);
		if (is_right)
			check_region(&region);
	}
	region_free(&region);
}

static void compile(const char *bytes, size_t size, void (*read)(const struct fields_input *))
{
	struct dimension *d = calloc(1, sizeof(*d));
	struct model model = {.dimensions = d, .count = 1};
	struct diag *diag = diag_new();
	enum check_level levels[CHECK_COUNT];
	enum check check;
	struct fields_input input = {.diag = diag,
				     .dimension = d,
				     .bytes = bytes,
				     .size = size,
				     .file = diag_file(diag, source_path),
				     .folder = folder,
				     .max_region_size = MAX_REGION};

	CHECK(d != NULL);
	for (check = 0; check < CHECK_COUNT; check++)
		levels[check] = check_default_level(check) == LEVEL_OFF ? LEVEL_WARNING : check_default_level(check);
	diag_set_levels(diag, levels);
	d->layout = LAYOUT_UNSET;
	d->is_selected = true;
	d->folder = folder_path;
	if (read == fields_read_layers) {
		d->dimension_id = 1;
		d->name = (struct text){"Name", 4};
	}
	read(&input);
	check_dimension(d, diag);
	check_ids(&model, diag);
	build(d, diag_errors(diag) == 0);
	lint_keywords(&model, diag);
	lint_texts(&model, diag);
	check_places(diag, bytes, size);
	if (size % 8 == 7) /* it takes as long as all the rest */
		check_messages(diag, bytes, size);
	diag_free(diag);
	model_free(&model);
}

static void test_one(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1); /* with a NUL behind it, as files are read */
	bool is_dimension;

	CHECK(copy != NULL);
	memcpy(copy, data, size);
	copy[size] = '\0';
	/* What looks like one of the two is taken for the other one at times. */
	is_dimension = (memmem(copy, size, "dimension_id", 12) != NULL) != (size % 16 == 3);
	compile(copy, size, is_dimension ? fields_read_dimension : fields_read_layers);
	free(copy);
}
