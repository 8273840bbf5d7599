/*
 * deflate_test.c: what deflate.c packs, libdeflate and zlib unpack.
 * In: nothing; texts, padding and noise of all sizes.
 * Out: nothing while all of it comes back, and texts are as small as they should be.
 */
#include <string.h>
#include <zlib.h>

#include "../../compiler/deflate.h"
#include "test.h"

enum { WORDS = 4000, LONGEST_WORD = 12 };

static struct deflater *deflater;
static struct inflater *inflater;
static unsigned seed = 1;

static unsigned any(unsigned below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % below;
}

/* Words, some of them more frequent, with spaces, full stops and line ends. */
static void fill_with_text(char *bytes, size_t size)
{
	static char words[WORDS][LONGEST_WORD + 1];
	size_t at = 0, i;

	for (i = 0; words[0][0] == '\0' || (i > 0 && i < WORDS); i++) {
		size_t length = 1 + any(LONGEST_WORD), k;

		for (k = 0; k < length; k++)
			words[i][k] = (char)('!' + any(any(60) + 20));
	}
	while (at < size) {
		const char *word = words[any(any(WORDS) + 1)];
		size_t length = strlen(word);

		if (length > size - at)
			length = size - at;
		memcpy(bytes + at, word, length);
		at += length;
		if (at < size)
			bytes[at++] = any(12) > 0 ? ' ' : '\n';
	}
}

static void fill_with_noise(char *bytes, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		bytes[i] = (char)any(256);
}

/* Runs of zeros of every length, between pieces of what is there. */
static void add_padding(char *bytes, size_t size)
{
	size_t at = any(40), run;

	for (run = 1; at < size; run++) {
		size_t zeros = run % 700 < size - at ? run % 700 : size - at;

		memset(bytes + at, 0, zeros);
		at += zeros + 1 + any(90);
	}
}

static size_t unpack_by_zlib(char *packed, size_t packed_size, char *bytes, size_t size)
{
	z_stream stream = {.next_in = (unsigned char *)packed,
			   .avail_in = (uInt)packed_size,
			   .next_out = (unsigned char *)bytes,
			   .avail_out = (uInt)size};

	CHECK(inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK);
	CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0);
	inflateEnd(&stream);
	return stream.total_out;
}

/* Packs, and gives the size. In memory of exactly its size, so that memory checkers see what is read beyond it. */
static size_t check(const char *bytes, size_t size)
{
	char *copy = malloc(size), *packed = malloc(deflate_bound(size)), *back = malloc(size + 1);
	size_t packed_size, used, got;

	CHECK(packed != NULL && back != NULL && (copy != NULL || size == 0));
	if (size > 0)
		memcpy(copy, bytes, size);
	packed_size = deflater_pack(deflater, copy, size, packed);
	CHECK(packed_size > 0 && packed_size <= deflate_bound(size));
	CHECK(inflater_unpack(inflater, packed, packed_size, back, size, &used, &got));
	CHECK(used == packed_size && got == size && (size == 0 || memcmp(back, copy, size) == 0));
	CHECK(size == 0 || !inflater_unpack(inflater, packed, packed_size, back, size - 1, &used, &got));
	CHECK(!inflater_unpack(inflater, packed, packed_size - 1, back, size, &used, &got));
	memset(back, 1, size);
	CHECK(unpack_by_zlib(packed, packed_size, back, size + 1) == size);
	CHECK(size == 0 || memcmp(back, copy, size) == 0);
	free(copy);
	free(packed);
	free(back);
	return packed_size;
}

int main(void)
{
	static const size_t sizes[] = {100, 5000, DEFLATE_BLOCK / 4, DEFLATE_BLOCK / 4 + 1, 600000, DEFLATE_BLOCK};
	char *bytes = malloc(DEFLATE_BLOCK);
	size_t i, packed;

	CHECK(bytes != NULL);
	deflater = deflater_new();
	inflater = inflater_new();
	for (i = 0; i <= 80; i++) {
		fill_with_text(bytes, i);
		check(bytes, i);
	}
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		fill_with_text(bytes, sizes[i]);
		packed = check(bytes, sizes[i]);
		CHECK(sizes[i] < 200000 || packed < sizes[i] / 2);
		add_padding(bytes, sizes[i]);
		check(bytes, sizes[i]);
		fill_with_noise(bytes, sizes[i]);
		CHECK(check(bytes, sizes[i]) >= sizes[i]);
		memset(bytes, 0, sizes[i]);
		check(bytes, sizes[i]);
	}
	deflater_free(deflater);
	inflater_free(inflater);
	free(bytes);
	return 0;
}
