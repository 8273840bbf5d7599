/*
 * dim.h: libdim, the read-only, zero-copy loader of regions and volumes.
 * In: the path of a volume or of a region.mmap, from anyone: no byte of a file leads a reader outside its mapping.
 * Out: layers, keywords, titles and frequencies as pointers into the mapping, or one enum dim_status that says why not.
 *
 * libdim needs libc only, keeps no global state, installs no signal handler, reads no environment and prints nothing.
 *
 * Errors. Every function that can fail returns an enum dim_status; what it gives back goes to the `ret_` arguments,
 * which are untouched on failure. Functions that open or check also take a `struct dim_error *`, or NULL, for the
 * details.
 *
 * Lifetimes. A region, its layers and all spans stay valid until the region, or the volume it belongs to, is closed.
 * Spans are not NUL-terminated. Sizes are bytes, frequencies are Hz.
 *
 * Threads. Any number of threads may read one handle at once: reading writes nothing. Opening gives a handle of its own
 * to each caller. Closing a handle is for the one that knows that nobody uses it any more.
 *
 * Hazard. A file that somebody truncates while it is mapped raises SIGBUS in whoever touches the lost pages. dimc never
 * writes to a published file again, it publishes new ones; keep everybody else from writing there (mount it read-only).
 *
 * The format is described in docs/region-format.md.
 */
#ifndef DIM_H
#define DIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum dim_status {
	DIM_OK = 0,
	DIM_ERR_USAGE = 1,	/* an argument is outside its documented range */
	DIM_ERR_SYSTEM = 2,	/* the system refused; dim_error.system_errno tells why */
	DIM_ERR_MEMORY = 3,	/* out of memory */
	DIM_ERR_NOT_FOUND = 4,	/* no such dimension, layer, keyword or published generation */
	DIM_ERR_NOT_REGION = 5, /* the file does not begin with the magic of a region */
	DIM_ERR_DAMAGED = 6,	/* the bytes contradict the format, each other or their digest */
	DIM_ERR_VERSION = 7,	/* a region of a newer version of the format than this library knows */
	DIM_ERR_LIMIT = 8	/* larger than the caller allowed, or than the address space */
};

/* What went wrong, in detail. Filled by the functions that take one, only when they fail. */
struct dim_error {
	enum dim_status status;
	int system_errno;      /* for DIM_ERR_SYSTEM, else 0 */
	uint32_t dimension_id; /* 0 where it is not known */
	uint32_t layer_id;     /* 0 where it is about no layer */
	uint64_t offset;       /* the bytes in question, [offset, offset + size) of the file; size 0: none */
	uint64_t size;
	char message[192]; /* one line of English for people, NUL-terminated, without the path */
};

/* Bytes inside a mapping. Not NUL-terminated; data is never NULL on success, size may be 0. */
struct dim_span {
	const char *data;
	size_t size;
};

/* How to open. Set to zero, or pass NULL, for the defaults. */
struct dim_options {
	uint64_t max_region_size; /* refuse larger files (MMAP_MAX_SIZE); bytes; 0 means 10485760 */
	/*
	 * Proving a region (dim_verify.h) gives the pages of contents back to the system behind it, by madvise(2): for
	 * a program that reads them once. A service leaves it off, or it would fault in again what it has in use.
	 */
	bool reads_once;
};

struct dim_region; /* one open region */
struct dim_volume; /* one generation of a volume, all its regions open */
struct dim_layer;  /* a layer: a record inside a region's mapping, never freed */

/* A constant English text for a status. Never NULL. */
const char *dim_strerror(enum dim_status status);

/* The version of libdim, "MAJOR.MINOR.PATCH". */
const char *dim_version(void);

/* --- volumes ------------------------------------------------------------------------------------------------- */

/*
 * Opens the published generation of the volume at `path` (the directory that holds consciousness/), with all its
 * regions: each is mapped and checked as dim_region_open does. All come from one generation, also while another is
 * published. DIM_ERR_NOT_FOUND: there is no volume, or nothing is published in it; while
 * one is being put in its place, it waits, for a quarter of a second at most. On success the caller owns
 * *ret_volume and closes it with dim_volume_close. Cost: O(dimensions), no content page is touched.
 */
