/*
 * dim_region.h: the lower half of dim.h: statuses, options, and one region with its layers, keywords and frequencies.
 * In: the path of a region.mmap, or its bytes.
 * Out: pointers into the mapping, or one enum dim_status that says why not. dim.h tells of errors, lifetimes, threads.
 */
#ifndef DIM_REGION_H
#define DIM_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- errors and options -------------------------------------------------------------------------------------- */

/* How a call went. A struct dim_error has the details of a failure. */
enum dim_status {
	DIM_OK = 0,		/* success */
	DIM_ERR_USAGE = 1,	/* an argument is outside its documented range */
	DIM_ERR_SYSTEM = 2,	/* the system refused; dim_error.system_errno tells why */
	DIM_ERR_MEMORY = 3,	/* out of memory */
	DIM_ERR_NOT_FOUND = 4,	/* no such dimension, layer, keyword or published generation */
	DIM_ERR_NOT_REGION = 5, /* the file does not begin with the magic of a region */
	DIM_ERR_DAMAGED = 6,	/* the bytes contradict the format, each other or their digest */
	DIM_ERR_VERSION = 7,	/* a region of a newer version of the format than this library knows */
	DIM_ERR_LIMIT = 8,	/* more than the caller allowed, or than there is room for; see dim_error.limit */
	DIM_ERR_NOT_LOADED = 9, /* the volume has the dimension, and it is not loaded: dim_volume_load */
	DIM_ERR_UNKNOWN = 10	/* the kernel does not tell this process */
};

/* What went wrong, in detail. Filled by the functions that take one, only when they fail. */
struct dim_error {
	enum dim_status status; /* what the function returned */
	int system_errno;	/* for DIM_ERR_SYSTEM, else 0 */
	uint32_t dimension_id;	/* 0 where it is not known */
	uint32_t layer_id;	/* 0 where it is about no layer */
	uint64_t offset;	/* the bytes in question begin here in the file */
	uint64_t size;		/* and are so many; 0: none */
	uint64_t limit;		/* for DIM_ERR_LIMIT: what is allowed; bytes, unless the message says otherwise */
	uint64_t usage;		/* for DIM_ERR_LIMIT: what would have been in use */
	char message[192];	/* one line of English for people, NUL-terminated, without the path */
	char path[256]; /* the file or volume, NUL-terminated, "" where there is none; a long one begins with "..." */
	uint64_t reserved[2];
};

/* Bytes inside a mapping. Not NUL-terminated. */
struct dim_span {
	const char *data; /* never NULL on success */
	size_t size;	  /* may be 0 */
};

/* What the kernel is told about how a mapping will be read (madvise(2)). A hint that it refuses is no error. */
enum dim_advice {
	DIM_ADVICE_RANDOM = 0,	   /* the default: a touch reads the page that is touched and no other */
	DIM_ADVICE_NORMAL = 1,	   /* the kernel's read-ahead, which may be megabytes for one touch */
	DIM_ADVICE_SEQUENTIAL = 2, /* read-ahead that expects to be read once, from the beginning */
	DIM_ADVICE_WILLNEED = 3,   /* normal, and reading all of it begins at once, in the background */
	DIM_ADVICE_HUGEPAGE = 4	   /* normal, in huge pages where the file system and the kernel can */
};

/* How regions are mapped, checked and kept. Bits of dim_options.flags. */
enum dim_open_flag {
	DIM_LAZY = 1,	   /* a volume maps a dimension when dim_volume_load asks for it; costs a descriptor for each */
	DIM_CHECK = 2,	   /* ask dim_region_check about whatever is mapped, also when a volume is opened */
	DIM_PREFAULT = 4,  /* bring every page in before the call returns */
	DIM_IN_MEMORY = 8, /* copy the file into sealed anonymous memory: no SIGBUS whoever truncates it; not shared */
	DIM_KEEP_FILES = 16, /* keep a descriptor of every mapped file, for dim_layer_read */
	/*
	 * Proving a region (dim_verify.h) gives the pages of contents back to the system behind it, by madvise(2): for
	 * a program that reads them once. A service leaves it off, or it would fault in again what it has in use.
	 */
	DIM_READS_ONCE = 32
};

