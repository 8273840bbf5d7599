/*
 * aside.h: a file that nobody sees before it is whole.
 * In: the name that it will have; whatever the caller writes to the descriptor.
 * Out: that file, synced, in the place of an older one of that name; or none.
 */
#ifndef DIMC_ASIDE_H
#define DIMC_ASIDE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct aside {
	int dirfd, fd;		   /* of the directory; to read and write, until aside_commit or aside_discard */
	const char *name;	   /* the last component of the path, which must stay */
	char hidden[NAME_MAX + 1]; /* its name meanwhile; empty: it has none and is gone with its descriptor */
};

/*
 * Whether a file may take the place of what has this name: false for a device, a FIFO, a socket, a link to one, and a
 * link to a descriptor, as /dev/stdout is. A system whose /dev/null became a file is broken.
 */
bool aside_can_replace(const char *path);

/* 0 or errno, ENOTSUP where nothing may take its place. The file has mode 0644 less the umask. */
int aside_open(struct aside *aside, const char *path);

/* Syncs the file, gives it its name, syncs the directory. 0 or errno; the file is gone then. Closes in any case. */
int aside_commit(struct aside *aside);

/* Closes it, and nothing is left. Nothing after aside_commit. */
void aside_discard(struct aside *aside);

/* All of it at once, for a few bytes, with mode 0666 less the umask and not synced: a source. 0 or errno, EEXIST among
 * them. */
int aside_create(int dirfd, const char *name, const void *bytes, size_t size);

/* All of it at once, for a few bytes. 0 or errno. */
int aside_write(const char *path, const void *bytes, size_t size);

/*
 * Opens what is written to at its end and stays what it is: a log, a FIFO, a device, /dev/stdout. Made with mode 0644
 * where it is not there. -1 with errno: ELOOP for a link of another user than root and oneself, which is not followed;
 * ENXIO for a FIFO that nobody reads.
 */
int aside_open_through(const char *path);

/* As aside_write, but what is there and no regular file, a link included, stays what it is: aside_open_through. */
int aside_write_through(const char *path, const void *bytes, size_t size);

/* errno's text, of one that these functions gave. */
const char *aside_error(int error);

#endif