enum dim_status dim_volume_open(const char *path, const struct dim_options *options, struct dim_volume **ret_volume,
				struct dim_error *ret_error);

/* Unmaps and frees everything. NULL is allowed. Invalidates all regions, layers and spans of the volume. */
void dim_volume_close(struct dim_volume *volume);

/* The number of dimensions, at least 1. */
size_t dim_volume_count(const struct dim_volume *volume);

/* The region at `position`, 0 to count - 1, by ascending dimension_id; NULL past the end. The volume owns it. */
const struct dim_region *dim_volume_region_at(const struct dim_volume *volume, size_t position);

/* The region of a dimension. DIM_ERR_NOT_FOUND where the volume does not have it. The volume owns it. */
enum dim_status dim_volume_region(const struct dim_volume *volume, uint32_t dimension_id,
				  const struct dim_region **ret_region);

/* --- regions ------------------------------------------------------------------------------------------------- */

/*
 * Maps the region file at `path` read-only and checks its header and the bounds of its sections: O(1), no content page
 * is touched. What the header cannot tell is checked when it is used, so hostile bytes give DIM_ERR_DAMAGED then. The
 * caller owns *ret_region and closes it with dim_region_close.
 */
enum dim_status dim_region_open(const char *path, const struct dim_options *options, struct dim_region **ret_region,
				struct dim_error *ret_error);

/* As dim_region_open, with `path` relative to the directory `dirfd` (or AT_FDCWD). */
enum dim_status dim_region_openat(int dirfd, const char *path, const struct dim_options *options,
				  struct dim_region **ret_region, struct dim_error *ret_error);

/*
 * A region that is in memory already: `bytes` of any alignment, `size` bytes, which stay the caller's and must outlive
 * the region. options->max_region_size applies.
 */
enum dim_status dim_region_from_memory(const void *bytes, size_t size, const struct dim_options *options,
				       struct dim_region **ret_region, struct dim_error *ret_error);

/* Unmaps and frees. NULL is allowed. Not for a region that a volume owns. */
void dim_region_close(struct dim_region *region);

/*
 * Proves all metadata at once, O(metadata): every record inside its section, layers ascending, slots, sections and
 * padding tiling the file without a gap, strings UTF-8, hash table and orders right. After DIM_OK no accessor of this
 * region fails with DIM_ERR_DAMAGED, unless somebody writes to the file. Reads no content and no digest: dim_verify.h
 * does.
 */
enum dim_status dim_region_check(const struct dim_region *region, struct dim_error *ret_error);

/* From the header. layout is 0 for page, 1 for packed; total_size is the bytes in use, file_size those that are mapped.
 */
uint32_t dim_region_dimension_id(const struct dim_region *region);
uint32_t dim_region_layer_count(const struct dim_region *region);
uint32_t dim_region_alignment(const struct dim_region *region);
uint32_t dim_region_layout(const struct dim_region *region);
uint64_t dim_region_total_size(const struct dim_region *region);
uint64_t dim_region_file_size(const struct dim_region *region);
uint64_t dim_region_metadata_offset(const struct dim_region *region);
uint64_t dim_region_metadata_size(const struct dim_region *region);

/* The region digest: 32 bytes as the header states them; dim_verify.h proves them. */
const uint8_t *dim_region_checksum(const struct dim_region *region);

/* The whole mapping, file_size bytes. */
struct dim_span dim_region_bytes(const struct dim_region *region);

/* The dimension's name and description (size 0: none). */
enum dim_status dim_region_name(const struct dim_region *region, struct dim_span *ret_name);
enum dim_status dim_region_description(const struct dim_region *region, struct dim_span *ret_description);

/* Seconds since 1970-01-01T00:00:00Z as authored; DIM_ERR_NOT_FOUND where the author gave none. */
enum dim_status dim_region_created_at(const struct dim_region *region, int64_t *ret_seconds);
enum dim_status dim_region_updated_at(const struct dim_region *region, int64_t *ret_seconds);

