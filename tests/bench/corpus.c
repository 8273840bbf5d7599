/*
 * corpus.c: makes sources to measure with, always the same ones.
 * In: a size (T, S, M, L, XL) and a directory that does not exist.
 * Out: 14 dimensions of layers, one file each, natural-looking text in block scalars, some of it not ASCII.
 *
 * `dimc check` has nothing to say about them, as about sources that people keep clean: no two words of the vocabulary
 * are one letter apart.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct size {
	const char *name;
	int layers; /* in each of 14 dimensions */
	int bytes;  /* of content, about */
};

/* T is for tests of the benchmark itself. */
static const struct size sizes[] = {
	{"T", 2, 1024}, {"S", 20, 2048}, {"M", 700, 4096}, {"L", 7, 1 << 20}, {"XL", 7000, 4096}};

static const char *const roots[] = {"light",  "river",	"stone",   "garden", "wonder", "thought", "hand",    "heart",
				    "water",  "mirror", "forest",  "winter", "silver", "market",  "number",  "letter",
				    "friend", "mother", "child",   "teach",  "build",  "measur",  "reason",  "listen",
				    "rememb", "gather", "follow",  "wander", "answer", "promis",  "shelter", "balanc",
				    "café",   "façad",	"über",	   "señor",  "élan",   "naïv",	  "smör",    "größ",
				    "machin", "signal", "pattern", "method", "system", "thread",  "memor",   "branch",
				    "moral",  "duti",	"virtu",   "trust",  "justic", "freedom", "courag",  "patienc",
				    "joy",    "sorrow", "anger",   "calm",   "hope",   "fear",	  "desir",   "laught"};
static const char *const endings[] = {"",      "ing",  "ful",	 "ment", "ward",  "ness",   "ish",  "ology",
				      "less",  "able", "aceous", "hood", "ship",  "wright", "ique", "ation",
				      "esque", "ling", "ular",	 "ory",	 "entia", "dom",    "age",  "ivity"};
static const char *const before[] = {"early", "public", "quiet", "shared", "inner", "modern", "distant"};
/* What holds sentences together: nearly half of all words, the first ones most often. */
static const char *const small[] = {
	"the",	   "of",  "and", "to",	 "in",	 "a",	  "is",	   "that", "it",   "for",   "as",     "with", "on",
	"by",	   "not", "we",	 "what", "from", "are",	  "which", "one",  "be",   "this",  "or",     "at",   "when",
	"has",	   "no",  "who", "they", "more", "can",	  "all",   "its",  "than", "where", "if",     "but",  "there",
	"between", "out", "so",	 "into", "each", "other", "was",   "our",  "own",  "only",  "through"};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
enum { KEYWORDS_MAX = 1 + COUNT(before), VOCABULARY_MAX = COUNT(roots) * COUNT(endings) };

static char vocabulary[VOCABULARY_MAX][32];
static unsigned vocabulary_count;

static uint64_t state = 0x9e3779b97f4a7c15u;

/* xorshift64*: S. Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled", 2016. */
static unsigned below(unsigned n)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (unsigned)((state * UINT64_C(2685821657736338717)) >> 33) % n;
}

/* Whether one letter is put in, left out, another one, or swapped with its neighbour. A letter of two bytes counts as
 * two. */
static bool is_one_apart(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), i = 0, k = 0;

	while (i < n && i < m && a[i] == b[i])
		i++;
	while (k < n - i && k < m - i && a[n - 1 - k] == b[m - 1 - k])
		k++;
	n -= i + k; /* what is between the equal ends */
	m -= i + k;
	return (n < 2 && m < 2) || (n == 2 && m == 2 && a[i] == b[i + 1] && a[i + 1] == b[i]);
}

/* Each root with each ending, common endings first, but for those that are too near to a word that is there. */
static void make_vocabulary(void)
{
	size_t e, r;
	unsigned i;

	for (e = 0; e < COUNT(endings); e++) {
		for (r = 0; r < COUNT(roots); r++) {
			char *made = vocabulary[vocabulary_count];

			snprintf(made, sizeof(vocabulary[0]), "%s%s", roots[r], endings[e]);
			for (i = 0; i < vocabulary_count && !is_one_apart(vocabulary[i], made); i++)
				;
			vocabulary_count += i == vocabulary_count;
		}
	}
}

