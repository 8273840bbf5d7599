/*
 * region.c: opens a region file and proves what its first page claims.
 * In: a path, a directory and a path, or bytes in memory.
 * Out: a struct dim_region whose section bounds are right, or a status. O(1); no content page is touched.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

static bool is_zero(const uint8_t *bytes, size_t size)
{
	uint8_t all = 0;
	size_t i;

	for (i = 0; i < size; i++)
		all |= bytes[i];
	return all == 0;
}

/* The header's fields, one by one, in the order in which a reader may believe them. */
static enum dim_status read_header(struct dim_region *r, struct dim_error *err)
{
	const struct dim_header *h;
	uint32_t version, header_size;

	if (r->size < sizeof(h->magic) || memcmp(r->base, DIM_FORMAT_MAGIC, sizeof(h->magic)) != 0)
		return dim_fail(err, DIM_ERR_NOT_REGION, 0, 0, 0, r->size < 4 ? r->size : 4,
				"does not begin with the magic bytes \"MMAP\": not a region file");
	h = dim_door(r, 0, sizeof(*h));
	if (h == NULL)
		return dim_fail(err, DIM_ERR_DAMAGED, 0, 0, 0, r->size,
				"cut short: %llu bytes, and the header alone has 256", (unsigned long long)r->size);
	version = dim_fetch32(&h->version);
	header_size = dim_fetch32(&h->header_size);
	r->dimension_id = dim_fetch32(&h->dimension_id);
	r->layer_count = dim_fetch32(&h->layer_count);
	r->total_size = dim_fetch64(&h->total_size);
	r->alignment = dim_fetch32(&h->alignment);
	r->metadata_offset = dim_fetch64(&h->metadata_offset);
	r->metadata_size = dim_fetch64(&h->metadata_size);
	r->layout = dim_fetch32(&h->layout);
	r->section_count = dim_fetch32(&h->section_count);
	memcpy(r->checksum, h->checksum, sizeof(r->checksum));

	if (version > DIM_FORMAT_VERSION)
		return dim_fail(err, DIM_ERR_VERSION, r->dimension_id, 0, 4, 4,
				"format version %u; this program knows version %u", version, DIM_FORMAT_VERSION);
	if (version == 0)
		return dim_fail(err, DIM_ERR_DAMAGED, r->dimension_id, 0, 4, 4, "format version 0 does not exist");
	if (header_size != DIM_FORMAT_HEADER_SIZE)
		return dim_fail(err, DIM_ERR_DAMAGED, r->dimension_id, 0, 56, 4, "header_size is %u, not 256",
				header_size);
	if (r->dimension_id == 0 || r->dimension_id > 65535)
		return dim_fail(err, DIM_ERR_DAMAGED, 0, 0, 8, 4, "dimension_id %u is outside 1..65535",
				r->dimension_id);
	if (r->total_size > r->size)
		return dim_fail(err, DIM_ERR_DAMAGED, r->dimension_id, 0, 16, 8,
				"cut short: the header states %llu bytes, the file has %llu",
				(unsigned long long)r->total_size, (unsigned long long)r->size);
	if (r->alignment < DIM_FORMAT_MIN_ALIGNMENT || r->alignment > DIM_FORMAT_MAX_ALIGNMENT ||
	    (r->alignment & (r->alignment - 1)) != 0)
		return dim_fail(err, DIM_ERR_DAMAGED, r->dimension_id, 0, 60, 4,
				"alignment %u is not a power of two of at least 4096", r->alignment);
	if (r->layout > DIM_FORMAT_LAYOUT_PACKED)
		return dim_fail(err, DIM_ERR_DAMAGED, r->dimension_id, 0, 80, 4, "unknown layout %u", r->layout);
	if (!is_zero(h->reserved, sizeof(h->reserved)))
		return dim_fail(err, DIM_ERR_DAMAGED, r->dimension_id, 0, offsetof(struct dim_header, reserved),
				sizeof(h->reserved), "reserved bytes of the header are not zero");
	if (r->metadata_size > r->total_size || r->metadata_offset > r->total_size - r->metadata_size ||
	    r->metadata_offset < DIM_FORMAT_HEADER_SIZE)
		return dim_fail(err, DIM_ERR_DAMAGED, r->dimension_id, 0, 64, 16, "the metadata lead outside the file");
	if (r->layout == DIM_FORMAT_LAYOUT_PAGE ? r->metadata_offset != DIM_FORMAT_HEADER_SIZE
						: r->metadata_offset + r->metadata_size != r->total_size ||
							  r->metadata_offset % DIM_FORMAT_SECTION_ALIGNMENT != 0)
		return dim_fail(err, DIM_ERR_DAMAGED, r->dimension_id, 0, 64, 16,
				"the metadata are not where this layout has them");
	return DIM_OK;
}

