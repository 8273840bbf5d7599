/*
 * layout_test.c: where the layers of a region stand.
 * In: nothing.
 * Out: nothing while slots tile the region, and sums that do not fit 63 bits are refused.
 */
#include "../../compiler/layout.h"
#include "test.h"

/* The original specification's example: contents of 4096 and 8192 bytes stand at 256 and 4352. */
static void check_packed(void)
{
	struct slot slots[3] = {{.content_size = 4096}, {.content_size = 8192}, {.content_size = 1}};
	struct region_layout at;

	CHECK(layout_region(LAYOUT_PACKED, 4096, 1000, slots, 3, &at));
	CHECK(slots[0].offset == 256 && slots[0].size == 4096);
	CHECK(slots[1].offset == 4352 && slots[1].size == 8192);
	CHECK(slots[2].offset == 12544 && slots[2].size == 4096);
	CHECK(at.contents_offset == 256 && at.metadata_offset == 16640 && at.total_size == 17640);
}

static void check_page(void)
{
	struct slot slots[3] = {{.content_size = 4096}, {.content_size = 4097}, {.content_size = 1}};
	struct region_layout at;

	CHECK(layout_region(LAYOUT_PAGE, 4096, 1000, slots, 3, &at));
	CHECK(at.metadata_offset == 256 && at.contents_offset == 4096 && at.total_size == 20480);
	CHECK(slots[0].offset == 4096 && slots[0].size == 4096);
	CHECK(slots[1].offset == 8192 && slots[1].size == 8192);
	CHECK(slots[2].offset == 16384 && slots[2].size == 4096);
	CHECK(layout_region(LAYOUT_PAGE, 4096, 4096 - 256, slots, 1, &at) && at.contents_offset == 4096);
	CHECK(layout_region(LAYOUT_PAGE, 4096, 4096 - 255, slots, 1, &at) && at.contents_offset == 8192);
	CHECK(layout_region(LAYOUT_PAGE, 1u << 21, 1000, slots, 3, &at));
	CHECK(slots[0].offset == 1u << 21 && slots[2].offset == 3u << 21 && at.total_size == 4u << 21);
}

/* Metadata, slots and padding follow each other without a gap, for all sizes around the edges. */
static void check_tiling(void)
{
	static const uint64_t sizes[] = {1, 2, 63, 64, 255, 256, 4095, 4096, 4097, 8191, 8192, 65535, 1000000};
	enum { COUNT = sizeof(sizes) / sizeof(sizes[0]) };
	uint32_t alignment;
	size_t i, k;

	for (alignment = 4096; alignment <= 1u << 22; alignment *= 4) {
		for (i = 0; i < COUNT; i++) {
			struct slot slots[COUNT];
			struct region_layout page, packed;
			uint64_t next;

			for (k = 0; k < COUNT; k++)
				slots[k].content_size = sizes[(i + k) % COUNT];
			CHECK(layout_region(LAYOUT_PACKED, alignment, sizes[i], slots, COUNT, &packed));
			for (next = 256, k = 0; k < COUNT; next += slots[k].size, k++)
				CHECK(slots[k].offset == next && slots[k].size % alignment == 0 &&
				      slots[k].size >= slots[k].content_size &&
				      slots[k].size - slots[k].content_size < alignment);
			CHECK(packed.metadata_offset == next && packed.total_size == next + sizes[i]);
			CHECK(layout_region(LAYOUT_PAGE, alignment, sizes[i], slots, COUNT, &page));
			CHECK(page.metadata_offset == 256 && page.contents_offset % alignment == 0);
			CHECK(page.contents_offset >= 256 + sizes[i] &&
			      page.contents_offset - 256 - sizes[i] < alignment);
			for (next = page.contents_offset, k = 0; k < COUNT; next += slots[k].size, k++)
				CHECK(slots[k].offset == next);
			CHECK(page.total_size == next && next - page.contents_offset == packed.metadata_offset - 256);
		}
	}
}

static void check_overflow(void)
{
	static const enum layout layouts[] = {LAYOUT_PAGE, LAYOUT_PACKED};
	struct slot slots[2];
	struct region_layout at;
	size_t i;

	for (i = 0; i < 2; i++) {
		slots[0].content_size = UINT64_MAX;
		CHECK(!layout_region(layouts[i], 4096, 1000, slots, 1, &at));
		slots[0].content_size = INT64_MAX;
		CHECK(!layout_region(layouts[i], 4096, 1000, slots, 1, &at));
		slots[0].content_size = INT64_MAX / 2 + 1;
		slots[1].content_size = INT64_MAX / 2 + 1;
		CHECK(!layout_region(layouts[i], 4096, 1000, slots, 2, &at));
		slots[0].content_size = 1;
		CHECK(!layout_region(layouts[i], 4096, UINT64_MAX, slots, 1, &at));
		CHECK(!layout_region(layouts[i], 4096, INT64_MAX, slots, 1, &at));
		CHECK(!layout_region(layouts[i], 4096, INT64_MAX - 300, slots, 1, &at));
		slots[0].content_size = INT64_MAX / 4;
		slots[1].content_size = INT64_MAX / 4;
		CHECK(layout_region(layouts[i], 1u << 30, 1000, slots, 2, &at) && at.total_size <= INT64_MAX);
		CHECK(at.total_size > INT64_MAX / 2);
	}
}

int main(void)
{
	struct region_layout at;

	check_packed();
	check_page();
	check_tiling();
	check_overflow();
	CHECK(layout_region(LAYOUT_PAGE, 4096, 1000, NULL, 0, &at) && at.total_size == 4096);
	CHECK(layout_region(LAYOUT_PACKED, 4096, 1000, NULL, 0, &at) && at.total_size == 1256);
	return 0;
}
