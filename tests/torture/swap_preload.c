/*
 * swap_preload.c: a library to be preloaded, in which two names change places before a certain call about files.
 * In: SWAP_AT, the number of that call, counted from the start; SWAP_A and SWAP_B, the names; SWAP_BACK, set: they
 * change back before the next call; SWAP_LOG, a file. Out: SWAP_LOG has a byte for each call.
 *
 * So every instant between a check and what relies on it comes up once, whatever the machine's speed.
 */
#undef _TIME_BITS	 /* which needs the next one */
#undef _FILE_OFFSET_BITS /* open and open64 are two names here, */
#undef _FORTIFY_SOURCE	 /* and neither is an inline function */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_ulong calls;
static unsigned long at;
static int log_fd = -1;

static void swap(void)
{
	syscall(SYS_renameat2, AT_FDCWD, getenv("SWAP_A"), AT_FDCWD, getenv("SWAP_B"), 2 /* RENAME_EXCHANGE */);
}

static void before_call(void)
{
	unsigned long number = atomic_fetch_add(&calls, 1) + 1;

	if (number == 1) {
		at = strtoul(getenv("SWAP_AT"), NULL, 10);
		log_fd = (int)syscall(SYS_openat, AT_FDCWD, getenv("SWAP_LOG"),
				      O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	}
	if (number == at || (number == at + 1 && getenv("SWAP_BACK") != NULL))
		swap();
	if (write(log_fd, ".", 1) != 1)
		abort();
}

#define BEFORE(type, name, parameters, ...)         \
	type name parameters;                       \
	type name parameters                        \
	{                                           \
		union {                             \
			void *data;                 \
			type(*called) parameters;   \
		} next = {dlsym(RTLD_NEXT, #name)}; \
                                                    \
		before_call();                      \
		return next.called(__VA_ARGS__);    \
	}

/* With a mode, where one is given. */
#define BEFORE_OPEN(name, parameters, ...)                    \
	int name parameters                                   \
	{                                                     \
		union {                                       \
			void *data;                           \
			int(*called) parameters;              \
		} next = {dlsym(RTLD_NEXT, #name)};           \
		mode_t mode = 0;                              \
		va_list ap;                                   \
                                                              \
		va_start(ap, flags);                          \
		if ((flags & (O_CREAT | __O_TMPFILE)) != 0)   \
			mode = va_arg(ap, mode_t);            \
		va_end(ap);                                   \
		before_call();                                \
		return next.called(__VA_ARGS__, flags, mode); \
	}

BEFORE_OPEN(open, (const char *path, int flags, ...), path)
BEFORE_OPEN(open64, (const char *path, int flags, ...), path)
BEFORE_OPEN(openat, (int dirfd, const char *path, int flags, ...), dirfd, path)
BEFORE_OPEN(openat64, (int dirfd, const char *path, int flags, ...), dirfd, path)
BEFORE(int, mkdir, (const char *path, mode_t mode), path, mode)
BEFORE(int, mkdirat, (int dirfd, const char *path, mode_t mode), dirfd, path, mode)
BEFORE(int, unlink, (const char *path), path)
BEFORE(int, rmdir, (const char *path), path)
BEFORE(int, unlinkat, (int dirfd, const char *path, int flags), dirfd, path, flags)
BEFORE(int, rename, (const char *from, const char *to), from, to)
BEFORE(int, renameat, (int a, const char *from, int b, const char *to), a, from, b, to)
BEFORE(int, renameat2, (int a, const char *from, int b, const char *to, unsigned flags), a, from, b, to, flags)
BEFORE(int, linkat, (int a, const char *from, int b, const char *to, int flags), a, from, b, to, flags)
BEFORE(int, fchmodat, (int dirfd, const char *path, mode_t mode, int flags), dirfd, path, mode, flags)
BEFORE(int, faccessat, (int dirfd, const char *path, int right, int flags), dirfd, path, right, flags)
BEFORE(int, fstatat, (int dirfd, const char *restrict path, struct stat *restrict ret, int flags), dirfd, path, ret,
       flags)
BEFORE(int, fstatat64, (int dirfd, const char *restrict path, struct stat64 *restrict ret, int flags), dirfd, path, ret,
       flags)