/* The section directory: ascending kinds, the known ones all there, in bounds, tiling the metadata. */
static enum dim_status read_sections(struct dim_region *r, struct dim_error *err)
{
	uint64_t at = r->metadata_offset;
	uint64_t end = r->metadata_offset + r->metadata_size;
	uint64_t directory = (uint64_t)r->section_count * sizeof(struct dim_section);
	uint64_t last = at + directory;
	uint32_t i, known = 0, last_kind = 0;

	if (r->section_count > DIM_FORMAT_MAX_SECTIONS || directory > r->metadata_size)
		return dim_fail(err, DIM_ERR_DAMAGED, r->dimension_id, 0, 84, 4, "section_count %u is impossible",
				r->section_count);
	for (i = 0; i < r->section_count; i++, at += sizeof(struct dim_section)) {
		const struct dim_section *s = dim_door(r, at, sizeof(*s));
		uint32_t kind;
		uint64_t offset, size;

		if (s == NULL)
			return dim_fail(err, DIM_ERR_DAMAGED, r->dimension_id, 0, at, sizeof(*s), "section %u is cut",
					i);
		kind = dim_fetch32(&s->kind);
		offset = dim_fetch64(&s->offset);
		size = dim_fetch64(&s->size);
		if (kind <= last_kind) /* this entry or the one before it */
			return dim_fail(err, DIM_ERR_DAMAGED, r->dimension_id, 0, i > 0 ? at - sizeof(*s) : at,
					i > 0 ? 2 * sizeof(*s) : sizeof(*s),
					"the kinds of the sections do not ascend at section %u", i);
		last_kind = kind;
		if (dim_fetch32(&s->reserved) != 0)
			return dim_fail(err, DIM_ERR_DAMAGED, r->dimension_id, 0, at, sizeof(*s),
					"reserved bytes of section %u are not zero", i);
		if (offset != dim_align_up(last, DIM_FORMAT_SECTION_ALIGNMENT) || offset > end || size > end - offset)
			return dim_fail(err, DIM_ERR_DAMAGED, r->dimension_id, 0, i > 0 ? at - sizeof(*s) : at,
					i > 0 ? 2 * sizeof(*s) : sizeof(*s),
					"section %u overlaps another, leaves a gap or leads outside the metadata", i);
		last = offset + size;
		if (kind > DIM_SECTION_KNOWN)
			continue; /* an optional section of a later day */
		known++;
		r->section[kind].offset = offset;
		r->section[kind].size = size;
	}
	if (last != end)
		return dim_fail(err, DIM_ERR_DAMAGED, r->dimension_id, 0, 72, 8,
				"the sections do not end where the metadata do");
	if (known != DIM_SECTION_KNOWN)
		return dim_fail(err, DIM_ERR_DAMAGED, r->dimension_id, 0, r->metadata_offset, directory,
				"a section that version 1 requires is missing");
	return DIM_OK;
}

/* The sections' sizes against the counts. */
static enum dim_status read_counts(struct dim_region *r, struct dim_error *err)
{
	uint64_t keywords = r->section[DIM_SECTION_KEYWORDS].size / sizeof(struct dim_keyword_record);
	uint64_t postings = r->section[DIM_SECTION_POSTINGS].size / 4;
	uint64_t want[DIM_SECTION_KNOWN + 1] = {0};
	uint32_t kind;

	want[DIM_SECTION_DIMENSION] = sizeof(struct dim_dimension_record);
	want[DIM_SECTION_LAYERS] = (uint64_t)r->layer_count * sizeof(struct dim_layer_record);
	want[DIM_SECTION_FREQUENCY_ORDER] = (uint64_t)r->layer_count * 4;
	want[DIM_SECTION_LAYER_KEYWORDS] = postings * 4;
	want[DIM_SECTION_POSTINGS] = postings * 4;
	want[DIM_SECTION_KEYWORDS] = keywords * sizeof(struct dim_keyword_record);
	if (keywords > DIM_FORMAT_MAX_KEYWORDS || postings > DIM_FORMAT_MAX_POSTINGS ||
	    r->section[DIM_SECTION_STRINGS].size > UINT32_MAX)
		return dim_fail(err, DIM_ERR_DAMAGED, r->dimension_id, 0, r->metadata_offset, r->metadata_size,
				"a section is larger than version 1 allows");
	want[DIM_SECTION_KEYWORD_HASH] = dim_format_hash_slots((uint32_t)keywords) * sizeof(struct dim_hash_slot);
	want[DIM_SECTION_STRINGS] = r->section[DIM_SECTION_STRINGS].size;
	for (kind = 1; kind <= DIM_SECTION_KNOWN; kind++)
		if (r->section[kind].size != want[kind])
			return dim_fail(err, DIM_ERR_DAMAGED, r->dimension_id, 0, r->section[kind].offset,
					r->section[kind].size,
					"section kind %u has %llu bytes where the counts ask for %llu", kind,
					(unsigned long long)r->section[kind].size, (unsigned long long)want[kind]);
	r->keyword_count = (uint32_t)keywords;
	r->posting_count = (uint32_t)postings;
	r->hash_mask = keywords == 0 ? 0 : (uint32_t)(dim_format_hash_slots((uint32_t)keywords) - 1);
	if (r->layer_count > 0)
		r->first_layer_id = dim_fetch32(&dim_layer_record_at(r, 0)->layer_id);
	return DIM_OK;
}

