/*
 * events.c: YAML as a stream of events with places: the door before two readers.
 * In: the bytes of one file.
 * Out: the events of the quick reader where it takes the file, else those of the plain one.
 */
#include "events.h"

#include <stdlib.h>
#include <string.h>

#include "characters.h"
#include "marks.h"
#include "plain.h"
#include "quick.h"

struct yaml_reader {
	const char *bytes;
	size_t size;
	struct quick *quick; /* one of the two; neither where the file was refused */
	struct plain *plain;
};

/* Set before there are threads. */
static bool is_plain_forced;

bool yaml_choose_reader(const char *name)
{
	is_plain_forced = strcmp(name, "libyaml") == 0;
	return is_plain_forced || strcmp(name, "quick") == 0;
}

/* What libyaml's reader would refuse, found here because libyaml could not say where. */
static bool check_characters(const struct yaml_reader *r, uint32_t file, struct diag *diag)
{
	struct marks marks = {.bytes = r->bytes, .size = r->size, .file = file, .line = 1, .column = 1};
	struct diag_extra extra = {0};
	enum check check;
	char text[80];
	size_t at;

	if (characters_are_allowed(r->bytes, r->size, &at, &check, text, &extra.help))
		return true;
	diag_report(diag, check, marks_place_of_byte(&marks, at), &extra, "%s", text);
	return false;
}

struct yaml_reader *yaml_open(const char *bytes, size_t size, uint32_t file, struct diag *diag, struct arena *arena)
{
	struct yaml_reader *r = mem_zalloc(1, sizeof(*r));
	bool is_common;

	if (size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
		bytes += 3;
		size -= 3;
	}
	r->bytes = bytes;
	r->size = size;
	is_common = characters_are_common(bytes, size);
	if (is_common && !is_plain_forced)
		r->quick = quick_open(bytes, size, file, arena);
	if (r->quick == NULL && (is_common || check_characters(r, file, diag)))
		r->plain = plain_open(bytes, size, file, diag, arena);
	return r;
}

struct yaml_event yaml_next(struct yaml_reader *reader)
{
	if (reader->quick != NULL)
		return quick_next(reader->quick);
	if (reader->plain != NULL)
		return plain_next(reader->plain);
	return (struct yaml_event){.kind = YAML_END};
}

void yaml_skip(struct yaml_reader *reader, const struct yaml_event *first)
{
	int depth = 0;
	struct yaml_event event = *first;

	for (;;) {
		if (event.kind == YAML_MAPPING || event.kind == YAML_SEQUENCE)
			depth++;
		else if (event.kind == YAML_MAPPING_END || event.kind == YAML_SEQUENCE_END)
			depth--;
		if (depth == 0 || event.kind == YAML_END)
			return;
		event = yaml_next(reader);
	}
}

bool yaml_is_quick(const struct yaml_reader *reader)
{
	return reader->quick != NULL;
}

bool yaml_failed(const struct yaml_reader *reader)
{
	return reader->quick == NULL && (reader->plain == NULL || plain_failed(reader->plain));
}

bool yaml_is_broken(const struct yaml_reader *reader)
{
	return reader->plain != NULL && plain_is_broken(reader->plain);
}

bool yaml_fails_next(struct yaml_reader *reader)
{
	return reader->plain != NULL ? plain_fails_next(reader->plain) : reader->quick == NULL;
}

const struct yaml_span *yaml_spans(const struct yaml_reader *reader, size_t *ret_count, struct text *ret_bytes)
{
	*ret_bytes = (struct text){reader->bytes, reader->size};
	*ret_count = 0;
	if (reader->quick != NULL)
		return quick_spans(reader->quick, ret_count);
	return reader->plain != NULL ? plain_spans(reader->plain, ret_count) : NULL;
}

void yaml_close(struct yaml_reader *reader)
{
	if (reader == NULL)
		return;
	if (reader->quick != NULL)
		quick_close(reader->quick);
	if (reader->plain != NULL)
		plain_close(reader->plain);
	free(reader);
}
