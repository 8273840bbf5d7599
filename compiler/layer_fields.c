/*
 * layer_fields.c: from the events of a file to the fields of layers.
 * In: a YAML reader that stands before a document, or before a list of layers.
 * Out: layers of the model; a located problem for every key and value that is wrong.
 */
#include "layer_fields.h"

#include <errno.h>
#include <string.h>

#include "fs.h"
#include "keywords.h"
#include "mapping.h"
#include "number.h"
#include "sketch.h"
#include "surface.h"
#include "text.h"
#include "trace.h"

void fields_begin(const struct fields_input *input, struct scalar_reader *r)
{
	trace_begin(TRACE_PARSE, NULL);
	memset(r, 0, sizeof(*r));
	r->diag = input->diag;
	r->dimension = input->dimension;
	r->arena = &input->dimension->arena;
	r->folder = input->folder;
	r->max_region_size = input->max_region_size;
	r->events = yaml_open(input->bytes, input->size, input->file, input->diag, r->arena);
}

void fields_end(struct scalar_reader *r, uint32_t file)
{
	struct text source;
	size_t count;
	const struct yaml_span *spans = yaml_spans(r->events, &count, &source);

	r->dimension->is_partly_read = r->dimension->is_partly_read || yaml_failed(r->events);
	if (!yaml_failed(r->events) && !r->is_run_together)
		surface_check(source, spans, count, file, r->diag);
	yaml_close(r->events);
	trace_end(TRACE_PARSE);
}

static const char LAYER_HELP[] = "write its keys, one a line: layer_id: 1";

struct draft {
	struct layer layer;
	bool has_keywords, has_content, is_list_empty;
};

static void read_layer_id(struct scalar_reader *r, const struct yaml_event *value, void *object)
{
	struct draft *d = object;
	uint64_t id;

	d->layer.id_at = value->at;
	if (number_read_id(r, value, CHECK_LAYER_ID, UINT32_MAX, &id))
		d->layer.layer_id = (uint32_t)id;
}

static void read_title(struct scalar_reader *r, const struct yaml_event *value, void *object)
{
	struct draft *d = object;

	d->layer.title_at = value->at;
	scalar_read_line(r, value, MODEL_MAX_TITLE_LENGTH, &d->layer.title);
}

static void read_frequency(struct scalar_reader *r, const struct yaml_event *value, void *object)
{
	struct draft *d = object;

	d->layer.frequency_at = value->at;
	number_read_frequency(r, value, &d->layer.frequency);
}

static void read_keywords(struct scalar_reader *r, const struct yaml_event *value, void *object)
{
	struct draft *d = object;

	d->has_keywords = keywords_read(r, value, &d->layer);
}

static void report_content_size(struct scalar_reader *r, uint64_t bytes, struct place at)
{
	struct diag_extra extra = {.help = "raise MMAP_MAX_SIZE (in .env or the environment), or split the layer"};
	char size[16], limit[16];

	diag_report(r->diag, CHECK_REGION_SIZE, at, &extra,
		    "the content alone has %s (%llu bytes); a region may have %s (MMAP_MAX_SIZE=%llu)",
		    text_size(bytes, size), (unsigned long long)bytes, text_size(r->max_region_size, limit),
		    (unsigned long long)r->max_region_size);
}

static void take_content(struct scalar_reader *r, struct draft *d, struct text content, struct place at)
{
	d->layer.content_at = at;
	if (content.size == 0) {
		bool is_file = strcmp(r->field, "content_file") == 0;

		if (!is_file && yaml_fails_next(r->events))
			return; /* it is there, but not indented */
		struct diag_extra extra = {.help = is_file ? NULL : "write its text, indented, below \"content: |\""};

		diag_report(r->diag, CHECK_CONTENT_EMPTY, at, &extra,
			    is_file ? "the content_file is empty" : "the content is empty");
	} else if (content.size > r->max_region_size) {
		report_content_size(r, content.size, at);
	} else {
		d->layer.content = content;
		d->has_content = true;
	}
}

static void read_content(struct scalar_reader *r, const struct yaml_event *value, void *object)
{
	struct text content;

	if (scalar_read_text(r, value, &content))
		take_content(r, object, content, value->at);
}

