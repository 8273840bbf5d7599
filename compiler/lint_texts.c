/*
 * lint_texts.c: texts that are likely a slip: short, the same in two layers or nearly so, in two Unicode forms.
 * In: the contents of all layers.
 * Out: warnings, each with the other place.
 *
 * Nearly the same: of all runs of five words of a text the hashes are taken, and of those the 64 smallest kept
 * (bottom-k sketch, A. Broder, 1997). What two sketches share tells what the texts share; only texts whose smallest
 * hashes meet are compared. Case, white space and punctuation do not count.
 */
#include <stdlib.h>
#include <string.h>

#include "lint.h"
#include "parallel.h"
#include "unicode.h"
#include "utf8.h"

enum {
	RUN = 5,	   /* words hashed together */
	SKETCH = 32,	   /* hashes kept of a text */
	MIN_RUNS = 8,	   /* a text of fewer has too little to be told by */
	SIMILAR = 80,	   /* percent of the runs that nearly equal texts share */
	MAX_COMPARED = 16, /* texts that share one hash, which are compared with each other */
	SHORT_WORDS = 3,
};

struct sketch {
	const struct layer *layer;
	uint64_t words; /* hash of all of them */
	size_t word_count, run_count;
	uint64_t hashes[SKETCH]; /* of runs, the smallest, ascending, each once */
	size_t hash_count;
	struct unicode_forms forms;
	bool is_reported;
};

struct work {
	struct sketch *sketches;
	bool wants_sketches, wants_forms;
	unsigned char letters[0x80]; /* of ASCII: letters in lower case, and digits; 0 for what parts words */
};

/* Of FNV-1a. */
#define PRIME UINT64_C(0x100000001b3)

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
	return hash ^ (hash >> 29);
}

static void keep_hash(struct sketch *s, uint64_t hash)
{
	size_t at = s->hash_count;

	if (at == SKETCH && hash >= s->hashes[SKETCH - 1])
		return;
	while (at > 0 && s->hashes[at - 1] >= hash)
		at--;
	if (at < s->hash_count && s->hashes[at] == hash)
		return;
	if (s->hash_count < SKETCH)
		s->hash_count++;
	memmove(&s->hashes[at + 1], &s->hashes[at], (s->hash_count - 1 - at) * sizeof(*s->hashes));
	s->hashes[at] = hash;
}

static void fill_letters(unsigned char letters[0x80])
{
	unsigned char c;

	for (c = 0; c < 0x80; c++) {
		bool is_small = c >= 'a' && c <= 'z', is_large = c >= 'A' && c <= 'Z', is_digit = c >= '0' && c <= '9';

		letters[c] = is_large ? c - 'A' + 'a' : is_small || is_digit ? c : 0;
	}
}

/* A letter or digit that is not ASCII; 0 for what parts words. */
static uint32_t decode_letter(struct text text, size_t at, size_t *ret_length)
{
	uint32_t c;

	*ret_length = utf8_decode(text.bytes + at, text.size - at, &c);
	if (*ret_length > 0)
		return unicode_is_word(c) ? c : 0;
	*ret_length = 1;
	return 0;
}

/* The next word's hash, in which case does not count for ASCII; 0 at the end. */
static uint64_t next_word(const unsigned char letters[0x80], struct text text, size_t *at)
{
	uint64_t hash = 0;
	size_t i, length;

	for (i = *at; i < text.size; i += length) {
		unsigned char byte = (unsigned char)text.bytes[i];
		uint32_t letter;

		length = 1;
		letter = byte < 0x80 ? letters[byte] : decode_letter(text, i, &length);
		if (letter != 0)
			hash = (hash ^ letter) * PRIME;
		else if (hash != 0)
			break;
	}
	*at = i;
	return hash;
}

/* A run's hash rolls on from word to word (M. Rabin, R. Karp, 1987); it is mixed, since the smallest are kept. */
static void sketch_text(const unsigned char letters[0x80], struct sketch *s)
{
	uint64_t last[RUN] = {0}, word, run = 0, power = 1;
	size_t at = 0, i;

	for (i = 0; i < RUN; i++)
		power *= PRIME;
	while ((word = next_word(letters, s->layer->content, &at)) != 0) {
		i = s->word_count++ % RUN;
		s->words = mix(s->words, word);
		run = run * PRIME + word - last[i] * power;
		last[i] = word;
		if (s->word_count < RUN)
			continue;
		s->run_count++;
		keep_hash(s, mix(0, run));
	}
}

static void look_at(void *context, size_t item)
{
	struct work *work = context;
	struct sketch *s = &work->sketches[item];

	if (work->wants_sketches)
		sketch_text(work->letters, s);
	if (work->wants_forms) {
		unicode_find_forms(s->layer->title, &s->forms);
		unicode_find_forms(s->layer->content, &s->forms);
	}
}

/* --- one text --- */

