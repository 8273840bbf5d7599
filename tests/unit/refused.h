/*
 * refused.h: a system that refuses one call of dimc, or this one and all of its kind behind it, where a test says so.
 * In: which call is to fail, and in which of the ways that it can. The linker leads dimc here (refused.wrap).
 * Out: whether there was such a call, and what it was.
 */
#ifndef TESTS_REFUSED_H
#define TESTS_REFUSED_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wrap.h"

/* No errno, but fewer bytes than asked for, or none, as at the end of a file. */
enum { FEWER = -1, NONE = -2, WAYS = 4 };

/* In which ways a call fails; what is not named: EIO. */
static const struct {
	const char *name;
	int numbers[WAYS];
} kinds[] = {
	{"openat", {EACCES, EOPNOTSUPP, EMFILE}},
	{"read", {EIO, EINTR, FEWER, NONE}},
	{"pread", {EIO, EINTR, FEWER, NONE}},
	{"write", {ENOSPC, EINTR, FEWER}},
	{"flock", {EWOULDBLOCK, ENOLCK}},
	{"mkdirat", {ENOSPC, EDQUOT}},
	{"linkat", {EIO, EPERM}},
	{"renameat", {EIO, EXDEV}},
	{"renameat2", {EBUSY, ENOSYS, EIO}},
	{"unlinkat", {EACCES}},
};

/* The plan, and what came of it. */
static struct {
	bool is_armed;
	bool lasts;	   /* the same function fails from there on */
	unsigned at, way;  /* the at-th call of any function, in this way */
	atomic_uint calls; /* so far */
	atomic_bool is_reached;
	const char *name; /* of the at-th */
	int number;	  /* 0: it does not fail in this way */
} fault;

static int way_of(const char *name, unsigned way)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return kinds[i].numbers[way];
	return way == 0 ? EIO : 0;
}

/* How this call fails, or 0 where it does not. */
static int refused(const char *name)
{
	if (!fault.is_armed)
		return 0;
	if (atomic_fetch_add(&fault.calls, 1) + 1 == fault.at) {
		fault.name = name;
		fault.number = way_of(name, fault.way);
		fault.is_reached = true;
	} else if (!fault.lasts || !fault.is_reached || strcmp(name, fault.name) != 0) {
		return 0;
	}
	if (fault.number > 0)
		errno = fault.number;
	return fault.number;
}

/* A function that gives 0, or -1 and an errno; the last one for names that glibc has twice. */
#define REFUSE(name, parameters, arguments)                           \
	int __real_##name parameters;                                 \
	int __wrap_##name parameters;                                 \
	int __wrap_##name parameters                                  \
	{                                                             \
		return refused(#name) ? -1 : __real_##name arguments; \
	}
#ifdef __GLIBC__
#define REFUSE_LARGE(name, parameters, arguments)                                  \
	int __wrap_##name parameters __attribute__((alias("__wrap_" #name "64"))); \
	int __real_##name##64 parameters;                                          \
	int __wrap_##name##64 parameters;                                          \
	int __wrap_##name##64 parameters                                           \
	{                                                                          \
		return refused(#name) ? -1 : __real_##name##64 arguments;          \
	}
#else
#define REFUSE_LARGE REFUSE
#endif

REFUSE_LARGE(fstat, (int fd, struct stat *ret), (fd, ret))
REFUSE_LARGE(stat, (const char *path, struct stat *ret), (path, ret))
REFUSE_LARGE(lstat, (const char *path, struct stat *ret), (path, ret))
REFUSE_LARGE(fstatat, (int dirfd, const char *path, struct stat *ret, int flags), (dirfd, path, ret, flags))
REFUSE_LARGE(ftruncate, (int fd, off_t size), (fd, size))
REFUSE(mkdir, (const char *path, mode_t mode), (path, mode))
REFUSE(mkdirat, (int dirfd, const char *path, mode_t mode), (dirfd, path, mode))
REFUSE(unlink, (const char *path), (path))
REFUSE(unlinkat, (int dirfd, const char *path, int flags), (dirfd, path, flags))
REFUSE(linkat, (int from, const char *old, int to, const char *new, int flags), (from, old, to, new, flags))
REFUSE(rename, (const char *old, const char *new), (old, new))
REFUSE(renameat, (int from, const char *old, int to, const char *new), (from, old, to, new))
REFUSE(renameat2, (int from, const char *old, int to, const char *new, unsigned flags), (from, old, to, new, flags))
REFUSE(fchmod, (int fd, mode_t mode), (fd, mode))
REFUSE(fchmodat, (int dirfd, const char *path, mode_t mode, int flags), (dirfd, path, mode, flags))
REFUSE(futimens, (int fd, const struct timespec times[2]), (fd, times))
REFUSE(flock, (int fd, int operation), (fd, operation))
REFUSE(dup, (int fd), (fd))
REFUSE(chdir, (const char *path), (path))

/* Nobody cuts the power here, and a disk takes longer than all else. */
BEFORE(int, fsync, int fd)
{
	return fd >= 0 && !refused("fsync") ? 0 : -1;
}

BEFORE(int, syncfs, int fd)
{
	return fd >= 0 && !refused("syncfs") ? 0 : -1;
}

BEFORE(int, sync_file_range, int fd, off_t offset, off_t size, unsigned flags)
{
	(void)offset, (void)size, (void)flags;
	return fd >= 0 ? 0 : -1;
}

/* Nobody waits for a lock that nobody gives back. */
BEFORE(int, nanosleep, const struct timespec *time, struct timespec *ret_rest)
{
	(void)time, (void)ret_rest;
	return 0;
}

/* It is closed whatever it says. */
BEFORE(int, close, int fd)
{
	int status = __real_close(fd);

	return refused("close") ? -1 : status;
}

static mode_t mode_of(int flags, va_list ap)
{
	return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(ap, mode_t) : 0;
}

BEFORE_LARGE(int, openat, int dirfd, const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	return refused("openat") ? -1 : REAL_LARGE(openat)(dirfd, path, flags, mode);
}

BEFORE_LARGE(int, open, const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	return refused("openat") ? -1 : REAL_LARGE(open)(path, flags, mode);
}

BEFORE(ssize_t, read, int fd, void *to, size_t size)
{
	int number = refused("read");

	if (number > 0 || number == NONE)
		return number > 0 ? -1 : 0;
	return __real_read(fd, to, number == FEWER ? (size + 1) / 2 : size);
}

BEFORE_LARGE(ssize_t, pread, int fd, void *to, size_t size, off_t offset)
{
	int number = refused("pread");

	if (number > 0 || number == NONE)
		return number > 0 ? -1 : 0;
	return REAL_LARGE(pread)(fd, to, number == FEWER ? (size + 1) / 2 : size, offset);
}

BEFORE(ssize_t, write, int fd, const void *from, size_t size)
{
	int number = fd == STDERR_FILENO ? 0 : refused("write");

	if (number > 0)
		return -1;
	return __real_write(fd, from, number == FEWER ? (size + 1) / 2 : size);
}

BEFORE(DIR *, fdopendir, int fd)
{
	return refused("fdopendir") ? NULL : __real_fdopendir(fd);
}

BEFORE_LARGE(struct dirent *, readdir, DIR *dir)
{
	return refused("readdir") ? NULL : REAL_LARGE(readdir)(dir);
}

#endif
