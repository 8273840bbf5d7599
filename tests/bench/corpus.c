/*
 * corpus.c: makes sources to measure with, always the same ones.
 * In: a size (S, M, L) and a directory that does not exist.
 * Out: 14 dimensions of layers, one file each, natural-looking text in block scalars, some of it not ASCII.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct size {
	char name;
	int layers; /* in each of 14 dimensions */
	int bytes;  /* of content, about */
};

static const struct size sizes[] = {{'S', 20, 2048}, {'M', 700, 4096}, {'L', 7, 1 << 20}};

static const char *const syllables[] = {"ba", "co", "di", "en",	 "fa", "go", "hu", "in", "ja",	"ko",  "li", "mo",
					"na", "or", "pe", "qui", "ra", "su", "te", "un", "va",	"wo",  "xi", "ya",
					"ze", "st", "tr", "pl",	 "é",  "ü",  "ñ",  "ß",	 "ing", "ion", "er", "al"};
enum { SYLLABLES = sizeof(syllables) / sizeof(syllables[0]) };

static uint64_t state = 0x9e3779b97f4a7c15u;

/* xorshift64*: S. Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled", 2016. */
static unsigned below(unsigned n)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (unsigned)((state * UINT64_C(2685821657736338717)) >> 33) % n;
}

/* One of 4096 words, the short ones more often. */
static int word(char *out)
{
	uint64_t saved = state;
	unsigned which = below(64) * below(64), n, i;
	int size = 0;

	saved = state;
	state = which * UINT64_C(0x2545f4914f6cdd1d) + 1;
	below(2);
	n = 1 + below(4);
	for (i = 0; i < n; i++)
		size += sprintf(out + size, "%s", syllables[below(SYLLABLES)]);
	state = saved;
	return size;
}

static void write_text(FILE *file, int bytes)
{
	char text[64];
	int column = 0, written = 0, size;

	fputs("  ", file);
	while (written < bytes) {
		size = word(text);
		if (column + size + 2 > 78) {
			fputs(below(9) == 0 ? "\n\n  " : "\n  ", file);
			column = 0;
		} else if (column > 0) {
			fputc(' ', file);
			column++;
		}
		fwrite(text, 1, (size_t)size, file);
		if (below(10) == 0)
			size += fprintf(file, below(4) == 0 ? "." : ",");
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
	char text[64];
	unsigned keywords = 3 + below(6), i;

	word(text);
	fprintf(file, "layer_id: %d\ntitle: %s\nfrequency: %u.%u\nkeywords: [", id, text, below(4), 1 + below(9));
	for (i = 0; i < keywords; i++) {
		word(text);
		fprintf(file, "%s%s %u", i > 0 ? ", " : "", text, i);
	}
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

	for (i = 0; argc == 3 && i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (argv[1][0] == sizes[i].name && argv[1][1] == '\0')
			size = &sizes[i];
	if (size == NULL) {
		fputs("usage: corpus S|M|L DIR\n", stderr);
		return 2;
	}
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
