/*
 * verify.c: proves a region by its digests; the only room of libdim that needs libcrypto.
 * In: an open region, or the raw bytes of one.
 * Out: every byte range that is not what its digest, or the rule of zero padding, says.
 */
#include <openssl/evp.h>
#include <sys/mman.h>

#include "../include/dim_verify.h"
#include "internal.h"

/* How much is read before its pages are given back, where the caller asked for that. */
enum { PIECE = 4 << 20, PAGE = 4096 };

/*
 * Gives the pages of [from, to) back; the file keeps them. Never one outside of the mapping, whatever a hostile record
 * says of its offset: the pages there are somebody else's.
 */
static void give_back(const struct dim_region *r, uint64_t from, uint64_t to)
{
	from = dim_align_up(from, PAGE);
	if (to > r->size)
		to = r->size;
	if (r->reads_once && r->is_mapped && to > from)
		madvise((void *)(uintptr_t)(r->base + from), (size_t)(to - from), MADV_DONTNEED);
}

/* SHA-256 over several pieces, one after the other. */
static bool sha256(const struct dim_span *pieces, size_t count, uint8_t ret[DIM_FORMAT_DIGEST_SIZE])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;
	size_t i;

	for (i = 0; ok && i < count; i++)
		ok = EVP_DigestUpdate(ctx, pieces[i].data, pieces[i].size) == 1;
	ok = ok && EVP_DigestFinal_ex(ctx, ret, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

/* Of one content, which may be larger than the memory that the caller wants to use. */
static bool sha256_content(const struct dim_region *r, uint64_t offset, uint64_t size,
			   uint8_t ret[DIM_FORMAT_DIGEST_SIZE])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;
	uint64_t done, step;

	for (done = 0; ok && done < size; done += step) {
		step = size - done < PIECE ? size - done : PIECE;
		ok = EVP_DigestUpdate(ctx, r->base + offset + done, (size_t)step) == 1;
		if (step == PIECE)
			give_back(r, offset + done, offset + done + step);
	}
	ok = ok && EVP_DigestFinal_ex(ctx, ret, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

/* The first byte of [from, to) that is not zero, or `to`. */
static uint64_t first_nonzero(const uint8_t *base, uint64_t from, uint64_t to)
{
	while (from < to && base[from] == 0)
		from++;
	return from;
}

enum dim_status dim_verify_metadata(const void *bytes, size_t size, struct dim_error *ret_error)
{
	static const char zero[DIM_FORMAT_DIGEST_SIZE];
	const size_t before = offsetof(struct dim_header, checksum), after = before + DIM_FORMAT_DIGEST_SIZE;
	struct dim_region r = {.base = bytes, .size = size};
	const struct dim_header *h = dim_door(&r, 0, sizeof(*h));
	uint8_t digest[DIM_FORMAT_DIGEST_SIZE];
	uint64_t header_size, offset, length;
	uint32_t id;
	struct dim_span pieces[4];

	if (h == NULL || memcmp(h->magic, DIM_FORMAT_MAGIC, sizeof(h->magic)) != 0)
		return dim_fail(ret_error, DIM_ERR_NOT_REGION, 0, 0, 0, 0, "not a region file");
	id = dim_fetch32(&h->dimension_id);
	header_size = dim_fetch32(&h->header_size);
	offset = dim_fetch64(&h->metadata_offset);
	length = dim_fetch64(&h->metadata_size);
	if (dim_door(&r, offset, length) == NULL || dim_door(&r, 0, header_size) == NULL || header_size < after ||
	    dim_fetch64(&h->total_size) > size)
		return dim_fail(ret_error, DIM_ERR_DAMAGED, id, 0, 56, 24,
				"header, metadata or total_size lead outside the file");
	pieces[0] = (struct dim_span){bytes, before};
	pieces[1] = (struct dim_span){zero, sizeof(zero)};
	pieces[2] = (struct dim_span){(const char *)bytes + after, (size_t)header_size - after};
	pieces[3] = (struct dim_span){(const char *)bytes + offset, (size_t)length};
	if (!sha256(pieces, 4, digest))
		return dim_fail(ret_error, DIM_ERR_MEMORY, id, 0, 0, 0, "libcrypto could not compute a digest");
	if (memcmp(digest, h->checksum, sizeof(digest)) != 0) {
		/* Header and metadata, which stand side by side in the page layout. */
		bool together = offset == header_size;

		return dim_fail(ret_error, DIM_ERR_DAMAGED, id, 0, 0, together ? offset + length : header_size,
				"the checksum over header and metadata is wrong");
	}
	return DIM_OK;
}

enum dim_status dim_verify_layer(const struct dim_region *region, const struct dim_layer *layer,
				 struct dim_error *ret_error)
{
	uint32_t id = dim_layer_id(layer);
	uint64_t offset = dim_layer_offset(layer), slot = dim_layer_slot_size(layer), bad;
	uint8_t digest[DIM_FORMAT_DIGEST_SIZE];
	struct dim_span content;

	if (dim_door(region, offset, slot) == NULL || dim_layer_content(region, layer, &content) != DIM_OK ||
	    content.size > slot)
		return dim_fail(ret_error, DIM_ERR_DAMAGED, region->dimension_id, id,
				(uint64_t)((const uint8_t *)layer - region->base), sizeof(struct dim_layer_record),
				"the layer leads outside the file");
	if (!sha256_content(region, offset, content.size, digest))
		return dim_fail(ret_error, DIM_ERR_MEMORY, region->dimension_id, id, 0, 0,
				"libcrypto could not compute a digest");
	if (memcmp(digest, dim_layer_digest(layer), sizeof(digest)) != 0)
		return dim_fail(ret_error, DIM_ERR_DAMAGED, region->dimension_id, id, offset, content.size,
				"the content is not what its digest says");
	bad = first_nonzero(region->base, offset + content.size, offset + slot);
	if (bad < offset + slot)
		return dim_fail(ret_error, DIM_ERR_DAMAGED, region->dimension_id, id, bad, 1,
				"padding after the content is not zero");
	return DIM_OK;
}

struct findings {
	dim_verify_report report;
	void *context;
	enum dim_status first;
};

static void found(struct findings *f, const struct dim_error *error)
{
	if (f->first == DIM_OK)
		f->first = error->status;
	if (f->report != NULL)
		f->report(f->context, error);
}

/* Zero bytes that belong to no layer: before the first slot of the page layout, and the tail of the file. */
static void verify_zero(const struct dim_region *r, uint64_t from, uint64_t to, const char *what, struct findings *f)
{
	struct dim_error error;
	uint64_t bad, end;

	for (; from < to; from = end) {
		end = to - from < PIECE ? to : from + PIECE;
		bad = first_nonzero(r->base, from, end);
		give_back(r, from, end);
		if (bad == end)
			continue;
		dim_fail(&error, DIM_ERR_DAMAGED, r->dimension_id, 0, bad, 1, "%s is not zero", what);
		found(f, &error);
		return;
	}
}

/* Header and metadata stand apart in the packed layout, and both are in question. */
static enum dim_status verify_metadata(const void *bytes, size_t size, struct findings *f)
{
	const struct dim_header *header = bytes;
	uint64_t offset, length;
	struct dim_error error;
	enum dim_status status = dim_verify_metadata(bytes, size, &error);

	if (status == DIM_OK)
		return status;
	found(f, &error);
	offset = dim_fetch64(&header->metadata_offset);
	length = dim_fetch64(&header->metadata_size);
	/* Once more inside the file: somebody may be writing to it. */
	if (error.offset == 0 && error.size == dim_fetch32(&header->header_size) && length <= size &&
	    offset <= size - length) {
		error.offset = offset;
		error.size = length;
		found(f, &error);
	}
	return status;
}

enum dim_status dim_verify_region(const struct dim_region *region, dim_verify_report report, void *context)
{
	struct findings f = {report, context, DIM_OK};
	struct dim_error error = {.status = DIM_OK};
	uint64_t unread = region->size, kept = 0; /* where the pages begin that were not given back */
	uint32_t i;

	if (dim_region_check(region, &error) != DIM_OK)
		found(&f, &error);
	verify_metadata(region->base, (size_t)region->size, &f);
	if (region->layout == DIM_FORMAT_LAYOUT_PAGE) {
		uint64_t end = region->metadata_offset + region->metadata_size;
		uint64_t first = dim_align_up(end, region->alignment);

		verify_zero(region, end, first < region->total_size ? first : region->total_size,
			    "padding after the metadata", &f);
	}
	for (i = 0; i < region->layer_count; i++) {
		const struct dim_layer *layer;
		uint64_t slot;

		if (dim_region_layer_at(region, i, &layer) != DIM_OK)
			continue;
		/* Layers that overlap, which was reported above, would have the same bytes hashed again and again. */
		slot = dim_layer_slot_size(layer);
		if (slot > unread && slot <= region->size)
			continue;
		if (dim_verify_layer(region, layer, &error) != DIM_OK)
			found(&f, &error);
		unread -= slot < unread ? slot : unread;
		if (dim_layer_offset(layer) >= kept + PIECE) {
			give_back(region, kept, dim_layer_offset(layer));
			kept = dim_layer_offset(layer);
		}
	}
	verify_zero(region, region->total_size, region->size, "the tail of the file", &f);
	return f.first;
}

enum dim_status dim_verify_bytes(const void *bytes, size_t size, const struct dim_options *options,
				 dim_verify_report report, void *context)
{
	struct findings f = {report, context, DIM_OK};
	struct dim_region *region;
	struct dim_error error;
	enum dim_status status = dim_region_from_memory(bytes, size, options, &region, &error);

	if (status == DIM_OK) {
		status = dim_verify_region(region, report, context);
		dim_region_close(region);
		return status;
	}
	if (status == DIM_ERR_VERSION) {
		if (verify_metadata(bytes, size, &f) == DIM_OK)
			found(&f, &error);
		return f.first;
	}
	found(&f, &error);
	if (status == DIM_ERR_DAMAGED && size >= sizeof(struct dim_header))
		verify_metadata(bytes, size, &f);
	return f.first;
}
