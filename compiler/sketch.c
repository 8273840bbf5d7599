/*
 * sketch.c: what is kept of a layer's texts to tell later which of them are likely a slip.
 * In: a title and a content.
 * Out: a hundred bytes that stand for both: what texts have in common is estimated by them.
 *
 * The hash of each run of five words falls into one of 256 bins, which keeps its smallest (P. Li, A. Owen, C.-H. Zhang,
 * 2012), and of that two bits in the end (P. Li, C. König, 2010). A run that both texts have is mostly the smallest in
 * both, so equal bins tell what they share. Of each quarter of the bins the smallest hash is a mark.
 *
 * All bytes of all contents go through here: 64 at a time become bits, one where a word goes on, and a word is hashed
 * eight bytes at a time.
 */
#include "sketch.h"

#include <endian.h>
#include <string.h>

#include "utf8.h"

enum {
	RUN = 5,    /* words hashed together */
	RING = 8,   /* words remembered: a power of two above RUN */
	ROLL = 9,   /* bits that a word's hash turns with each word behind it */
	BLOCK = 64, /* bytes looked at at once */
	EIGHT = 8,
	SIMILAR = 80, /* percent of the runs that nearly equal texts share */
	MARGIN = 6,   /* and how far a sample of all bins may fall short of that */
};

/* Odd numbers without a pattern: 2^64 over the golden ratio, and two of xxHash's. */
#define GOLDEN UINT64_C(0x9E3779B97F4A7C15)
#define FIRST UINT64_C(0xC2B2AE3D27D4EB4F)
#define SECOND UINT64_C(0x165667B19E3779F9)

/* A byte in each of eight. */
#define ALL(byte) (UINT64_C(0x0101010101010101) * (byte))

struct reading {
	struct text text;
	uint64_t words, run, count;
	uint64_t ring[RING];
	uint64_t bins[SKETCH_BINS]; /* the smallest hash of each; UINT64_MAX: none */
	size_t decoded;		    /* up to here characters that are not ASCII were looked at */
	uint64_t over;		    /* what of the last of them is in the next block, and parts words */
};

static uint64_t turn(uint64_t value, unsigned bits)
{
	return value << bits | value >> (64 - bits);
}

/* --- words --- */

/* Up to eight bytes, 0 behind the end of the text. */
static uint64_t load(const char *bytes, size_t size)
{
	uint64_t eight = 0;

	memcpy(&eight, bytes, size < EIGHT ? size : EIGHT);
	return le64toh(eight);
}

/* Letters of ASCII in lower case, digits and all that is not ASCII as they are. */
static uint64_t fold(uint64_t eight)
{
	return eight | (~eight & ALL(0x80)) >> 2;
}

static uint64_t mix(uint64_t hash)
{
	hash *= GOLDEN;
	return hash ^ hash >> 32;
}

static uint64_t hash_word(const struct reading *r, size_t start, size_t end)
{
	uint64_t hash = 0;

	for (; end - start > EIGHT; start += EIGHT)
		hash = mix(hash ^ fold(load(r->text.bytes + start, EIGHT)));
	if (start + EIGHT <= r->text.size) /* one load, of which too much is cut off */
		return mix(hash ^ (fold(load(r->text.bytes + start, EIGHT)) & UINT64_MAX >> (64 - 8 * (end - start))));
	return mix(hash ^ (fold(load(r->text.bytes + start, end - start)) & UINT64_MAX >> (64 - 8 * (end - start))));
}

/* A run's hash rolls on from word to word: each turns once more with every word, and leaves where it has turned RUN
 * times. */
static void take_word(struct reading *r, uint64_t word)
{
	uint64_t hash, *bin;

	r->words = (turn(r->words, 23) ^ word) * FIRST;
	r->run = turn(r->run, ROLL) ^ word ^ turn(r->ring[(r->count - RUN) % RING], RUN * ROLL);
	r->ring[r->count % RING] = word;
	if (++r->count < RUN)
		return;
	hash = r->run * SECOND;
	hash ^= hash >> 29;
	bin = &r->bins[hash >> 56];
	*bin = hash < *bin ? hash : *bin;
}

