/*
 * gunzip.c: the plain bytes of a file that is compressed by gzip (RFC 1952), or of one that is not; the only room that
 * includes <zlib.h>.
 * In: a part of a file, from anyone.
 * Out: its bytes, piece by piece, with every member's CRC-32 and length proven; digests of both; or what is wrong.
 */
#include "gunzip.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "mem.h"

enum { PIECE = 256 * 1024, GZIP_WINDOW = 16 + MAX_WBITS };

struct gunzip {
	int fd, system_error;
	uint64_t offset, size, bytes_in, bytes_out;
	bool is_begun, is_compressed, in_member; /* a member began that has not ended */
	const char *problem;
	z_stream stream;
	unsigned char *packed, *plain; /* PIECE bytes each */
	struct digest_state *digest_in, *digest_out;
};

struct gunzip *gunzip_new(int fd, uint64_t offset, uint64_t size)
{
	struct gunzip *g = mem_zalloc(1, sizeof(*g));

	g->fd = fd;
	g->offset = offset;
	g->size = size;
	g->packed = mem_alloc(PIECE);
	g->plain = mem_alloc(PIECE);
	g->digest_in = digest_new();
	g->digest_out = digest_new();
	if (inflateInit2(&g->stream, GZIP_WINDOW) != Z_OK)
		mem_alloc(SIZE_MAX); /* says so and ends the run */
	return g;
}

static ptrdiff_t fail(struct gunzip *g, const char *problem, int number)
{
	g->problem = problem;
	g->system_error = number;
	return -1;
}

/* The next bytes of the file, into g->packed: how many, 0 at the end. */
static ptrdiff_t fill(struct gunzip *g)
{
	uint64_t rest = g->size - g->bytes_in;
	size_t want = rest < PIECE ? (size_t)rest : PIECE;
	ssize_t n;

	if (want == 0)
		return 0;
	do
		n = pread(g->fd, g->packed, want, (off_t)(g->offset + g->bytes_in));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return fail(g, "cannot be read", errno);
	if (n == 0)
		return fail(g, "it became shorter while it was read", 0);
	digest_add(g->digest_in, g->packed, (size_t)n);
	g->bytes_in += (uint64_t)n;
	return n;
}

static ptrdiff_t give(struct gunzip *g, const void *bytes, size_t size, const void **ret_bytes)
{
	digest_add(g->digest_out, bytes, size);
	g->bytes_out += size;
	*ret_bytes = bytes;
	return (ptrdiff_t)size;
}

/* More compressed bytes, and what they say about a member that ended. 1: go on, 0: the end, -1. */
static int refill(struct gunzip *g)
{
	ptrdiff_t n = fill(g);

	if (n < 0)
		return -1;
	if (n == 0)
		return g->in_member ? (int)fail(g, "truncated: the gzip data end too early", 0) : 0;
	g->stream.next_in = g->packed;
	g->stream.avail_in = (uInt)n;
	return 1;
}

static ptrdiff_t inflate_piece(struct gunzip *g, const void **ret_bytes)
{
	int result;

	g->stream.next_out = g->plain;
	g->stream.avail_out = PIECE;
	while (g->stream.avail_out > 0) {
		if (g->stream.avail_in == 0) {
			int more = refill(g);

			if (more < 0)
				return -1;
			if (more == 0)
				break;
		}
		if (!g->in_member) {
			if (*g->stream.next_in != 0x1f)
				return fail(g, "trailing garbage after the gzip data", 0);
			inflateReset(&g->stream);
			g->in_member = true;
		}
		result = inflate(&g->stream, Z_NO_FLUSH);
		if (result == Z_STREAM_END)
			g->in_member = false;
		else if (result == Z_MEM_ERROR)
			mem_alloc(SIZE_MAX);
		else if (result != Z_OK && result != Z_BUF_ERROR)
			return fail(g, "damaged gzip data", 0);
	}
	return give(g, g->plain, PIECE - g->stream.avail_out, ret_bytes);
}

ptrdiff_t gunzip_read(struct gunzip *g, const void **ret_bytes)
{
	ptrdiff_t n;

	if (g->problem != NULL)
		return -1;
	if (g->is_begun && g->is_compressed)
		return inflate_piece(g, ret_bytes);
	n = fill(g);
	if (n < 0)
		return -1;
	if (!g->is_begun) {
		g->is_begun = true;
		g->is_compressed = n >= 2 && g->packed[0] == 0x1f && g->packed[1] == 0x8b;
		if (g->is_compressed) {
			g->stream.next_in = g->packed;
			g->stream.avail_in = (uInt)n;
			return inflate_piece(g, ret_bytes);
		}
	}
	return give(g, g->packed, (size_t)n, ret_bytes);
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
	inflateEnd(&g->stream);
	digest_free(g->digest_in);
	digest_free(g->digest_out);
	free(g->packed);
	free(g->plain);
	free(g);
}
