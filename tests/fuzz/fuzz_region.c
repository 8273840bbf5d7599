/*
 * fuzz_region.c: the loader on bytes that claim to be a region, in memory.
 * In: what a fuzzer makes of regions (regions.h).
 * Out: nothing while no read leads outside, and every function of the API keeps what dim.h promises.
 */
#include "../unit/accessors.h"
#include "quick_sha256.h"
#include "regions.h"

/* What a service does: the parts of judge() that are not another way to the same code. */
static void use(const void *bytes, size_t size)
{
	struct dim_region *r = NULL;
	struct dim_error error;
	enum dim_status status = dim_region_from_memory(bytes, size, NULL, &r, &error), checked, verified;

	if (status != DIM_OK) {
		look_at_error(&error, status, size);
		return;
	}
	look_at_everything(r, UNPROVEN);
	checked = dim_region_check(r, &error);
	if (checked != DIM_OK)
		look_at_error(&error, checked, size);
	else
		look_at_everything(r, PROVEN);
	verified = dim_verify_region(r, NULL, NULL);
	CHECK(checked == DIM_OK || verified == checked);
	CHECK(verified != DIM_OK || dim_verify_metadata(bytes, size, NULL) == DIM_OK);
	dim_region_close(r);
}

static void test_one(const uint8_t *data, size_t size)
{
	uint8_t *bytes = region_of(data, size, &size);

	/* One of eight in all ways that there are. */
	if (bytes != NULL && size > 0 && bytes[size / 2] % 8 == 7)
		judge(bytes, size, false);
	else if (bytes != NULL)
		use(bytes, size);
}
