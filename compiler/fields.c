/*
 * fields.c: from the events of dimension.yaml to the fields of a dimension.
 * In: a YAML reader that stands before a document.
 * Out: a dimension of the model; a located problem for every key and value that is wrong.
 */
#include "fields.h"

#include <string.h>

#include "layer_fields.h"
#include "mapping.h"
#include "number.h"

static void read_dimension_layers(struct scalar_reader *r, const struct yaml_event *value, void *object)
{
	(void)object;
	layer_fields_read_list(r, value);
}

static void read_dimension_id(struct scalar_reader *r, const struct yaml_event *value, void *object)
{
	struct dimension *d = object;
	uint64_t id;

	d->id_at = value->at;
	if (number_read_id(r, value, CHECK_DIMENSION_ID, MODEL_MAX_DIMENSION_ID, &id))
		d->dimension_id = (uint32_t)id;
}

static void read_name(struct scalar_reader *r, const struct yaml_event *value, void *object)
{
	scalar_read_line(r, value, MODEL_MAX_NAME_LENGTH, &((struct dimension *)object)->name);
}

static void read_description(struct scalar_reader *r, const struct yaml_event *value, void *object)
{
	scalar_read_paragraph(r, value, MODEL_MAX_DESCRIPTION_LENGTH, &((struct dimension *)object)->description);
}

static void read_created_at(struct scalar_reader *r, const struct yaml_event *value, void *object)
{
	struct dimension *d = object;

	d->has_created_at = scalar_read_time(r, value, &d->created_at);
}

static void read_updated_at(struct scalar_reader *r, const struct yaml_event *value, void *object)
{
	struct dimension *d = object;

	d->has_updated_at = scalar_read_time(r, value, &d->updated_at);
}

static void read_frequency_range(struct scalar_reader *r, const struct yaml_event *value, void *object)
{
	struct dimension *d = object;

	d->frequency_range_at = value->at;
	d->has_frequency_range = number_read_range(r, value, &d->frequency_low, &d->frequency_high);
}

static void read_layout(struct scalar_reader *r, const struct yaml_event *value, void *object)
{
	static const char *const names[] = {"page", "packed"};
	struct diag_extra extra = {.help = "layout: page, or layout: packed"};
	struct dimension *d = object;
	struct text text;

	if (!scalar_read_text(r, value, &text))
		return;
	for (d->layout = LAYOUT_PAGE; d->layout < LAYOUT_UNSET; d->layout++)
		if (strcmp(text.bytes, names[d->layout]) == 0)
			return;
	diag_report(r->diag, CHECK_LAYOUT, value->at, &extra, "a layout of this name does not exist");
}

static void read_alignment(struct scalar_reader *r, const struct yaml_event *value, void *object)
{
	number_read_alignment(r, value, &((struct dimension *)object)->alignment);
}

static const struct field dimension_fields[] = {
	{"dimension_id", read_dimension_id, true, "a whole number from 1 to 65535", " id number no nr dimension ",
	 false},
	{"name", read_name, true, "what people call the dimension: name: Emotion", " title label dimension_name ",
	 false},
	{"description", read_description, false, NULL, " about content summary text ", false},
	{"created_at", read_created_at, false, NULL, " created date since ", false},
	{"updated_at", read_updated_at, false, NULL, " changed modified updated ", false},
	{"frequency_range", read_frequency_range, false, NULL, " band frequencies frequency hz range ", false},
	{"layout", read_layout, false, NULL, NULL, false},
	{"alignment", read_alignment, false, NULL, " align ", false},
	{"layers", read_dimension_layers, false, NULL, NULL, true},
};
static const struct table dimension_table = {"a dimension", dimension_fields,
					     sizeof(dimension_fields) / sizeof(dimension_fields[0]), NULL};

void fields_read_dimension(const struct fields_input *input)
{
	struct scalar_reader r;
	struct yaml_event event;
	size_t documents = 0;

	fields_begin(input, &r);
	input->dimension->at.file = input->file; /* whole, until its mapping is found */
	while ((event = yaml_next(r.events)).kind != YAML_END) {
		struct seen seen;
		struct place at = event.at;

		if (event.kind != YAML_DOCUMENT)
			continue;
		event = yaml_next(r.events);
		if (documents++ > 0) {
			struct diag_extra extra = {
				.help = "layers go into files of their own, or into a list \"layers:\""};

			diag_report(r.diag, CHECK_WRONG_TYPE, at, &extra, "dimension.yaml holds one document");
			yaml_skip(r.events, &event);
			continue;
		}
		if (event.kind == YAML_END ||
		    !mapping_wanted(&r, &event, "a dimension", "write its keys, one a line: dimension_id: 1"))
			continue;
		input->dimension->at = event.at;
		mapping_read(&r, &dimension_table, input->dimension, &seen);
		mapping_report_missing(&r, &dimension_table, &seen, event.at);
	}
	if (documents == 0 && !yaml_failed(r.events)) {
		struct diag_extra extra = {.help = "it needs at least dimension_id and name"};
		struct place whole = {input->file, 0, 0, 0};

		diag_report(r.diag, CHECK_FILE_EMPTY, whole, &extra, "the file is empty");
		r.dimension->is_partly_read = true;
	}
	fields_end(&r, input->file);
}
