/*
 * region.c: opens a region file and proves what its header and its directory of sections claim.
 * In: a path, a directory and a path, or bytes in memory.
 * Out: a struct dim_region whose section bounds are right, or a status. O(1); no page of the mapping is touched.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "region.h"
#include "source.h"

static bool is_zero(const uint8_t *bytes, size_t size)
{
	uint8_t all = 0;
	size_t i;

	for (i = 0; i < size; i++)
		all |= bytes[i];
	return all == 0;
}

/* The header's fields, one by one, in the order in which a reader may believe them. */
static enum dim_status read_header(struct dim_region *r, struct dim_source *source, struct dim_error *err)
{
	struct dim_header header = {0};
	const struct dim_header *h = &header;
	uint32_t version, header_size;
	size_t there = r->size < sizeof(header) ? (size_t)r->size : sizeof(header);
	enum dim_status status = dim_source_read(source, 0, &header, there, err);

	if (status != DIM_OK)
		return status;
	if (there < sizeof(h->magic) || memcmp(h->magic, DIM_FORMAT_MAGIC, sizeof(h->magic)) != 0)
		return dim_fail(err, DIM_ERR_NOT_REGION, 0, 0, 0, r->size < 4 ? r->size : 4,
				"does not begin with the magic bytes \"MMAP\": not a region file");
	if (there < sizeof(header))
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
static enum dim_status read_sections(struct dim_region *r, struct dim_source *source, struct dim_error *err)
{
	struct dim_section sections[DIM_FORMAT_MAX_SECTIONS];
	enum dim_status status;
	uint64_t at = r->metadata_offset;
	uint64_t end = r->metadata_offset + r->metadata_size;
	uint64_t directory = (uint64_t)r->section_count * sizeof(struct dim_section);
	uint64_t last = at + directory;
	uint32_t i, known = 0, last_kind = 0;

	if (r->section_count > DIM_FORMAT_MAX_SECTIONS || directory > r->metadata_size)
		return dim_fail(err, DIM_ERR_DAMAGED, r->dimension_id, 0, 84, 4, "section_count %u is impossible",
				r->section_count);
	status = dim_source_read(source, at, sections, (size_t)directory, err);
	if (status != DIM_OK)
		return status;
	for (i = 0; i < r->section_count; i++, at += sizeof(struct dim_section)) {
		const struct dim_section *s = &sections[i];
		uint32_t kind;
		uint64_t offset, size;

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
static enum dim_status read_counts(struct dim_region *r, struct dim_source *source, struct dim_error *err)
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
	if (r->layer_count > 0) {
		struct dim_le32 first_id;
		enum dim_status status =
			dim_source_read(source, r->section[DIM_SECTION_LAYERS].offset, &first_id, 4, err);

		if (status != DIM_OK)
			return status;
		r->first_layer_id = dim_fetch32(&first_id);
	}
	return DIM_OK;
}

static enum dim_status read_claims(struct dim_region *region, struct dim_source *source, struct dim_error *err)
{
	enum dim_status status = read_header(region, source, err);

	if (status == DIM_OK)
		status = read_sections(region, source, err);
	if (status == DIM_OK)
		status = read_counts(region, source, err);
	return status;
}

enum dim_status dim_options_check(const struct dim_options *options, struct dim_error *err)
{
	static const uint64_t zero[sizeof(options->reserved) / sizeof(options->reserved[0])];
	const uint32_t flags = DIM_LAZY | DIM_CHECK | DIM_PREFAULT | DIM_IN_MEMORY | DIM_KEEP_FILES | DIM_READS_ONCE;