struct dim_region; /* one open region */
struct dim_layer;  /* a layer: a record inside a region's mapping, never freed */
struct dim_event;  /* of dim.h */

/*
 * Called for every dim_event of a volume, for audit logs and metrics. It runs on the thread that caused the event,
 * which holds the volume's lock: it must not call a function that takes the volume. The event is valid until it
 * returns.
 */
typedef void (*dim_trace)(void *context, const struct dim_event *event);

/*
 * Proves a region before a volume uses it; dim_verify_prove is one. Where it does not return DIM_OK, the region is
 * refused, with that status and *ret_error, which is never NULL.
 */
typedef enum dim_status (*dim_prove)(void *context, const struct dim_region *region, struct dim_error *ret_error);

/*
 * How to open a volume or a region. Set to zero, or pass NULL, for the defaults. What is not for volumes only holds for
 * regions, too.
 */
struct dim_options {
	uint64_t max_region_size;   /* refuse larger files (MMAP_MAX_SIZE); bytes; 0 means 10485760 */
	uint64_t memory_budget;	    /* volumes: what the loaded dimensions may map together; bytes; 0: no limit */
	const uint32_t *dimensions; /* volumes: only these dimension_ids, which must be there; NULL: all. Copied. */
	size_t dimension_count;	    /* how many there are */
	uint32_t flags;		    /* bits of dim_open_flag */
	uint32_t advice;	    /* one of dim_advice */
	dim_trace trace;	    /* volumes: told of every event; or NULL */
	void *trace_context;	    /* its first argument */
	dim_prove prove;	    /* volumes: asked for every region that is mapped; or NULL */
	void *prove_context;	    /* its first argument */
	uint64_t reserved[4];	    /* zero */
};

/* A constant English text for a status. Never NULL. */
const char *dim_strerror(enum dim_status status);

/*
 * Writes an error as one line: path, dimension, layer, message and bytes, into `buffer` of `size` bytes, NUL-terminated
 * and cut where it does not fit; `size` may be 0. Returns its whole length, like snprintf(3).
 */
size_t dim_error_format(const struct dim_error *error, char *buffer, size_t size);

/* The version of libdim, "MAJOR.MINOR.PATCH". */
const char *dim_version(void);

/* --- regions ------------------------------------------------------------------------------------------------- */

/*
 * Maps a region file read-only and checks its header and the bounds of its sections. `path` is that of the file;
 * dim_region_openat takes it relative to the directory `dirfd` (or AT_FDCWD). The caller owns *ret_region and closes it
 * with dim_region_close. Cost: O(1). What is checked is read by pread(2), so that no page of the mapping is touched.
 * What the header cannot tell is checked when it is used, so hostile bytes give DIM_ERR_DAMAGED then.
 *
 * DIM_ERR_NOT_REGION: the file does not begin with the magic of a region.
 * DIM_ERR_VERSION: it is of a newer version of the format.
 * DIM_ERR_LIMIT: it is larger than max_region_size.
 * DIM_ERR_DAMAGED: the header contradicts itself or the file.
 */
enum dim_status dim_region_open(const char *path, const struct dim_options *options, struct dim_region **ret_region,
				struct dim_error *ret_error);
enum dim_status dim_region_openat(int dirfd, const char *path, const struct dim_options *options,
				  struct dim_region **ret_region, struct dim_error *ret_error);

/*
 * A region that is in memory already: `bytes` of any alignment, `size` bytes, which stay the caller's and must outlive
 * the region. options->max_region_size applies.
 */
enum dim_status dim_region_from_memory(const void *bytes, size_t size, const struct dim_options *options,
				       struct dim_region **ret_region, struct dim_error *ret_error);

/* Closes a region that the caller opened. NULL is allowed. Not for a region that came from a snapshot. */
void dim_region_close(struct dim_region *region);

