/*
 * fuzz_reader.c: YAML from anybody, read by the quick reader and by libyaml.
 * In: what a fuzzer makes of YAML files.
 * Out: nothing while the quick reader gives what libyaml gives, or leaves the file to it.
 */
#include "../unit/readers.h"
#include "fuzz.h"

static void test_one(const uint8_t *data, size_t size)
{
	char *exact = malloc(size + 1);

	/* No byte behind it, and one before it: who reads beyond the file is seen. */
	CHECK(exact != NULL);
	memcpy(exact + 1, data, size);
	readers_agree(exact + 1, size);
	free(exact);
}
