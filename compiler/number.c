/*
 * number.c: from one event to one number.
 * In: an event, and what its field allows.
 * Out: the number, or a located problem and false.
 */
#include "number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

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
	if (!scalar_want(r, value, 1u << YAML_TAG_NONE | 1u << YAML_TAG_INT | 1u << tag, wanted,
			 "write the number alone"))
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
	const char *text = value->text.bytes;
	struct diag_extra extra = {.help = help};
	struct buf shown = {0};

	if (scalar_is_cut_off(r, value))
		return false;
	if (strchr(text, '#') != NULL || strstr(text, "//") != NULL)
		extra.help = "a comment begins with a space and a #";
	text_add_cut(&shown, text, value->text.size, 40);
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

bool number_read_id(struct scalar_reader *r, const struct yaml_event *value, enum check check, uint64_t max,
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

bool number_read_alignment(struct scalar_reader *r, const struct yaml_event *value, uint32_t *ret)
{
	struct diag_extra extra = {.help = "4096 is right for nearly everybody; 2097152 fits huge pages"};
	uint64_t number;

	if (!read_whole(r, value, UINT32_MAX, &number))
		return false;
	if (!number_is_alignment(number)) {
		diag_report(r->diag, CHECK_ALIGNMENT, value->at, &extra,
			    "an alignment is a power of two from 4096 to 1073741824");
		return false;
	}
	*ret = (uint32_t)number;
	return true;
}

bool number_read_frequency(struct scalar_reader *r, const struct yaml_event *value, double *ret)
{
	static const char wanted[] = "a number of Hz";
	double number;

	if (!want_number(r, value, YAML_TAG_FLOAT, wanted))
		return false;
	if (value->tag == YAML_TAG_INT && is_decimal(value->text.bytes) && !is_integer(value->text.bytes))
		return scalar_refuse_tag(r, value);
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
		struct diag_extra extra = {
			.help = "write how often it happens in a second: 0.8, or 1e-5 for once a day"};

		diag_report(r->diag, CHECK_FREQUENCY, value->at, &extra, "%s must be finite and greater than zero",
			    r->field);
		return false;
	}
	*ret = number;
	return true;
}

bool number_read_range(struct scalar_reader *r, const struct yaml_event *value, double *ret_low, double *ret_high)
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
			right += number_read_frequency(r, &item, &bound[count]);
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

bool number_is_alignment(uint64_t value)
{
	return value >= 4096 && value <= 1u << 30 && (value & (value - 1)) == 0;
}
