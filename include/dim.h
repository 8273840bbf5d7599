/*
 * dim.h: libdim, the read-only, zero-copy loader of volumes and regions.
 * In: the path of a volume or of a region.mmap, from anyone: no byte of a file leads a reader outside its mapping.
 * Out: layers, keywords, titles and frequencies as pointers into the mapping, or one enum dim_status that says why not.
 *
 * libdim needs libc only, keeps no global state, installs no signal handler and prints nothing. It reads the
 * environment in one case: dim_volume_open without a path.
 *
 * Errors. Every function that can fail returns an enum dim_status; what it gives back goes to the `ret_` arguments,
 * which are untouched on failure. Functions that open or check also take a `struct dim_error *`, or NULL, for the
 * details.
 *
 * Lifetimes. What a snapshot gives (regions, layers, spans) stays valid until the snapshot is released, whatever
 * happens to the volume meanwhile; what a region that the caller opened gives, until that is closed. Spans are not
 * NUL-terminated. Sizes are bytes, frequencies are Hz.
 *
 * Threads. A volume may be used by any number of threads at once, also while one of them loads, unloads or refreshes;
 * only dim_volume_close is for the last one. Loading, unloading and refreshing wait for each other, and for nobody
 * else; nobody else waits for them. Reading a snapshot or a region takes no lock, allocates nothing and writes nothing,
 * not even a counter: only dim_volume_acquire and dim_snapshot_release count, once each.
 *
 * Hazard. A file that somebody truncates while it is mapped raises SIGBUS in whoever touches the lost pages, and one
 * that is overwritten in place changes under its readers. dimc never writes to a published file again, it publishes new
 * ones; keep everybody else from writing there (mount it read-only). Where that is not enough: DIM_IN_MEMORY, or
 * dim_layer_read of dim_verify.h. Opening reads by pread(2) and touches no mapping.
 *
 * The format is described in docs/region-format.md.
 */
#ifndef DIM_H
#define DIM_H

#include "dim_region.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dim_volume;   /* a volume over time: what a service opens once and keeps */
struct dim_snapshot; /* one generation of a volume with the dimensions that are loaded, immutable */

/* --- events -------------------------------------------------------------------------------------------------- */

/* What a volume did. dim_options.trace is told. */
enum dim_event_kind {
	DIM_EVENT_OPEN = 1,    /* the volume was opened */
	DIM_EVENT_LOAD = 2,    /* a region was mapped, or copied into memory */
	DIM_EVENT_UNLOAD = 3,  /* dim_volume_unload took a dimension out; snapshots may still hold it */
	DIM_EVENT_REFRESH = 4, /* another generation is in use, with what it shares and what was loaded for it */
	DIM_EVENT_REFUSE = 5,  /* something failed; what was in use stays so. Once for each refused generation */
	DIM_EVENT_CLOSE = 6    /* the volume was closed */
};

/* One thing that a volume did, as dim_options.trace is told of it. */
struct dim_event {
	enum dim_event_kind kind;      /* what it was */
	uint32_t dimension_id;	       /* 0: all of the volume */
	uint64_t serial;	       /* of the generation, as dim_snapshot_serial counts */
	uint64_t size;		       /* bytes that were mapped or unmapped, or that the generation has mapped */
	uint64_t nanoseconds;	       /* that it took (CLOCK_MONOTONIC) */
	const char *path;	       /* of the volume */
	const struct dim_error *error; /* for DIM_EVENT_REFUSE, else NULL */
};

/* --- volumes ------------------------------------------------------------------------------------------------- */

/*
 * Opens a volume at the generation that is published. `path` is the directory that holds consciousness/. The regions of
 * the selected dimensions are opened as dim_region_open does it, and all come from one generation, also while another
 * is published. Without a path (NULL), the environment tells: MMAP_BASE_PATH, else data/mmap; and MMAP_MAX_SIZE where
 * max_region_size is 0. A relative path begins from the directory that is current now, which is held open.
 *
 * On success the caller owns *ret_volume and closes it with dim_volume_close. Cost: O(dimensions), no page is touched.
 *
 * DIM_ERR_NOT_FOUND: no volume, nothing published in it, or not the selected dimensions. While a generation is being
 * put in its place, it waits, for a quarter of a second at most.
 * DIM_ERR_LIMIT: past the budget or max_region_size.
 * DIM_ERR_USAGE: an empty path, options that this library does not know, or an MMAP_MAX_SIZE that is no number.
 */
enum dim_status dim_volume_open(const char *path, const struct dim_options *options, struct dim_volume **ret_volume,
				struct dim_error *ret_error);

/* Closes the volume. NULL is allowed. Snapshots that are still held stay valid; the last release frees the rest. */
void dim_volume_close(struct dim_volume *volume);

/*
 * The generation in use, held for the caller until dim_snapshot_release. Never fails, waits for nobody, costs one
 * atomic addition: take one for each request, or for a batch. Never NULL.
 */
const struct dim_snapshot *dim_volume_acquire(struct dim_volume *volume);

/* Lets go of a snapshot and of all that came from it. NULL is allowed. May unmap, where it was the last. */
void dim_snapshot_release(const struct dim_snapshot *snapshot);

/*
 * Maps a dimension of the generation in use; nothing happens where it is loaded already. Snapshots taken afterwards
 * have it.
 *
 * DIM_ERR_NOT_FOUND: the volume has no such dimension, or it was not selected, or (without DIM_LAZY, after unloading
 * it) its generation was replaced long ago.
 * DIM_ERR_LIMIT: past the budget, or 256 snapshots are still held.
 */
