/*
 * scalar.c: from one event to one typed value.
 * In: an event, and what its field allows.
 * Out: the value, or a located problem and false.
 */
#include "scalar.h"

#include <string.h>

#include "text.h"
#include "unicode.h"
#include "utf8.h"

const char *scalar_kind_name(const struct yaml_event *event)
{
	switch (event->kind) {
	case YAML_SEQUENCE:
		return "a list";
	case YAML_MAPPING:
		return "keys with values";
	case YAML_SCALAR:
		return event->text.size == 0 && event->is_plain ? "nothing" : "text";
	default:
		return "the end";
	}
}

bool scalar_is_cut_off(struct scalar_reader *r, const struct yaml_event *event)
{
	return event->kind == YAML_SCALAR && event->is_plain && event->raw.bytes != NULL &&
	       memchr(event->raw.bytes, '\n', event->raw.size) != NULL && yaml_fails_next(r->events);
}

/*
 * Passes over a value of another kind than `wanted`, and reports it, unless it is broken itself: then it is likely not
 * what was meant.
 */
static bool refuse_kind(struct scalar_reader *r, const struct yaml_event *value, const char *wanted, const char *help)
{
	struct diag_extra extra = {.help = help};

	yaml_skip(r->events, value);
	if (value->kind != YAML_END && !yaml_is_broken(r->events) && !scalar_is_cut_off(r, value))
		diag_report(r->diag, CHECK_WRONG_TYPE, value->at, &extra, "%s must be %s, not %s", r->field, wanted,
			    scalar_kind_name(value));
	return false;
}

/* How a field's text is written, for those who wrote something else. */
static const char *help_with_text(const struct scalar_reader *r)
{
	if (strcmp(r->field, "content") == 0)
		return "write \"content: |\", and the text below it, indented by two spaces";
	if (strcmp(r->field, "a keyword") == 0)
		return "write all keywords into one list: [one, two]";
	return "write the text alone, in quotes if it has brackets or a colon";
}

void scalar_report_tag(struct scalar_reader *r, const struct yaml_event *event, const char *what, const char *help)
{
	static const char core[] = "tag:yaml.org,2002:";
	const char *name = event->tag_name;
	struct diag_extra extra = {.help = help};
	struct buf shown = {0};

	if (strncmp(name, core, sizeof(core) - 1) == 0) {
		buf_printf(&shown, "!!");
		name += sizeof(core) - 1;
	}
	text_add_cut(&shown, name, strlen(name), 40);
	diag_report(r->diag, CHECK_TAG, event->at, &extra, "the tag %s does not fit %s", shown.bytes, what);
	buf_free(&shown);
}

bool scalar_refuse_tag(struct scalar_reader *r, const struct yaml_event *value)
{
	scalar_report_tag(r, value, r->field, "delete the tag: the field decides what its value is");
	return false;
}

static bool refuse_nul(struct scalar_reader *r, const struct yaml_event *value)
{
	struct diag_extra extra = {.help = strcmp(r->field, "content") == 0
						   ? "binary content goes into a file of its own: content_file"
						   : "delete the escape"};

	if (value->text.size == 0 || memchr(value->text.bytes, '\0', value->text.size) == NULL)
		return false;
	diag_report(r->diag, CHECK_NUL, value->at, &extra, "%s holds a NUL character", r->field);
	return true;
}

bool scalar_want(struct scalar_reader *r, const struct yaml_event *value, unsigned tags, const char *wanted,
		 const char *help)
{
	if (value->kind != YAML_SCALAR)
		return refuse_kind(r, value, wanted, help);
	if ((tags >> value->tag & 1) == 0)
		return scalar_refuse_tag(r, value);
	return !refuse_nul(r, value);
}

bool scalar_read_text(struct scalar_reader *r, const struct yaml_event *value, struct text *ret)
{
	if (!scalar_want(r, value, 1u << YAML_TAG_NONE | 1u << YAML_TAG_STR, "text", help_with_text(r)))
		return false;
	*ret = value->text;
	return true;
}

/* The first character below U+0020 or between U+007F and U+009F, but those in `allowed`; 0 where there is none. */
static uint32_t find_control(struct text text, const char *allowed)
{
	size_t at, length;
	uint32_t c;

	for (at = 0; at < text.size; at += length) {
		length = 1;
		if (text.bytes[at] >= 0x20 && text.bytes[at] < 0x7F)
			continue;
		length = utf8_decode(text.bytes + at, text.size - at, &c);
		if (length == 0)
			return 0xFFFD;
		if ((c < 0x20 || (c >= 0x7F && c < 0xA0)) && !(c < 0x80 && strchr(allowed, (int)c) != NULL))
			return c;
	}
	return 0;
}

