/*
 * manifest_test.c: manifest.json comes back as it was written, and one that was changed is refused with the reason.
 * In: nothing.
 * Out: nothing while each change is told as what it is, and nothing is kept of what was refused.
 */
#include <string.h>

#include "../../compiler/index.h"
#include "../../compiler/manifest.h"
#include "test.h"

static void make(struct manifest *ret)
{
	struct digest digest = {{0}};
	struct manifest_dimension *d;

	memset(ret, 0, sizeof(*ret));
	d = manifest_add(ret, 7);
	d->name = (struct text){"Technical", 9};
	d = manifest_add(ret, 2);
	d->name = (struct text){"Cognition", 9};
	d->layer_count = 3;
	d->total_size = 9315;
	manifest_add_file(ret, d, "D02/region.mmap", 9315, &digest);
	manifest_add_file(ret, d, "D02/index.json", 916, &digest);
	manifest_finish(ret);
}

static void check_whole(const struct buf *text)
{
	struct manifest read, copy = {0};
	struct buf again = {0};
	const char *why = NULL;
	bool newer = true;

	CHECK(manifest_parse(text->bytes, text->size, &read, &newer, &why) && !newer && why == NULL);
	CHECK(read.count == 2 && read.dimensions[0].dimension_id == 2 && read.dimensions[1].dimension_id == 7);
	CHECK(read.dimensions[0].file_count == 2 && read.dimensions[1].file_count == 0);
	CHECK(strcmp(read.dimensions[0].files[0].path, "D02/index.json") == 0);
	CHECK(manifest_find(&read, 7) == &read.dimensions[1] && manifest_find(&read, 3) == NULL);
	manifest_add_copy(&copy, &read.dimensions[1]);
	manifest_add_copy(&copy, &read.dimensions[0]);
	manifest_finish(&copy);
	manifest_free(&read);
	manifest_write(&copy, &again);
	CHECK(again.size == text->size && memcmp(again.bytes, text->bytes, again.size) == 0);
	manifest_free(&copy);
	buf_free(&again);
}

/* One with nothing in it is whole, too. */
static void check_empty(void)
{
	struct manifest none = {0}, read;
	struct buf text = {0};
	const char *why = NULL;
	bool newer = true;

	manifest_finish(&none);
	manifest_write(&none, &text);
	CHECK(manifest_parse(text.bytes, text.size, &read, &newer, &why) && !newer && read.count == 0);
	manifest_free(&read);
	buf_free(&text);
}

static void refuse(const char *bytes, size_t size, const char *why, bool is_newer)
{
	struct manifest read;
	const char *told = NULL;
	bool newer = !is_newer;

	CHECK(!manifest_parse(bytes, size, &read, &newer, &told) && told != NULL);
	if (strcmp(told, why) != 0)
		fprintf(stderr, "told: %s\nof:\n%s", told, bytes);
	CHECK(strcmp(told, why) == 0 && newer == is_newer);
	CHECK(read.count == 0 && read.dimensions == NULL);
}

/* The manifest with one text in the place of another, which must be in it; of several, the first. */
static void change(const struct buf *text, const char *old, const char *new, const char *why)
{
	const char *at = strstr(text->bytes, old);
	struct buf changed = {0};

	CHECK(at != NULL);
	buf_add(&changed, text->bytes, (size_t)(at - text->bytes));
	buf_puts(&changed, new);
	buf_puts(&changed, at + strlen(old));
	refuse(changed.bytes, changed.size, why, strcmp(why, "a newer version") == 0);
	buf_free(&changed);
}

