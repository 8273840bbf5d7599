/*
 * text.c: small conversions between what people read and what programs hold.
 * In: names, numbers, times.
 * Out: the same in the other form.
 */
#include "text.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

enum { LONGEST_NAME = 64 };

/* Optimal string alignment: G. Navarro, "A guided tour to approximate string matching", 2001, section 5. */
size_t text_distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
	size_t rows[3][LONGEST_NAME + 1];
	size_t *before = rows[0], *last = rows[1], *now = rows[2], *swap;
	size_t i, j;

	if (a_size > LONGEST_NAME || b_size > LONGEST_NAME)
		return SIZE_MAX;
	for (j = 0; j <= b_size; j++)
		last[j] = j;
	for (i = 1; i <= a_size; i++) {
		now[0] = i;
		for (j = 1; j <= b_size; j++) {
			size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);

			if (last[j] + 1 < best)
				best = last[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			now[j] = best;
		}
		swap = before;
		before = last;
		last = now;
		now = swap;
	}
	return last[b_size];
}

const char *text_did_you_mean(const char *word, size_t size, const char *const *names, size_t count)
{
	const char *best = NULL;
	size_t i, best_distance = size / 3 + 2; /* a third of the letters may be wrong, and one more */

	for (i = 0; i < count; i++) {
		size_t length = strlen(names[i]);
		size_t distance = text_distance(word, size, names[i], length);

		if (distance < best_distance && distance < length) {
			best = names[i];
			best_distance = distance;
		}
	}
	return best;
}

const char *text_size(uint64_t bytes, char ret[16])
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1023.95 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		value /= 1024;
		unit++;
	}
	if (unit == 0)
		snprintf(ret, 16, "%u B", (unsigned)bytes);
	else
		snprintf(ret, 16, "%.1f %s", value, units[unit]);
	return ret;
}

const char *text_count(uint64_t count, const char *noun, char ret[48])
{
	snprintf(ret, 48, "%llu %s%s", (unsigned long long)count, noun, count == 1 ? "" : "s");
	return ret;
}

/*
 * The shortest scientific form that reads back as `value`. Rounding to a number of digits finds it, but for powers of
 * two: the numbers below them are nearer than those above, so that the next decimal may read back where the rounded one
 * does not.
 */
static void shortest_scientific(double value, char ret[40])
{
	int precision;

	for (precision = 0; precision < 17; precision++) {
		snprintf(ret, 40, "%.*e", precision, value);
		if (strtod(ret, NULL) == value)
			return;
		if (precision > 0 && precision < 16) {
			char *end = strchr(ret, 'e');

			assert(end != NULL);
			if (end[-1] < '9')
				end[-1]++;
			if (strtod(ret, NULL) == value)
				return;
		}
	}
}

const char *text_double(double value, char ret[40])
{
	char scientific[40], digits[24] = {0};
	size_t count = 0, i;
	int exponent;
	char *out = ret;

	shortest_scientific(value, scientific);
	exponent = atoi(strchr(scientific, 'e') + 1);
	for (i = 0; scientific[i] != 'e'; i++)
		if (scientific[i] >= '0' && scientific[i] <= '9')
			digits[count++] = scientific[i];
	if (signbit(value))
		*out++ = '-';
	if (exponent < -5 || exponent > 15) {
		*out++ = digits[0];
		*out++ = '.';
		memcpy(out, digits + 1, count - 1);
		out += count - 1;
		if (count == 1)
			*out++ = '0';
		snprintf(out, 8, "e%d", exponent);
		return ret;
	}
	if (exponent < 0) {
		*out++ = '0';
		*out++ = '.';
		for (i = 1; i < (size_t)-exponent; i++)
			*out++ = '0';
		memcpy(out, digits, count);
		out += count;
	} else {
		for (i = 0; i <= (size_t)exponent; i++)
			*out++ = (char)(i < count ? digits[i] : '0');
		*out++ = '.';
		if (i >= count)
			*out++ = '0';
		for (; i < count; i++)
			*out++ = digits[i];
	}
	*out = '\0';
	return ret;
}

