/*
 * fuzz_volume.c: volumes whose one region may be anything.
 * In: what a fuzzer makes of regions (regions.h).
 * Out: nothing while a volume opens, in every way that there is, where the region does, and refuses where it does not.
 */
#include "../unit/published.h"
#include "quick_sha256.h"
#include "regions.h"

static struct published published;

static void remove_volume(void)
{
	char name[sizeof(published.path) + 64];
	static const char *const names[] = {"/consciousness/D01/region.mmap", "/consciousness/D01", "/consciousness",
					    ""};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", published.path, names[i]);
		remove(name);
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char path[] = "/tmp/fuzz_volume.XXXXXX";

	(void)argc;
	(void)argv;
	CHECK(mkdtemp(path) != NULL);
	published_new(&published, path);
	CHECK(atexit(remove_volume) == 0);
	return 0;
}

/* The way to open it follows from the input, so that it comes again with it. */
static void test_one(const uint8_t *data, size_t size)
{
	uint8_t *bytes = region_of(data, size, &size);
	size_t i;

	if (bytes == NULL)
		return;
	published.round = 0;
	for (i = 0; i < size; i += 61)
		published.round += bytes[i];
	judge_published(&published, bytes, size);
}
