/*
 * gunzip.c: the plain bytes of a file that is compressed by gzip (RFC 1952), or of one that is not; the only room that
 * includes <zlib.h>.
 * In: a part of a file, from anyone.
 * Out: its bytes, piece by piece, with every member's CRC-32 and length proven; digests of both; or what is wrong.
 */
#include "gunzip.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "ahead.h"
#include "deflate.h"
#include "mem.h"
#include "trace.h"

enum { WINDOW = 2 * DEFLATE_BLOCK, GZIP_WINDOW = 16 + MAX_WBITS, FLAGS = 3 };

struct gunzip {
	struct ahead *ahead;
	uint64_t bytes_out;
	_Atomic uint64_t bytes_in;
	/* All others are those of the thread that reads ahead, until it has come to the end. */
	int fd, system_error;
	uint64_t offset, size;
	bool is_begun, is_compressed, in_member; /* a member began that has not ended */
	const char *problem;
	unsigned char *packed;	   /* WINDOW bytes; stream.next_in is in them */
	struct inflater *inflater; /* NULL: the members are not like ours, and go by zlib */
	z_stream stream;
	struct digest_state *digest_in, *digest_out;
};

static ptrdiff_t fail(struct gunzip *g, const char *problem, int number)
{
	g->problem = problem;
	g->system_error = number;
	return -1;
}

/* The next bytes of the file: how many, 0 at the end. */
static ptrdiff_t fill(struct gunzip *g, void *to, size_t want)
{
	uint64_t rest = g->size - g->bytes_in;
	ssize_t n;

	if (rest < want)
		want = (size_t)rest;
	if (want == 0)
		return 0;
	do
		n = pread(g->fd, to, want, (off_t)(g->offset + g->bytes_in));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return fail(g, "cannot be read", errno);
	if (n == 0)
		return fail(g, "it became shorter while it was read", 0);
	digest_add(g->digest_in, to, (size_t)n);
	g->bytes_in += (uint64_t)n;
	return n;
}

/* Has `want` compressed bytes in the window, or all that are left. */
static bool refill(struct gunzip *g, size_t want)
{
	ptrdiff_t n = 1;

	if (g->stream.avail_in >= want)
		return true;
	memmove(g->packed, g->stream.next_in, g->stream.avail_in);
	g->stream.next_in = g->packed;
	while (n > 0 && g->stream.avail_in < WINDOW) {
		n = fill(g, g->packed + g->stream.avail_in, WINDOW - g->stream.avail_in);
		if (n > 0)
			g->stream.avail_in += (uInt)n;
	}
	return n >= 0;
}

/*
 * A member that is no larger than ours are, at once: three times as fast as by zlib. Whatever is not like that, damage
 * too, is zlib's from there on, which says what is wrong. Of flags, libdeflate would not prove the header's CRC.
 */
static bool unpack_member(struct gunzip *g, void *piece, size_t *ret_size)
{
	size_t used;

	if (g->inflater == NULL)
		return false;
	if (g->stream.avail_in > FLAGS && g->stream.next_in[FLAGS] == 0 &&
	    inflater_unpack(g->inflater, g->stream.next_in, g->stream.avail_in, piece, DEFLATE_BLOCK, &used,
			    ret_size)) {
		g->stream.next_in += used;
		g->stream.avail_in -= (uInt)used;
		return true;
	}
	inflater_free(g->inflater);
	g->inflater = NULL;
	if (inflateInit2(&g->stream, GZIP_WINDOW) != Z_OK)
		mem_have(NULL); /* says so and ends the run */
	return false;
}

static ptrdiff_t inflate_piece(struct gunzip *g, void *piece)
{
	size_t size = 0;
	int result;

	g->stream.next_out = piece;
	g->stream.avail_out = DEFLATE_BLOCK;
	while (g->stream.avail_out > 0) {
		if (!refill(g, g->inflater != NULL ? deflate_bound(DEFLATE_BLOCK) : 1))
			return -1;
		if (g->stream.avail_in == 0) {
			if (g->in_member)
				return fail(g, "truncated: the gzip data end too early", 0);
			break;
		}
		if (!g->in_member) {
			if (*g->stream.next_in != 0x1f)
				return fail(g, "trailing garbage after the gzip data", 0);
			if (unpack_member(g, piece, &size)) {
				if (size > 0)
					return (ptrdiff_t)size;
				continue;
			}
			inflateReset(&g->stream);
			g->in_member = true;
		}
		result = inflate(&g->stream, Z_NO_FLUSH);
		if (result == Z_STREAM_END)
			g->in_member = false;
		else if (result == Z_MEM_ERROR)
			mem_have(NULL);
		else if (result != Z_OK && result != Z_BUF_ERROR)
			return fail(g, "damaged gzip data", 0);
	}
	return DEFLATE_BLOCK - (ptrdiff_t)g->stream.avail_out;
}

static ptrdiff_t make_piece(void *context, void *piece, size_t size)
{
	struct gunzip *g = context;
	ptrdiff_t n;

	if (!g->is_begun) {
		g->is_begun = true;
		if (!refill(g, 2))
			return -1;
		g->is_compressed = g->stream.avail_in >= 2 && g->packed[0] == 0x1f && g->packed[1] == 0x8b;
	}
	trace_begin(TRACE_UNPACK, NULL);
	if (g->is_compressed) {
		n = inflate_piece(g, piece);
	} else if (g->stream.avail_in > 0) {
		n = g->stream.avail_in < size ? (ptrdiff_t)g->stream.avail_in : (ptrdiff_t)size;
		memcpy(piece, g->stream.next_in, (size_t)n);
		g->stream.next_in += n;
		g->stream.avail_in -= (uInt)n;
	} else {
		n = fill(g, piece, size);
	}
	if (n > 0)
		digest_add(g->digest_out, piece, (size_t)n);
	trace_end(TRACE_UNPACK);
	return n;
}

struct gunzip *gunzip_new(int fd, uint64_t offset, uint64_t size)
{
	struct gunzip *g = mem_zalloc(1, sizeof(*g));

	g->fd = fd;
	g->offset = offset;
	g->size = size;
	g->packed = mem_alloc(WINDOW);
	g->stream.next_in = g->packed;
	g->inflater = inflater_new();
	g->digest_in = digest_new();
	g->digest_out = digest_new();
	g->ahead = ahead_new(make_piece, g, DEFLATE_BLOCK);
	return g;
}

ptrdiff_t gunzip_read(struct gunzip *g, const void **ret_bytes)
{
	ptrdiff_t n = ahead_next(g->ahead, ret_bytes);

	if (n > 0)
		g->bytes_out += (uint64_t)n;
	return n;
}

const char *gunzip_problem(const struct gunzip *g, int *ret_errno)
{
	*ret_errno = g->system_error;
	return g->problem;
}

bool gunzip_is_compressed(const struct gunzip *g)
{
	return g->is_compressed;
}

uint64_t gunzip_bytes_in(const struct gunzip *g)
{
	return g->bytes_in;
}

uint64_t gunzip_bytes_out(const struct gunzip *g)
{
	return g->bytes_out;
}

void gunzip_digests(struct gunzip *g, struct digest *ret_in, struct digest *ret_out)
{
	digest_end(g->digest_in, ret_in);
	digest_end(g->digest_out, ret_out);
}

void gunzip_free(struct gunzip *g)
{
	if (g == NULL)
		return;
	ahead_free(g->ahead);
	if (g->inflater == NULL)
		inflateEnd(&g->stream);
	inflater_free(g->inflater);
	digest_free(g->digest_in);
	digest_free(g->digest_out);
	free(g->packed);
	free(g);
}
