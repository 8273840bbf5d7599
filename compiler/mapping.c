/*
 * mapping.c: reads a mapping of known keys by a table of fields.
 * In: a YAML reader that stands in a mapping, and the table.
 * Out: each value given to its field's function; unknown, repeated and missing keys reported.
 */
#include "mapping.h"

#include <stdlib.h>
#include <string.h>

#include "known_keys.h"
#include "meaning.h"
#include "syntax.h"
#include "text.h"
#include "utf8.h"

/* A key that its table does not have, until the end of its mapping, where it is known which keys are missing. */
struct unknown {
	struct yaml_event key;
	size_t meant; /* the field that it is likely meant for; table->count: none */
	enum meaning how;
};

/* A key that stood in its mapping before. */
struct again {
	size_t field;
	struct place at;
};

struct reading {
	struct scalar_reader *r;
	const struct table *table;
	struct seen *seen;
	struct text raw[MAPPING_MAX_FIELDS]; /* the values, as typed, that are one text */
	struct place raw_at[MAPPING_MAX_FIELDS];
	struct unknown *unknown;
	size_t unknown_count, unknown_capacity;
	struct again *again;
	size_t again_count, again_capacity;
};

static size_t find_field(const struct table *table, const char *name, size_t size)
{
	size_t i;

	for (i = 0; i < table->count; i++)
		if (*table->fields[i].name == *name && strlen(table->fields[i].name) == size &&
		    memcmp(table->fields[i].name, name, size) == 0)
			break;
	return i;
}

/* `{frequency:1.5}` is one text to YAML, a key without a value. Whether that was so; it is reported, with the mend. */
static bool is_without_space(struct reading *m, const struct yaml_event *key, const struct yaml_event *value)
{
	size_t length, i;

	if (!key->is_plain || key->raw.bytes == NULL || value->kind != YAML_SCALAR || value->raw.size > 0 ||
	    !syntax_report_missing_space(m->r->diag, key->at, key->raw))
		return false;
	length = known_key(key->raw.bytes, key->raw.size);
	i = find_field(m->table, key->raw.bytes, length);
	if (i < m->table->count)
		m->seen->is_misspelt[i] = true;
	return true;
}

static void keep_unknown(struct reading *m, const struct yaml_event *key, const struct yaml_event *value)
{
	struct unknown *u;

	m->unknown = mem_reserve(m->unknown, m->unknown_count, &m->unknown_capacity, sizeof(*m->unknown));
	u = &m->unknown[m->unknown_count++];
	*u = (struct unknown){.key = *key};
	u->meant = meaning_find(m->table, key->text, value, &u->how);
	if (u->meant < m->table->count)
		m->seen->is_misspelt[u->meant] = true;
}

/*
 * A misspelt key can be mended where the one that is meant is not there. Its quotes stay: {"frequncy":1.5} is no key
 * without them, and nor is frequncy:1.5 there, which has its value in it. An anchor is part of what was typed, and may
 * have aliases. `ret_what` keeps the words.
 */
static bool fix_unknown(const struct reading *m, const struct unknown *u, struct buf *ret_what, struct fix *ret)
{
	struct text raw = u->key.raw;
	struct place at = u->key.at;
	const char *name;
	size_t i;

	if (u->meant == m->table->count || m->seen->at[u->meant].line != 0 || raw.bytes == NULL ||
	    u->key.is_decorated || utf8_length(raw.bytes, raw.size) != at.length || /* several lines */
	    memchr(raw.bytes, ':', raw.size) != NULL)
		return false;
	for (i = 0; i < m->unknown_count && &m->unknown[i] != u; i++)
		if (m->unknown[i].meant == u->meant)
			return false;
	name = m->table->fields[u->meant].name;
	if (!u->key.is_plain) {
		raw = (struct text){raw.bytes + 1, raw.size - 2};
		at.column++;
		at.length -= 2;
	}
	buf_printf(ret_what, "change it to \"%s\"", name);
	*ret = (struct fix){.text = name, .what = ret_what->bytes, .is_safe = u->how == MEANING_SURE};
	ret->was = raw.bytes;
	ret->was_size = raw.size;
	ret->extent = (struct extent){at, at.line, at.column + at.length};
	return true;
}