/*
 * Proves all metadata at once, O(metadata): every record inside its section, layers ascending, slots, sections and
 * padding tiling the file without a gap, strings UTF-8, hash table and orders right. After DIM_OK no accessor of this
 * region fails with DIM_ERR_DAMAGED, unless somebody writes to the file. Reads no content and no digest:
 * dim_verify_region does.
 */
enum dim_status dim_region_check(const struct dim_region *region, struct dim_error *ret_error);

/* What the header says of a region. These cannot fail: it was checked, and copied, when the region was opened. */
uint32_t dim_region_dimension_id(const struct dim_region *region);
uint32_t dim_region_layer_count(const struct dim_region *region);
uint32_t dim_region_alignment(const struct dim_region *region);
uint32_t dim_region_layout(const struct dim_region *region);	      /* 0: page, 1: packed */
uint64_t dim_region_total_size(const struct dim_region *region);      /* the bytes in use */
uint64_t dim_region_file_size(const struct dim_region *region);	      /* the bytes that are mapped */
uint64_t dim_region_metadata_offset(const struct dim_region *region); /* of the metadata in the file */
uint64_t dim_region_metadata_size(const struct dim_region *region);

/* The digest of a region: 32 bytes as the header states them; dim_verify_region proves them. */
const uint8_t *dim_region_checksum(const struct dim_region *region);

/* The whole mapping, file_size bytes. */
struct dim_span dim_region_bytes(const struct dim_region *region);

/* The name of a dimension and its description. Size 0: none. */
enum dim_status dim_region_name(const struct dim_region *region, struct dim_span *ret_name);
enum dim_status dim_region_description(const struct dim_region *region, struct dim_span *ret_description);

/*
 * When a dimension was made and changed, as authored. Seconds since 1970-01-01T00:00:00Z; DIM_ERR_NOT_FOUND where the
 * author gave none.
 */
enum dim_status dim_region_created_at(const struct dim_region *region, int64_t *ret_seconds);
enum dim_status dim_region_updated_at(const struct dim_region *region, int64_t *ret_seconds);

/* The band that the author set for all layers; DIM_ERR_NOT_FOUND where there is none. */
enum dim_status dim_region_frequency_range(const struct dim_region *region, double *ret_low, double *ret_high);

/* The descriptor that DIM_KEEP_FILES kept, else -1. The region's: do not close it. */
int dim_region_descriptor(const struct dim_region *region);

/*
 * Whether a region is a mapped file. Such a file can be cut short; else it is in memory (DIM_IN_MEMORY, or the
 * caller's).
 */
bool dim_region_is_file(const struct dim_region *region);

/* The flags that the region was opened with (enum dim_open_flag). */
uint32_t dim_region_flags(const struct dim_region *region);

/*
 * Tells the kernel what will be read soon, or not again. The bytes are [offset, offset + size) of the mapping; what
 * lies outside is ignored. Nothing happens to regions in memory.
 *
 * dim_region_prefetch: it begins to read them in the background.
 * dim_region_give_back: it may take the pages away, and reads them from the file when they are touched nevertheless.
 * Only whole pages inside the range.
 */
void dim_region_prefetch(const struct dim_region *region, uint64_t offset, uint64_t size);
void dim_region_give_back(const struct dim_region *region, uint64_t offset, uint64_t size);

/*
 * How much of a range of the mapping is in the page cache. *ret_bytes counts those of [offset, offset + size), in whole
 * pages.
 *
 * DIM_ERR_UNKNOWN: the kernel tells only those who own the file or may write to it.
 * DIM_ERR_USAGE: the range leads outside, or the region is in memory.
 */
enum dim_status dim_region_resident(const struct dim_region *region, uint64_t offset, uint64_t size,
				    uint64_t *ret_bytes);

/*
 * Page faults of the calling thread since it began. The difference of two is what lies between (getrusage(2)).
 *
 * DIM_ERR_UNKNOWN: the system does not count for each thread.
 */
struct dim_faults {
	uint64_t minor; /* served from memory */
	uint64_t major; /* waited for the disk */
};
enum dim_status dim_faults(struct dim_faults *ret_faults);

/* --- layers -------------------------------------------------------------------------------------------------- */

