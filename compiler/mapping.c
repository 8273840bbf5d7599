/*
 * mapping.c: reads a mapping of known keys by a table of fields.
 * In: a YAML reader that stands in a mapping, and the table.
 * Out: each value given to its field's function; unknown, repeated and missing keys reported.
 */
#include "mapping.h"

#include <string.h>

#include "text.h"

static void report_unknown(struct scalar_reader *r, const struct table *table, const struct yaml_event *key,
			   struct seen *seen)
{
	const char *names[MAPPING_MAX_FIELDS], *meant;
	struct diag_extra extra = {0};
	struct buf help = {0}, shown = {0};
	size_t i;

	for (i = 0; i < table->count; i++)
		names[i] = table->fields[i].name;
	meant = text_did_you_mean(key->text.bytes, key->text.size, names, table->count);
	for (i = 0; meant != NULL && i < table->count; i++)
		seen->is_misspelt[i] = seen->is_misspelt[i] || names[i] == meant;
	if (meant != NULL) {
		buf_printf(&help, "did you mean \"%s\"?", meant);
	} else {
		buf_printf(&help, "the keys of %s are", table->what);
		for (i = 0; i < table->count; i++)
			buf_printf(&help, "%s %s", i == 0 ? "" : ",", names[i]);
	}
	extra.help = help.bytes;
	text_add_cut(&shown, key->text.bytes, key->text.size, 60);
	diag_report(r->diag, CHECK_UNKNOWN_KEY, key->at, &extra, "%s has no key \"%s\"", table->what,
		    shown.bytes != NULL ? shown.bytes : "");
	buf_free(&help);
	buf_free(&shown);
}

void mapping_read(struct scalar_reader *r, const struct table *table, void *object, struct seen *ret_seen)
{
	struct yaml_event key, value;
	size_t i;

	memset(ret_seen, 0, sizeof(*ret_seen));
	for (;;) {
		key = yaml_next(r->events);
		if (key.kind == YAML_MAPPING_END || key.kind == YAML_END)
			return;
		if (key.kind != YAML_SCALAR) {
			diag_report(r->diag, CHECK_WRONG_TYPE, key.at, NULL, "a key of %s must be a word", table->what);
			yaml_skip(r->events, &key);
			value = yaml_next(r->events);
			yaml_skip(r->events, &value);
			continue;
		}
		for (i = 0; i < table->count; i++)
			if (strlen(table->fields[i].name) == key.text.size &&
			    memcmp(table->fields[i].name, key.text.bytes, key.text.size) == 0)
				break;
		value = yaml_next(r->events);
		if (key.tag != YAML_TAG_NONE && key.tag != YAML_TAG_STR) {
			struct diag_extra extra = {.help = "delete the tag"};

			diag_report(r->diag, CHECK_TAG, key.at, &extra, "this tag does not fit a key");
			if (i < table->count)
				ret_seen->is_misspelt[i] = true;
			yaml_skip(r->events, &value);
		} else if (i == table->count) {
			report_unknown(r, table, &key, ret_seen);
			yaml_skip(r->events, &value);
		} else if (ret_seen->at[i].line != 0) {
			struct diag_extra extra = {.related = &ret_seen->at[i], .related_text = "first given here"};

			diag_report(r->diag, CHECK_DUPLICATE_KEY, key.at, &extra, "%s is given twice",
				    table->fields[i].name);
			yaml_skip(r->events, &value);
		} else {
			ret_seen->at[i] = key.at;
			ret_seen->count++;
			r->field = table->fields[i].name;
			table->fields[i].read(r, &value, object);
		}
	}
}

void mapping_report_missing(struct scalar_reader *r, const struct table *table, const struct seen *seen,
			    struct place at)
{
	size_t i;

	if (yaml_failed(r->events))
		return; /* the rest of the file was not read */
	for (i = 0; i < table->count; i++) {
		struct diag_extra extra = {.help = table->fields[i].missing_help};

		if (table->fields[i].is_required && seen->at[i].line == 0 && !seen->is_misspelt[i])
			diag_report(r->diag, CHECK_MISSING_KEY, at, &extra, "%s needs the key %s", table->what,
				    table->fields[i].name);
	}
}

bool mapping_wanted(struct scalar_reader *r, const struct yaml_event *event, const char *what, const char *help)
{
	struct diag_extra extra = {.help = "delete the tag"};

	if (event->kind == YAML_MAPPING && (event->tag == YAML_TAG_NONE || event->tag == YAML_TAG_MAP))
		return true;
	if (event->kind == YAML_MAPPING)
		diag_report(r->diag, CHECK_TAG, event->at, &extra, "this tag does not fit %s", what);
	extra.help = help;
	if (event->kind == YAML_SCALAR && event->is_plain && event->text.size == 0)
		extra.help = "write its keys, or delete the empty entry";
	if (event->kind != YAML_MAPPING && event->kind != YAML_END)
		diag_report(r->diag, CHECK_WRONG_TYPE, event->at, &extra, "%s is a mapping of keys to values, not %s",
			    what, scalar_kind_name(event));
	yaml_skip(r->events, event);
	return false;
}