bool scalar_is_limited(struct text text, size_t max, const char *controls, char ret_reason[SCALAR_REASON_SIZE],
		       const char **ret_help)
{
	size_t length = utf8_length(text.bytes, text.size);
	uint32_t control = find_control(text, controls);

	*ret_help = NULL;
	if (length == 0) {
		*ret_help = "write a text, or leave it out; one that begins with # needs quotes";
		snprintf(ret_reason, SCALAR_REASON_SIZE, "is empty");
	} else if (length > max) {
		*ret_help = "shorten it";
		snprintf(ret_reason, SCALAR_REASON_SIZE, "has %zu characters; at most %zu are allowed", length, max);
	} else if (control == '\n') {
		*ret_help = "write it on one line, without \"|\" or \">\"";
		snprintf(ret_reason, SCALAR_REASON_SIZE, "must be one line");
	} else if (control != 0) {
		snprintf(ret_reason, SCALAR_REASON_SIZE, "holds the control character U+%04X", (unsigned)control);
	} else {
		return true;
	}
	return false;
}

void scalar_check_quotes(struct scalar_reader *r, const struct yaml_event *value)
{
	struct diag_extra extra = {
		.help = "delete them, or type straight ones; where they are meant, put \"...\" around all"};

	if (value->is_plain && unicode_is_in_quotes(value->text))
		diag_report(r->diag, CHECK_TYPOGRAPHIC_QUOTES, value->at, &extra,
			    "%s stands in typographic quotes, and they are part of it", r->field);
}

static bool read_limited(struct scalar_reader *r, const struct yaml_event *value, size_t max, const char *controls,
			 struct text *ret)
{
	struct diag_extra extra = {0};
	char reason[SCALAR_REASON_SIZE];
	struct text text;

	if (!scalar_read_text(r, value, &text))
		return false;
	if (!scalar_is_limited(text, max, controls, reason, &extra.help)) {
		diag_report(r->diag, CHECK_TEXT, value->at, &extra, "%s %s", r->field, reason);
		return false;
	}
	*ret = text;
	return true;
}

bool scalar_read_line(struct scalar_reader *r, const struct yaml_event *value, size_t max, struct text *ret)
{
	if (!read_limited(r, value, max, "", ret))
		return false;
	scalar_check_quotes(r, value);
	return true;
}

bool scalar_read_paragraph(struct scalar_reader *r, const struct yaml_event *value, size_t max, struct text *ret)
{
	return read_limited(r, value, max, SCALAR_PARAGRAPH_CONTROLS, ret);
}

bool scalar_read_time(struct scalar_reader *r, const struct yaml_event *value, int64_t *ret)
{
	struct diag_extra extra = {.help = "in UTC, as 2024-10-24T10:00:00Z or 2024-10-24"};
	struct text text;

	if (!scalar_read_text(r, value, &text))
		return false;
	if (text_parse_time(text.bytes, text.size, ret))
		return true;
	diag_report(r->diag, CHECK_TIMESTAMP, value->at, &extra, "%s is not a date and time that exists", r->field);
	return false;
}

/* What looks like a list, and is none: entries whose sign is another one, or has no space behind it. */
static bool is_bulleted(const struct yaml_event *value)
{
	static const char *const bullets[] = {"-", "\xE2\x80\x93", "\xE2\x80\x94", "\xE2\x80\xA2", "\xC2\xB7"};
	size_t i;

	for (i = 0; i < sizeof(bullets) / sizeof(bullets[0]); i++)
		if (value->kind == YAML_SCALAR && value->is_plain &&
		    strncmp(value->text.bytes, bullets[i], strlen(bullets[i])) == 0)
			return true;
	return false;
}

bool scalar_want_sequence(struct scalar_reader *r, const struct yaml_event *value)
{
	const char *help = "write a list: [one, two], or one entry a line after \"- \"";

	if (value->kind == YAML_SEQUENCE && (value->tag == YAML_TAG_NONE || value->tag == YAML_TAG_SEQ))
		return true;
	if (value->kind == YAML_SEQUENCE) {
		scalar_refuse_tag(r, value);
		yaml_skip(r->events, value);
		return false;
	}
	if (is_bulleted(value))
		help = "begin each entry with \"- \", a hyphen and a space";
	else if (strcmp(r->field, "frequency_range") == 0)
		help = "write the lowest and the highest frequency: [0.1, 4.5]";
	return refuse_kind(r, value, "a list", help);
}