static void check_changes(const struct buf *text)
{
	static const char number[] = "expected a number", path[] = "expected a path below the generation",
			  digest[] = "expected \"sha256:\" and 64 hexadecimal digits",
			  rewritten[] = "it is not as it was written",
			  id[] = "expected another dimension_id from 1 to 65535",
			  incomplete[] = "it does not say that it is complete",
			  foreign[] = "its generation is not that of its dimensions";
	char far[256] = "\"";

	change(text, "\"version\": 1", "\"version\": 2", "a newer version");
	change(text, "\"version\": 1", "\"version\": 0", "no version");
	change(text, "\"version\": 1", "\"version\": one", number);
	change(text, "\"version\": 1", "\"version\": [1]", number);
	change(text, "\"version\": 1,", "", "no version");
	change(text, "true", "false", incomplete);
	change(text, "true", "[true]", incomplete);
	change(text, "\"complete\": true,", "", incomplete);
	change(text, "\"generation\"", "\"generations\"", incomplete);
	change(text, "\"generation\": \"sha256:", "\"generation\": \"sha1:", digest);
	change(text, "\"generation\": \"sha256:", "\"generation\": \"sha256:0", digest);
	change(text, "\"generation\": \"sha256:", "\"generation\": \"md5\", \"of\": \"", digest);
	change(text, "\"generation\": \"sha256:", "\"generation\": [1], \"of\": \"", digest);
	change(text, "\"dimension_id\": 2", "\"dimension_id\": 3", foreign);
	change(text, "\"dimension_id\": 2", "\"dimension_id\": 7", id);
	change(text, "\"dimension_id\": 2", "\"dimension_id\": 0", id);
	change(text, "\"dimension_id\": 2", "\"dimension_id\": 65536", id);
	change(text, "\"dimension_id\": 2,", "", "expected a dimension_id");
	change(text, "\"dimension_name\": \"Cognition\"", "\"dimension_name\": [1]", rewritten);
	change(text, "\"Cognition\"", "\"Recognition\"", rewritten);
	change(text, "\"layer_count\": 3", "\"layer_count\": three", number);
	change(text, "\"layer_count\": 3", "\"layer_count\": 4", rewritten);
	change(text, "9315,\n      \"checksum\": \"sha256:0", "9315,\n      \"checksum\": \"sha256:1", foreign);
	change(text, "\"dimensions\": [", "\"dimensions\": 1, \"of\": [", "expected an array");
	change(text, "\"files\": [", "\"files\": 1, \"of\": [", "expected an array");
	change(text, "\"files\": [", "\"files\": [1, ", "expected an object");
	change(text, "\"files\": [", "\"files\": [{[1]: 2}, ", "expected a name");
	change(text, "{\"path\": \"D02/index.json\", ", "{", "expected a path");
	change(text, "\"D02/index.json\"", "\"\"", path);
	change(text, "\"D02/index.json\"", "\"/D02/index.json\"", path);
	change(text, "\"D02/index.json\"", "\"D02/../index.json\"", path);
	change(text, "\"D02/index.json\"", "\"D02//index.json\"", path);
	change(text, "\"D02/index.json\"", "[1]", path);
	memset(far + 1, 'a', 200);
	strcpy(far + 201, "\"");
	change(text, "\"D02/index.json\"", far, path);
	change(text, "\"size\": 916", "\"size\": 917", rewritten);
	change(text, "\"size\": 916, \"checksum\": \"sha256:0", "\"size\": 916, \"checksum\": \"sha256:1", rewritten);
	change(text, "\"size\": 916, \"checksum\": \"sha256:0", "\"size\": 916, \"checksum\": \"sha256:G", digest);
	change(text, "\n}\n", "\n}", rewritten);
	change(text, "\n}\n", "\n} \n", rewritten);
	change(text, "\n}\n", "\n", "not JSON");
	refuse("", 0, "it is empty", false);
	refuse("[1]\n", 4, "expected an object", false);
}

/* Wherever it ends too early. */
static void check_cuts(const struct buf *text)
{
	char *cut = malloc(text->size);
	size_t size;

	CHECK(cut != NULL);
	for (size = 0; size < text->size; size++) {
		struct manifest read;
		const char *told = NULL;
		bool newer = false;

		memcpy(cut, text->bytes, size);
		cut[size] = '\0';
		CHECK(!manifest_parse(cut, size, &read, &newer, &told) && told != NULL && !newer);
		CHECK(read.count == 0 && read.dimensions == NULL);
	}
	free(cut);
}

/* index.json as index_write has it, and cut. */
static void check_found(void)
{
	static const char json[] = "{\n  \"generator\": \"dimc 1\",\n  \"layout\": \"page";
	struct text text = {0};

	CHECK(index_find_string(json, sizeof(json) - 1, "generator", &text));
	CHECK(text.size == 6 && memcmp(text.bytes, "dimc 1", 6) == 0);
	CHECK(!index_find_string(json, sizeof(json) - 1, "layout", &text));
	CHECK(!index_find_string(json, sizeof(json) - 1, "updated_at", &text));
	CHECK(!index_find_string(json, 20, "generator", &text));
}

int main(void)
{
	struct manifest manifest;
	struct buf text = {0};

	make(&manifest);
	manifest_write(&manifest, &text);
	manifest_free(&manifest);
	check_whole(&text);
	check_empty();
	check_changes(&text);
	check_cuts(&text);
	check_found();
	buf_free(&text);
	return 0;
}
