/*
 * sketch_test.c: what a sketch tells of two texts: that they are the same, nearly the same, or neither.
 * In: nothing.
 * Out: nothing while words are those of sketch.h, and pairs of texts are judged by the runs that they share.
 */
#include <string.h>

#include "../../compiler/buf.h"
#include "../../compiler/sketch.h"
#include "../../compiler/utf8.h"
#include "random.h"
#include "test.h"

enum { VOCABULARY = 3000, LETTERS = 12 };

static char vocabulary[VOCABULARY][2 * LETTERS + 1];

static void make_vocabulary(void)
{
	size_t i, k, length;

	for (i = 0; i < VOCABULARY; i++) {
		length = 1 + random_below(LETTERS);
		for (k = 0; k < length; k++) {
			bool is_beyond = random_below(20) == 0;

			strcat(vocabulary[i], is_beyond ? "\u00E9" : (char[]){(char)('a' + random_below(26)), '\0'});
		}
	}
}

static struct sketch sketch_of(const char *text, size_t size)
{
	struct text nothing = {"", 0}, content = {text, size};
	struct sketch ret;

	sketch_take(nothing, content, SKETCH_WORDS, &ret);
	return ret;
}

static struct sketch sketch_of_string(const char *text)
{
	return sketch_of(text, strlen(text));
}

/* --- words --- */

/* Written from sketch.h, and not from sketch.c: one byte for each byte of a word, a space between two. */
static void add_words(struct buf *ret, const char *text, size_t size)
{
	bool is_apart = false;
	size_t i, length;
	uint32_t c;

	for (i = 0; i < size; i += length) {
		length = utf8_decode(text + i, size - i, &c);
		if (length == 0 || !unicode_is_word(c)) {
			is_apart = true;
			length = length == 0 ? 1 : length;
			continue;
		}
		if (is_apart && ret->size > 0)
			buf_add(ret, " ", 1);
		is_apart = false;
		if (length == 1 && c >= 'A' && c <= 'Z')
			buf_add(ret, (char[]){(char)(c - 'A' + 'a')}, 1);
		else
			buf_add(ret, text + i, length);
	}
}

/* Any bytes have the hash of their words, as plain as can be; and another one than they have with one byte changed. */
static void check_words(void)
{
	static const char *const pieces[] = {
		"a",	  "Bc",		"word",	  "seventeen", "Z",	    "0",      "9",	" ",
		"\n",	  "-",		"_",	  "@",	       "[",	    "`",      "{",	"/",
		":",	  "\u00E9",	"\u2014", "\u2019",    "\u0416",    "\u047F", "\u0482", "\u6C34",
		"\u3002", "\U0001F600", "\u0301", "\u00AA",    "\u00BB",    "\u0300", "\u02BF", "\u02C2",
		"\u00C0", "\U00010400", "\u00B0", "  ",	       "elongated", "x",      "\u4E00", "\u060C"};
	struct buf text = {0}, words = {0};
	struct sketch a, b;
	unsigned round;

	for (round = 0; round < 20000; round++) {
		size_t count = 1 + random_below(60), at;
		char *exact;

		text.size = words.size = 0;
		while (count-- > 0)
			buf_puts(&text, pieces[random_below(sizeof(pieces) / sizeof(pieces[0]))]);
		add_words(&words, text.bytes, text.size);
		exact = malloc(text.size); /* so that a sanitizer sees what is read behind it */
		memcpy(exact, text.bytes, text.size);
		a = sketch_of(exact, text.size);
		free(exact);
		b = sketch_of(words.bytes, words.size);
		CHECK(a.words == b.words && a.word_count == b.word_count);
		CHECK(memcmp(a.bins, b.bins, sizeof(a.bins)) == 0 && memcmp(a.marks, b.marks, sizeof(a.marks)) == 0);
		if (words.size == 0)
			continue;
		at = random_below(words.size);
		words.bytes[at] = words.bytes[at] == 'q' ? 'r' : 'q';
		b = sketch_of(words.bytes, words.size);
		CHECK(a.words != b.words);
	}
	buf_free(&text);
	buf_free(&words);
}

static void check_by_hand(void)
{
	struct sketch a = sketch_of_string("One two, three"), b = sketch_of_string(" one\ntwo -- THREE."), c;

	CHECK(a.word_count == 3 && sketch_is_same(&a, &b));
	c = sketch_of_string("one twothree");
	CHECK(c.word_count == 2 && c.is_utf8 && !sketch_is_same(&a, &c));
	c = sketch_of_string("one three two");
	CHECK(!sketch_is_same(&a, &c));
	a = b = sketch_of_string("one two");
	CHECK(!sketch_is_same(&a, &b)); /* too few words to mean something */
	a = b = sketch_of_string("1 2 3 4 5 6 7 8 9 10 11");
	CHECK(!sketch_is_similar(&a, &b)); /* seven runs, and eight */
	a = b = sketch_of_string("1 2 3 4 5 6 7 8 9 10 11 12");
	CHECK(sketch_is_similar(&a, &b));
	c = sketch_of_string("\xFF");
	CHECK(!c.is_utf8);
}

