/*
 * text_test.c: numbers, times, sizes and spelling, in the form that people read and back.
 * In: nothing.
 * Out: nothing while text.h does what it says.
 */
#include <float.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "../../compiler/text.h"
#include "test.h"

/* --- numbers --- */

/* [-]digits.digits[e[-]digits], which is a number of JSON and of YAML's core schema. Returns how many digits count. */
static size_t digits_of(const char *text)
{
	size_t digits = 0, zeros = 0, before = 0, after = 0;
	const char *at = text + (*text == '-');

	CHECK(!(at[0] == '0' && at[1] >= '0' && at[1] <= '9'));
	for (; (*at >= '0' && *at <= '9') || *at == '.'; at++) {
		if (*at == '.') {
			CHECK(after == 0 && before > 0);
			after = 1;
			continue;
		}
		before += after == 0;
		after += after > 0;
		if (*at != '0') {
			digits += zeros + 1;
			zeros = 0;
		} else if (digits > 0) {
			zeros++; /* counts where another digit follows */
		}
	}
	CHECK(before > 0 && after > 1);
	if (*at == 'e')
		at += 1 + (at[1] == '-');
	for (; *at >= '0' && *at <= '9'; at++)
		;
	CHECK(*at == '\0');
	return digits == 0 ? 1 : digits;
}

/* The fewest digits that read back as `value`: of each length, the nearest decimals below and above are tried. */
static int fewest_digits(double value)
{
	char text[64], digits[32];
	int length, exponent, i, k, step;

	for (length = 1; length < 17; length++) {
		snprintf(text, sizeof(text), "%.*e", length - 1, value);
		for (i = 0, k = 0; text[i] != 'e'; i++)
			if (text[i] >= '0' && text[i] <= '9')
				digits[k++] = text[i];
		digits[k] = '\0';
		exponent = atoi(text + i + 1) - (length - 1);
		for (step = -1; step <= 1; step++) {
			long long number = atoll(digits) + step;

			snprintf(text, sizeof(text), "%llde%d", number, exponent);
			if (strtod(text, NULL) == value)
				return length;
		}
	}
	return 17;
}

static void check_double(double value)
{
	char text[40];
	double back;

	memset(text, 'x', sizeof(text));
	CHECK(text_double(value, text) == text);
	CHECK(memchr(text, '\0', sizeof(text)) != NULL);
	back = strtod(text, NULL);
	if (memcmp(&back, &value, sizeof(back)) != 0) {
		fprintf(stderr, "%.17g became %s\n", value, text);
		exit(1);
	}
	if ((int)digits_of(text) > fewest_digits(fabs(value))) {
		fprintf(stderr, "%s has more digits than %.17g needs\n", text, value);
		exit(1);
	}
}

static void is_double(double value, const char *want)
{
	char text[40];

	if (strcmp(text_double(value, text), want) != 0) {
		fprintf(stderr, "%.17g became %s, not %s\n", value, text, want);
		exit(1);
	}
}

static void check_doubles(void)
{
	uint64_t seed = UINT64_C(0x9E3779B97F4A7C15), bits;
	double value;
	int i;

	is_double(2, "2.0");
	is_double(0.1, "0.1");
	is_double(1.0e-7, "1.0e-7");
	is_double(0.5, "0.5");
	is_double(4.5, "4.5");
	is_double(0.3, "0.3");
	is_double(0.1 + 0.2, "0.30000000000000004");
	is_double(1.0 / 3, "0.3333333333333333");
	is_double(100, "100.0");
	is_double(1234.5, "1234.5");
	is_double(0.00001, "0.00001");
	is_double(9007199254740993.0, "9007199254740992.0");
	is_double(0, "0.0");
	is_double(-0.0, "-0.0");
	is_double(-1.5, "-1.5");
	is_double(1e22, "1.0e22");
	is_double(1.5e300, "1.5e300");
	is_double(5e-324, "5.0e-324");
	is_double(DBL_MAX, "1.7976931348623157e308");
	is_double(DBL_MIN, "2.2250738585072014e-308");
	for (i = 1; i < 5000; i++)
		check_double(i / 1000.0);
	for (value = 1e-323; value < 1e308; value *= 10) {
		check_double(value);
		check_double(nextafter(value, 0));
		check_double(-nextafter(value, INFINITY));
	}
	for (i = -1074; i < 1024; i++) /* where the doubles below are twice as dense as those above */
		check_double(ldexp(1, i));
	for (i = 0; i < 8000; i++) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		bits = seed;
		memcpy(&value, &bits, sizeof(value));
		if (isfinite(value))
			check_double(value);
	}
}

/* --- times --- */

