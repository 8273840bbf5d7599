/*
 * member_test.c: which names a bundle may have.
 * In: nothing.
 * Out: nothing while every file of a generation is recognised below any prefix, and nothing else is.
 */
#include <string.h>

#include "../../compiler/member.h"
#include "test.h"

static const char *why;

static bool parse(struct member_names *names, const char *name, bool is_directory, struct member_name *ret)
{
	why = NULL;
	return member_name_parse(names, name, is_directory, ret, &why);
}

/* One name on its own; a refusal has a reason. */
static bool alone(const char *name, bool is_directory, struct member_name *ret)
{
	struct member_names names = {0};
	bool ok = parse(&names, name, is_directory, ret);

	CHECK(ok == (why == NULL));
	return ok;
}

static bool is_file(const char *name, enum member_kind kind, uint32_t dimension, uint32_t layer, const char *path)
{
	struct member_name m;

	return alone(name, false, &m) && m.kind == kind && m.dimension_id == dimension && m.layer_id == layer &&
	       strcmp(m.path, path) == 0;
}

static bool is_refused(const char *name)
{
	struct member_name m;

	return !alone(name, false, &m);
}

static bool is_directory(const char *name)
{
	struct member_name m;

	return alone(name, true, &m) && m.kind == MEMBER_IS_DIRECTORY && m.path[0] == '\0';
}

static void check_good(void)
{
	CHECK(is_file("data/mmap/consciousness/manifest.json", MEMBER_IS_MANIFEST, 0, 0, "manifest.json"));
	CHECK(is_file("consciousness/SHA256SUMS", MEMBER_IS_SUMS, 0, 0, "SHA256SUMS"));
	CHECK(is_file("./consciousness/D01/region.mmap", MEMBER_IS_REGION, 1, 0, "D01/region.mmap"));
	CHECK(is_file("././D99/index.json", MEMBER_IS_INDEX, 99, 0, "D99/index.json"));
	CHECK(is_file("a/consciousness/D65535/manifest.json", MEMBER_IS_MANIFEST, 65535, 0, "D65535/manifest.json"));
	CHECK(is_file("D100/SHA256SUMS", MEMBER_IS_SUMS, 100, 0, "D100/SHA256SUMS"));
	CHECK(is_file("D01/layers/1.txt", MEMBER_IS_LAYER, 1, 1, "D01/layers/1.txt"));
	CHECK(is_file("D01/layers/4294967295.bin", MEMBER_IS_LAYER, 1, 4294967295u, "D01/layers/4294967295.bin"));
	CHECK(is_file("manifest.json", MEMBER_IS_MANIFEST, 0, 0, "manifest.json"));
	/* The last directory of that name is the generation's. */
	CHECK(is_file("consciousness/x/consciousness/manifest.json", MEMBER_IS_MANIFEST, 0, 0, "manifest.json"));
	CHECK(is_directory("./") && is_directory(".") && is_directory("data/") && is_directory("data/mmap"));
	CHECK(is_directory("data/mmap/consciousness/") && is_directory("consciousness") && is_directory("D14/"));
	CHECK(is_directory("consciousness/D14/layers//"));
}

static void check_bad(void)
{
	static const char *const names[] = {
		"",
		".",
		"./",
		"/",
		"/consciousness/manifest.json",
		"../consciousness/manifest.json",
		"consciousness/../manifest.json",
		"consciousness/D01/..",
		"consciousness/D01/../D02/region.mmap",
		"consciousness//manifest.json",
		"consciousness/./manifest.json",
		"data//consciousness/manifest.json",
		"consciousness",
		"consciousness/",
		"consciousness/D01",
		"consciousness/D01/",
		"consciousness/x",
		"consciousness/region.mmap",
		"consciousness/index.json",
		"consciousness/layers/1.txt",
		"consciousness/D00/region.mmap",
		"consciousness/D1/region.mmap",
		"consciousness/D001/region.mmap",
		"consciousness/D65536/region.mmap",
		"consciousness/D99999999999/region.mmap",
		"consciousness/d01/region.mmap",
		"consciousness/D01/REGION.MMAP",
		"Consciousness/D01/region.mmap",
		"consciousness/D01/region.mmap ",
		"consciousness/D01/region.mmap.new",
		"consciousness/D01/region.mmap/x",
		"consciousness/D01/layers/0.txt",
		"consciousness/D01/layers/01.txt",
		"consciousness/D01/layers/-1.txt",
		"consciousness/D01/layers/4294967296.txt",
		"consciousness/D01/layers/1.TXT",
		"consciousness/D01/layers/1.txt.bin",
		"consciousness/D01/layers/1",
		"consciousness/D01/layers/.txt",
		"consciousness/D01/layers/1 .txt",
		"consciousness/D01/layers/x/1.txt",
		"consciousness/D01\\region.mmap",
		"consciousness\\D01/region.mmap",
		"README.md",
		"data/mmap/proto/x.mmap",
		"data/mmap/.lock",
		"consciousness/D01/\xff",
		"consciousness/D01/region.mmap\n",
		"consciousnes/D01/region.mmap",
	};
	char deep[200] = "", longest[2 * MEMBER_MAX_NAME];
	struct member_name m;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (is_refused(names[i]))
			continue;
		fprintf(stderr, "taken: %s\n", names[i]);
		CHECK(false);
	}
	CHECK(!alone("consciousness/D01/other/", true, &m) && !alone("consciousness/x", true, &m));
	CHECK(!alone("a/../b", true, &m) && !alone("/", true, &m));
	for (i = 0; i <= MEMBER_MAX_DEPTH; i++)
		strcat(deep, "a/");
	CHECK(!alone(deep, true, &m));
	memset(longest, 'a', sizeof(longest));
	longest[MEMBER_MAX_NAME - 1] = '\0';
	CHECK(!alone(longest, true, &m));
	longest[MEMBER_MAX_NAME - 2] = '\0';
	CHECK(alone(longest, true, &m));
	memcpy(longest + MEMBER_MAX_NAME - 16, "/consciousness", 15);
	CHECK(alone(longest, true, &m));
}

/* All members stand below one directory. */
static void check_prefix(void)
{
	struct member_names names = {0};
	struct member_name m;

	CHECK(parse(&names, "data/", true, &m) && !names.has_prefix);
	CHECK(parse(&names, "data/mmap/consciousness", true, &m) && names.has_prefix);
	CHECK(names.prefix_size == 24 && memcmp(names.prefix, "data/mmap/consciousness/", 24) == 0);
	CHECK(parse(&names, "data/mmap/consciousness/D01/region.mmap", false, &m));
	CHECK(parse(&names, "./data/mmap/consciousness/D01/index.json", false, &m));
	CHECK(!parse(&names, "consciousness/D02/region.mmap", false, &m) && why != NULL);
	CHECK(!parse(&names, "D02/region.mmap", false, &m));
	CHECK(!parse(&names, "data/nmap/consciousness/D02/region.mmap", false, &m));
	CHECK(!parse(&names, "other/consciousness/", true, &m));
	memset(&names, 0, sizeof(names));
	CHECK(parse(&names, "./", true, &m) && parse(&names, "./D01/", true, &m) && names.prefix_size == 0);
	CHECK(!parse(&names, "consciousness/D01/region.mmap", false, &m));
}

int main(void)
{
	check_good();
	check_bad();
	check_prefix();
	return 0;
}
