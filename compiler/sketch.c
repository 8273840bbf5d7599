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
	VECTOR = 16,
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

/* What is left of UINT64_MAX without the bits that tell the bin. */
#define NONE (UINT64_MAX << 8)

/* What is known of the words so far. */
struct found {
	uint64_t words, run, count;
};

struct reading {
	struct text text;
	uint64_t ring[RING];
	uint64_t over;		    /* bytes of the next block that are of a character of this one, and part words */
	uint64_t bins[SKETCH_BINS]; /* the smallest hash of each; UINT64_MAX: none */
};

static uint64_t turn(uint64_t value, unsigned bits)
{
	return value << bits | value >> (64 - bits);
}

/* --- words --- */

/* Eight bytes. */
static uint64_t load(const char *bytes)
{
	uint64_t eight;

	memcpy(&eight, bytes, EIGHT);
	return le64toh(eight);
}

static uint64_t mix(uint64_t hash)
{
	hash *= GOLDEN;
	return hash ^ hash >> 32;
}

/* Letters of ASCII in lower case, digits and all that is not ASCII as they are. */
static uint64_t fold(uint64_t eight)
{
	return eight | (~eight & ALL(0x80)) >> 2;
}

/* Of up to 16 bytes the first eight and, of more than eight, the last eight, without a branch. Eight bytes can be read
 * there. */
static inline uint64_t hash_short_word(const char *word, size_t size)
{
	uint64_t if_long = 0 - (uint64_t)(size > EIGHT);
	uint64_t first = fold(load(word)) << ((64 - 8 * size) & 63 & ~if_long);
	uint64_t last = fold(load(word + ((size - EIGHT) & if_long))) & if_long;

	return mix(first ^ last * SECOND);
}

/* A word of more than 16 bytes, or at the end of the text. */
static __attribute__((noinline)) uint64_t hash_other_word(const char *word, size_t size)
{
	char padded[2 * EIGHT] = {0};
	uint64_t hash = 0;
	size_t i;

	if (size <= sizeof(padded))
		return hash_short_word(memcpy(padded, word, size), size);
	for (i = 0; i + EIGHT < size; i += EIGHT)
		hash = mix(hash ^ fold(load(word + i)));
	return mix(hash ^ fold(load(word + size - EIGHT)));
}

static inline uint64_t hash_word(struct text text, size_t start, size_t end)
{
	if (end - start > 2 * (size_t)EIGHT || start + EIGHT > text.size)
		return hash_other_word(text.bytes + start, end - start);
	return hash_short_word(text.bytes + start, end - start);
}

/*
 * A run's hash rolls on from word to word: each turns once more with every word, and leaves where it has turned RUN
 * times. `f` is apart from `r`, so that it stays in registers.
 */
static inline void take_word(struct reading *r, struct found *f, uint64_t word)
{
	uint64_t hash, *bin;

	f->words = (turn(f->words, 23) ^ word) * FIRST;
	f->run = turn(f->run, ROLL) ^ word ^ turn(r->ring[(f->count - RUN) % RING], RUN * ROLL);
	r->ring[f->count % RING] = word;
	if (++f->count < RUN)
		return;
	hash = f->run * SECOND;
	bin = &r->bins[hash >> 56];
	*bin = hash < *bin ? hash : *bin;
}

/* --- which bytes are of words --- */

/* The compiler makes the best of these that the machine has. */
typedef unsigned char vector __attribute__((vector_size(VECTOR)));

static vector load_vector(const char *bytes)
{
	vector ret;

	memcpy(&ret, bytes, sizeof(ret));
	return ret;
}

/* Of bytes that are 0 or 255 a bit each. */
static uint64_t gather(vector bytes)
{
	uint64_t halves[VECTOR / EIGHT];

	memcpy(halves, &bytes, sizeof(halves));
	halves[0] = (le64toh(halves[0]) & ALL(0x01)) * UINT64_C(0x0102040810204080) >> 56;
	halves[1] = (le64toh(halves[1]) & ALL(0x01)) * UINT64_C(0x0102040810204080) >> 56;
	return halves[0] | halves[1] << EIGHT;
}

/*
 * A bit for each byte of the block at `at` that is of a character which parts words; `leads` are bytes that begin one
 * that may. What is no UTF-8 may be one or the other.
 */
static uint64_t find_separators(struct reading *r, size_t at, uint64_t leads)
{
	uint64_t found = r->over, bytes;

	for (r->over = 0; leads != 0; leads &= leads - 1) {
		unsigned bit = (unsigned)__builtin_ctzll(leads);
		unsigned char lead = (unsigned char)r->text.bytes[at + bit];
		size_t length;
		uint32_t c;

		/* U+0400 to U+047F, Cyrillic; U+4000 to U+9FFF, Han. */
		if (lead == 0xD0 || lead == 0xD1 || (lead >= 0xE4 && lead <= 0xE9))
			continue;
		length = utf8_decode(r->text.bytes + at + bit, r->text.size - at - bit, &c);
		if (length == 0 || unicode_is_word(c))
			continue;
		bytes = (UINT64_C(1) << length) - 1;
		found |= bytes << bit;
		if (bit + length > BLOCK)
			r->over = bytes >> (BLOCK - bit);
	}
	return found;
}

