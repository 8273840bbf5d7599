/*
 * source.h: where the bytes of a region come from, while it is opened.
 * In: internal.h.
 * Out: struct dim_source and what fills it; see source.c.
 */
#ifndef DIM_SOURCE_H
#define DIM_SOURCE_H

#include "internal.h"

struct dim_source {
	const uint8_t *bytes; /* all of it, or NULL while it is only a file */
	uint64_t size;
	int descriptor; /* or -1 */
	dev_t device;
	ino_t inode;
	uid_t owner;
	size_t head_size; /* of what was read from the file's beginning, ahead */
	uint8_t head[1024];
};

/* Opens a file for dim_source_file; -1 and errno. */
int dim_source_descriptor(int dirfd, const char *path);

/*
 * The caller's bytes; or the file behind `fd`, which is dim_source_close's from here on, also on failure. fd -1: errno
 * tells why.
 */
enum dim_status dim_source_memory(const void *bytes, size_t size, const struct dim_options *options,
				  struct dim_source *ret, struct dim_error *err);
enum dim_status dim_source_file(int fd, const struct dim_options *options, struct dim_source *ret,
				struct dim_error *err);
void dim_source_close(struct dim_source *source);

/*
 * Copies bytes [offset, offset + size), which lie inside by the header that was checked. DIM_ERR_DAMAGED where they are
 * not there any more. Touches no mapping.
 */
enum dim_status dim_source_read(struct dim_source *source, uint64_t offset, void *to, size_t size,
				struct dim_error *err);

/* Maps a file; or copies it into sealed memory, so that source->bytes are there. The caller unmaps either. */
enum dim_status dim_source_map(const struct dim_source *source, const struct dim_options *options, void **ret_base,
			       struct dim_error *err);
enum dim_status dim_source_seal(struct dim_source *source, const struct dim_options *options, struct dim_error *err);

#endif