/* The band that the author set for all layers; DIM_ERR_NOT_FOUND where there is none. */
enum dim_status dim_region_frequency_range(const struct dim_region *region, double *ret_low, double *ret_high);

/*
 * How many bytes of the mapping are in the page cache, in whole pages. The kernel tells only those who own the file or
 * may write to it; for others it claims that all pages are resident.
 */
enum dim_status dim_region_resident(const struct dim_region *region, uint64_t *ret_bytes);

/* --- layers -------------------------------------------------------------------------------------------------- */

/* The layer with this layer_id, or DIM_ERR_NOT_FOUND. O(1) where ids are dense, else O(log layers). */
enum dim_status dim_region_layer(const struct dim_region *region, uint32_t layer_id,
				 const struct dim_layer **ret_layer);

/* The layer at `position`, 0 to layer_count - 1, by ascending layer_id; DIM_ERR_NOT_FOUND past the end. */
enum dim_status dim_region_layer_at(const struct dim_region *region, uint32_t position,
				    const struct dim_layer **ret_layer);

/* The layer's position in its region, the one that dim_region_layer_at takes. `layer` must be of `region`. */
uint32_t dim_layer_position(const struct dim_region *region, const struct dim_layer *layer);

/* Of the layer's record; `layer` must come from an open region. */
uint32_t dim_layer_id(const struct dim_layer *layer);
double dim_layer_frequency(const struct dim_layer *layer);
uint32_t dim_layer_keyword_count(const struct dim_layer *layer);
uint64_t dim_layer_offset(const struct dim_layer *layer);	/* of the slot in the file */
uint64_t dim_layer_slot_size(const struct dim_layer *layer);	/* content and padding */
const uint8_t *dim_layer_digest(const struct dim_layer *layer); /* SHA-256 of the content, 32 bytes */

/* The content, the title (size 0: none) and the keyword at `index`, in the author's order. `layer` must be of `region`.
 */
enum dim_status dim_layer_content(const struct dim_region *region, const struct dim_layer *layer,
				  struct dim_span *ret_content);
enum dim_status dim_layer_title(const struct dim_region *region, const struct dim_layer *layer,
				struct dim_span *ret_title);
enum dim_status dim_layer_keyword(const struct dim_region *region, const struct dim_layer *layer, uint32_t index,
				  struct dim_span *ret_keyword);

/* --- lookups ------------------------------------------------------------------------------------------------- */

/*
 * The number of different keywords, and the keyword at `position`, 0 to count - 1, in the order of their bytes.
 */
uint32_t dim_region_keyword_count(const struct dim_region *region);
enum dim_status dim_region_keyword_at(const struct dim_region *region, uint32_t position, struct dim_span *ret_keyword);

/* The position of the keyword that is exactly these bytes, by the hash table; DIM_ERR_NOT_FOUND where there is none. */
enum dim_status dim_region_find_keyword(const struct dim_region *region, const void *bytes, size_t size,
					uint32_t *ret_position);

/* How many layers have the keyword at `position`, and the `index`-th of them, by ascending layer_id. */
enum dim_status dim_keyword_layer_count(const struct dim_region *region, uint32_t position, uint32_t *ret_count);
enum dim_status dim_keyword_layer(const struct dim_region *region, uint32_t position, uint32_t index,
				  const struct dim_layer **ret_layer);

/*
 * The layers whose frequency f satisfies low <= f <= high are those of rank first to first + count - 1 in the order of
 * frequency; count may be 0. O(log layers). dim_region_layer_by_frequency gives the layer of a rank.
 */
enum dim_status dim_region_find_frequency(const struct dim_region *region, double low, double high, uint32_t *ret_first,
					  uint32_t *ret_count);
enum dim_status dim_region_layer_by_frequency(const struct dim_region *region, uint32_t rank,
					      const struct dim_layer **ret_layer);

#ifdef __cplusplus
}
#endif

#endif