static enum dim_status check_size(uint64_t size, const struct dim_options *options, struct dim_error *err)
{
	uint64_t max = options != NULL && options->max_region_size != 0 ? options->max_region_size
									: DIM_FORMAT_DEFAULT_MAX_SIZE;

	if (size > max)
		return dim_fail(err, DIM_ERR_LIMIT, 0, 0, 0, 0,
				"%llu bytes are more than the allowed %llu (MMAP_MAX_SIZE)", (unsigned long long)size,
				(unsigned long long)max);
	if (size > SIZE_MAX)
		return dim_fail(err, DIM_ERR_LIMIT, 0, 0, 0, 0, "larger than the address space");
	return DIM_OK;
}

static enum dim_status open_bytes(struct dim_region *region, const struct dim_options *options, struct dim_error *err)
{
	enum dim_status status = check_size(region->size, options, err);

	if (status == DIM_OK)
		status = read_header(region, err);
	if (status == DIM_OK)
		status = read_sections(region, err);
	if (status == DIM_OK)
		status = read_counts(region, err);
	return status;
}

enum dim_status dim_region_from_memory(const void *bytes, size_t size, const struct dim_options *options,
				       struct dim_region **ret_region, struct dim_error *ret_error)
{
	struct dim_region *region;
	enum dim_status status;

	if (bytes == NULL && size > 0)
		return dim_fail(ret_error, DIM_ERR_USAGE, 0, 0, 0, 0, "no bytes given");
	region = calloc(1, sizeof(*region));
	if (region == NULL)
		return dim_fail(ret_error, DIM_ERR_MEMORY, 0, 0, 0, 0, "out of memory");
	region->base = bytes;
	region->size = size;
	status = open_bytes(region, options, ret_error);
	if (status == DIM_OK)
		*ret_region = region;
	else
		dim_region_close(region);
	return status;
}

enum dim_status dim_region_openat(int dirfd, const char *path, const struct dim_options *options,
				  struct dim_region **ret_region, struct dim_error *ret_error)
{
	struct dim_region *region = NULL;
	enum dim_status status;
	struct stat st;
	void *base;
	/* O_NONBLOCK: a FIFO put in the place of a region must not hang a service; mappings do not care. */
	int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 || fstat(fd, &st) != 0) {
		status = dim_fail_errno(ret_error, errno, "cannot open the region");
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		status = dim_fail(ret_error, DIM_ERR_NOT_REGION, 0, 0, 0, 0, "not a regular file");
		goto out;
	}
	status = check_size((uint64_t)st.st_size, options, ret_error);
	if (status != DIM_OK)
		goto out;
	if (st.st_size == 0) {
		status = dim_fail(ret_error, DIM_ERR_NOT_REGION, 0, 0, 0, 0, "an empty file is not a region");
		goto out;
	}
	region = calloc(1, sizeof(*region));
	if (region == NULL) {
		status = dim_fail(ret_error, DIM_ERR_MEMORY, 0, 0, 0, 0, "out of memory");
		goto out;
	}
	base = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (base == MAP_FAILED) {
		status = dim_fail_errno(ret_error, errno, "cannot map the region");
		goto out;
	}
	region->base = base;
	region->size = (uint64_t)st.st_size;
	region->is_mapped = true;
	region->reads_once = options != NULL && options->reads_once;
	status = open_bytes(region, options, ret_error);
	if (status == DIM_OK) {
		*ret_region = region;
		region = NULL;
	}
out:
	dim_region_close(region);
	if (fd >= 0)
		close(fd);
	return status;
}

enum dim_status dim_region_open(const char *path, const struct dim_options *options, struct dim_region **ret_region,
				struct dim_error *ret_error)
{
	return dim_region_openat(AT_FDCWD, path, options, ret_region, ret_error);
}

void dim_region_close(struct dim_region *region)
{
	if (region == NULL)
		return;
	if (region->is_mapped)
		munmap((void *)(uintptr_t)region->base, (size_t)region->size);
	free(region);
}
