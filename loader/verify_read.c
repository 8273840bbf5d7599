/*
 * verify_read.c: one layer, read and proved without touching a mapping.
 * In: a region that has its file, a layer_id and the caller's buffer.
 * Out: the content, whose digest was checked after it was copied. No signal, whatever happens to the file.
 */
#include <errno.h>
#include <unistd.h>

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
	size_t done = 0;

	if (r->descriptor < 0) {
		memcpy(to, r->memory.data + offset, size);
		return DIM_OK;
	}
	while (done < size) {
		ssize_t n = pread(r->descriptor, (char *)to + done, size - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return dim_fail_errno(r->err, errno, "cannot read the layer");
		if (n == 0)
			return dim_fail(r->err, DIM_ERR_DAMAGED, r->dimension_id, 0, offset, size,
					"the file was cut short");
		done += (size_t)n;
	}
	return DIM_OK;
}

/* The record of a layer, by the ids that ascend in the file as it is now. */
static enum dim_status find_record(const struct reader *r, uint64_t table, uint32_t count, uint32_t layer_id,
				   struct dim_layer_record *ret, uint64_t *ret_at)
{
	uint32_t low = 0, high = count, middle = layer_id - 1; /* ids mostly run from 1 */

	while (low < high) {
		enum dim_status status;
		uint32_t id;

		if (middle < low || middle >= high)
			middle = low + (high - low) / 2;
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

enum dim_status dim_layer_read(const struct dim_region *region, uint32_t layer_id, void *buffer, size_t size,
			       size_t *ret_size, struct dim_error *ret_error)
{
	struct reader r = {dim_region_descriptor(region), dim_region_bytes(region), dim_region_dimension_id(region),
			   ret_error};
	const struct dim_layer *first;
	struct dim_layer_record record;
	uint8_t digest[DIM_FORMAT_DIGEST_SIZE];
	uint64_t at = 0, offset, content_size;
	struct dim_span content = {buffer, 0};
	enum dim_status status;

	if (r.descriptor < 0 && dim_region_is_file(region))
		return dim_fail(ret_error, DIM_ERR_USAGE, r.dimension_id, 0, 0, 0,
				"the region was opened without DIM_KEEP_FILES");
	/* Where the table is, without a look into it. */
	if (dim_region_layer_at(region, 0, &first) != DIM_OK)
		return dim_fail(ret_error, DIM_ERR_NOT_FOUND, r.dimension_id, layer_id, 0, 0, "no such layer");
	status = find_record(&r, (uint64_t)((const char *)first - r.memory.data), dim_region_layer_count(region),
			     layer_id, &record, &at);
	if (status != DIM_OK)
		return status;
	offset = dim_fetch64(&record.offset);
	content_size = dim_fetch64(&record.content_size);
	if (content_size > r.memory.size || offset > r.memory.size - content_size)
		return dim_fail(ret_error, DIM_ERR_DAMAGED, r.dimension_id, layer_id, at, sizeof(record),
				"the layer leads outside the file");
	if (content_size > size) {
		*ret_size = (size_t)content_size;
		dim_fail_limit(ret_error, size, content_size, "the content is larger than the buffer, in bytes");
		return DIM_ERR_LIMIT;
	}
	status = read_bytes(&r, offset, buffer, (size_t)content_size);
	if (status != DIM_OK)
		return status;
	content.size = (size_t)content_size;
	if (!dim_sha256(&content, 1, digest))
		return dim_fail(ret_error, DIM_ERR_MEMORY, r.dimension_id, layer_id, 0, 0,
				"libcrypto could not compute a digest");
	if (memcmp(digest, record.digest, sizeof(digest)) != 0)
		return dim_fail(ret_error, DIM_ERR_DAMAGED, r.dimension_id, layer_id, offset, content_size,
				"the content is not what its digest says");
	*ret_size = (size_t)content_size;
	return DIM_OK;
}