static void report_unknown(const struct reading *m, const struct unknown *u)
{
	const struct table *table = m->table;
	struct diag_extra extra = {0};
	struct buf help = {0}, shown = {0}, what = {0};
	struct fix fix;
	size_t i;

	/* Another word for what is there as well means something else. */
	if (u->meant < table->count && (u->how != MEANING_WORD || m->seen->at[u->meant].line == 0)) {
		buf_printf(&help, "did you mean \"%s\"%s?", table->fields[u->meant].name,
			   memmem(u->key.text.bytes, u->key.text.size, UTF8_NO_BREAK, strlen(UTF8_NO_BREAK)) != NULL
				   ? ", without the no-break space"
				   : "");
	} else if (u->key.text.size == 2 && memcmp(u->key.text.bytes, "<<", 2) == 0) {
		buf_printf(&help, "merge keys are not supported: write the keys out");
	} else {
		buf_printf(&help, "the keys of %s are", table->what);
		for (i = 0; i < table->count; i++)
			buf_printf(&help, "%s %s", i == 0 ? "" : ",", table->fields[i].name);
	}
	extra.help = help.bytes;
	if (fix_unknown(m, u, &what, &fix))
		extra.fix = &fix;
	text_add_cut(&shown, u->key.text.bytes, u->key.text.size, 60);
	diag_report(m->r->diag, CHECK_UNKNOWN_KEY, u->key.at, &extra, "%s has no key \"%s\"", table->what,
		    shown.bytes != NULL ? shown.bytes : "");
	buf_free(&help);
	buf_free(&shown);
	buf_free(&what);
}

/* The beginning of the next line, as lines.h counts them; NULL where this is the last one. *feed: the next LF, or `at`.
 */
static const char *next_line(const char *at, const char *end, const char **feed)
{
	const char *stop;

	if (*feed <= at && *feed != end) {
		*feed = memchr(at, '\n', (size_t)(end - at));
		if (*feed == NULL)
			*feed = end;
	}
	stop = memchr(at, '\r', (size_t)(*feed - at));
	if (stop == NULL)
		stop = *feed;
	if (stop == end)
		return NULL;
	return stop + (*stop == '\r' && stop + 1 == *feed && *feed != end ? 2 : 1);
}

/*
 * A line of a text that would be a key of this mapping, if it were not indented as the text is. `given` is the field
 * with that text.
 */
static void check_swallowed(const struct reading *m, size_t given)
{
	const char *at = m->raw[given].bytes, *end = at + m->raw[given].size, *feed = at;
	struct diag_extra extra = {.help = "indent it as the keys above, if it is meant as a key"};
	struct place place = m->raw_at[given];
	size_t length, field;

	while ((at = next_line(at, end, &feed)) != NULL) {
		place.line++;
		place.column = 1 + (uint32_t)strspn(at, " ");
		if (at + place.column > end)
			continue;
		length = known_key(at + place.column - 1, (size_t)(end - at) - (place.column - 1));
		field = length == 0 ? m->table->count : find_field(m->table, at + place.column - 1, length);
		if (field == m->table->count || m->seen->at[field].line != 0 ||
		    strchr(" \t\r\n", at[place.column + length]) == NULL)
			continue;
		/* One of content and content_file is always missing. */
		if (strncmp(m->table->fields[field].name, m->table->fields[given].name, strlen("content")) == 0)
			continue;
		place.length = (uint32_t)length + 1;
		extra.related = &m->seen->at[given];
		extra.related_text = "this text takes the line in";
		diag_report(m->r->diag, CHECK_SWALLOWED_KEY, place, &extra, "this line belongs to the text of %s",
			    m->table->fields[given].name);
	}
}

static void keep_again(struct reading *m, size_t field, struct place at)
{
	m->again = mem_reserve(m->again, m->again_count, &m->again_capacity, sizeof(*m->again));
	m->again[m->again_count++] = (struct again){field, at};
}

/* Where the number comes again, another layer was begun: that is one mistake, and not one for each of its keys. */
static void report_again(const struct reading *m)
{
	struct diag_extra extra = {.related_text = "first given here", .help = "delete one of the two"};
	size_t count = m->again_count, i;

	for (i = 0; i < m->again_count && m->table->second_help != NULL; i++) {
		if (m->again[i].field == 0) {
			extra.help = m->table->second_help;
			count = 1;
		}
	}
	for (i = 0; i < count; i++) {
		extra.related = &m->seen->at[m->again[i].field];
		diag_report(m->r->diag, CHECK_DUPLICATE_KEY, m->again[i].at, &extra, "%s is given twice",
			    m->table->fields[m->again[i].field].name);
	}
}

