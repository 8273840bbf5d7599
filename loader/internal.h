/*
 * internal.h: what the rooms of libdim share about one region, and nobody else sees.
 * In: include/dim_region.h and include/dim_format.h.
 * Out: struct dim_region, the one door that turns (offset, length) into a pointer, and the error fillers.
 */
#ifndef DIM_INTERNAL_H
#define DIM_INTERNAL_H

#include <errno.h>
#include <stdatomic.h>
#include <sys/types.h>
#include <unistd.h>

#include "../include/dim_format.h"
#include "../include/dim_region.h"

/*
 * Facts are copied out of the header once, at open, and believed ever after; the bytes behind them are not. Whatever is
 * read from the mapping later and leads to other bytes goes through dim_door, or is compared with a count or a size
 * that is known from here, so that a file that changes underneath misleads nobody.
 */
struct dim_region {
	const uint8_t *base;
	uint64_t size; /* mapped bytes */
	enum dim_backing { DIM_BACKING_CALLER, DIM_BACKING_FILE, DIM_BACKING_SEALED } backing;
	uint32_t flags; /* enum dim_open_flag */
	int descriptor; /* of the file, or -1 */
	dev_t device;	/* identity of the file */
	ino_t inode;
	uid_t owner;
	atomic_uint references;	   /* the caller's, or those of the snapshots that have it */
	_Atomic uint64_t *account; /* of the volume: mapped bytes; or NULL */
	uint32_t dimension_id;
	uint32_t layer_count;
	uint32_t alignment;
	uint32_t layout;
	uint32_t section_count;
	uint32_t keyword_count;
	uint32_t posting_count;
	uint32_t hash_mask;
	uint32_t first_layer_id; /* a hint for dense ids */
	uint64_t total_size;
	uint64_t metadata_offset;
	uint64_t metadata_size;
	uint8_t checksum[DIM_FORMAT_DIGEST_SIZE];
	/* offset and size of the known sections, by kind; bounds were checked at open */
	struct {
		uint64_t offset;
		uint64_t size;
	} section[DIM_SECTION_KNOWN + 1];
};

/* A value that was read from the mapping stays the value that was checked: the compiler may not read it again. */
static inline uint32_t dim_fetch32(const struct dim_le32 *at)
{
	uint32_t v = dim_get32(*at);

	__asm__("" : "+r"(v));
	return v;
}

static inline uint64_t dim_fetch64(const struct dim_le64 *at)
{
	uint32_t low = dim_get32(*(const struct dim_le32 *)(const void *)at->b);
	uint32_t high = dim_get32(*(const struct dim_le32 *)(const void *)(at->b + 4));

	__asm__("" : "+r"(low), "+r"(high));
	return (uint64_t)high << 32 | low;
}

static inline double dim_fetchf64(const struct dim_lef64 *at)
{
	uint64_t bits = dim_fetch64(&at->bits);
	double d;

	memcpy(&d, &bits, sizeof(d));
	return d;
}

/* The one door: bytes [offset, offset + size) of the mapping, or NULL where they are not all inside. */
static inline const void *dim_door(const struct dim_region *region, uint64_t offset, uint64_t size)
{
	if (size > region->size || offset > region->size - size)
		return NULL;
	return region->base + offset;
}

/*
 * The first byte of a section. Its bounds were proved when the region was opened: an index below the count that the
 * region has of its records leads nowhere else.
 */
static inline const void *dim_section_of(const struct dim_region *region, enum dim_format_section kind)
{
	return region->base + region->section[kind].offset;
}

/* Element `index` of a section of `width`-byte records, or NULL past its end. */
static inline const void *dim_record(const struct dim_region *region, enum dim_format_section kind, uint64_t index,
				     uint32_t width)
{
	if (index >= region->section[kind].size / width)
		return NULL;
	return (const uint8_t *)dim_section_of(region, kind) + index * width;
}

static inline const struct dim_layer_record *dim_layer_record_at(const struct dim_region *region, uint64_t index)
{
	return dim_record(region, DIM_SECTION_LAYERS, index, sizeof(struct dim_layer_record));
}

