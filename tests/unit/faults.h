/*
 * faults.h: a system that refuses what it is asked for, once or from then on, where a test says so.
 * In: which call is to fail, and in which of the ways that it can. The linker leads libdim here (faults.wrap).
 * Out: whether it was called at all; what is allocated and mapped at this moment.
 */
#ifndef TESTS_FAULTS_H
#define TESTS_FAULTS_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../../include/dim.h"
#include "test.h"
#include "wrap.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

enum site {
	AT_MALLOC,
	AT_OPENAT,
	AT_FSTAT,
	AT_FSTATAT,
	AT_PREAD,
	AT_MMAP,
	AT_MADVISE,
	AT_POPULATE,
	AT_MINCORE,
	AT_MEMFD,
	AT_FTRUNCATE,
	AT_FALLOCATE,
	AT_FCNTL,
	AT_GETDENTS,
	AT_GETRUSAGE,
	AT_CAPGET,
	AT_EVP,
	SITES
};

/* For pread: no errno, but fewer bytes than asked for, or none, as at the end of a file. */
enum { FEWER = -1, NONE = -2 };

/* One way to fail. `status`: what libdim says then; DIM_OK: it goes on as if nothing had been. */
struct way {
	int number;
	enum dim_status status;
};

enum { WAYS = 4 };
static const struct {
	const char *name;
	struct way ways[WAYS];
} sites[SITES] = {
	[AT_MALLOC] = {"malloc, calloc, realloc, aligned_alloc", {{ENOMEM, DIM_ERR_MEMORY}}},
	[AT_OPENAT] = {"openat", {{EMFILE, DIM_ERR_SYSTEM}, {ENOMEM, DIM_ERR_MEMORY}}},
	[AT_FSTAT] = {"fstat", {{EIO, DIM_ERR_SYSTEM}}},
	[AT_FSTATAT] = {"fstatat", {{EIO, DIM_ERR_NOT_FOUND}}},
	[AT_PREAD] = {"pread", {{EIO, DIM_ERR_SYSTEM}, {NONE, DIM_ERR_DAMAGED}, {EINTR, DIM_OK}, {FEWER, DIM_OK}}},
	[AT_MMAP] = {"mmap", {{ENOMEM, DIM_ERR_MEMORY}, {ENODEV, DIM_ERR_SYSTEM}}},
	[AT_MADVISE] = {"madvise", {{EINVAL, DIM_OK}}},
	[AT_POPULATE] = {"madvise (MADV_POPULATE_READ)", {{EINVAL, DIM_OK}, {EFAULT, DIM_ERR_DAMAGED}}},
	[AT_MINCORE] = {"mincore", {{EAGAIN, DIM_ERR_SYSTEM}}},
	[AT_MEMFD] = {"memfd_create", {{EMFILE, DIM_ERR_SYSTEM}}},
	[AT_FTRUNCATE] = {"ftruncate", {{EINVAL, DIM_ERR_SYSTEM}}},
	[AT_FALLOCATE] = {"fallocate", {{ENOSPC, DIM_ERR_MEMORY}, {EPERM, DIM_ERR_SYSTEM}, {EINTR, DIM_OK}}},
	[AT_FCNTL] = {"fcntl", {{EMFILE, DIM_ERR_SYSTEM}}},
	[AT_GETDENTS] = {"getdents64", {{EIO, DIM_ERR_SYSTEM}, {ENOMEM, DIM_ERR_MEMORY}}},
	[AT_GETRUSAGE] = {"getrusage", {{EINVAL, DIM_ERR_UNKNOWN}}},
	[AT_CAPGET] = {"capget", {{EPERM, DIM_ERR_UNKNOWN}}},
	[AT_EVP] = {"EVP", {{0, DIM_ERR_MEMORY}}},
};

/* The plan, and what came of it. */
static struct {
	bool is_armed;
	bool lasts;	       /* the same function fails from there on */
	unsigned at, way;      /* the at-th call of any function, in this way */
	unsigned calls;	       /* so far */
	bool is_reached;       /* there was an at-th call */
	enum site site;	       /* which one it was */
	const struct way *hit; /* NULL: it cannot fail in this way */
	size_t hits[SITES];    /* of all plans */
} fault;