	if (options == NULL)
		return DIM_OK;
	if ((options->flags & ~flags) != 0 || options->advice > DIM_ADVICE_HUGEPAGE ||
	    memcmp(options->reserved, zero, sizeof(zero)) != 0)
		return dim_fail(err, DIM_ERR_USAGE, 0, 0, 0, 0,
				"the options have a flag or an advice that libdim " DIM_VERSION
				" does not know, or reserved bytes that are not zero");
	return DIM_OK;
}

/* The region that a source holds. What the caller keeps of the source, it closes. */
static enum dim_status open_source(struct dim_source *source, const struct dim_options *options,
				   struct dim_region **ret_region, struct dim_error *err)
{
	uint32_t flags = options != NULL ? options->flags : 0;
	struct dim_region *region = calloc(1, sizeof(*region));
	enum dim_status status = DIM_OK;
	void *base = NULL;

	if (region == NULL)
		return dim_fail(err, DIM_ERR_MEMORY, 0, 0, 0, 0, "out of memory");
	region->size = source->size;
	region->flags = flags;
	region->descriptor = -1;
	region->device = source->device;
	region->inode = source->inode;
	region->owner = source->owner;
	atomic_init(&region->references, 1);
	if (source->descriptor >= 0 && (flags & DIM_IN_MEMORY) != 0) {
		status = dim_source_seal(source, options, err);
		if (status == DIM_OK)
			region->backing = DIM_BACKING_SEALED;
	}
	region->base = source->bytes;
	if (status == DIM_OK)
		status = read_claims(region, source, err);
	if (status == DIM_OK && source->bytes == NULL) {
		status = dim_source_map(source, options, &base, err);
		if (status == DIM_OK) {
			region->backing = DIM_BACKING_FILE;
			region->base = base;
		}
	}
	if (status == DIM_OK && (flags & DIM_CHECK) != 0)
		status = dim_region_check(region, err);
	if (status != DIM_OK) {
		dim_region_close(region);
		return status;
	}
	if ((flags & DIM_KEEP_FILES) != 0) {
		region->descriptor = source->descriptor;
		source->descriptor = -1;
	}
	*ret_region = region;
	return DIM_OK;
}

enum dim_status dim_region_from_memory(const void *bytes, size_t size, const struct dim_options *options,
				       struct dim_region **ret_region, struct dim_error *ret_error)
{
	struct dim_source source;
	enum dim_status status = dim_options_check(options, ret_error);

	if (status == DIM_OK)
		status = dim_source_memory(bytes, size, options, &source, ret_error);
	if (status == DIM_OK)
		status = open_source(&source, options, ret_region, ret_error);
	return status;
}

enum dim_status dim_region_take(int fd, const struct dim_options *options, struct dim_region **ret_region,
				struct dim_error *err)
{
	struct dim_source source;
	enum dim_status status = dim_source_file(fd, options, &source, err);

	if (status == DIM_OK) {
		status = open_source(&source, options, ret_region, err);
		dim_source_close(&source);
	}
	return status;
}

enum dim_status dim_region_openat(int dirfd, const char *path, const struct dim_options *options,
				  struct dim_region **ret_region, struct dim_error *ret_error)
{
	enum dim_status status = dim_options_check(options, ret_error);

	if (status == DIM_OK)
		status = dim_region_take(dim_source_descriptor(dirfd, path), options, ret_region, ret_error);
	if (status != DIM_OK)
		dim_error_at(ret_error, "%s", path);
	return status;
}

enum dim_status dim_region_open(const char *path, const struct dim_options *options, struct dim_region **ret_region,
				struct dim_error *ret_error)
{
	return dim_region_openat(AT_FDCWD, path, options, ret_region, ret_error);
}

void dim_region_close(struct dim_region *region)
{
	if (region == NULL || atomic_fetch_sub_explicit(&region->references, 1, memory_order_acq_rel) != 1)
		return;
	if (region->account != NULL)
		atomic_fetch_sub_explicit(region->account, region->size, memory_order_relaxed);
	if (region->backing != DIM_BACKING_CALLER)
		munmap((void *)(uintptr_t)region->base, (size_t)region->size);
	if (region->descriptor >= 0)
		close(region->descriptor);
	free(region);
}