/* Days since 1970-01-01 of a date of the proleptic Gregorian calendar: H. Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms", days_from_civil and civil_from_days. */
static int64_t days_from_date(int64_t year, unsigned month, unsigned day)
{
	int64_t y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + (int64_t)day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

const char *text_time(int64_t seconds, char ret[24])
{
	static const int64_t first = INT64_C(-62167219200), last = INT64_C(253402300799); /* years 0000 and 9999 */
	int64_t days, rest, era, doe, yoe, doy, mp, year;

	seconds = seconds < first ? first : seconds > last ? last : seconds;
	days = seconds / 86400;
	rest = seconds % 86400;
	if (rest < 0) {
		rest += 86400;
		days--;
	}
	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	doe = days - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	year = yoe + era * 400 + (mp >= 10);
	snprintf(ret, 24, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)year % 10000,
		 (unsigned)(mp < 10 ? mp + 3 : mp - 9) % 100, (unsigned)(doy - (153 * mp + 2) / 5 + 1) % 100,
		 (unsigned)(rest / 3600) % 100, (unsigned)(rest / 60 % 60), (unsigned)(rest % 60));
	return ret;
}

bool text_parse_time(const char *text, size_t size, int64_t *ret_seconds)
{
	static const char full[] = "dddd-dd-ddTdd:dd:ddZ";
	static const unsigned char month_days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	unsigned part[6] = {0}; /* year, month, day, hour, minute, second */
	size_t i, which = 0;
	bool leap;

	if (size != 10 && size != sizeof(full) - 1)
		return false;
	for (i = 0; i < size; i++) {
		if (full[i] == 'd') {
			if (text[i] < '0' || text[i] > '9')
				return false;
			part[which] = part[which] * 10 + (unsigned)(text[i] - '0');
		} else if (text[i] != full[i]) {
			return false;
		} else if (i + 1 < size) {
			which++;
		}
	}
	leap = part[0] % 4 == 0 && (part[0] % 100 != 0 || part[0] % 400 == 0);
	if (part[1] < 1 || part[1] > 12 || part[2] < 1 || part[2] > month_days[part[1] - 1] ||
	    (part[1] == 2 && part[2] == 29 && !leap) || part[3] > 23 || part[4] > 59 || part[5] > 59)
		return false;
	*ret_seconds = days_from_date((int64_t)part[0], part[1], part[2]) * 86400 + (int64_t)part[3] * 3600 +
		       (int64_t)part[4] * 60 + (int64_t)part[5];
	return true;
}

bool text_ends_with(const char *name, const char *suffix)
{
	size_t size = strlen(name), tail = strlen(suffix);

	return size > tail && strcmp(name + size - tail, suffix) == 0;
}

bool text_is_source(const char *name)
{
	return name[0] != '.' && (text_ends_with(name, ".yaml") || text_ends_with(name, ".yml"));
}

