/*
 * source.c: where the bytes of a region come from: a file, or somebody's memory.
 * In: a directory and a path, a descriptor, or bytes.
 * Out: pieces of it by pread(2), before anything is mapped; then all of it, mapped or copied into sealed memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22 /* Linux 5.14 */
#endif

static enum dim_status check_size(uint64_t size, const struct dim_options *options, struct dim_error *err)
{
	uint64_t max = options != NULL && options->max_region_size != 0 ? options->max_region_size
									: DIM_FORMAT_DEFAULT_MAX_SIZE;

	if (size > max)
		return dim_fail_limit(err, max, size, "%llu bytes are more than the allowed %llu (MMAP_MAX_SIZE)",
				      (unsigned long long)size, (unsigned long long)max);
#if SIZE_MAX < UINT64_MAX
	if (size > SIZE_MAX)
		return dim_fail(err, DIM_ERR_MEMORY, 0, 0, 0, 0, "%llu bytes are more than this system can address",
				(unsigned long long)size);
#endif
	return DIM_OK;
}

enum dim_status dim_source_memory(const void *bytes, size_t size, const struct dim_options *options,
				  struct dim_source *ret, struct dim_error *err)
{
	if (bytes == NULL && size > 0)
		return dim_fail(err, DIM_ERR_USAGE, 0, 0, 0, 0, "no bytes given");
	*ret = (struct dim_source){.bytes = bytes, .size = size, .descriptor = -1};
	return check_size(size, options, err);
}

int dim_source_descriptor(int dirfd, const char *path)
{
	/* O_NONBLOCK: a FIFO put in the place of a region must not hang a service; mappings do not care. */
	return openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

enum dim_status dim_source_file(int fd, const struct dim_options *options, struct dim_source *ret,
				struct dim_error *err)
{
	enum dim_status status;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		status = dim_fail_errno(err, errno, "cannot open the region");
	else if (!S_ISREG(st.st_mode))
		status = dim_fail(err, DIM_ERR_NOT_REGION, 0, 0, 0, 0, "not a regular file");
	else if (st.st_size == 0)
		status = dim_fail(err, DIM_ERR_NOT_REGION, 0, 0, 0, 0, "an empty file is not a region");
	else
		status = check_size((uint64_t)st.st_size, options, err);
	if (status != DIM_OK) {
		if (fd >= 0)
			close(fd);
		return status;
	}
	*ret = (struct dim_source){.size = (uint64_t)st.st_size,
				   .descriptor = fd,
				   .device = st.st_dev,
				   .inode = st.st_ino,
				   .owner = st.st_uid};
	return DIM_OK;
}

void dim_source_close(struct dim_source *source)
{
	if (source->descriptor >= 0)
		close(source->descriptor);
	source->descriptor = -1;
}

/* All of the bytes, or a status: a file that ends too early was cut since its size was asked. */
static enum dim_status read_all(int fd, uint64_t offset, void *to, size_t size, struct dim_error *err)
{
	ssize_t n = dim_read_at(fd, offset, to, size);

	if (n < 0)
		return dim_fail_errno(err, errno, "cannot read the region");
	if ((size_t)n < size)
		return dim_fail(err, DIM_ERR_DAMAGED, 0, 0, offset, size, "cut short while it was opened");
	return DIM_OK;
}

enum dim_status dim_source_read(struct dim_source *source, uint64_t offset, void *to, size_t size,
				struct dim_error *err)
{
	enum dim_status status = DIM_OK;
	size_t head = source->size < sizeof(source->head) ? (size_t)source->size : sizeof(source->head);

	if (source->bytes != NULL) {
		memcpy(to, source->bytes + offset, size);
		return DIM_OK;
	}
	/* One read brings the header, the directory of the sections and the first layer's record of most regions. */
	if (source->head_size == 0) {
		status = read_all(source->descriptor, 0, source->head, head, err);
		if (status != DIM_OK)
			return status;
		source->head_size = head;
	}
	if (offset + size > source->head_size)
		return read_all(source->descriptor, offset, to, size, err);
	memcpy(to, source->head + offset, size);
	return DIM_OK;
}

/* In steps: a thread that is interrupted all the time would never get to the end of a large region at once. */
static bool reserve(int fd, uint64_t size)
{
	enum { STEP = 4 << 20 };
	uint64_t at, step;

	for (at = 0; at < size; at += step) {
		step = size - at < STEP ? size - at : STEP;
		while (fallocate(fd, 0, (off_t)at, (off_t)step) != 0)
			if (errno != EINTR)
				return false;
	}
	return true;
}

static enum dim_status sealed_copy(struct dim_source *source, void **ret_base, struct dim_error *err)
{
	size_t size = (size_t)source->size;
	enum dim_status status = DIM_OK;
	void *base = MAP_FAILED;
	int fd = memfd_create("dim-region", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	/* Reserved first, so that a lack of memory is an error here and not a signal below. */
	if (fd < 0 || ftruncate(fd, (off_t)size) != 0 || !reserve(fd, size)) {
		status = dim_fail_errno(err, errno == ENOSPC ? ENOMEM : errno, "cannot copy the region into memory");
		goto out;
	}
	base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (base == MAP_FAILED) {
		status = dim_fail_errno(err, errno, "cannot copy the region into memory");
		goto out;
	}
	status = read_all(source->descriptor, 0, base, size, err);
	munmap(base, size);
	base = MAP_FAILED;
	if (status != DIM_OK)
		goto out;
	/* Private: before Linux 6.7, a shared mapping of what is sealed against writing is refused, a read-only one,
	 * too. */
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0 ||
	    (base = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0)) == MAP_FAILED)
		status = dim_fail_errno(err, errno, "cannot seal the copy in memory");
out:
	if (fd >= 0)
		close(fd);
	if (status == DIM_OK)
		*ret_base = base;
	return status;
}

