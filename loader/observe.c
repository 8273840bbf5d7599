/*
 * observe.c: what the kernel does behind a mapping: residency, faults, read-ahead.
 * In: an open region and a range of its bytes.
 * Out: numbers for people and metrics, and hints to the kernel. Nothing here changes what a reader reads.
 */
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

static uint64_t page_size(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

/*
 * mincore(2) tells about a file's pages to those who own it or may write to it, and claims to everybody else that all
 * are resident. Published files are writable to nobody; what remains are the owner and the capabilities that stand in
 * for it, which do not reach a file of a user that this namespace does not know.
 */
static bool may_ask(const struct dim_region *region)
{
	enum { NOBODY = 65534, CAPABILITIES = 1u << CAP_DAC_OVERRIDE | 1u << CAP_FOWNER };
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {{0}, {0}};

	if (region->owner == geteuid())
		return true;
	return region->owner != NOBODY && syscall(SYS_capget, &header, data) == 0 &&
	       (data[0].effective & CAPABILITIES) != 0;
}

enum dim_status dim_region_resident(const struct dim_region *region, uint64_t offset, uint64_t size,
				    uint64_t *ret_bytes)
{
	enum { CHUNK = 4096 };
	unsigned char in_core[CHUNK];
	uint64_t page = page_size(), count, i, at, end, resident = 0;

	if (region->backing != DIM_BACKING_FILE || dim_door(region, offset, size) == NULL)
		return DIM_ERR_USAGE;
	if (!may_ask(region))
		return DIM_ERR_UNKNOWN;
	end = size == 0 ? 0 : dim_align_up(offset + size, page) / page;
	for (at = offset / page; at < end; at += count) {
		count = end - at < CHUNK ? end - at : CHUNK;
		if (mincore((void *)(uintptr_t)(region->base + at * page), (size_t)(count * page), in_core) != 0)
			return DIM_ERR_SYSTEM;
		for (i = 0; i < count; i++)
			resident += in_core[i] & 1;
	}
	*ret_bytes = resident * page;
	return DIM_OK;
}

/* Cuts a range to the mapping; false where nothing is left of it. */
static bool inside(const struct dim_region *region, uint64_t offset, uint64_t *end, uint64_t size)
{
	if (region->backing != DIM_BACKING_FILE || offset >= region->size)
		return false;
	*end = size < region->size - offset ? offset + size : region->size;
	return *end > offset;
}

void dim_region_prefetch(const struct dim_region *region, uint64_t offset, uint64_t size)
{
	uint64_t end;

	if (!inside(region, offset, &end, size))
		return;
	offset &= ~(page_size() - 1);
	madvise((void *)(uintptr_t)(region->base + offset), (size_t)(end - offset), MADV_WILLNEED);
}

void dim_region_give_back(const struct dim_region *region, uint64_t offset, uint64_t size)
{
	uint64_t end;

	if (!inside(region, offset, &end, size))
		return;
	/* The last page of a file is whole, though the file is not. */
	offset = dim_align_up(offset, page_size());
	if (end < region->size)
		end &= ~(page_size() - 1);
	if (end > offset)
		madvise((void *)(uintptr_t)(region->base + offset), (size_t)(end - offset), MADV_DONTNEED);
}

enum dim_status dim_faults(struct dim_faults *ret_faults)
{
	struct rusage usage;

	if (getrusage(RUSAGE_THREAD, &usage) != 0)
		return DIM_ERR_UNKNOWN;
	ret_faults->minor = (uint64_t)usage.ru_minflt;
	ret_faults->major = (uint64_t)usage.ru_majflt;
	return DIM_OK;
}
