/*
 * sums_test.c: sums are written as sha256sum writes them, and read as anybody may have written them.
 * In: nothing.
 * Out: nothing while names come back whatever is in them, and what is not the sum of one file is refused.
 */
#include <string.h>

#include "../../compiler/sums.h"
#include "test.h"

#define HEX "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static struct digest of_nothing;

static bool parse(const char *text, size_t size, const char *want)
{
	struct digest digest = {{0}};
	char *name = NULL;
	bool ok = sums_parse(text, size, &digest, &name);

	CHECK(!ok || (digest_equal(&digest, &of_nothing) && strcmp(name, want) == 0));
	if (ok)
		free(name);
	return ok;
}

static bool reads(const char *text, const char *want)
{
	return parse(text, strlen(text), want);
}

static void check_names(void)
{
	static const char *const names[] = {"a.tar.gz", "two words", "back\\slash", "line\nend",
					    "\r",	"\\",	     "\\n",	    "é"};
	struct buf buf = {0};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		buf.size = 0;
		sums_add(&buf, names[i], &of_nothing);
		CHECK((buf.bytes[0] == '\\') == (strpbrk(names[i], "\\\n\r") != NULL));
		CHECK(reads(buf.bytes, names[i]));
	}
	buf.size = 0;
	sums_add(&buf, "line\nend", &of_nothing);
	CHECK(strcmp(buf.bytes, "\\" HEX "  line\\nend\n") == 0); /* by sha256sum */
	buf_free(&buf);
}

static void check_refusals(void)
{
	static const char with_nul[] = HEX "  a\0b\n";

	CHECK(reads(HEX " *binary\n", "binary"));
	CHECK(!reads("", "") && !reads("\\", "") && !reads(HEX "  \n", ""));
	CHECK(!reads(HEX "  a", "") && !reads(HEX "\t a\n", "") && !reads(HEX " \ta\n", ""));
	CHECK(!reads("E3" HEX "  a\n", "") && !reads("g" HEX "  a\n", ""));
	CHECK(!reads(HEX "  a\n" HEX "  b\n", ""));
	CHECK(!parse(with_nul, sizeof(with_nul) - 1, ""));
	CHECK(!reads("\\" HEX "  a\\\n", "") && !reads("\\" HEX "  a\\t\n", ""));
}

/* A bundle's, with and without a manifest of its own; a dimension's, below its own folder. */
static void check_lists(void)
{
	struct manifest manifest = {0};
	struct manifest_dimension *d = manifest_add(&manifest, 1);
	struct buf buf = {0}, text = {0};

	sums_add_dimension(&buf, &manifest, NULL);
	CHECK(buf.size == 0);
	manifest_add_file(&manifest, d, "D01/index.json", 1, &of_nothing);
	manifest_add_file(&manifest, d, "D01/layers/7.txt", 1, &of_nothing);
	sums_add_dimension(&buf, &manifest, NULL);
	CHECK(strcmp(buf.bytes, HEX "  index.json\n" HEX "  layers/7.txt\n") == 0);
	buf.size = 0;
	buf_puts(&text, "");
	sums_add_files(&buf, &manifest, "data/", &text);
	CHECK(strcmp(buf.bytes,
		     HEX "  data/manifest.json\n" HEX "  data/D01/index.json\n" HEX "  data/D01/layers/7.txt\n") == 0);
	buf_free(&buf);
	buf_free(&text);
	manifest_free(&manifest);
}

int main(void)
{
	digest_of("", 0, &of_nothing);
	check_names();
	check_refusals();
	check_lists();
	return 0;
}