/*
 * The layer with this layer_id. DIM_ERR_NOT_FOUND where there is none. Cost: O(1) where ids are dense, else O(log
 * layers).
 */
enum dim_status dim_region_layer(const struct dim_region *region, uint32_t layer_id,
				 const struct dim_layer **ret_layer);

/*
 * The layer at a position. `position` is 0 to dim_region_layer_count - 1, by ascending layer_id; DIM_ERR_NOT_FOUND past
 * the end.
 */
enum dim_status dim_region_layer_at(const struct dim_region *region, uint32_t position,
				    const struct dim_layer **ret_layer);

/* The position of a layer in its region. It is the one that dim_region_layer_at takes. `layer` must be of `region`. */
uint32_t dim_layer_position(const struct dim_region *region, const struct dim_layer *layer);

/* What the record of a layer says. `layer` must come from a region that is still open, or a snapshot that is held. */
uint32_t dim_layer_id(const struct dim_layer *layer);
double dim_layer_frequency(const struct dim_layer *layer); /* in Hz */
uint32_t dim_layer_keyword_count(const struct dim_layer *layer);
uint64_t dim_layer_offset(const struct dim_layer *layer);    /* of the slot in the file */
uint64_t dim_layer_slot_size(const struct dim_layer *layer); /* content and padding */
uint64_t dim_layer_content_size(const struct dim_layer *layer);
const uint8_t *dim_layer_digest(const struct dim_layer *layer); /* SHA-256 of the content, 32 bytes */

/*
 * The content of a layer, its title and its keywords. `layer` must be of `region`. A title of size 0: none. `index` is
 * from 0 to dim_layer_keyword_count - 1, in the author's order; DIM_ERR_NOT_FOUND past the end.
 */
enum dim_status dim_layer_content(const struct dim_region *region, const struct dim_layer *layer,
				  struct dim_span *ret_content);
enum dim_status dim_layer_title(const struct dim_region *region, const struct dim_layer *layer,
				struct dim_span *ret_title);
enum dim_status dim_layer_keyword(const struct dim_region *region, const struct dim_layer *layer, uint32_t index,
				  struct dim_span *ret_keyword);

/* --- lookups ------------------------------------------------------------------------------------------------- */

/*
 * The different keywords of a region. `position` is from 0 to dim_region_keyword_count - 1, in the order of their
 * bytes; DIM_ERR_NOT_FOUND past the end.
 */
uint32_t dim_region_keyword_count(const struct dim_region *region);
enum dim_status dim_region_keyword_at(const struct dim_region *region, uint32_t position, struct dim_span *ret_keyword);

/* The position of the keyword that is exactly these bytes. By the hash table; DIM_ERR_NOT_FOUND where there is none. */
enum dim_status dim_region_find_keyword(const struct dim_region *region, const void *bytes, size_t size,
					uint32_t *ret_position);

/*
 * The keywords that begin with these bytes. They are those at first to first + count - 1; count may be 0. The cost is
 * O(log keywords).
 */
enum dim_status dim_region_find_prefix(const struct dim_region *region, const void *bytes, size_t size,
				       uint32_t *ret_first, uint32_t *ret_count);

/*
 * The layers that have the keyword at `position`. Their number, and the one at `index`, 0 to count - 1, by ascending
 * layer_id.
 */
enum dim_status dim_keyword_layer_count(const struct dim_region *region, uint32_t position, uint32_t *ret_count);
enum dim_status dim_keyword_layer(const struct dim_region *region, uint32_t position, uint32_t index,
				  const struct dim_layer **ret_layer);

/*
 * The layers whose frequency lies between two. Those with low <= frequency <= high have the ranks first to first +
 * count - 1 in the order of frequency; count may be 0. dim_region_layer_by_frequency gives the layer of a rank. The
 * cost is O(log layers).
 */
enum dim_status dim_region_find_frequency(const struct dim_region *region, double low, double high, uint32_t *ret_first,
					  uint32_t *ret_count);
enum dim_status dim_region_layer_by_frequency(const struct dim_region *region, uint32_t rank,
					      const struct dim_layer **ret_layer);

#ifdef __cplusplus
}
#endif

#endif