/* What is in use. */
static struct {
	size_t blocks, mappings;
} held;

/* What the system claims, where it is not what it is. Everybody's files are OWNER's, whoever runs the test. */
enum { OWNER = 1000 };
static struct {
	bool is_somebody_else; /* the process */
	bool is_unknown;       /* the owner of every file */
	uint32_t capabilities;
	unsigned mounted_over; /* as often, a name leads to another device, where the inode's number is the same */
	dev_t device;	       /* more than the true one, of every file */
	struct timespec later; /* every file was changed */
	unsigned waits;	       /* for the disk, by each question for the faults */
} claims;

static int claimed(int status, struct stat *ret, bool by_name)
{
	if (status != 0)
		return status;
	ret->st_uid = claims.is_unknown ? 65534 : OWNER;
	if (by_name && claims.mounted_over > 0) {
		claims.mounted_over--;
		ret->st_dev++;
	}
	ret->st_dev += claims.device;
	ret->st_ctim.tv_sec += claims.later.tv_sec;
	ret->st_ctim.tv_nsec += claims.later.tv_nsec;
	return 0;
}

/* How this call fails, or NULL where it does not. */
static const struct way *refused(enum site site)
{
	const struct way *way;

	if (!fault.is_armed)
		return NULL;
	if (++fault.calls == fault.at) {
		way = &sites[site].ways[fault.way];
		fault.is_reached = true;
		fault.site = site;
		fault.hit = way->number != 0 || way->status != DIM_OK ? way : NULL;
		fault.hits[site] += fault.hit != NULL;
	} else if (fault.hit == NULL || fault.site != site || !fault.lasts) {
		return NULL;
	}
	if (fault.hit != NULL)
		errno = fault.hit->number;
	return fault.hit;
}

/* --- memory --- */

static void *one_more(void *block)
{
	held.blocks += block != NULL;
	return block;
}

BEFORE(void *, malloc, size_t size)
{
	return refused(AT_MALLOC) ? NULL : one_more(__real_malloc(size));
}

BEFORE(void *, calloc, size_t count, size_t size)
{
	return refused(AT_MALLOC) ? NULL : one_more(__real_calloc(count, size));
}

BEFORE(void *, aligned_alloc, size_t alignment, size_t size)
{
	return refused(AT_MALLOC) ? NULL : one_more(__real_aligned_alloc(alignment, size));
}

BEFORE(void *, realloc, void *block, size_t size)
{
	if (refused(AT_MALLOC))
		return NULL;
	held.blocks -= block != NULL;
	return one_more(__real_realloc(block, size));
}

BEFORE(void, free, void *block)
{
	held.blocks -= block != NULL;
	__real_free(block);
}

BEFORE_LARGE(void *, mmap, void *at, size_t size, int access, int flags, int fd, off_t offset)
{
	void *base = refused(AT_MMAP) ? MAP_FAILED : REAL_LARGE(mmap)(at, size, access, flags, fd, offset);

	held.mappings += base != MAP_FAILED;
	return base;
}

BEFORE(int, munmap, void *base, size_t size)
{
	held.mappings--;
	return __real_munmap(base, size);
}

/* The last advice. */
static struct {
	const char *base;
	size_t size;
	int advice;
} advised;

BEFORE(int, madvise, void *base, size_t size, int advice)
{
	advised.base = base;
	advised.size = size;
	advised.advice = advice;
	return refused(advice == MADV_POPULATE_READ ? AT_POPULATE : AT_MADVISE) ? -1
										: __real_madvise(base, size, advice);
}

BEFORE(int, mincore, void *base, size_t size, unsigned char *ret)
{
	return refused(AT_MINCORE) ? -1 : __real_mincore(base, size, ret);
}

BEFORE(int, memfd_create, const char *name, unsigned flags)
{
	return refused(AT_MEMFD) ? -1 : __real_memfd_create(name, flags);
}

/* --- files --- */

static mode_t mode_of(int flags, va_list ap)
{
	return (flags & O_CREAT) != 0 ? va_arg(ap, mode_t) : 0;
}

BEFORE_LARGE(int, openat, int dirfd, const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	return refused(AT_OPENAT) ? -1 : REAL_LARGE(openat)(dirfd, path, flags, mode);
}

