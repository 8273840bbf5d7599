/*
 * kernel_test.c: what the kernel says about files: whose they are, which they are, how much of them is in memory.
 * In: the volume that tests/unit.bats compiles.
 * Out: nothing while libdim takes no file for another, and tells of no page that it may not know.
 */
#include "faults.h"
#include "volumes.h"

enum { MIB = 1 << 20, SIZE = 20 * MIB, PAGE = 65536 }; /* a multiple of every page size */

static char volume_path[4096];

/* --- pages --- */

static uint64_t resident(const struct dim_region *r, uint64_t offset, uint64_t size)
{
	uint64_t bytes = 42;

	CHECK(dim_region_resident(r, offset, size, &bytes) == DIM_OK);
	CHECK(bytes <= size + 2 * (uint64_t)PAGE && bytes % (uint64_t)sysconf(_SC_PAGESIZE) == 0);
	return bytes;
}

/* A region of a few kilobytes in a file of many megabytes. */
static struct dim_region *large_region(uint32_t flags)
{
	struct dim_options options = {.max_region_size = SIZE, .flags = flags};
	struct dim_span all = slurp(region_path(in(volume_path, "consciousness"), 1));
	struct dim_region *r = NULL;

	write_file("large", all.data, all.size);
	free((void *)(uintptr_t)all.data);
	CHECK(truncate("large", SIZE) == 0);
	CHECK(dim_region_open("large", &options, &r, NULL) == DIM_OK && dim_region_file_size(r) == SIZE);
	return r;
}

/* The advice covers a range of [from, to) of whole pages; or there is none. */
static void check_advice(const struct dim_region *r, int advice, uint64_t from, uint64_t to)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	if (from < to) {
		CHECK(advised.advice == advice && advised.base == dim_region_bytes(r).data + from);
		CHECK(from % page == 0 && advised.size == to - from);
	} else {
		CHECK(advised.base == NULL);
	}
	memset(&advised, 0, sizeof(advised));
}

static void check_hints(const struct dim_region *r)
{
	static const uint64_t ranges[][2] = {{0, SIZE},	    {0, UINT64_MAX}, {SIZE, 1}, {UINT64_MAX, UINT64_MAX},
					     {0, 0},	    {1, 1},	     {1, PAGE}, {PAGE - 1, 2},
					     {SIZE - 1, 1}, {5, PAGE + 5},   {5, SIZE}, {PAGE, PAGE}};
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	size_t i;

	memset(&advised, 0, sizeof(advised));
	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		uint64_t from = ranges[i][0], size = ranges[i][1], to;

		from = from < SIZE ? from : SIZE;
		to = size < SIZE - from ? from + size : SIZE;
		dim_region_prefetch(r, ranges[i][0], size);
		check_advice(r, MADV_WILLNEED, from < to ? from / page * page : to, to);
		dim_region_give_back(r, ranges[i][0], size);
		check_advice(r, MADV_DONTNEED, (from + page - 1) / page * page, to == SIZE ? to : to / page * page);
	}
}

static void check_pages(void)
{
	struct dim_region *r = large_region(DIM_READS_ONCE), *copy = NULL;
	struct dim_options options = {.max_region_size = SIZE};
	struct dim_span all = dim_region_bytes(r);
	uint64_t bytes = 42, before;

	CHECK(dim_verify_region(r, NULL, NULL) == DIM_OK);
	CHECK(advised.advice == MADV_DONTNEED);
	CHECK(resident(r, 0, SIZE) <= SIZE && resident(r, SIZE - PAGE, PAGE) <= PAGE && resident(r, 0, 0) == 0);
	CHECK(all.data[0] == 'M' && resident(r, 0, 1) > 0);
	CHECK(dim_region_resident(r, 0, (uint64_t)SIZE + 1, &bytes) == DIM_ERR_USAGE && bytes == 42);
	CHECK(dim_region_resident(r, SIZE, 1, &bytes) == DIM_ERR_USAGE && bytes == 42);
	check_hints(r);
	before = resident(r, 0, SIZE);
	dim_region_prefetch(r, 0, SIZE);
	CHECK(resident(r, 0, SIZE) >= before);
	CHECK(dim_region_from_memory(all.data, all.size, &options, &copy, NULL) == DIM_OK);
	memset(&advised, 0, sizeof(advised));
	dim_region_prefetch(copy, 0, SIZE);
	dim_region_give_back(copy, 0, SIZE);
	check_advice(copy, 0, 0, 0);
	CHECK(dim_verify_region(copy, NULL, NULL) == DIM_OK); /* the same bytes as before */
	dim_region_close(copy);
	dim_region_close(r);
}

/* Metadata are read ahead where the first touch of them had to wait, and there alone. */
static void check_read_ahead(void)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct dim_region *r = large_region(0), *copy = NULL;
	struct dim_options options = {.max_region_size = SIZE};
	struct dim_span all = dim_region_bytes(r);
	uint64_t end = dim_region_metadata_offset(r) + dim_region_metadata_size(r);

	memset(&advised, 0, sizeof(advised));
	CHECK(dim_region_check(r, NULL) == DIM_OK);
	check_advice(r, 0, 0, 0);
	claims.waits = 1;
	CHECK(dim_region_check(r, NULL) == DIM_OK);
	check_advice(r, MADV_WILLNEED, dim_region_metadata_offset(r) / page * page, end);
	CHECK(dim_region_from_memory(all.data, all.size, &options, &copy, NULL) == DIM_OK);
	CHECK(dim_region_check(copy, NULL) == DIM_OK);
	check_advice(copy, 0, 0, 0);
	claims.waits = 0;
	dim_region_close(copy);
	dim_region_close(r);
}