static void check_one(const struct sketch *s, bool has_words, struct diag *diag)
{
	struct diag_extra extra = {.help = "write what the layer is to say, or turn the warning off: -Wno-text-short"};

	if (has_words && s->word_count < SHORT_WORDS && utf8_is_valid(s->layer->content.bytes, s->layer->content.size))
		diag_report(diag, CHECK_TEXT_SHORT, s->layer->content_at, &extra, "the content has %s",
			    s->word_count == 0	 ? "no words"
			    : s->word_count == 1 ? "one word"
						 : "two words");
	extra.help = "bring the file to one form, NFC: uconv -x any-nfc, or type the letters anew";
	if (s->forms.composed && s->forms.decomposed)
		diag_report(diag, CHECK_NORMALIZATION, s->layer->content_at, &extra,
			    "the text has accents in two forms, as part of their letters and behind them");
}

/* --- two texts --- */

static bool is_same(const struct sketch *a, const struct sketch *b)
{
	return a->words == b->words && a->word_count == b->word_count && a->word_count >= SHORT_WORDS;
}

/* The percentage of runs that two texts share, as far as their sketches tell. */
static unsigned similarity(const struct sketch *a, const struct sketch *b)
{
	size_t i = 0, k = 0, all = 0, both = 0;

	for (; all < SKETCH && (i < a->hash_count || k < b->hash_count); all++) {
		if (k == b->hash_count || (i < a->hash_count && a->hashes[i] < b->hashes[k])) {
			i++;
		} else if (i == a->hash_count || b->hashes[k] < a->hashes[i]) {
			k++;
		} else {
			both++;
			i++;
			k++;
		}
	}
	return all == 0 ? 0 : (unsigned)(both * 100 / all);
}

/* `b` comes later in the sources. */
static void compare(const struct sketch *a, struct sketch *b, struct diag *diag)
{
	struct diag_extra extra = {.related = &a->layer->content_at, .related_text = "the other one is here"};

	if (b->is_reported)
		return;
	if (is_same(a, b)) {
		extra.help = "keep one of the two, or say what is different about them";
		diag_report(diag, CHECK_LAYER_DUPLICATE, b->layer->content_at, &extra,
			    "another layer has the same text");
		b->is_reported = true;
		return;
	}
	if (a->run_count < MIN_RUNS || b->run_count < MIN_RUNS)
		return;
	if (similarity(a, b) < SIMILAR)
		return;
	extra.help = "keep one of the two, or say what is different about them";
	diag_report(diag, CHECK_LAYER_SIMILAR, b->layer->content_at, &extra, "another layer has nearly the same text");
	b->is_reported = true;
}

/* A hash of a text's: its words, or one of its sketch. */
struct mark {
	uint64_t hash;
	size_t sketch;
};

static int by_hash(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->sketch > y->sketch) - (x->sketch < y->sketch);
}

/* Texts that share four fifths of their runs share one of their eight smallest hashes, nearly always. */
static void check_pairs(struct sketch *sketches, size_t count, struct diag *diag)
{
	enum { MARKS = 9 };
	struct mark *marks = mem_zalloc(count * MARKS, sizeof(*marks));
	size_t mark_count = 0, first = 0, i, k;

	for (i = 0; i < count; i++) {
		marks[mark_count++] = (struct mark){sketches[i].words, i};
		for (k = 0; k < sketches[i].hash_count && k < MARKS - 1; k++)
			marks[mark_count++] = (struct mark){sketches[i].hashes[k], i};
	}
	if (mark_count > 0)
		qsort(marks, mark_count, sizeof(*marks), by_hash);
	for (i = 0; i < mark_count; i++) {
		if (marks[i].hash != marks[first].hash)
			first = i;
		for (k = first; k < i && k < first + MAX_COMPARED; k++)
			if (marks[k].sketch != marks[i].sketch)
				compare(&sketches[marks[k].sketch], &sketches[marks[i].sketch], diag);
	}
	free(marks);
}

void lint_texts(const struct model *model, unsigned jobs, struct diag *diag)
{
	struct work work = {0};
	size_t count = 0, i, k;

	work.wants_sketches = diag_wants(diag, CHECK_TEXT_SHORT) || diag_wants(diag, CHECK_LAYER_DUPLICATE) ||
			      diag_wants(diag, CHECK_LAYER_SIMILAR);
	work.wants_forms = diag_wants(diag, CHECK_NORMALIZATION);
	if (!work.wants_sketches && !work.wants_forms)
		return;
	for (i = 0; i < model->count; i++)
		count += model->dimensions[i].layer_count;
	work.sketches = mem_zalloc(count, sizeof(*work.sketches));
	count = 0;
	for (i = 0; i < model->count; i++)
		for (k = 0; k < model->dimensions[i].layer_count; k++)
			work.sketches[count++].layer = &model->dimensions[i].layers[k];
	fill_letters(work.letters);
	parallel_for(count, jobs, look_at, &work);
	for (i = 0; i < count; i++)
		check_one(&work.sketches[i], work.wants_sketches, diag);
	if (work.wants_sketches)
		check_pairs(work.sketches, count, diag);
	free(work.sketches);
}
