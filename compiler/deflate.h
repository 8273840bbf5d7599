/*
 * deflate.h: one gzip member (RFC 1952) that is whole in memory; the only room that includes <libdeflate.h>.
 * In: bytes.
 * Out: a member that holds them; or what a member holds, with its CRC-32 and length proven.
 */
#ifndef DIMC_DEFLATE_H
#define DIMC_DEFLATE_H

#include <stdbool.h>
#include <stddef.h>

/* What dimc puts into one at most. */
enum { DEFLATE_BLOCK = 1 << 20 };

/* How many bytes a member of `size` bytes has at most. */
size_t deflate_bound(size_t size);

/* Both are owned by one thread at a time, and end the run where there is no memory. */
struct deflater;
struct inflater;

/* Writes a member to `packed`, of deflate_bound(size) bytes: its size, which follows from the bytes alone. */
struct deflater *deflater_new(void);
size_t deflater_pack(struct deflater *deflater, const void *bytes, size_t size, void *packed);
void deflater_free(struct deflater *deflater);

/*
 * Unpacks the member at the beginning of `packed`; *ret_used are its bytes, *ret_size those that it held. false: it is
 * damaged, does not end there, or holds more than `max` bytes; what is in `bytes` then is of no use.
 */
struct inflater *inflater_new(void);
bool inflater_unpack(struct inflater *inflater, const void *packed, size_t packed_size, void *bytes, size_t max,
		     size_t *ret_used, size_t *ret_size);
void inflater_free(struct inflater *inflater);

#endif