BEFORE_LARGE(int, fcntl, int fd, int command, ...)
{
	va_list ap;
	void *argument;

	va_start(ap, command);
	argument = va_arg(ap, void *);
	va_end(ap);
	return refused(AT_FCNTL) ? -1 : REAL_LARGE(fcntl)(fd, command, argument);
}

BEFORE_LARGE(int, fstat, int fd, struct stat *ret)
{
	return refused(AT_FSTAT) ? -1 : claimed(REAL_LARGE(fstat)(fd, ret), ret, false);
}

BEFORE_LARGE(int, fstatat, int dirfd, const char *path, struct stat *ret, int flags)
{
	return refused(AT_FSTATAT) ? -1 : claimed(REAL_LARGE(fstatat)(dirfd, path, ret, flags), ret, true);
}

BEFORE_LARGE(ssize_t, pread, int fd, void *to, size_t size, off_t offset)
{
	const struct way *way = refused(AT_PREAD);

	if (way == NULL || way->number == FEWER)
		return REAL_LARGE(pread)(fd, to, way == NULL || size == 1 ? size : size / 2, offset);
	return way->number == NONE ? 0 : -1;
}

BEFORE_LARGE(int, ftruncate, int fd, off_t size)
{
	return refused(AT_FTRUNCATE) ? -1 : REAL_LARGE(ftruncate)(fd, size);
}

BEFORE_LARGE(int, fallocate, int fd, int mode, off_t offset, off_t size)
{
	return refused(AT_FALLOCATE) ? -1 : REAL_LARGE(fallocate)(fd, mode, offset, size);
}

BEFORE(ssize_t, getdents64, int fd, void *buffer, size_t size)
{
	return refused(AT_GETDENTS) ? -1 : __real_getdents64(fd, buffer, size);
}

/* --- the rest --- */

/* Nobody waits for a publisher who is not there. */
BEFORE(int, nanosleep, const struct timespec *time, struct timespec *ret_rest)
{
	(void)time;
	(void)ret_rest;
	return 0;
}

BEFORE(int, getrusage, int who, struct rusage *ret)
{
	static long waited;

	if (refused(AT_GETRUSAGE) || __real_getrusage(who, ret) != 0)
		return -1;
	waited += claims.waits;
	ret->ru_majflt = waited; /* and not what there really was */
	return 0;
}

BEFORE(uid_t, geteuid, void)
{
	return OWNER + claims.is_somebody_else;
}

/* capget, and nothing else: capabilities are those that are claimed. */
BEFORE(long, syscall, long number, ...)
{
	struct __user_cap_data_struct *data;
	va_list ap;

	CHECK(number == SYS_capget);
	va_start(ap, number);
	va_arg(ap, void *);
	data = va_arg(ap, struct __user_cap_data_struct *);
	va_end(ap);
	data->effective = claims.capabilities;
	return refused(AT_CAPGET) ? -1 : 0;
}

BEFORE(EVP_MD_CTX *, EVP_MD_CTX_new, void)
{
	return refused(AT_EVP) ? NULL : one_more(__real_EVP_MD_CTX_new());
}

BEFORE(void, EVP_MD_CTX_free, EVP_MD_CTX *ctx)
{
	held.blocks -= ctx != NULL;
	__real_EVP_MD_CTX_free(ctx);
}

BEFORE(int, EVP_DigestInit_ex, EVP_MD_CTX *ctx, const EVP_MD *kind, ENGINE *engine)
{
	return refused(AT_EVP) ? 0 : __real_EVP_DigestInit_ex(ctx, kind, engine);
}

BEFORE(int, EVP_DigestUpdate, EVP_MD_CTX *ctx, const void *bytes, size_t size)
{
	return refused(AT_EVP) ? 0 : __real_EVP_DigestUpdate(ctx, bytes, size);
}

BEFORE(int, EVP_DigestFinal_ex, EVP_MD_CTX *ctx, unsigned char *ret, unsigned *ret_size)
{
	return refused(AT_EVP) ? 0 : __real_EVP_DigestFinal_ex(ctx, ret, ret_size);
}

#endif
