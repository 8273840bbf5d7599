/*
 * verify.c: proves a region by its digests; the only room of libdim that needs libcrypto.
 * In: an open region, or the raw bytes of one.
 * Out: every byte range that is not what its digest, or the rule of zero padding, says.
 */
#include <openssl/evp.h>
#include <stdio.h>

#include "verify.h"

/* How much is read before its pages are given back, where the caller asked for that. */
enum { PIECE = 4 << 20 };

static void give_back(const struct dim_region *r, uint64_t from, uint64_t to)
{
	if ((dim_region_flags(r) & DIM_READS_ONCE) != 0)
		dim_region_give_back(r, from, to - from);
}

/* Of this room, the door: bytes [offset, offset + size) of a span, or NULL where they are not all inside. */
static const uint8_t *inside(struct dim_span bytes, uint64_t offset, uint64_t size)
{
	if (size > bytes.size || offset > bytes.size - size)
		return NULL;
	return (const uint8_t *)bytes.data + offset;
}

/* SHA-256 over several pieces, one after the other. */
bool dim_sha256(const struct dim_span *pieces, size_t count, uint8_t ret[DIM_FORMAT_DIGEST_SIZE])
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

/* For many digests, one after the other: OpenSSL looks for the implementation once. NULL: it has no memory. */
static EVP_MD_CTX *new_sha256(void)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1)
		return ctx;
	EVP_MD_CTX_free(ctx);
	return NULL;
}

/* Of one content, which may be larger than the memory that the caller wants to use. */
static bool sha256_content(EVP_MD_CTX *ctx, const struct dim_region *r, uint64_t offset, uint64_t size,
			   uint8_t ret[DIM_FORMAT_DIGEST_SIZE])
{
	const char *base = dim_region_bytes(r).data;
	bool ok = ctx != NULL && EVP_DigestInit_ex(ctx, NULL, NULL) == 1;
	uint64_t done, step;

	for (done = 0; ok && done < size; done += step) {
		step = size - done < PIECE ? size - done : PIECE;
		ok = EVP_DigestUpdate(ctx, base + offset + done, (size_t)step) == 1;
		if (step == PIECE)
			give_back(r, offset + done, offset + done + step);
	}
	return ok && EVP_DigestFinal_ex(ctx, ret, NULL) == 1;
}

/* The first byte of [from, to) that is not zero, or `to`. */
static uint64_t first_nonzero(const uint8_t *base, uint64_t from, uint64_t to)
{
	static const uint8_t zeros[256];

	/* Half of a region may be padding: by pieces, each as fast as memory is read. */
	while (to - from >= sizeof(zeros) && memcmp(base + from, zeros, sizeof(zeros)) == 0)
		from += sizeof(zeros);
	while (from < to && base[from] == 0)
		from++;
	return from;
}

/* Header and metadata stand apart in the packed layout, and both are in question: *ret_other (or NULL) is the second.
 */
static enum dim_status prove_metadata(const void *bytes, size_t size, struct dim_error *ret_error,
				      struct dim_error *ret_other)
{
	static const char wrong[] = "the checksum over header and metadata is wrong";
	static const char zero[DIM_FORMAT_DIGEST_SIZE];
	const size_t before = offsetof(struct dim_header, checksum), after = before + DIM_FORMAT_DIGEST_SIZE;
	struct dim_span all = {bytes, size};
	const struct dim_header *h = (const void *)inside(all, 0, sizeof(*h));
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
	if (inside(all, offset, length) == NULL || inside(all, 0, header_size) == NULL || header_size < after ||
	    dim_fetch64(&h->total_size) > size)
		return dim_fail(ret_error, DIM_ERR_DAMAGED, id, 0, 56, 24,
				"header, metadata or total_size lead outside the file");
	pieces[0] = (struct dim_span){bytes, before};
	pieces[1] = (struct dim_span){zero, sizeof(zero)};
	pieces[2] = (struct dim_span){(const char *)bytes + after, (size_t)header_size - after};
	pieces[3] = (struct dim_span){(const char *)bytes + offset, (size_t)length};
	if (!dim_sha256(pieces, 4, digest))
		return dim_fail(ret_error, DIM_ERR_MEMORY, id, 0, 0, 0, "libcrypto could not compute a digest");
	if (memcmp(digest, h->checksum, sizeof(digest)) == 0)
		return DIM_OK;
	if (offset == header_size) /* side by side, as in the page layout */
		return dim_fail(ret_error, DIM_ERR_DAMAGED, id, 0, 0, offset + length, wrong);
	dim_fail(ret_other, DIM_ERR_DAMAGED, id, 0, offset, length, wrong);
	return dim_fail(ret_error, DIM_ERR_DAMAGED, id, 0, 0, header_size, wrong);
}

