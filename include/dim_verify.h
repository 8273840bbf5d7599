/*
 * dim_verify.h: proof by digest, the part of libdim that needs libcrypto (libdim-verify).
 * In: an open region, or the raw bytes of one, of a known version or a newer one.
 * Out: DIM_OK, or the first byte range that is not what its digest says, with the layer it belongs to.
 *
 * Thread-safe like dim.h. SHA-256 is that of FIPS 180-4, by OpenSSL's EVP.
 */
#ifndef DIM_VERIFY_H
#define DIM_VERIFY_H

#include "dim.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- proof --------------------------------------------------------------------------------------------------- */

/*
 * Proves the checksum over all metadata of a region's raw bytes. The formula is one that all versions share: also for a
 * region that dim_region_open refused with DIM_ERR_VERSION.
 *
 * DIM_ERR_DAMAGED: it is wrong, or the header leads outside.
 */
enum dim_status dim_verify_metadata(const void *bytes, size_t size, struct dim_error *ret_error);

/* Proves one layer: its content by its digest and its padding to be zero. Reads all of the layer's slot. */
enum dim_status dim_verify_layer(const struct dim_region *region, const struct dim_layer *layer,
				 struct dim_error *ret_error);

/* Called once for every fault that is found. `context` is the caller's; the error is valid until it returns. */
typedef void (*dim_verify_report)(void *context, const struct dim_error *error);

/*
 * Proves every byte of a region: dim_region_check, the checksum, every layer, all padding and the tail of the file.
 * Goes on after a fault as long as that leads nowhere unsafe; `report` (or NULL) is called for each. Returns the first.
 */
enum dim_status dim_verify_region(const struct dim_region *region, dim_verify_report report, void *context);

/*
 * Proves every byte of a region file that may be unfit to be opened. As dim_verify_region, for its raw bytes. What is
 * wrong with the header is reported with the checksum's word on it, and a newer version is believed (DIM_ERR_VERSION)
 * only if its checksum is right.
 */
enum dim_status dim_verify_bytes(const void *bytes, size_t size, const struct dim_options *options,
				 dim_verify_report report, void *context);

/*
 * Proves a region, as dim_options.prove: a volume then takes nothing into use whose digests are wrong. `context` is
 * ignored.
 */
enum dim_status dim_verify_prove(void *context, const struct dim_region *region, struct dim_error *ret_error);

/* Proves every loaded dimension of a snapshot, as dim_verify_region does it. Returns the first fault's status. */
enum dim_status dim_verify_snapshot(const struct dim_snapshot *snapshot, dim_verify_report report, void *context);

/*
 * The digest that names the generation, as in manifest.json: SHA-256 over the lines "D01 <region digest in hex>\n", as
 * the headers state them; over the selected dimensions alone, where some were selected.
 *
 * DIM_ERR_NOT_LOADED: a dimension is not loaded.
 */
enum dim_status dim_snapshot_digest(const struct dim_snapshot *snapshot, uint8_t ret_digest[32]);

/*
 * Copies one layer's content, and proves the copy by its digest. It is read into `buffer` by pread(2), from a file that
 * still has the checksum that it was opened with: what is there after DIM_OK is what was compiled, also where somebody
 * truncates the file or writes another over it meanwhile; no mapping is touched, so that no SIGBUS can come of it.
 * After a failure, the buffer holds nothing of use.
 *
 * DIM_ERR_USAGE: the region was opened without DIM_KEEP_FILES, and is not in memory.
 * DIM_ERR_LIMIT: the content is larger than `size`; its size is in *ret_size.
 * DIM_ERR_NOT_FOUND: there is no such layer.
 * DIM_ERR_DAMAGED: what was read is not what its digest says, or less than there should be, or of another file.
 * DIM_ERR_SYSTEM: reading failed.
 */
enum dim_status dim_layer_read(const struct dim_region *region, uint32_t layer_id, void *buffer, size_t size,
			       size_t *ret_size, struct dim_error *ret_error);

#ifdef __cplusplus
}
#endif

#endif
