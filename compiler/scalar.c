/*
 * scalar.c: from one event to one typed value.
 * In: an event, and what its field allows.
 * Out: the value, or a located problem and false.
 */
#include "scalar.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "utf8.h"

const char *scalar_kind_name(const struct yaml_event *event)
{
	switch (event->kind) {
	case YAML_SEQUENCE:
		return "a list";
	case YAML_MAPPING:
		return "a mapping";
	case YAML_SCALAR:
		return event->text.size == 0 && event->is_plain ? "nothing" : "text";
	default:
		return "the end";
	}
}

/* A scalar is wanted. */
static bool want_scalar(struct scalar_reader *r, const struct yaml_event *value, const char *wanted)
{
	if (value->kind == YAML_SCALAR)
		return true;
	if (value->kind != YAML_END)
		diag_report(r->diag, CHECK_WRONG_TYPE, value->at, NULL, "%s must be %s, not %s", r->field, wanted,
			    scalar_kind_name(value));
	yaml_skip(r->events, value);
	return false;
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

static bool refuse_tag(struct scalar_reader *r, const struct yaml_event *value)
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

bool scalar_read_text(struct scalar_reader *r, const struct yaml_event *value, struct text *ret)
{
	if (!want_scalar(r, value, "text"))
		return false;
	if (value->tag != YAML_TAG_NONE && value->tag != YAML_TAG_STR)
		return refuse_tag(r, value);
	if (refuse_nul(r, value))
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
	return read_limited(r, value, max, "", ret);
}

bool scalar_read_paragraph(struct scalar_reader *r, const struct yaml_event *value, size_t max, struct text *ret)
{
	return read_limited(r, value, max, SCALAR_PARAGRAPH_CONTROLS, ret);
}

/* Skips [-+]?[0-9]+ and says whether there was a digit. */
static const char *skip_digits(const char *at, bool *ret_any)
{
	const char *start = at;

	while (*at >= '0' && *at <= '9')
		at++;
	*ret_any = at > start;
	return at;
}

/* [-+]?[0-9]+ of YAML 1.2's core schema. */
static bool is_integer(const char *text)
{
	bool any;

	text = skip_digits(text + (*text == '-' || *text == '+'), &any);
	return any && *text == '\0';
}

/* [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? of YAML 1.2's core schema. */
static bool is_decimal(const char *text)
{
	bool whole, fraction = false, exponent = true;

	text = skip_digits(text + (*text == '-' || *text == '+'), &whole);
	if (*text == '.')
		text = skip_digits(text + 1, &fraction);
	if (*text == 'e' || *text == 'E') {
		text++;
		text = skip_digits(text + (*text == '-' || *text == '+'), &exponent);
	}
	return (whole || fraction) && exponent && *text == '\0';
}

/* A scalar that is a number by its tag or by having no quotes. */
static bool want_number(struct scalar_reader *r, const struct yaml_event *value, enum yaml_tag tag, const char *wanted)
{
	if (!want_scalar(r, value, wanted))
		return false;
	if (value->tag != YAML_TAG_NONE && value->tag != YAML_TAG_INT && value->tag != tag)
		return refuse_tag(r, value);
	if (refuse_nul(r, value))
		return false;
	if (value->tag == YAML_TAG_NONE && !value->is_plain) {
		struct diag_extra extra = {.help = "write the number without quotes"};

		diag_report(r->diag, CHECK_WRONG_TYPE, value->at, &extra, "%s must be %s, not text", r->field, wanted);
		return false;
	}
	return true;
}

static bool refuse_number(struct scalar_reader *r, const struct yaml_event *value, const char *wanted, const char *help)
{
	struct diag_extra extra = {.help = help};
	struct buf shown = {0};

	text_add_cut(&shown, value->text.bytes, value->text.size, 40);
	if (value->is_plain && value->text.size == 0)
		diag_report(r->diag, CHECK_WRONG_TYPE, value->at, &extra, "%s must be %s, not nothing", r->field,
			    wanted);
	else
		diag_report(r->diag, CHECK_WRONG_TYPE, value->at, &extra, "%s must be %s, not \"%s\"", r->field, wanted,
			    shown.bytes != NULL ? shown.bytes : "");
	buf_free(&shown);
	return false;
}

/* A whole number of at most `max`; 0 for one that is outside. */
static bool read_whole(struct scalar_reader *r, const struct yaml_event *value, uint64_t max, uint64_t *ret)
{
	static const char wanted[] = "a whole number";
	const char *text = value->text.bytes;

	if (!want_number(r, value, YAML_TAG_INT, wanted))
		return false;
	if (!is_integer(text))
		return refuse_number(r, value, wanted, "write it in decimal digits alone");
	if (*text == '-' || !text_parse_number(text + (*text == '+'), max, ret))
		*ret = 0;
	return true;
}

bool scalar_read_id(struct scalar_reader *r, const struct yaml_event *value, enum check check, uint64_t max,
		    uint64_t *ret)
{
	uint64_t number;

	if (!read_whole(r, value, max, &number))
		return false;
	if (number == 0) {
		diag_report(r->diag, check, value->at, NULL, "%s must be from 1 to %llu", r->field,
			    (unsigned long long)max);
		return false;
	}
	*ret = number;
	return true;
}

bool scalar_read_alignment(struct scalar_reader *r, const struct yaml_event *value, uint32_t *ret)
{
	struct diag_extra extra = {.help = "4096 is right for nearly everybody; 2097152 fits huge pages"};
	uint64_t number;

	if (!read_whole(r, value, UINT32_MAX, &number))
		return false;
	if (!scalar_is_alignment(number)) {
		diag_report(r->diag, CHECK_ALIGNMENT, value->at, &extra,
			    "an alignment is a power of two from 4096 to 1073741824");
		return false;
	}
	*ret = (uint32_t)number;
	return true;
}

bool scalar_read_frequency(struct scalar_reader *r, const struct yaml_event *value, double *ret)
{
	static const char wanted[] = "a number of Hz";
	double number;

	if (!want_number(r, value, YAML_TAG_FLOAT, wanted))
		return false;
	if (value->tag == YAML_TAG_INT && is_decimal(value->text.bytes) && !is_integer(value->text.bytes))
		return refuse_tag(r, value);
	if (!is_decimal(value->text.bytes)) {
		static const char *const infinite[] = {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"};
		const char *text = value->text.bytes + (*value->text.bytes == '-' || *value->text.bytes == '+');
		size_t i;

		for (i = 0; i < sizeof(infinite) / sizeof(infinite[0]) && strcmp(text, infinite[i]) != 0; i++)
			;
		if (i == sizeof(infinite) / sizeof(infinite[0]))
			return refuse_number(r, value, wanted,
					     "write it in decimal, with a point and without a unit: 1.5");
		number = INFINITY;
	} else {
		number = strtod(value->text.bytes, NULL); /* no locale is ever set: the decimal point is a point */
	}
	if (!isfinite(number) || number <= 0) {
		diag_report(r->diag, CHECK_FREQUENCY, value->at, NULL, "%s must be finite and greater than zero",
			    r->field);
		return false;
	}
	*ret = number;
	return true;
}

bool scalar_read_range(struct scalar_reader *r, const struct yaml_event *value, double *ret_low, double *ret_high)
{
	struct diag_extra extra = {.help = "lowest and highest, in Hz: frequency_range: [0.1, 4.5]"};
	double bound[2] = {0};
	size_t count = 0, right = 0;
	struct yaml_event item;

	if (!scalar_want_sequence(r, value))
		return false;
	r->field = "each end of frequency_range";
	for (;; count++) {
		item = yaml_next(r->events);
		if (item.kind == YAML_SEQUENCE_END || item.kind == YAML_END)
			break;
		if (count < 2)
			right += scalar_read_frequency(r, &item, &bound[count]);
		else
			yaml_skip(r->events, &item);
	}
	if (item.kind == YAML_END || (count == 2 && right < 2))
		return false; /* reported */
	if (count != 2 || bound[0] > bound[1]) {
		diag_report(r->diag, CHECK_FREQUENCY_RANGE, value->at, &extra,
			    count != 2 ? "frequency_range must be two numbers"
				       : "the low end of frequency_range is above the high end");
		return false;
	}
	*ret_low = bound[0];
	*ret_high = bound[1];
	return true;
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

bool scalar_want_sequence(struct scalar_reader *r, const struct yaml_event *value)
{
	struct diag_extra extra = {.help = "write a list: [one, two], or one entry a line after \"- \""};

	if (value->kind == YAML_SEQUENCE && (value->tag == YAML_TAG_NONE || value->tag == YAML_TAG_SEQ))
		return true;
	if (value->kind == YAML_SEQUENCE)
		refuse_tag(r, value);
	else if (value->kind != YAML_END)
		diag_report(r->diag, CHECK_WRONG_TYPE, value->at, &extra, "%s must be a list, not %s", r->field,
			    scalar_kind_name(value));
	yaml_skip(r->events, value);
	return false;
}

bool scalar_is_alignment(uint64_t value)
{
	return value >= 4096 && value <= 1u << 30 && (value & (value - 1)) == 0;
}
