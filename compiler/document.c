/*
 * document.c: JSON documents, read as the YAML that they are: objects and arrays, member by member.
 * In: the bytes of a document, from anyone; functions that take its members.
 * Out: calls of those functions; or the first thing that did not fit.
 */
#include "document.h"

#include <string.h>

#include "text.h"

void document_fail(struct document *d, const char *wrong)
{
	if (d->wrong == NULL)
		d->wrong = wrong;
}

bool document_is_key(const struct yaml_event *key, const char *name)
{
	return key->kind == YAML_SCALAR && strcmp(key->text.bytes, name) == 0;
}

uint64_t document_number(struct document *d, const struct yaml_event *value)
{
	uint64_t number = 0;

	if (value->kind != YAML_SCALAR || !text_parse_number(value->text.bytes, UINT64_MAX, &number))
		document_fail(d, "expected a number");
	return number;
}

void document_digest(struct document *d, const struct yaml_event *value, struct digest *ret)
{
	if (value->kind != YAML_SCALAR || value->text.size < 7 || memcmp(value->text.bytes, "sha256:", 7) != 0 ||
	    !digest_parse(value->text.bytes + 7, value->text.size - 7, ret))
		document_fail(d, "expected \"sha256:\" and 64 hexadecimal digits");
}

void document_each_member(struct document *d, const struct yaml_event *first, document_member *take, void *object)
{
	struct yaml_event key, value;

	if (first->kind != YAML_MAPPING) {
		document_fail(d, "expected an object");
		yaml_skip(d->events, first);
		return;
	}
	for (;;) {
		key = yaml_next(d->events);
		if (key.kind == YAML_MAPPING_END || key.kind == YAML_END)
			return;
		if (key.kind != YAML_SCALAR) {
			document_fail(d, "expected a name");
			yaml_skip(d->events, &key);
		}
		value = yaml_next(d->events);
		take(d, &key, &value, object);
	}
}

void document_each_element(struct document *d, const struct yaml_event *first, document_element *take, void *object)
{
	struct yaml_event value;

	if (first->kind != YAML_SEQUENCE) {
		document_fail(d, "expected an array");
		yaml_skip(d->events, first);
		return;
	}
	for (;;) {
		value = yaml_next(d->events);
		if (value.kind == YAML_SEQUENCE_END || value.kind == YAML_END)
			return;
		take(d, &value, object);
	}
}

bool document_read(const char *bytes, size_t size, struct arena *arena, document_element *take, void *context,
		   const char **ret_why)
{
	struct document d = {.context = context};
	struct diag *diag = diag_new();
	struct yaml_event event;

	d.events = yaml_open(bytes, size, diag_file(diag, "JSON"), diag, arena);
	event = yaml_next(d.events);
	if (event.kind == YAML_DOCUMENT) {
		event = yaml_next(d.events);
		take(&d, &event, NULL);
	} else {
		document_fail(&d, "it is empty");
	}
	if (diag_errors(diag) > 0)
		d.wrong = "not JSON";
	yaml_close(d.events);
	diag_free(diag);
	*ret_why = d.wrong;
	return d.wrong == NULL;
}
