/*
 * verify_read.c: one layer, read and proved without touching a mapping.
 * In: a region that has its file, a layer_id and the caller's buffer.
 * Out: the content, whose digest was checked after it was copied. No signal, whatever happens to the file.
 */
#include "verify.h"

/* Where the bytes of a region are read from: its file or, where nobody can cut it, its memory. */
struct reader {
	int descriptor;
	struct dim_span memory;
	uint32_t dimension_id;
	struct dim_error *err;
};

static enum dim_status read_bytes(const struct reader *r, uint64_t offset, void *to, size_t size)
{
	ssize_t n;

	if (r->descriptor < 0 && size > 0)
		memcpy(to, r->memory.data + offset, size);
	if (r->descriptor < 0)
		return DIM_OK;
	n = dim_read_at(r->descriptor, offset, to, size);
	if (n < 0)
		return dim_fail_errno(r->err, errno, "cannot read the layer");
	if ((size_t)n < size)
		return dim_fail(r->err, DIM_ERR_DAMAGED, r->dimension_id, 0, offset, size, "the file was cut short");
	return DIM_OK;
}

/* The record of a layer, by the ids that ascend in the file as it is now. */
static enum dim_status find_record(const struct reader *r, uint64_t table, uint32_t count, uint32_t layer_id,
				   struct dim_layer_record *ret, uint64_t *ret_at)
{
	uint32_t low = 0, high = count;
	uint32_t middle = layer_id - 1 < count ? layer_id - 1 : count / 2; /* ids mostly run from 1 */

	while (low < high) {
		enum dim_status status;
		uint32_t id;

		*ret_at = table + (uint64_t)middle * sizeof(*ret);
		status = read_bytes(r, *ret_at, ret, sizeof(*ret));
		if (status != DIM_OK)
			return status;
		id = dim_fetch32(&ret->layer_id);
		if (id == layer_id)
			return DIM_OK;
		if (id < layer_id)
			low = middle + 1;
		else
			high = middle;
		middle = low + (high - low) / 2;
	}
	return dim_fail(r->err, DIM_ERR_NOT_FOUND, r->dimension_id, layer_id, 0, 0, "no such layer");
}

/* The layer as the file or the memory has it now; the content goes to the reader's buffer. */
static enum dim_status read_layer(const struct reader *r, uint64_t table, uint32_t count, uint32_t layer_id,
				  void *buffer, size_t size, size_t *ret_size)
{
	struct dim_layer_record record;
	uint8_t digest[DIM_FORMAT_DIGEST_SIZE];
	struct dim_span content = {buffer, 0};
	uint64_t at = 0, offset, content_size;
	enum dim_status status = find_record(r, table, count, layer_id, &record, &at);

	if (status != DIM_OK)
		return status;
	offset = dim_fetch64(&record.offset);
	content_size = dim_fetch64(&record.content_size);
	if (content_size > r->memory.size || offset > r->memory.size - content_size)
		return dim_fail(r->err, DIM_ERR_DAMAGED, r->dimension_id, layer_id, at, sizeof(record),
				"the layer leads outside the file");
	*ret_size = (size_t)content_size;
	if (content_size > size) {
		dim_fail_limit(r->err, size, content_size, "the content has %llu bytes, and the buffer %zu",
			       (unsigned long long)content_size, size);
		return DIM_ERR_LIMIT;
	}
	status = read_bytes(r, offset, buffer, (size_t)content_size);
	if (status != DIM_OK)
		return status;
	content.size = (size_t)content_size;
	if (!dim_sha256(&content, 1, digest))
		return dim_fail(r->err, DIM_ERR_MEMORY, r->dimension_id, layer_id, 0, 0,
				"libcrypto could not compute a digest");
	if (memcmp(digest, record.digest, sizeof(digest)) != 0)
		return dim_fail(r->err, DIM_ERR_DAMAGED, r->dimension_id, layer_id, offset, content_size,
				"the content is not what its digest says");
	return DIM_OK;
}

/*
 * Whether the file still states the checksum that it was opened with: a layer of another region, written over this one,
 * would prove itself. Asked last, since whoever copies a file over this one begins at its beginning.
 */
static enum dim_status read_checksum(const struct reader *r, const uint8_t *checksum)
{
	uint8_t now[DIM_FORMAT_DIGEST_SIZE];
	const uint64_t at = offsetof(struct dim_header, checksum);
	enum dim_status status = read_bytes(r, at, now, sizeof(now));

	if (status == DIM_OK && memcmp(now, checksum, sizeof(now)) != 0)
		status = dim_fail(r->err, DIM_ERR_DAMAGED, r->dimension_id, 0, at, sizeof(now),
				  "the file is not the one that was opened any more");
	return status;
}

enum dim_status dim_layer_read(const struct dim_region *region, uint32_t layer_id, void *buffer, size_t size,
			       size_t *ret_size, struct dim_error *ret_error)
{
	struct dim_error err, other;
	struct reader r = {-1, dim_region_bytes(region), dim_region_dimension_id(region), &err};
	const struct dim_layer *first;
	enum dim_status status, same;
	size_t content_size = 0;

	if (dim_region_is_file(region))
		r.descriptor = dim_region_descriptor(region);
	if (r.descriptor < 0 && dim_region_is_file(region)) {
		status = dim_fail(&err, DIM_ERR_USAGE, r.dimension_id, 0, 0, 0,
				  "the region was opened without DIM_KEEP_FILES");
	} else if (dim_region_layer_at(region, 0, &first) != DIM_OK) {
		status = dim_fail(&err, DIM_ERR_NOT_FOUND, r.dimension_id, layer_id, 0, 0, "no such layer");
	} else {
		/* Where the table is, without a look into it. */
		status = read_layer(&r, (uint64_t)((const char *)first - r.memory.data), dim_region_layer_count(region),
				    layer_id, buffer, size, &content_size);
		r.err = &other;
		same = read_checksum(&r, dim_region_checksum(region));
		if (same != DIM_OK && status != DIM_ERR_DAMAGED && status != DIM_ERR_SYSTEM) {
			status = same;
			err = other;
		}
	}
	if (status == DIM_OK || status == DIM_ERR_LIMIT)
		*ret_size = content_size;
	if (status != DIM_OK && ret_error != NULL) {
		*ret_error = err;
		ret_error->dimension_id = r.dimension_id;
		ret_error->layer_id = layer_id;
	}
	return status;
}