static void check_time(int64_t seconds)
{
	char text[24], want[64];
	time_t t = (time_t)seconds;
	struct tm tm;
	int64_t back = -1;

	CHECK(gmtime_r(&t, &tm) != NULL);
	snprintf(want, sizeof(want), "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
		 tm.tm_hour, tm.tm_min, tm.tm_sec);
	if (strcmp(text_time(seconds, text), want) != 0) {
		fprintf(stderr, "%lld became %s, not %s\n", (long long)seconds, text, want);
		exit(1);
	}
	CHECK(text_parse_time(text, strlen(text), &back) && back == seconds);
	text[10] = '\0';
	CHECK(text_parse_time(text, 10, &back) && back == seconds - ((seconds % 86400) + 86400) % 86400);
}

static bool parses(const char *text)
{
	int64_t seconds = 42;
	bool yes = text_parse_time(text, strlen(text), &seconds);

	CHECK(yes || seconds == 42);
	return yes;
}

static void check_times(void)
{
	static const int64_t first = INT64_C(-62167219200), last = INT64_C(253402300799);
	static const char *const wrong[] = {
		"",
		"2024",
		"2024-10",
		"2024-1-01",
		"2024-13-01",
		"2024-00-10",
		"2024-01-00",
		"2024-01-32",
		"2024-04-31",
		"2024-02-30",
		"2023-02-29",
		"1900-02-29",
		"2100-02-29",
		"2024-10-24T10:00:00",
		"2024-10-24 10:00:00Z",
		"2024-10-24t10:00:00Z",
		"2024-10-24T24:00:00Z",
		"2024-10-24T10:60:00Z",
		"2024-10-24T10:00:60Z",
		"2024-10-24T10:00:00z",
		"2024-10-24T10:00:00+00:00",
		"2024-10-24T1:00:00Z",
		"2024-10-24T10:00:00.0Z",
		" 2024-10-24",
		"2024-10-24 ",
		"2024/10/24",
		"+024-10-24",
		"-024-10-24",
		"2024-10-24T10:00:0-Z",
	};
	char text[24];
	int64_t at, seconds;
	size_t i;

	for (at = first; at <= last - 86400; at += 5 * 86400 + 12345)
		check_time(at);
	for (at = 1970 - 400; at < 1970 + 400; at++) { /* the days around each end of February and of the year */
		snprintf(text, sizeof(text), "%04d-02-28", (int)at);
		CHECK(text_parse_time(text, 10, &seconds));
		check_time(seconds + 86399);
		check_time(seconds + 86400);
		check_time(seconds + 2 * 86400);
		snprintf(text, sizeof(text), "%04d-12-31", (int)at);
		CHECK(text_parse_time(text, 10, &seconds));
		check_time(seconds + 86399);
		check_time(seconds + 86400);
	}
	check_time(0);
	check_time(-1);
	check_time(first);
	check_time(last);
	CHECK(strcmp(text_time(0, text), "1970-01-01T00:00:00Z") == 0);
	CHECK(strcmp(text_time(1729764000, text), "2024-10-24T10:00:00Z") == 0);
	CHECK(strcmp(text_time(INT64_MIN, text), "0000-01-01T00:00:00Z") == 0);
	CHECK(strcmp(text_time(INT64_MAX, text), "9999-12-31T23:59:59Z") == 0);
	CHECK(parses("2024-02-29") && parses("2000-02-29") && parses("2024-02-29T23:59:59Z") && parses("0000-01-01"));
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (parses(wrong[i])) {
			fprintf(stderr, "\"%s\" is no time, but was taken for one\n", wrong[i]);
			exit(1);
		}
	}
	CHECK(!text_parse_time("2024-10-24\0\0\0\0\0\0\0\0\0\0", 20, &seconds));
}

/* --- the rest --- */

static const char *meant(const char *word)
{
	static const char *const keys[] = {"layer_id", "title",	       "frequency", "keywords",
					   "content",  "content_file", "layers"};

	return text_did_you_mean(word, strlen(word), keys, sizeof(keys) / sizeof(keys[0]));
}

static bool means(const char *word, const char *want)
{
	return meant(word) != NULL && strcmp(meant(word), want) == 0;
}