bool text_looks_like_yaml(const char *name)
{
	static const char *const ends[] = {".yaml", ".yml", ".yaml.txt", ".yml.txt"};
	size_t size = strlen(name), i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (size > strlen(ends[i]) && strcasecmp(name + size - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

size_t text_path_size(const char *path)
{
	size_t size = strlen(path);

	while (size > 1 && path[size - 1] == '/')
		size--;
	return size;
}

bool text_parse_number(const char *text, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; text[i] >= '0' && text[i] <= '9'; i++) {
		uint64_t digit = (uint64_t)(text[i] - '0');

		if (digit > max || value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	if (i == 0 || text[i] != '\0')
		return false;
	*ret = value;
	return true;
}

bool text_is_printable(uint32_t c)
{
	return c >= 0x20 && !(c >= 0x7F && c < 0xA0) && c != 0x61C && c != 0x200E && c != 0x200F &&
	       !(c >= 0x2028 && c <= 0x202E) && !(c >= 0x2066 && c <= 0x2069) && (c & 0xFFFE) != 0xFFFE;
}

void text_add_cut(struct buf *buf, const char *text, size_t size, size_t max)
{
	size_t at, length, count = 0;
	uint32_t c;

	for (at = 0; at < size; at += length) {
		if (count++ == max) {
			buf_puts(buf, "...");
			return;
		}
		length = utf8_decode(text + at, size - at, &c);
		if (length == 0 || !text_is_printable(c)) {
			buf_puts(buf, "?");
			length = length == 0 ? 1 : length;
		} else {
			buf_add(buf, text + at, length);
		}
	}
}

bool text_is_invisible(uint32_t c)
{
	return c == 0xAD || c == 0x180E || c == 0x200B || (c >= 0x2060 && c <= 0x2064) || c == 0xFEFF ||
	       (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE007F);
}

void text_add_visible(struct buf *buf, const char *text, size_t size)
{
	size_t at, length, from = 0;
	uint32_t c;

	for (at = 0; at < size; at += length) {
		length = utf8_decode(text + at, size - at, &c);
		if (length > 0 && (c == '\t' || (text_is_printable(c) && !text_is_invisible(c))))
			continue;
		buf_add(buf, text + from, at - from);
		if (length == 0)
			buf_printf(buf, "<%02X>", (unsigned char)text[at]);
		else if (c < 0x80)
			buf_printf(buf, "^%c", (int)(c ^ 0x40));
		else
			buf_printf(buf, "<U+%04X>", (unsigned)c);
		length = length == 0 ? 1 : length;
		from = at + length;
	}
	buf_add(buf, text + from, size - from);
}

void text_add_printable(struct buf *buf, const char *text, size_t size)
{
	text_add_cut(buf, text, size, SIZE_MAX);
}

/* How far a word goes: up to a space or a line break; one that begins with a bracket, as far as that. */
static size_t word_size(const char *word)
{
	bool is_bracketed = word[0] == '[';
	size_t size;
	int depth = 0;

	for (size = 0; word[size] != '\0' && word[size] != '\n' && (word[size] != ' ' || depth > 0); size++)
		if (is_bracketed)
			depth += (word[size] == '[') - (word[size] == ']');
	return size;
}

void text_add_wrapped(struct buf *buf, const char *text, size_t column, size_t indent, size_t width)
{
	size_t at = column, size, breaks;
	bool begun = false;

	while (*text != '\0') {
		for (breaks = 0; *text == '\n'; text++)
			breaks++;
		if (breaks > 0 && *text == ' ') { /* as it is */
			size = strcspn(text, "\n");
			buf_printf(buf, "%s%*s%.*s", breaks > 1 ? "\n\n" : "\n", (int)indent, "", (int)size, text);
			at = width; /* what follows begins a line of its own */
		} else if ((size = word_size(text)) == 0) {
			size = *text == ' ';
		} else {
			if (breaks > 1 || (begun && at + 1 + size > width)) {
				buf_printf(buf, "%s%*s", breaks > 1 ? "\n\n" : "\n", (int)indent, "");
				at = indent;
			} else if (begun) {
				buf_puts(buf, " ");
				at++;
			}
			buf_add(buf, text, size);
			at += size;
		}
		begun = true;
		text += size;
	}
}

void text_add_word(struct buf *buf, const char *word)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/+:,@%-";

	if (*word == '-')
		buf_puts(buf, "./");
	if (*word != '\0' && strspn(word, plain) == strlen(word)) {
		buf_puts(buf, word);
		return;
	}
	buf_puts(buf, "'");
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			buf_puts(buf, "'\\''");
		else
			buf_add(buf, word, 1);
	}
	buf_puts(buf, "'");
}
