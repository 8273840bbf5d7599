/*
 * deflate.c: one gzip member (RFC 1952) that is whole in memory; the only room that includes <libdeflate.h>.
 * In: bytes.
 * Out: a member that holds them; or what a member holds, with its CRC-32 and length proven.
 */
#include "deflate.h"

#include <libdeflate.h>
#include <stdint.h>
#include <stdlib.h>

#include "mem.h"

/*
 * libdeflate's levels. Short members take no time, and are searched longest. At 6 a MiB of prose becomes as small as by
 * zlib's default, or a little smaller, in half of the time; 7 and 8 gain one and two percent, and take two and three
 * times as long.
 */
enum { SHORT = DEFLATE_BLOCK / 4, LEVEL_OF_SHORT = 8, LEVEL = 6 };

struct deflater {
	struct libdeflate_compressor *of_short, *of_others; /* NULL until there is need of it */
};

struct inflater {
	struct libdeflate_decompressor *decompressor;
};

size_t deflate_bound(size_t size)
{
	return libdeflate_gzip_compress_bound(NULL, size);
}

struct deflater *deflater_new(void)
{
	return mem_zalloc(1, sizeof(struct deflater));
}

size_t deflater_pack(struct deflater *deflater, const void *bytes, size_t size, void *packed)
{
	bool is_short = size <= SHORT;
	struct libdeflate_compressor **compressor = is_short ? &deflater->of_short : &deflater->of_others;

	if (*compressor == NULL)
		*compressor = mem_have(libdeflate_alloc_compressor(is_short ? LEVEL_OF_SHORT : LEVEL));
	return libdeflate_gzip_compress(*compressor, bytes, size, packed, deflate_bound(size));
}

void deflater_free(struct deflater *deflater)
{
	if (deflater == NULL)
		return;
	libdeflate_free_compressor(deflater->of_short);
	libdeflate_free_compressor(deflater->of_others);
	free(deflater);
}

struct inflater *inflater_new(void)
{
	struct inflater *inflater = mem_alloc(sizeof(*inflater));

	inflater->decompressor = mem_have(libdeflate_alloc_decompressor());
	return inflater;
}

bool inflater_unpack(struct inflater *inflater, const void *packed, size_t packed_size, void *bytes, size_t max,
		     size_t *ret_used, size_t *ret_size)
{
	return libdeflate_gzip_decompress_ex(inflater->decompressor, packed, packed_size, bytes, max, ret_used,
					     ret_size) == LIBDEFLATE_SUCCESS;
}

void inflater_free(struct inflater *inflater)
{
	if (inflater == NULL)
		return;
	libdeflate_free_decompressor(inflater->decompressor);
	free(inflater);
}