static void finish(struct reading *m)
{
	size_t i;

	report_again(m);
	for (i = 0; i < m->unknown_count; i++)
		report_unknown(m, &m->unknown[i]);
	for (i = 0; i < m->table->count && diag_wants(m->r->diag, CHECK_SWALLOWED_KEY); i++)
		if (m->raw[i].bytes != NULL)
			check_swallowed(m, i);
	free(m->unknown);
	free(m->again);
}

void mapping_read(struct scalar_reader *r, const struct table *table, void *object, struct seen *ret_seen)
{
	struct reading m = {.r = r, .table = table, .seen = ret_seen};
	struct yaml_event key, value;
	size_t i;

	memset(ret_seen, 0, sizeof(*ret_seen));
	for (;;) {
		key = yaml_next(r->events);
		if (key.kind == YAML_MAPPING_END || key.kind == YAML_END)
			break;
		if (key.kind != YAML_SCALAR) {
			struct diag_extra extra = {.help = "write it as a word, a colon and a space: title: Joy"};

			diag_report(r->diag, CHECK_WRONG_TYPE, key.at, &extra, "a key of %s must be a word",
				    table->what);
			yaml_skip(r->events, &key);
			value = yaml_next(r->events);
			yaml_skip(r->events, &value);
			continue;
		}
		i = find_field(table, key.text.bytes, key.text.size);
		value = yaml_next(r->events);
		if (key.tag != YAML_TAG_NONE && key.tag != YAML_TAG_STR) {
			scalar_report_tag(r, &key, "a key", "delete the tag");
			if (i < table->count)
				ret_seen->is_misspelt[i] = true;
			yaml_skip(r->events, &value);
		} else if (i == table->count) {
			if (!is_without_space(&m, &key, &value))
				keep_unknown(&m, &key, &value);
			yaml_skip(r->events, &value);
		} else if (ret_seen->at[i].line != 0) {
			keep_again(&m, i, key.at);
			yaml_skip(r->events, &value);
		} else {
			ret_seen->at[i] = key.at;
			ret_seen->count++;
			m.raw[i] = value.raw;
			m.raw_at[i] = value.at;
			r->field = table->fields[i].name;
			table->fields[i].read(r, &value, object);
		}
	}
	finish(&m);
}

void mapping_report_missing(struct scalar_reader *r, const struct table *table, const struct seen *seen,
			    struct place at)
{
	size_t i;

	if (yaml_fails_next(r->events))
		return; /* they may stand in the rest of the file, which cannot be read */
	for (i = 0; i < table->count; i++) {
		struct diag_extra extra = {.help = table->fields[i].missing_help};

		if (table->fields[i].is_required && seen->at[i].line == 0 && !seen->is_misspelt[i])
			diag_report(r->diag, CHECK_MISSING_KEY, at, &extra, "%s needs the key %s", table->what,
				    table->fields[i].name);
	}
}

bool mapping_wanted(struct scalar_reader *r, const struct yaml_event *event, const char *what, const char *help)
{
	struct diag_extra extra = {.help = help};

	if (event->kind == YAML_MAPPING && (event->tag == YAML_TAG_NONE || event->tag == YAML_TAG_MAP))
		return true;
	if (event->kind == YAML_SCALAR && event->is_plain && event->raw.bytes != NULL &&
	    syntax_report_missing_space(r->diag, event->at, event->raw)) {
		r->is_run_together = true;
		return false;
	}
	if (scalar_is_cut_off(r, event))
		return false;
	if (event->kind == YAML_MAPPING)
		scalar_report_tag(r, event, what, "delete the tag");
	if (event->kind == YAML_SCALAR && event->is_plain && event->text.size == 0)
		extra.help = "write its keys, or delete the empty entry";
	if (event->kind != YAML_MAPPING && event->kind != YAML_END)
		diag_report(r->diag, CHECK_WRONG_TYPE, event->at, &extra,
			    "%s is written as keys with values, and this is %s", what, scalar_kind_name(event));
	yaml_skip(r->events, event);
	return false;
}