/* The kernel tells the owner, and those whom it takes for him. */
static void check_whose(void)
{
	struct dim_region *r = large_region(0);
	uint64_t bytes = 42;

	claims.is_somebody_else = true;
	CHECK(dim_region_resident(r, 0, SIZE, &bytes) == DIM_ERR_UNKNOWN && bytes == 42);
	claims.capabilities = 1u << CAP_CHOWN;
	CHECK(dim_region_resident(r, 0, SIZE, &bytes) == DIM_ERR_UNKNOWN && bytes == 42);
	claims.capabilities = 1u << CAP_FOWNER;
	CHECK(dim_region_resident(r, 0, SIZE, &bytes) == DIM_OK && bytes != 42);
	claims.is_unknown = true; /* capabilities do not reach a file of nobody in this namespace */
	dim_region_close(r);
	r = large_region(0);
	bytes = 42;
	CHECK(dim_region_resident(r, 0, SIZE, &bytes) == DIM_ERR_UNKNOWN && bytes == 42);
	dim_region_close(r);
	memset(&claims, 0, sizeof(claims));
}

/* --- files --- */

/* Another file system has the same inode numbers; only the device tells. */
static void check_devices(void)
{
	struct dim_options copies = {.flags = DIM_IN_MEMORY};
	struct dim_volume *v, *other = NULL;
	const struct dim_snapshot *before, *after;
	struct dim_error error;
	bool changed = true;

	publish_all("v", volume_path, COPY);
	v = opened("v", NULL);
	before = dim_volume_acquire(v);
	claims.mounted_over = 1; /* for a moment: it was put back before the look at it was over */
	CHECK(!refreshed(v) && claims.mounted_over == 0 && usage_of(v).serial == 1);
	claims.mounted_over = UINT32_MAX;
	CHECK(dim_volume_refresh(v, &changed, &error) == DIM_ERR_NOT_FOUND && changed);
	CHECK(strstr(error.message, "at every attempt") != NULL && strlen(error.path) > 0);
	CHECK(dim_volume_open("v", NULL, &other, &error) == DIM_ERR_NOT_FOUND && other == NULL);
	claims.mounted_over = 0;
	CHECK(!refreshed(v) && usage_of(v).serial == 1);
	claims.device = 1; /* for good */
	CHECK(refreshed(v) && usage_of(v).serial == 2);
	after = dim_volume_acquire(v);
	CHECK(dim_snapshot_region_at(before, 0) != dim_snapshot_region_at(after, 0));
	claims.device = 0;
	dim_snapshot_release(after);
	dim_snapshot_release(before);
	dim_volume_close(v);

	v = opened("v", &copies); /* a copy stays right whatever the file is */
	before = dim_volume_acquire(v);
	claims.device = 1;
	CHECK(refreshed(v) && usage_of(v).serial == 2);
	after = dim_volume_acquire(v);
	CHECK(dim_snapshot_region_at(before, 0) == dim_snapshot_region_at(after, 0));
	claims.device = 0;
	dim_snapshot_release(after);
	dim_snapshot_release(before);
	dim_volume_close(v);
}

static unsigned looks;

static void count_looks(void *context, const struct dim_event *event)
{
	(void)context;
	looks += event->kind == DIM_EVENT_REFUSE;
}

/* What was refused is not looked at again, unless it is something else: another device, another time. */
static void check_refused(void)
{
	struct dim_options options = {.trace = count_looks};
	struct dim_volume *v;
	struct dim_error error;
	bool changed = true;
	int i;

	publish_all("v", volume_path, COPY);
	v = opened("v", &options);
	CHECK(mkdir("v/staged", 0755) == 0 && mkdir("v/staged/D01", 0755) == 0);
	write_file("v/staged/D01/region.mmap", "MMAP", 4);
	publish("v");
	for (i = 0; i < 5; i++) {
		looks = 0;
		CHECK(dim_volume_refresh(v, &changed, &error) == DIM_ERR_DAMAGED && changed && looks == 1);
		CHECK(dim_volume_refresh(v, NULL, &error) == DIM_ERR_DAMAGED && looks == 1);
		CHECK(strstr(error.path, "D01/region.mmap") != NULL && error.dimension_id == 1);
		if (i == 0)
			claims.device = 1;
		if (i == 1)
			claims.later.tv_sec = 1;
		if (i == 2)
			claims.later.tv_nsec = 1;
		if (i == 3) { /* another directory */
			CHECK(mkdir("v/staged", 0755) == 0 && rename("v/consciousness/D01", "v/staged/D01") == 0);
			publish("v");
		}
	}
	memset(&claims, 0, sizeof(claims));
	dim_volume_close(v);
}

int main(int argc, char **argv)
{
	CHECK(argc >= 2 && realpath(argv[1], volume_path) != NULL);
	CHECK(chdir(in(volume_path, "temp")) == 0);
	check_pages();
	check_read_ahead();
	check_whose();
	check_devices();
	check_refused();
	CHECK(held.mappings == 0);
	return 0;
}