static inline const struct dim_keyword_record *dim_keyword_record_at(const struct dim_region *region, uint64_t index)
{
	return dim_record(region, DIM_SECTION_KEYWORDS, index, sizeof(struct dim_keyword_record));
}

/* The layer at a position that the file itself names. */
static inline enum dim_status dim_give_layer(const struct dim_region *region, uint64_t position,
					     const struct dim_layer **ret)
{
	const struct dim_layer_record *record = dim_layer_record_at(region, position);

	if (record == NULL)
		return DIM_ERR_DAMAGED;
	*ret = (const struct dim_layer *)record;
	return DIM_OK;
}

/* Element `index` of a section of 32-bit integers; false past its end. */
static inline bool dim_number_at(const struct dim_region *region, enum dim_format_section kind, uint64_t index,
				 uint32_t *ret)
{
	const struct dim_le32 *at = dim_record(region, kind, index, sizeof(*at));

	if (at == NULL)
		return false;
	*ret = dim_fetch32(at);
	return true;
}

/* The bytes of a string reference, DIM_ERR_DAMAGED where it leads outside the strings. */
static inline enum dim_status dim_string(const struct dim_region *region, const struct dim_string_ref *ref,
					 struct dim_span *ret)
{
	uint64_t all = region->section[DIM_SECTION_STRINGS].size;
	uint64_t offset = dim_fetch32(&ref->offset), size = dim_fetch32(&ref->size);

	if (size > all || offset > all - size)
		return DIM_ERR_DAMAGED;
	ret->data = (const char *)dim_section_of(region, DIM_SECTION_STRINGS) + offset;
	ret->size = (size_t)size;
	return DIM_OK;
}

/* Of layer.c: a layer by its id, by a search. */
enum dim_status dim_layer_search(const struct dim_region *region, uint32_t layer_id, const struct dim_layer **ret);

/* Ids mostly run without gaps from the first one on: look there before searching. */
static inline enum dim_status dim_layer_by_id(const struct dim_region *region, uint32_t layer_id,
					      const struct dim_layer **ret)
{
	const struct dim_layer_record *layers = dim_section_of(region, DIM_SECTION_LAYERS);
	uint32_t guess = layer_id - region->first_layer_id;

	if (guess >= region->layer_count || dim_fetch32(&layers[guess].layer_id) != layer_id)
		return dim_layer_search(region, layer_id, ret);
	*ret = (const struct dim_layer *)&layers[guess];
	return DIM_OK;
}

/* Fills *ret_error, which may be NULL, and returns `status`. The message is printf-like. */
enum dim_status dim_fail(struct dim_error *ret_error, enum dim_status status, uint32_t dimension_id, uint32_t layer_id,
			 uint64_t offset, uint64_t size, const char *format, ...) __attribute__((format(printf, 7, 8)));

/* The same for a system call that failed with `number`, for a limit, printf-like, and for a dimension of a volume. */
enum dim_status dim_fail_errno(struct dim_error *ret_error, int number, const char *what);
enum dim_status dim_fail_limit(struct dim_error *ret_error, uint64_t limit, uint64_t usage, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
enum dim_status dim_fail_dimension(struct dim_error *ret_error, enum dim_status status, uint32_t dimension_id,
				   const char *what);

/* Says which file an error is about, printf-like. */
void dim_error_at(struct dim_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* How many of `size` bytes a file has from `offset` on, copied; -1 and errno where it cannot be read. */
static inline ssize_t dim_read_at(int fd, uint64_t offset, void *to, size_t size)
{
	size_t done = 0;
	ssize_t n = 1;

	while (done < size && n != 0) {
		n = pread(fd, (char *)to + done, size - done, (off_t)(offset + done));
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0)
			done += (size_t)n;
	}
	return (ssize_t)done;
}

static inline uint64_t dim_align_up(uint64_t value, uint64_t alignment)
{
	return (value + alignment - 1) & ~(alignment - 1);
}

#endif
