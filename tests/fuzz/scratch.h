/*
 * scratch.h: a directory in memory for targets whose code takes names, and files of it that are written without being
 * created. In: bytes. Out: a path that stands for them.
 */
#ifndef FUZZ_SCRATCH_H
#define FUZZ_SCRATCH_H

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../compiler/fs.h"
#include "fuzz.h"

static char scratch_path[64];
static int scratch = -1; /* the directory, open */

static inline void remove_scratch(void)
{
	fs_remove_tree(AT_FDCWD, scratch_path);
}

static inline void make_scratch(void)
{
	strcpy(scratch_path, access("/dev/shm", W_OK) == 0 ? "/dev/shm/fuzz.XXXXXX" : "/tmp/fuzz.XXXXXX");
	CHECK(mkdtemp(scratch_path) != NULL && atexit(remove_scratch) == 0);
	scratch = fs_open_dir(AT_FDCWD, scratch_path);
	CHECK(scratch >= 0);
}

/* A file in memory, with other bytes each time; `path`: how to open it by name. */
struct memory_file {
	int fd;
	char path[32];
};

static inline void memory_file_new(struct memory_file *file)
{
	file->fd = memfd_create("fuzz", MFD_CLOEXEC);
	CHECK(file->fd >= 0);
	snprintf(file->path, sizeof(file->path), "/proc/self/fd/%d", file->fd);
}

static inline void memory_file_set(const struct memory_file *file, const void *bytes, size_t size)
{
	CHECK(ftruncate(file->fd, 0) == 0 && pwrite(file->fd, bytes, size, 0) == (ssize_t)size);
}

#endif