enum dim_status dim_volume_load(struct dim_volume *volume, uint32_t dimension_id, struct dim_error *ret_error);

/*
 * Takes a dimension out of the snapshots that are taken afterwards. Its size comes off the budget. It is unmapped when
 * the last snapshot that has it is released.
 *
 * DIM_ERR_NOT_FOUND: no such dimension.
 * DIM_ERR_LIMIT: 256 snapshots are held.
 */
enum dim_status dim_volume_unload(struct dim_volume *volume, uint32_t dimension_id, struct dim_error *ret_error);

/*
 * Follows what is published. Where nothing was, it costs one stat(2), and *ret_changed (or NULL) is false. A new
 * generation is opened with the dimensions that are loaded now and, without DIM_LAZY, those that are new; it is proved
 * by dim_region_check and dim_options.prove, and only then taken into use. Regions that did not change are shared with
 * the old one, pointers and all.
 *
 * On any failure the old generation stays in use; what was refused as damaged or too new is not looked at again, but
 * refused with the same words, until something else is published. Regions that are changed in place are not noticed.
 *
 * DIM_ERR_LIMIT: past the budget, or 256 snapshots are still held.
 */
enum dim_status dim_volume_refresh(struct dim_volume *volume, bool *ret_changed, struct dim_error *ret_error);

/* What a volume has in use. */
struct dim_usage {
	uint64_t budget;	  /* dim_options.memory_budget */
	uint64_t loaded_size;	  /* bytes that the generation in use has mapped; counts against the budget */
	uint64_t mapped_size;	  /* the same with what only older snapshots still hold */
	uint64_t serial;	  /* of the generation in use */
	uint32_t dimension_count; /* selected */
	uint32_t loaded_count;	  /* of those, with a region in the generation in use */
	uint32_t snapshot_count;  /* alive: the one in use, and older ones that are held */
	uint32_t reserved[5];
};

/* Fills *ret_usage with what the volume has in use at this moment. */
void dim_volume_usage(struct dim_volume *volume, struct dim_usage *ret_usage);

/* --- snapshots ----------------------------------------------------------------------------------------------- */

/*
 * Counts generations: 1 for the one that dim_volume_open found, one more for each that dim_volume_refresh took into
 * use.
 */
uint64_t dim_snapshot_serial(const struct dim_snapshot *snapshot);

/*
 * The dimensions of a snapshot, loaded or not. dim_snapshot_count says how many, at least 1; dim_snapshot_dimension_at
 * the dimension_id at `position`, ascending; 0 past the end.
 */
size_t dim_snapshot_count(const struct dim_snapshot *snapshot);
uint32_t dim_snapshot_dimension_at(const struct dim_snapshot *snapshot, size_t position);

/*
 * The region at a position among the dimensions. `position` is 0 to dim_snapshot_count - 1, by ascending dimension_id;
 * NULL where it is not loaded, and past the end.
 */
const struct dim_region *dim_snapshot_region_at(const struct dim_snapshot *snapshot, size_t position);

/*
 * The region of a dimension. Cost: O(1) where ids are dense, else O(log dimensions).
 *
 * DIM_ERR_NOT_FOUND: the volume has no such dimension, or it was not selected.
 * DIM_ERR_NOT_LOADED: it has, but the snapshot was taken while it was not loaded.
 */
enum dim_status dim_snapshot_region(const struct dim_snapshot *snapshot, uint32_t dimension_id,
				    const struct dim_region **ret_region);

/* A layer and its region, in one step: as dim_snapshot_region, then dim_region_layer. */
enum dim_status dim_snapshot_layer(const struct dim_snapshot *snapshot, uint32_t dimension_id, uint32_t layer_id,
				   const struct dim_region **ret_region, const struct dim_layer **ret_layer);

/* Where a search stands. The caller's, on its stack; may be copied; holds nothing. Its fields are nobody's business. */
struct dim_cursor {
	const void *pointers[4]; /* private */
	uint64_t numbers[6];	 /* private */
};

/*
 * Searches across all loaded dimensions, in constant memory: each of these sets *ret_cursor before the first answer,
 * and the _next function gives one answer after the other, then DIM_ERR_NOT_FOUND. After any other status than DIM_OK a
 * cursor stays at its end, but for DIM_ERR_USAGE, which changes nothing. `bytes` must outlive the cursor.
 *
 * dim_snapshot_find_keyword: the layers that have exactly this keyword, by (dimension_id, layer_id).
 * dim_snapshot_find_frequency: the layers with low <= frequency <= high, by (frequency, dimension_id, layer_id).
 * dim_snapshot_find_prefix: the different keywords that begin with these bytes (none: all), in the order of their
 * bytes.
 */
void dim_snapshot_find_keyword(const struct dim_snapshot *snapshot, const void *bytes, size_t size,
			       struct dim_cursor *ret_cursor);
void dim_snapshot_find_frequency(const struct dim_snapshot *snapshot, double low, double high,
				 struct dim_cursor *ret_cursor);
void dim_snapshot_find_prefix(const struct dim_snapshot *snapshot, const void *bytes, size_t size,
			      struct dim_cursor *ret_cursor);

/* The next layer of a search for a keyword or for frequencies; DIM_ERR_USAGE for one for a prefix. */
enum dim_status dim_cursor_next_layer(struct dim_cursor *cursor, const struct dim_region **ret_region,
				      const struct dim_layer **ret_layer);

/* The next keyword of a search for a prefix; DIM_ERR_USAGE for the others. */
enum dim_status dim_cursor_next_keyword(struct dim_cursor *cursor, struct dim_span *ret_keyword);

#ifdef __cplusplus
}
#endif

#endif
