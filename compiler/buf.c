/*
 * buf.c: a byte buffer that grows.
 * In: bytes, text, numbers.
 * Out: one contiguous piece of memory.
 */
#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

static char *make_room(struct buf *buf, size_t size)
{
	if (size >= buf->capacity - buf->size) {
		size_t want = buf->capacity < 128 ? 256 : buf->capacity * 2;

		if (want < buf->size + size + 1)
			want = buf->size + size + 1;
		buf->bytes = mem_grow(buf->bytes, want, 1);
		buf->capacity = want;
	}
	return buf->bytes + buf->size;
}

void buf_add(struct buf *buf, const void *bytes, size_t size)
{
	char *at = make_room(buf, size);

	if (size > 0)
		memcpy(at, bytes, size);
	buf->size += size;
	at[size] = '\0';
}

void buf_puts(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

char *buf_fill(struct buf *buf, int byte, size_t count)
{
	char *at = make_room(buf, count);

	memset(at, byte, count);
	buf->size += count;
	at[count] = '\0';
	return at;
}

char *buf_renew(struct buf *buf, size_t size)
{
	buf->size = 0;
	make_room(buf, size);
	buf->size = size;
	return buf->bytes;
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	size_t room = buf->capacity - buf->size;
	va_list ap;
	int size;
	char *at;

	va_start(ap, format);
	size = vsnprintf(room > 0 ? buf->bytes + buf->size : NULL, room, format, ap);
	va_end(ap);
	if ((size_t)size >= room) {
		at = make_room(buf, (size_t)size);
		va_start(ap, format);
		vsnprintf(at, (size_t)size + 1, format, ap);
		va_end(ap);
	}
	buf->size += (size_t)size;
}

void buf_free(struct buf *buf)
{
	free(buf->bytes);
	memset(buf, 0, sizeof(*buf));
}
