/*
 * buf.h: a byte buffer that grows.
 * In: bytes, text, numbers.
 * Out: one contiguous piece of memory.
 */
#ifndef DIMC_BUF_H
#define DIMC_BUF_H

#include <stddef.h>
#include <stdint.h>

/* Zero-initialised is empty. `bytes` is NULL while nothing was added; a NUL always follows the last byte otherwise. */
struct buf {
	char *bytes;
	size_t size;
	size_t capacity;
};

void buf_add(struct buf *buf, const void *bytes, size_t size);
void buf_puts(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* `count` bytes of value `byte`; returns the first of them, valid until the next call. */
char *buf_fill(struct buf *buf, int byte, size_t count);

/* Forgets what is there and makes room for `size` bytes and a NUL, of any value; returns the first of them. */
char *buf_renew(struct buf *buf, size_t size);

void buf_free(struct buf *buf);

#endif
