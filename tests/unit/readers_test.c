/*
 * readers_test.c: the quick reader beside libyaml, on files and on documents made of pieces of YAML.
 * In: files, if any; else a number of documents to make.
 * Out: nothing wrong; how many of the files were taken, or a table: each piece, in how many documents it was, and how
 * many of these the quick reader took. A piece that it seldom took, and should, is an error.
 */
#include <fcntl.h>

#include "../../compiler/fs.h"
#include "made_yaml.h"
#include "readers.h"

/* Where it is wrong, CHECK ends the program. */
static void show_document(void)
{
	if (doc.is_judged)
		fprintf(stderr, "the document, without this line:\n%.*s", (int)doc.text.size, doc.text.bytes);
}

static void run_made(size_t count)
{
	size_t taken = 0, i, k;

	for (i = 0; i < count; i++) {
		char *exact;
		bool is_quick;

		make_document();
		exact = malloc(doc.text.size + 1); /* a sanitizer sees who reads beyond it */
		CHECK(exact != NULL);
		memcpy(exact + 1, doc.text.bytes, doc.text.size);
		doc.is_judged = true;
		is_quick = readers_agree(exact + 1, doc.text.size);
		doc.is_judged = false;
		free(exact);
		taken += is_quick;
		for (k = 0; k < KINDS; k++) {
			doc.made[k] += doc.has[k];
			doc.taken[k] += doc.has[k] && is_quick;
		}
	}
	printf("%-22s %8s %8s\n%-22s %8zu %8zu\n", "", "made", "taken", "documents", count, taken);
	for (k = 0; k < KINDS; k++)
		printf("%-22s %8zu %8zu\n", pieces[k].name, doc.made[k], doc.taken[k]);
	for (k = 0; k < KINDS; k++)
		CHECK(doc.made[k] > 0 && (doc.taken[k] > doc.made[k] / 10 || !pieces[k].is_taken));
	buf_free(&doc.text);
}

/* Each rule that lets something in. */
static void check_taken(void)
{
	static const char *const taken[] = {
		"a: 1\n",
		"# first\n\na: 1\n  \n  # between\nb: 2\n# last\n",
		"---\na: 1\n--- # second\na: 1\n",
		"  a: 1\n  b: 2\n",
		"a:\n  b: 1\n  c:\n     d: 2\n  e: 3\nf: 4\n",
		"a:\n- 1\n- 2\nb:\n - 3\nc: 4\n",
		"- a: 1\n  b: 2\n-  - x\n   - y\n-\n  c: 3\n",
		"a:\nb:\n-\n-\nc: # nothing\n",
		"a: []\nb: [ ]\nc: [x, 'y', \"z\" ]\nd: [\n  x,\n  y\n]\n",
		"a: 'x'\nb: \"y\" # why\nc: ''\nd: x y  # z\n",
		"a: |\n  x\nb: |-\n    x\n\n     y\nc: |+\n x\n\n# end\n",
		"a: >\n  x\n  y\n\n  z\nb: >-\n\n  x\n",
	};
	size_t i;

	for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		buf_add(&doc.text, taken[i], strlen(taken[i]));
		doc.is_judged = true;
		CHECK(readers_agree(doc.text.bytes, doc.text.size));
		doc.is_judged = false;
		doc.text.size = 0;
	}
}

static void run_files(char **names, int count)
{
	size_t taken = 0;
	int i;

	for (i = 0; i < count; i++) {
		struct arena arena = {0};
		struct fs_file file;

		CHECK(fs_read(AT_FDCWD, names[i], 1 << 26, FS_FOLLOW, &arena, &file) == 0);
		if (readers_agree(file.bytes, file.size))
			taken++;
		else if (getenv("TELL") != NULL)
			printf("%s\n", names[i]);
		arena_free(&arena);
	}
	printf("%zu of %d files\n", taken, count);
}

int main(int argc, char **argv)
{
	CHECK(atexit(show_document) == 0);
	check_taken();
	if (argc == 3 && strcmp(argv[1], "--made") == 0)
		run_made(strtoul(argv[2], NULL, 10));
	else
		run_files(argv + 1, argc - 1);
	return 0;
}