/* Says why a content_file cannot be had, by errno. */
static void report_content_file(struct scalar_reader *r, struct place at, struct text path)
{
	struct diag_extra extra = {.help = "a path below the dimension's folder, with / and without . or .. or links"};
	int error = errno;

	if (error == EXDEV) {
		diag_report(r->diag, CHECK_CONTENT_FILE, at, &extra, "\"%s\" is no path inside the dimension's folder",
			    path.bytes);
		return;
	}
	if (error == ELOOP) {
		diag_report(r->diag, CHECK_CONTENT_FILE, at, &extra, "\"%s\" leads through a symbolic link",
			    path.bytes);
		return;
	}
	extra.help = strchr(path.bytes, '\\') != NULL ? "write / in the place of \\"
						      : "the path begins at the dimension's folder";
	if (error == ENOENT)
		diag_report(r->diag, CHECK_CONTENT_FILE, at, &extra, "there is no file \"%s\"", path.bytes);
	else if (error == EINVAL || error == EISDIR || error == ENXIO)
		diag_report(r->diag, CHECK_CONTENT_FILE, at, NULL, "\"%s\" is no regular file", path.bytes);
	else if (error == EBUSY)
		diag_fail(r->diag, EXIT_SYSTEM, "%s/%s changed while it was read: run it again", r->dimension->base,
			  path.bytes);
	else
		diag_report(r->diag, CHECK_CONTENT_FILE, at, NULL, "cannot read \"%s\": %s", path.bytes,
			    strerror(error));
}

static void read_content_file(struct scalar_reader *r, const struct yaml_event *value, void *object)
{
	struct fs_file file = {0};
	struct text path, content;

	if (!scalar_read_line(r, value, 4096, &path))
		return;
	if (r->folder < 0) {
		take_content(r, object, path, value->at);
		return;
	}
	if (fs_read_beneath(r->folder, path.bytes, r->max_region_size, r->arena, &file) != 0) {
		if (errno == EFBIG) {
			((struct draft *)object)->layer.content_at = value->at;
			report_content_size(r, (uint64_t)file.st.st_size, value->at);
		} else {
			report_content_file(r, value->at, path);
		}
		return;
	}
	if (file.st.st_mtim.tv_sec > r->dimension->newest_mtime)
		r->dimension->newest_mtime = file.st.st_mtim.tv_sec;
	r->dimension->source_bytes += file.size;
	r->dimension->file_count++;
	inputs_add_beneath(&r->dimension->inputs, r->dimension->base, path.bytes, &file.st);
	content = (struct text){file.bytes, file.size};
	take_content(r, object, content, value->at);
}

static void read_document_layers(struct scalar_reader *r, const struct yaml_event *value, void *object);

enum { FIELD_CONTENT = 4, FIELD_CONTENT_FILE = 5, FIELD_LAYERS = 6, LAYER_FIELDS = 6 };

/* A layer has the first six; a document of a layer file may have `layers` instead. */
static const struct field layer_fields[] = {
	{"layer_id", read_layer_id, true, "a whole number from 1 on that no other layer of the dimension has",
	 " id number no nr ", false},
	{"title", read_title, false, NULL, " name heading headline label subject ", false},
	{"frequency", read_frequency, true, "in Hz, greater than zero: frequency: 1.5", " freq hz hertz rate ", false},
	{"keywords", read_keywords, true, "1 to 64 words: keywords: [joy, delight]", " tags tag words labels topics ",
	 false},
	{"content", read_content, false, NULL, " text body description message ", false},
	{"content_file", read_content_file, false, NULL, " file filename file_name path ", false},
	{"layers", read_document_layers, false, NULL, NULL, true},
};
static const struct table layer_table = {"a layer", layer_fields, LAYER_FIELDS,
					 "delete one of the two; another layer of the list begins with \"- \""};
static const struct table document_table = {"a layer", layer_fields, LAYER_FIELDS + 1,
					    "delete one of the two; before another layer, write a line \"---\""};

/* The checks that look at texts need no more of them than this: contents may be gone by then. */
static void take_sketch(struct scalar_reader *r, struct layer *layer)
{
	unsigned wants = sketch_wanted(r->diag);

	if (wants == 0 || !layer->is_complete)
		return;
	layer->sketch = arena_alloc(r->arena, sizeof(*layer->sketch));
	sketch_take(layer->title, layer->content, wants, layer->sketch);
}