/* --- pairs --- */

/* Words of a text, by their numbers; two texts share runs because one was made of the other. */
struct prose {
	size_t words[4000], count;
};

static void write_prose(struct prose *p, size_t count)
{
	for (p->count = 0; p->count < count; p->count++)
		p->words[p->count] = random_below(VOCABULARY);
}

/* Changes `edits` words, in any places. */
static void edit(struct prose *p, size_t edits)
{
	while (edits-- > 0) {
		size_t at = random_below(p->count); /* before the other one, whoever compiles it */

		p->words[at] = random_below(VOCABULARY);
	}
}

static struct sketch sketch_prose(const struct prose *p)
{
	struct buf text = {0};
	struct sketch ret;
	size_t i;

	for (i = 0; i < p->count; i++)
		buf_printf(&text, "%s%s", vocabulary[p->words[i]], i % 9 == 8 ? ",\n" : " ");
	ret = sketch_of(text.bytes, text.size);
	buf_free(&text);
	return ret;
}

/* What is shared of all runs, in percent; runs of texts as these are all different, and shared ones keep their places.
 */
static double shared(const struct prose *a, const struct prose *b)
{
	size_t runs = a->count - 4, both = 0, i;

	for (i = 0; i < runs; i++)
		both += memcmp(&a->words[i], &b->words[i], 5 * sizeof(a->words[0])) == 0;
	return 100.0 * (double)both / (double)(2 * runs - both);
}

static bool have_mark_in_common(const struct sketch *a, const struct sketch *b)
{
	size_t i;

	for (i = 0; i < SKETCH_MARKS; i++)
		if (a->marks[i] != 0 && a->marks[i] == b->marks[i])
			return true;
	return false;
}

struct score {
	unsigned near, near_found, border, border_found, far, far_found;
};

static void judge_pair(size_t words, size_t edits, struct score *score)
{
	static struct prose a, b;
	struct sketch x, y;
	double percent;
	bool is_found;

	write_prose(&a, words);
	b = a;
	edit(&b, edits);
	x = sketch_prose(&a);
	y = sketch_prose(&b);
	percent = shared(&a, &b);
	is_found = sketch_is_similar(&x, &y) && have_mark_in_common(&x, &y);
	CHECK(sketch_is_similar(&x, &y) == sketch_is_similar(&y, &x));
	if (percent >= 80) {
		score->near++;
		score->near_found += is_found;
		score->border += percent < 82;
		score->border_found += percent < 82 && is_found;
	} else if (percent < 60) {
		score->far++;
		score->far_found += is_found;
	}
}

/* Texts of 20 to 4000 words of which up to a fifth of the runs is changed, and such of which more is. */
static void check_pairs(void)
{
	static const size_t sizes[] = {20, 60, 150, 700, 4000};
	size_t i;
	unsigned round;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct score score = {0};

		for (round = 0; round < 600; round++)
			judge_pair(sizes[i], random_below(sizes[i] / 10 + 2), &score);
		if (getenv("SKETCH_TEST_SHOW") != NULL)
			printf("%zu words: found %u of %u that share 80 to 100 %%, %u of %u that share 80 to 82 %%, "
			       "%u of %u that share less than 60 %%\n",
			       sizes[i], score.near_found, score.near, score.border_found, score.border,
			       score.far_found, score.far);
		CHECK(score.near > 50 && score.far > 50);
		CHECK(score.near_found >= score.near - score.near / 100);
		CHECK(score.border_found >= score.border - score.border / 10);
		CHECK(score.far_found == 0);
	}
}

/* Unrelated texts. */
static void check_strangers(void)
{
	static struct prose p;
	struct sketch sketches[60];
	size_t count = sizeof(sketches) / sizeof(sketches[0]), i, k;

	for (i = 0; i < count; i++) {
		write_prose(&p, 20 + 50 * i);
		sketches[i] = sketch_prose(&p);
		for (k = 0; k < i; k++)
			CHECK(!sketch_is_similar(&sketches[i], &sketches[k]) &&
			      !have_mark_in_common(&sketches[i], &sketches[k]) &&
			      !sketch_is_same(&sketches[i], &sketches[k]));
	}
}

int main(void)
{
	random_state = 1;
	CHECK(sizeof(struct sketch) <= 96);
	make_vocabulary();
	check_by_hand();
	check_words();
	check_pairs();
	check_strangers();
	return 0;
}