/* --- which bytes are of words --- */

/* The highest bits of eight bytes, side by side. */
static uint64_t gather(uint64_t eight)
{
	return (eight >> 7 & ALL(0x01)) * UINT64_C(0x0102040810204080) >> 56;
}

/* The highest bit of each byte that is a letter or digit of ASCII: no sum of two parts carries into the next byte. */
static uint64_t letters_of(uint64_t eight)
{
	uint64_t low = eight & ALL(0x7F), small = low | ALL(0x20);
	uint64_t letters = (small + ALL(0x80 - 'a')) & ~(small + ALL(0x80 - 'z' - 1));
	uint64_t digits = (low + ALL(0x80 - '0')) & ~(low + ALL(0x80 - '9' - 1));

	return (letters | digits) & ~eight;
}

/* Whether a letter, digit or mark of any script stands there, and how many bytes it has. */
static bool is_word(const char *bytes, size_t size, size_t *ret_length)
{
	unsigned char lead = (unsigned char)bytes[0], next = size > 1 ? (unsigned char)bytes[1] : 0;
	uint32_t c;

	/* U+00C0 to U+02BF, Latin: all but the signs of multiplication and division. */
	if (lead >= 0xC3 && lead <= 0xCA && (next & 0xC0) == 0x80) {
		*ret_length = 2;
		return lead != 0xC3 || (next != 0x97 && next != 0xB7);
	}
	*ret_length = utf8_decode(bytes, size, &c);
	if (*ret_length > 0)
		return unicode_is_word(c);
	*ret_length = 1;
	return false;
}

/* A bit for each byte of the block at `at` that is of a character beyond ASCII, `beyond`, and parts words. */
static uint64_t find_separators(struct reading *r, size_t at, uint64_t beyond)
{
	uint64_t found = r->over;

	r->over = 0;
	if (r->decoded > at)
		beyond &= UINT64_MAX << (r->decoded - at);
	while (beyond != 0) {
		unsigned bit = (unsigned)__builtin_ctzll(beyond);
		uint64_t bytes;
		size_t length;
		bool parts = !is_word(r->text.bytes + at + bit, r->text.size - at - bit, &length);

		bytes = (UINT64_C(1) << length) - 1;
		if (parts)
			found |= bytes << bit;
		if (parts && bit + length > BLOCK)
			r->over = bytes >> (BLOCK - bit);
		beyond &= ~(bytes << bit);
		r->decoded = at + bit + length;
	}
	return found;
}

/* A bit for each byte of the block at `at` that is of a word. */
static uint64_t find_words(struct reading *r, size_t at)
{
	char padded[BLOCK] = {0};
	const char *block = r->text.bytes + at;
	uint64_t words = 0, beyond = 0, eight;
	unsigned i;

	if (r->text.size - at < BLOCK)
		block = memcpy(padded, block, r->text.size - at);
	for (i = 0; i < BLOCK / EIGHT; i++) {
		eight = load(block + (size_t)i * EIGHT, EIGHT);
		words |= gather(letters_of(eight)) << i * EIGHT;
		beyond |= eight & ALL(0x80);
	}
	if (beyond == 0)
		return words;
	for (beyond = 0, i = 0; i < BLOCK / EIGHT; i++)
		beyond |= gather(load(block + (size_t)i * EIGHT, EIGHT)) << i * EIGHT;
	return words | (beyond & ~find_separators(r, at, beyond));
}

static unsigned take_lowest(uint64_t *bits)
{
	unsigned bit = (unsigned)__builtin_ctzll(*bits | UINT64_C(1) << 63);

	*bits &= *bits - 1;
	return bit;
}

/* All words; `start` is where the one begins that the last block has left open. */
static void read_words(struct reading *r)
{
	uint64_t words, before, starts, ends, is_open = 0;
	size_t at, start = 0;

	for (at = 0; at < r->text.size; at += BLOCK) {
		words = find_words(r, at);
		before = words << 1 | is_open;
		starts = words & ~before;
		ends = before & ~words;
		if (is_open == 0)
			start = at + take_lowest(&starts);
		while (ends != 0) {
			take_word(r, hash_word(r, start, at + take_lowest(&ends)));
			start = at + take_lowest(&starts);
		}
		is_open = words >> 63;
	}
	if (is_open != 0)
		take_word(r, hash_word(r, start, r->text.size));
}