static int advice_of(uint32_t advice)
{
	switch (advice) {
	case DIM_ADVICE_RANDOM:
		return MADV_RANDOM;
	case DIM_ADVICE_SEQUENTIAL:
		return MADV_SEQUENTIAL;
	case DIM_ADVICE_WILLNEED:
		return MADV_WILLNEED;
	case DIM_ADVICE_HUGEPAGE:
		return MADV_HUGEPAGE;
	default:
		return MADV_NORMAL;
	}
}

enum dim_status dim_source_map(const struct dim_source *source, const struct dim_options *options, void **ret_base,
			       struct dim_error *err)
{
	uint32_t flags = options != NULL ? options->flags : 0;
	int advice = advice_of(options != NULL ? options->advice : DIM_ADVICE_RANDOM);
	size_t size = (size_t)source->size;
	void *base = mmap(NULL, size, PROT_READ, MAP_SHARED, source->descriptor, 0);

	if (base == MAP_FAILED)
		return dim_fail_errno(err, errno, "cannot map the region");
	if (advice != MADV_NORMAL)
		madvise(base, size, advice);
	/* Unlike a touch, it takes no signal where somebody truncates the file. Older kernels: read in the background.
	 */
	if ((flags & DIM_PREFAULT) != 0 && madvise(base, size, MADV_POPULATE_READ) != 0) {
		if (errno == EFAULT) {
			munmap(base, size);
			return dim_fail(err, DIM_ERR_DAMAGED, 0, 0, 0, 0, "cut short while it was opened");
		}
		madvise(base, size, MADV_WILLNEED);
	}
	*ret_base = base;
	return DIM_OK;
}

enum dim_status dim_source_seal(struct dim_source *source, const struct dim_options *options, struct dim_error *err)
{
	void *base;
	enum dim_status status = sealed_copy(source, &base, err);

	if (status != DIM_OK)
		return status;
	if (options->advice == DIM_ADVICE_HUGEPAGE)
		madvise(base, (size_t)source->size, MADV_HUGEPAGE);
	source->bytes = base;
	return DIM_OK;
}