/* The first words of the vocabulary more often. */
static const char *word(void)
{
	return vocabulary[below(64) * below(64) * vocabulary_count / 4096];
}

/* The words that a text is about, and says again and again. */
static const char *topic[48];

static void choose_topic(void)
{
	size_t i;

	for (i = 0; i < COUNT(topic); i++)
		topic[i] = word();
}

/*
 * As in prose, words keep company: behind many a word comes one of a few that often do, small words stand between, and
 * a text has a topic. So a compressor finds about as much in it as in what people write.
 */
static const char *next_word(const char *last, const char **ret_last)
{
	unsigned hash = 0;

	if (below(9) < 4)
		return small[below(COUNT(small)) * below(COUNT(small)) / COUNT(small)];
	if (below(2) == 0)
		return *ret_last = topic[below(COUNT(topic))];
	if (below(2) == 0) {
		for (; *last != '\0'; last++)
			hash = hash * 31 + (unsigned char)*last;
		return *ret_last = vocabulary[(hash + below(3) * 977) % vocabulary_count];
	}
	return *ret_last = word();
}

static void write_text(FILE *file, int bytes)
{
	int column = 0, written = 0, size;
	const char *last = word();
	bool begins = true;

	choose_topic();
	fputs("  ", file);
	while (written < bytes) {
		const char *text = next_word(last, &last);

		size = (int)strlen(text);
		if (column + size + 2 > 78) {
			fputs(begins && below(2) == 0 ? "\n\n  " : "\n  ", file);
			column = 0;
		} else if (column > 0) {
			fputc(' ', file);
			column++;
		}
		fputc(begins && text[0] >= 'a' && text[0] <= 'z' ? text[0] - 'a' + 'A' : text[0], file);
		fputs(text + 1, file);
		begins = false;
		if (below(10) == 0) {
			begins = below(2) == 0;
			fputc(begins ? '.' : ',', file);
			size++;
		}
		column += size;
		written += size + 1;
	}
	fputs(".\n", file);
}

static FILE *create(const char *path)
{
	FILE *file = fopen(path, "wx");

	if (file == NULL) {
		fprintf(stderr, "corpus: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	return file;
}

static void write_layer(const char *path, int id, int bytes)
{
	FILE *file = create(path);
	unsigned keywords = 3 + below(KEYWORDS_MAX - 2), i;
	unsigned hertz = below(4), tenths = 1 + below(9);

	fprintf(file, "layer_id: %d\ntitle: %s\nfrequency: %u.%u\nkeywords: [%s", id, word(), hertz, tenths, word());
	for (i = 1; i < keywords; i++)
		fprintf(file, ", %s %s", before[i - 1], word());
	fputs("]\ncontent: |\n", file);
	write_text(file, bytes);
	if (fclose(file) != 0) {
		fprintf(stderr, "corpus: %s: %s\n", path, strerror(errno));
		exit(1);
	}
}

int main(int argc, char **argv)
{
	char path[4096];
	const struct size *size = NULL;
	int dimension, layer;
	size_t i;

	for (i = 0; argc == 3 && i < COUNT(sizes); i++)
		if (strcmp(argv[1], sizes[i].name) == 0)
			size = &sizes[i];
	if (size == NULL) {
		fputs("usage: corpus T|S|M|L|XL DIR\n", stderr);
		return 2;
	}
	make_vocabulary();
	if (mkdir(argv[2], 0777) != 0) {
		fprintf(stderr, "corpus: %s: %s\n", argv[2], strerror(errno));
		return 1;
	}
	for (dimension = 1; dimension <= 14; dimension++) {
		FILE *file;

		snprintf(path, sizeof(path), "%s/D%02d-corpus", argv[2], dimension);
		mkdir(path, 0777);
		snprintf(path, sizeof(path), "%s/D%02d-corpus/dimension.yaml", argv[2], dimension);
		file = create(path);
		fprintf(file, "dimension_id: %d\nname: Corpus %d\n", dimension, dimension);
		fclose(file);
		for (layer = 1; layer <= size->layers; layer++) {
			snprintf(path, sizeof(path), "%s/D%02d-corpus/%05d.yaml", argv[2], dimension, layer);
			write_layer(path, layer, size->bytes);
		}
	}
	return 0;
}