/* --- the sketch --- */

/* 1, 2 or 3, by the lower half of a hash: the upper bits of the smallest are small. */
static uint64_t two_bits(uint64_t hash)
{
	return 1 + ((hash & UINT32_MAX) * 3 >> 32);
}

static void keep_runs(const struct reading *r, struct sketch *ret)
{
	enum { OF_A_MARK = SKETCH_BINS / SKETCH_MARKS };
	size_t mark, i, at = 0;

	for (mark = 0; mark < SKETCH_MARKS; mark++) {
		uint64_t smallest = UINT64_MAX;

		for (i = 0; i < OF_A_MARK; i++, at++) {
			if (r->bins[at] == UINT64_MAX)
				continue;
			/* All of a bin begin with the same eight bits. */
			if (r->bins[at] << 8 < smallest)
				smallest = r->bins[at] << 8;
			ret->bins[at / SKETCH_BINS_IN_ONE] |= two_bits(r->bins[at]) << 2 * (at % SKETCH_BINS_IN_ONE);
		}
		if (smallest != UINT64_MAX)
			ret->marks[mark] = (uint32_t)(smallest >> 8) | 1;
	}
}

static void take_words(struct text content, struct sketch *ret)
{
	struct reading r = {.text = content};

	memset(r.bins, 0xFF, sizeof(r.bins));
	read_words(&r);
	ret->words = r.words;
	ret->word_count = r.count < UINT32_MAX ? (uint32_t)r.count : UINT32_MAX;
	if (r.count < SKETCH_MIN_WORDS)
		ret->is_utf8 = utf8_is_valid(content.bytes, content.size);
	if (r.count + 1 >= SKETCH_MIN_RUNS + RUN)
		keep_runs(&r, ret);
}

unsigned sketch_wanted(const struct diag *diag)
{
	unsigned wants = 0;

	if (diag_wants(diag, CHECK_TEXT_SHORT) || diag_wants(diag, CHECK_LAYER_DUPLICATE) ||
	    diag_wants(diag, CHECK_LAYER_SIMILAR))
		wants |= SKETCH_WORDS;
	if (diag_wants(diag, CHECK_NORMALIZATION))
		wants |= SKETCH_FORMS;
	return wants;
}

void sketch_take(struct text title, struct text content, unsigned wants, struct sketch *ret)
{
	memset(ret, 0, sizeof(*ret));
	if ((wants & SKETCH_WORDS) != 0)
		take_words(content, ret);
	if ((wants & SKETCH_FORMS) != 0) {
		unicode_find_forms(title, &ret->forms);
		unicode_find_forms(content, &ret->forms);
	}
}

/* --- two of them --- */

bool sketch_is_same(const struct sketch *a, const struct sketch *b)
{
	return a->words == b->words && a->word_count == b->word_count && a->word_count >= SKETCH_MIN_WORDS;
}

/* One bit for each bin that holds something. */
static uint64_t filled(uint64_t bins)
{
	return (bins | bins >> 1) & ALL(0x55);
}

/* Of the bins in which both have a run that differs, a third are equal by chance: for each two that are seen there is
 * one. */
bool sketch_is_similar(const struct sketch *a, const struct sketch *b)
{
	int all = 0, equal = 0, different = 0;
	size_t i;

	for (i = 0; i < SKETCH_BINS / SKETCH_BINS_IN_ONE; i++) {
		uint64_t in_a = filled(a->bins[i]), in_b = filled(b->bins[i]), unlike = filled(a->bins[i] ^ b->bins[i]);

		all += __builtin_popcountll(in_a | in_b);
		equal += __builtin_popcountll(in_a & in_b & ~unlike);
		different += __builtin_popcountll(in_a & in_b & unlike);
	}
	return all > 0 &&
	       (2 * equal - different) * 100 >= 2 * all * (SIMILAR - (all < 64 ? MARGIN * all / 64 : MARGIN));
}
