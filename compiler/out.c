/*
 * out.c: a sink for one new file: sticky error, running digest, checked close.
 * In: bytes.
 * Out: a complete file with its size and SHA-256, or the first error.
 */
#include "out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "fs.h"
#include "mem.h"
#include "trace.h"

enum { BUFFER_SIZE = 256 * 1024 };

static const char zeros[4096];

static void fail(struct out *out)
{
	if (out->error == 0)
		out->error = errno == 0 ? EIO : errno;
}

/* The digest takes in what is written, as it is written: a large piece at a time. */
static void pass_on(struct out *out, const void *bytes, size_t size)
{
	if (out->error != 0 || size == 0)
		return;
	trace_begin(TRACE_HASH, NULL);
	trace_count(0, size);
	digest_add(out->digest, bytes, size);
	trace_end(TRACE_HASH);
	trace_count(0, size);
	if (fs_write_all(out->fd, bytes, size) != 0)
		fail(out);
}

static void flush(struct out *out)
{
	pass_on(out, out->buffer, out->used);
	out->used = 0;
}

static void begin(struct out *out, int fd)
{
	memset(out, 0, sizeof(*out));
	out->fd = fd;
	if (fd < 0)
		fail(out);
	out->digest = digest_new();
	out->buffer = mem_alloc(BUFFER_SIZE);
}

void out_open(struct out *out, int dirfd, const char *name)
{
	begin(out, openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
}

void out_open_unnamed(struct out *out, int dirfd)
{
	begin(out, openat(dirfd, ".", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600));
}

void out_write(struct out *out, const void *bytes, size_t size)
{
	if (out->error != 0)
		return;
	out->size += size;
	if (size > BUFFER_SIZE - out->used)
		flush(out);
	if (size >= BUFFER_SIZE) {
		pass_on(out, bytes, size);
		return;
	}
	memcpy(out->buffer + out->used, bytes, size);
	out->used += size;
}

void out_write_buf(void *buf, struct out *out)
{
	const struct buf *bytes = buf;

	out_write(out, bytes->bytes, bytes->size);
}

void out_pad_to(struct out *out, uint64_t offset)
{
	while (out->error == 0 && out->size < offset) {
		uint64_t rest = offset - out->size;

		out_write(out, zeros, rest < sizeof(zeros) ? (size_t)rest : sizeof(zeros));
	}
}

void out_extend_to(struct out *out, uint64_t size)
{
	if (out->size >= size)
		return;
	flush(out);
	if (out->error == 0 && ftruncate(out->fd, (off_t)size) != 0)
		fail(out);
	while (out->error == 0 && out->size < size) {
		uint64_t rest = size - out->size;
		size_t step = rest < sizeof(zeros) ? (size_t)rest : sizeof(zeros);

		digest_add(out->digest, zeros, step);
		out->size += step;
	}
}

/* What is left to do before the descriptor goes. */
static void complete(struct out *out, uint64_t *ret_size, struct digest *ret_digest)
{
	struct digest digest;

	flush(out);
	if (out->error == 0 && fchmod(out->fd, 0444) != 0)
		fail(out);
	digest_end(out->digest, &digest);
	digest_free(out->digest);
	free(out->buffer);
	trace_count(1, 0);
	*ret_size = out->size;
	*ret_digest = digest;
}

void out_begin_sync(struct out *out)
{
	flush(out);
	if (out->error == 0)
		sync_file_range(out->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

int out_close(struct out *out, bool sync, uint64_t *ret_size, struct digest *ret_digest)
{
	struct digest digest;
	uint64_t size;

	complete(out, &size, &digest);
	trace_begin(TRACE_SYNC, NULL);
	if (out->error == 0 && sync && fsync(out->fd) != 0)
		fail(out);
	trace_end(TRACE_SYNC);
	if (out->fd >= 0 && close(out->fd) != 0)
		fail(out);
	if (out->error == 0) {
		*ret_size = size;
		*ret_digest = digest;
	}
	return out->error;
}

int out_finish(struct out *out, int *ret_fd, uint64_t *ret_size, struct digest *ret_digest)
{
	complete(out, ret_size, ret_digest);
	if (out->error == 0)
		*ret_fd = out->fd;
	else if (out->fd >= 0)
		close(out->fd);
	return out->error;
}