/* A bit for each byte of the block at `at` that is of a word. */
static inline uint64_t find_words(struct reading *r, size_t at)
{
	char padded[BLOCK];
	const char *block = r->text.bytes + at;
	uint64_t words = 0, leads = 0;
	vector any = {0}, may_part[BLOCK / VECTOR];
	size_t i;

	if (r->text.size - at < BLOCK) {
		memset(padded, 0, sizeof(padded));
		block = memcpy(padded, block, r->text.size - at);
	}
	for (i = 0; i < BLOCK / VECTOR; i++) {
		vector bytes = load_vector(block + i * VECTOR), small = bytes | 0x20;
		vector letters = (vector)((unsigned char)('z' - 'a') >= small - 'a');
		vector digits = (vector)((unsigned char)('9' - '0') >= bytes - '0');

		words |= gather(letters | digits | (vector)(bytes >= 0x80)) << i * VECTOR;
		/* Characters from U+00C0 to U+02BF, Latin, are letters, or as good as. */
		may_part[i] = (vector)((bytes == 0xC2) | (bytes >= 0xCB));
		any |= may_part[i];
	}
	if (r->over == 0 && gather(any) == 0)
		return words;
	for (i = 0; i < BLOCK / VECTOR; i++)
		leads |= gather(may_part[i]) << i * VECTOR;
	return words & ~find_separators(r, at, leads);
}

static unsigned take_lowest(uint64_t *bits)
{
	unsigned bit = (unsigned)__builtin_ctzll(*bits | UINT64_C(1) << 63);

	*bits &= *bits - 1;
	return bit;
}

/* All words; `start` is where the one begins that the last block has left open. */
static struct found read_words(struct reading *r)
{
	uint64_t words, before, starts, ends, is_open = 0;
	struct found f = {0};
	size_t at, start = 0;

	for (at = 0; at < r->text.size; at += BLOCK) {
		words = find_words(r, at);
		before = words << 1 | is_open;
		starts = words & ~before;
		ends = before & ~words;
		if (is_open == 0)
			start = at + take_lowest(&starts);
		while (ends != 0) {
			take_word(r, &f, hash_word(r->text, start, at + take_lowest(&ends)));
			start = at + take_lowest(&starts);
		}
		is_open = words >> 63;
	}
	if (is_open != 0)
		take_word(r, &f, hash_word(r->text, start, r->text.size));
	return f;
}

/* --- the sketch --- */

/* 1, 2 or 3, by bits in the middle of a hash: the upper ones of the smallest are small. */
static uint64_t two_bits(uint64_t hash)
{
	return 1 + ((hash >> 24 & 0xFF) * 3 >> 8);
}

/* Puts two bits of each of some bins side by side. The smallest of their hashes without the bits that tell the bin. */
static uint64_t keep_bins(const uint64_t bins[SKETCH_BINS_IN_ONE], uint64_t *ret)
{
	uint64_t smallest = NONE, all = 0, rest;
	size_t i;

	for (i = SKETCH_BINS_IN_ONE; i-- > 0;) {
		all = all << 2 | (two_bits(bins[i]) & (0 - (uint64_t)(bins[i] != UINT64_MAX)));
		rest = bins[i] << 8;
		smallest = rest < smallest ? rest : smallest;
	}
	*ret = all;
	return smallest;
}

static void keep_runs(const struct reading *r, struct sketch *ret)
{
	enum { OF_A_MARK = SKETCH_BINS / SKETCH_BINS_IN_ONE / SKETCH_MARKS };
	uint64_t smallest, least;
	size_t i, k, at = 0;

	for (i = 0; i < SKETCH_MARKS; i++) {
		for (least = NONE, k = 0; k < OF_A_MARK; k++, at++) {
			smallest = keep_bins(&r->bins[at * SKETCH_BINS_IN_ONE], &ret->bins[at]);
			least = smallest < least ? smallest : least;
		}
		if (least != NONE)
			ret->marks[i] = (uint32_t)(least >> 8) | 1;
	}
}

static void take_words(struct text content, struct sketch *ret)
{
	struct reading r;
	struct found f;

	memset(&r, 0, offsetof(struct reading, bins));
	memset(r.bins, 0xFF, sizeof(r.bins));
	r.text = content;
	f = read_words(&r);
	ret->words = f.words;
	ret->word_count = f.count < UINT32_MAX ? (uint32_t)f.count : UINT32_MAX;
	if (f.count < SKETCH_MIN_WORDS)
		ret->is_utf8 = utf8_is_valid(content.bytes, content.size);
	if (f.count + 1 >= SKETCH_MIN_RUNS + RUN)
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