static void check_spelling(void)
{
	char longer[200];

	CHECK(means("frequenzy", "frequency"));
	CHECK(means("freqeuncy", "frequency")); /* two neighbours swapped */
	CHECK(means("keyword", "keywords"));
	CHECK(means("keyswords", "keywords"));
	CHECK(means("layer-id", "layer_id"));
	CHECK(means("layerid", "layer_id"));
	CHECK(means("Title", "title"));
	CHECK(means("contents", "content"));
	CHECK(means("content_fil", "content_file"));
	CHECK(means("layer", "layers"));
	CHECK(meant("colour") == NULL);
	CHECK(meant("") == NULL);
	CHECK(meant("x") == NULL);
	memset(longer, 'a', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	CHECK(meant(longer) == NULL);
	CHECK(text_did_you_mean("title", 5, NULL, 0) == NULL);
	CHECK(text_distance("", 0, "", 0) == 0);
	CHECK(text_distance("abc", 3, "abc", 3) == 0);
	CHECK(text_distance("abc", 3, "", 0) == 3 && text_distance("", 0, "abc", 3) == 3);
	CHECK(text_distance("abc", 3, "acb", 3) == 1);
	CHECK(text_distance("kitten", 6, "sitting", 7) == 3);
	CHECK(text_distance("ca", 2, "abc", 3) == 3); /* optimal string alignment, not Damerau's distance, which is 2 */
}

static bool sized(uint64_t bytes, const char *want)
{
	char text[16];

	text_size(bytes, text);
	if (strcmp(text, want) == 0)
		return true;
	fprintf(stderr, "%llu became %s\n", (unsigned long long)bytes, text);
	return false;
}

static void check_sizes(void)
{
	char text[48];

	CHECK(sized(0, "0 B") && sized(640, "640 B") && sized(1023, "1023 B") && sized(1024, "1.0 KiB"));
	CHECK(sized(4096, "4.0 KiB") && sized(10485760, "10.0 MiB") && sized(1048575, "1.0 MiB"));
	CHECK(sized(1048523, "1023.9 KiB") && sized(UINT64_C(1) << 30, "1.0 GiB") && sized(UINT64_MAX, "16.0 EiB"));
	CHECK(strcmp(text_count(0, "layer", text), "0 layers") == 0);
	CHECK(strcmp(text_count(1, "layer", text), "1 layer") == 0);
	CHECK(strcmp(text_count(UINT64_MAX, "layer", text), "18446744073709551615 layers") == 0);
}

static void check_parse_number(void)
{
	static const char *const wrong[] = {
		"", "-1", "+1", " 1", "1 ", "1.0", "0x1", "1e3", "18446744073709551616", "99999999999999999999999"};
	uint64_t number = 42;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK(!text_parse_number(wrong[i], UINT64_MAX, &number) && number == 42);
	CHECK(text_parse_number("18446744073709551615", UINT64_MAX, &number) && number == UINT64_MAX);
	CHECK(text_parse_number("0", 0, &number) && number == 0);
	CHECK(text_parse_number("00017", 17, &number) && number == 17);
	CHECK(!text_parse_number("18", 17, &number) && !text_parse_number("1", 0, &number));
	CHECK(!text_parse_number("4294967296", UINT32_MAX, &number));
	CHECK(text_parse_number("4294967295", UINT32_MAX, &number) && number == UINT32_MAX);
}

static void check_printable(const char *text, size_t size, const char *want)
{
	struct buf buf = {0};

	text_add_printable(&buf, text, size);
	CHECK(strcmp(buf.bytes != NULL ? buf.bytes : "", want) == 0);
	buf_free(&buf);
}

static void check_visible(const char *text, size_t size, const char *want)
{
	struct buf buf = {0};

	text_add_visible(&buf, text, size);
	CHECK(strcmp(buf.bytes != NULL ? buf.bytes : "", want) == 0);
	buf_free(&buf);
}

int main(void)
{
	check_doubles();
	check_times();
	check_spelling();
	check_sizes();
	check_parse_number();
	check_printable("", 0, "");
	check_printable("plain \xC3\xA9", 8, "plain \xC3\xA9");
	check_printable("\033[31mred\n\t\x7F", 11, "?[31mred???");
	check_printable("a\0b", 3, "a?b");
	check_printable("\xC2\x9B"
			"1m",
			4, "?1m");		 /* CSI as one character */
	check_printable("\xE2\x80\xA8", 3, "?"); /* LINE SEPARATOR */
	check_printable("a\xFF\xC3", 3, "a??");
	check_visible("", 0, "");
	check_visible("plain\t\xC3\xA9", 8, "plain\t\xC3\xA9");
	check_visible("\033[31mred\n\r\x7F", 11, "^[[31mred^J^M^?");
	check_visible("a\0b", 3, "a^@b");
	check_visible("\xC2\x9B"
		      "1m",
		      4, "<U+009B>1m");
	check_visible("\xE2\x80\xAE.", 4, "<U+202E>.");
	check_visible("\xEF\xBB\xBF\xF3\xA0\x81\x81", 7, "<U+FEFF><U+E0041>");
	check_visible("\xE2\x80\x8D\xEF\xB8\x8F", 6, "\xE2\x80\x8D\xEF\xB8\x8F"); /* they join emoji */
	check_visible("a\xFF\xC3", 3, "a<FF><C3>");
	return 0;
}