enum dim_status dim_verify_metadata(const void *bytes, size_t size, struct dim_error *ret_error)
{
	return prove_metadata(bytes, size, ret_error, NULL);
}

static enum dim_status prove_layer(EVP_MD_CTX *ctx, const struct dim_region *region, const struct dim_layer *layer,
				   struct dim_error *ret_error)
{
	struct dim_span all = dim_region_bytes(region);
	uint32_t id = dim_layer_id(layer), dimension = dim_region_dimension_id(region);
	uint64_t offset = dim_layer_offset(layer), slot = dim_layer_slot_size(layer), bad;
	uint8_t digest[DIM_FORMAT_DIGEST_SIZE];
	struct dim_span content;

	if (inside(all, offset, slot) == NULL || dim_layer_content(region, layer, &content) != DIM_OK ||
	    content.size > slot)
		return dim_fail(ret_error, DIM_ERR_DAMAGED, dimension, id, (uint64_t)((const char *)layer - all.data),
				sizeof(struct dim_layer_record), "the layer leads outside the file");
	if (!sha256_content(ctx, region, offset, content.size, digest))
		return dim_fail(ret_error, DIM_ERR_MEMORY, dimension, id, 0, 0, "libcrypto could not compute a digest");
	if (memcmp(digest, dim_layer_digest(layer), sizeof(digest)) != 0)
		return dim_fail(ret_error, DIM_ERR_DAMAGED, dimension, id, offset, content.size,
				"the content is not what its digest says");
	bad = first_nonzero((const uint8_t *)all.data, offset + content.size, offset + slot);
	if (bad < offset + slot)
		return dim_fail(ret_error, DIM_ERR_DAMAGED, dimension, id, bad, 1,
				"padding after the content is not zero");
	return DIM_OK;
}

enum dim_status dim_verify_layer(const struct dim_region *region, const struct dim_layer *layer,
				 struct dim_error *ret_error)
{
	EVP_MD_CTX *ctx = new_sha256();
	enum dim_status status = prove_layer(ctx, region, layer, ret_error);

	EVP_MD_CTX_free(ctx);
	return status;
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

/* A report that keeps the first fault. */
static void keep_first(void *context, const struct dim_error *error)
{
	struct dim_error *first = context;

	if (first->status == DIM_OK)
		*first = *error;
}

/* Zero bytes that belong to no layer: before the first slot of the page layout, and the tail of the file. */
static void verify_zero(const struct dim_region *r, uint64_t from, uint64_t to, const char *what, struct findings *f)
{
	struct dim_error error;
	uint64_t bad, end;

	for (; from < to; from = end) {
		end = to - from < PIECE ? to : from + PIECE;
		bad = first_nonzero((const uint8_t *)dim_region_bytes(r).data, from, end);
		give_back(r, from, end);
		if (bad == end)
			continue;
		dim_fail(&error, DIM_ERR_DAMAGED, dim_region_dimension_id(r), 0, bad, 1, "%s is not zero", what);
		found(f, &error);
		return;
	}
}

static enum dim_status verify_metadata(const void *bytes, size_t size, struct findings *f)
{
	struct dim_error error, other = {.status = DIM_OK};
	enum dim_status status = prove_metadata(bytes, size, &error, &other);

