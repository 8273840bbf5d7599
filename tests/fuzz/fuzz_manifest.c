/*
 * fuzz_manifest.c: manifest.json from anybody.
 * In: what a fuzzer makes of manifests.
 * Out: nothing while each is refused with a reason, or read so that what is written again says the same.
 */
#include <string.h>

#include "../../compiler/index.h"
#include "../../compiler/manifest.h"
#include "fuzz.h"

static bool parse(const char *bytes, size_t size, struct manifest *ret)
{
	const char *why = NULL;
	bool newer = false, ok = manifest_parse(bytes, size, ret, &newer, &why);
	size_t i, k;

	CHECK(ok || (why != NULL && ret->count == 0 && ret->dimensions == NULL));
	CHECK(!ok || !newer);
	for (i = 0; i < ret->count; i++) {
		const struct manifest_dimension *d = &ret->dimensions[i];

		CHECK(d->dimension_id >= 1 && d->dimension_id <= MODEL_MAX_DIMENSION_ID);
		CHECK(i == 0 || d->dimension_id > ret->dimensions[i - 1].dimension_id);
		CHECK(manifest_find(ret, d->dimension_id) == d);
		for (k = 0; k < d->file_count; k++)
			CHECK(d->files[k].path[0] != '/' && strstr(d->files[k].path, "..") == NULL);
	}
	return ok;
}

static void test_one(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"created_at", "updated_at", "generator"};
	char *copy = malloc(size); /* of exactly this size, so that reads behind it are seen */
	struct manifest first, second;
	struct buf once = {0}, twice = {0};
	struct text text;
	size_t i;

	CHECK(copy != NULL || size == 0);
	if (size > 0)
		memcpy(copy, data, size);
	if (size > 0 && parse(copy, size, &first)) {
		manifest_write(&first, &once);
		CHECK(parse(once.bytes, once.size, &second));
		manifest_write(&second, &twice);
		CHECK(once.size == twice.size && memcmp(once.bytes, twice.bytes, once.size) == 0);
		manifest_free(&first);
		manifest_free(&second);
		buf_free(&once);
		buf_free(&twice);
	}
	for (i = 0; size > 0 && i < 3; i++)
		if (index_find_string(copy, size, names[i], &text))
			CHECK(text.bytes >= copy && text.bytes + text.size < copy + size);
	free(copy);
}