static void finish_layer(struct scalar_reader *r, struct draft *d, const struct seen *seen)
{
	struct dimension *dimension = r->dimension;
	struct place content = seen->at[FIELD_CONTENT], content_file = seen->at[FIELD_CONTENT_FILE];

	mapping_report_missing(r, &layer_table, seen, d->layer.at);
	if (content.line != 0 && content_file.line != 0) {
		struct diag_extra extra = {.related = &content, .related_text = "content is here"};

		diag_report(r->diag, CHECK_CONTENT_TWICE, content_file, &extra,
			    "a layer has either content or content_file, not both");
	} else if (content.line == 0 && content_file.line == 0 && !seen->is_misspelt[FIELD_CONTENT] &&
		   !seen->is_misspelt[FIELD_CONTENT_FILE] && !yaml_failed(r->events)) {
		struct diag_extra extra = {.help = "\"content: |\" and the text below it, or content_file: PATH"};

		diag_report(r->diag, CHECK_MISSING_KEY, d->layer.at, &extra, "a layer needs the key content");
	}
	if (yaml_failed(r->events))
		return;
	d->layer.is_complete = d->layer.layer_id != 0 && d->layer.frequency > 0 && d->has_keywords && d->has_content;
	take_sketch(r, &d->layer);
	dimension->layers = mem_reserve(dimension->layers, dimension->layer_count, &dimension->layer_capacity,
					sizeof(*dimension->layers));
	dimension->layers[dimension->layer_count++] = d->layer;
}

bool layer_fields_read_list(struct scalar_reader *r, const struct yaml_event *value)
{
	struct yaml_event item;
	size_t count;

	if (!scalar_want_sequence(r, value)) {
		r->dimension->is_partly_read = true;
		return false;
	}
	for (count = 0;; count++) {
		struct draft d = {0};
		struct seen seen;

		item = yaml_next(r->events);
		if (item.kind == YAML_SEQUENCE_END || item.kind == YAML_END)
			return count == 0 && item.kind != YAML_END;
		if (!mapping_wanted(r, &item, "a layer", LAYER_HELP)) {
			r->dimension->is_partly_read = true;
			continue;
		}
		d.layer.at = item.at;
		mapping_read(r, &layer_table, &d, &seen);
		finish_layer(r, &d, &seen);
	}
}

static void read_document_layers(struct scalar_reader *r, const struct yaml_event *value, void *object)
{
	((struct draft *)object)->is_list_empty = layer_fields_read_list(r, value);
}

void fields_read_layers(const struct fields_input *input)
{
	struct scalar_reader r;
	struct yaml_event event;
	size_t documents = 0;

	fields_begin(input, &r);
	while ((event = yaml_next(r.events)).kind != YAML_END) {
		struct draft d = {0};
		struct seen seen;
		const char *help = LAYER_HELP;

		if (event.kind != YAML_DOCUMENT)
			continue;
		event = yaml_next(r.events);
		if (event.kind == YAML_SEQUENCE)
			help = "put \"layers:\" before the list";
		else if (documents > 0)
			help = "behind \"---\" comes another layer; a text is written below \"content: |\"";
		documents++;
		if (event.kind == YAML_END || !mapping_wanted(&r, &event, "a layer", help)) {
			r.dimension->is_partly_read = true;
			continue;
		}
		d.layer.at = event.at;
		mapping_read(&r, &document_table, &d, &seen);
		if (seen.at[FIELD_LAYERS].line == 0 && seen.is_misspelt[FIELD_LAYERS]) {
			r.dimension->is_partly_read = true;
		} else if (seen.at[FIELD_LAYERS].line == 0) {
			finish_layer(&r, &d, &seen);
		} else if (seen.count > 1) {
			struct diag_extra extra = {
				.help = "put this layer into the list, or into a document of its own"};

			diag_report(r.diag, CHECK_UNKNOWN_KEY, seen.at[FIELD_LAYERS], &extra,
				    "a document with a list of layers has no other keys");
			r.dimension->is_partly_read = true;
		} else if (d.is_list_empty) {
			struct diag_extra extra = {.help = "delete the document, or write a layer"};

			diag_report(r.diag, CHECK_FILE_EMPTY, seen.at[FIELD_LAYERS], &extra, "the list holds no layer");
			r.dimension->is_partly_read = true;
		}
	}
	if (documents == 0 && !yaml_failed(r.events)) {
		struct diag_extra extra = {.help = "delete the file, or write a layer"};
		struct place whole = {input->file, 0, 0, 0};

		diag_report(r.diag, CHECK_FILE_EMPTY, whole, &extra, "the file holds no layer");
		r.dimension->is_partly_read = true;
	}
	fields_end(&r, input->file);
}