	if (status != DIM_OK)
		found(f, &error);
	if (other.status != DIM_OK)
		found(f, &other);
	return status;
}

enum dim_status dim_verify_region(const struct dim_region *region, dim_verify_report report, void *context)
{
	struct findings f = {report, context, DIM_OK};
	struct dim_error error = {.status = DIM_OK};
	struct dim_span all = dim_region_bytes(region);
	uint64_t total_size = dim_region_total_size(region), unread = all.size,
		 kept = 0; /* where the pages begin that were not given back */
	EVP_MD_CTX *ctx = new_sha256();
	const struct dim_layer *layer;
	uint32_t i;

	if (dim_region_check(region, &error) != DIM_OK)
		found(&f, &error);
	verify_metadata(all.data, all.size, &f);
	if (dim_region_layout(region) == DIM_FORMAT_LAYOUT_PAGE) {
		uint64_t end = dim_region_metadata_offset(region) + dim_region_metadata_size(region);
		uint64_t first = dim_align_up(end, dim_region_alignment(region));

		verify_zero(region, end, first < total_size ? first : total_size, "padding after the metadata", &f);
	}
	for (i = 0; dim_region_layer_at(region, i, &layer) == DIM_OK; i++) {
		uint64_t slot = dim_layer_slot_size(layer);

		/* Layers that overlap, which was reported above, would have the same bytes hashed again and again. */
		if (slot > unread && slot <= all.size)
			continue;
		if (prove_layer(ctx, region, layer, &error) != DIM_OK)
			found(&f, &error);
		unread -= slot < unread ? slot : unread;
		if (dim_layer_offset(layer) >= kept + PIECE) {
			give_back(region, kept, dim_layer_offset(layer));
			kept = dim_layer_offset(layer);
		}
	}
	EVP_MD_CTX_free(ctx);
	verify_zero(region, total_size, all.size, "the tail of the file", &f);
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

enum dim_status dim_verify_prove(void *context, const struct dim_region *region, struct dim_error *ret_error)
{
	struct dim_error first = {.status = DIM_OK};
	enum dim_status status = dim_verify_region(region, keep_first, &first);

	(void)context;
	if (status != DIM_OK && ret_error != NULL)
		*ret_error = first;
	return status;
}

enum dim_status dim_verify_snapshot(const struct dim_snapshot *snapshot, dim_verify_report report, void *context)
{
	enum dim_status first = DIM_OK, status;
	size_t i;

	for (i = 0; i < dim_snapshot_count(snapshot); i++) {
		const struct dim_region *region = dim_snapshot_region_at(snapshot, i);

		status = region == NULL ? DIM_OK : dim_verify_region(region, report, context);
		if (first == DIM_OK)
			first = status;
	}
	return first;
}

enum dim_status dim_snapshot_digest(const struct dim_snapshot *snapshot, uint8_t ret_digest[32])
{
	uint8_t digest[DIM_FORMAT_DIGEST_SIZE];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;
	enum dim_status status = DIM_OK;
	char line[96];
	size_t i, k;
	int length;

	for (i = 0; ok && i < dim_snapshot_count(snapshot); i++) {
		const struct dim_region *region = dim_snapshot_region_at(snapshot, i);

		if (region == NULL) {
			status = DIM_ERR_NOT_LOADED;
			break;
		}
		length = snprintf(line, sizeof(line), "D%02u ", dim_region_dimension_id(region));
		for (k = 0; k < sizeof(digest); k++)
			length += snprintf(line + length, sizeof(line) - (size_t)length, "%02x",
					   dim_region_checksum(region)[k]);
		line[length++] = '\n';
		ok = EVP_DigestUpdate(ctx, line, (size_t)length) == 1;
	}
	ok = ok && EVP_DigestFinal_ex(ctx, digest, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	if (status == DIM_OK && !ok)
		status = DIM_ERR_MEMORY;
	if (status == DIM_OK)
		memcpy(ret_digest, digest, sizeof(digest));
	return status;
}
