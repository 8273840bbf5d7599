/*
 * fs.c: files and directories, by descriptor, without following links where that matters.
 * In: directory descriptors and names.
 * Out: bytes, descriptors, or -1 with errno.
 */
#include "fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "trace.h"

static int close_keeping_errno(int fd)
{
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
	return -1;
}

/* Whether `fd` is a regular file of at most `max` bytes; else it is closed, with an errno. */
static bool may_read(int fd, uint64_t max, struct fs_file *ret)
{
	if (fd < 0 || fstat(fd, &ret->st) != 0) {
		close_keeping_errno(fd);
		return false;
	}
	if (!S_ISREG(ret->st.st_mode))
		errno = S_ISDIR(ret->st.st_mode) ? EISDIR : EINVAL;
	else if ((uint64_t)ret->st.st_size > max)
		errno = EFBIG;
	else if ((uint64_t)ret->st.st_size >= SIZE_MAX)
		errno = ENOMEM; /* where addresses have 32 bits, a part of it would pass for all */
	else
		return true;
	close_keeping_errno(fd);
	return false;
}

/* Whether nobody wrote to it since then, as far as its times tell. Other names and rights make no other bytes. */
static bool is_unchanged(int fd, const struct stat *then)
{
	struct stat now;

	return fstat(fd, &now) == 0 && now.st_size == then->st_size && now.st_mtim.tv_sec == then->st_mtim.tv_sec &&
	       now.st_mtim.tv_nsec == then->st_mtim.tv_nsec;
}

/* Reads what it holds into ret->bytes and closes it. Half of one state and half of another is what nobody wrote. */
static int read_fd(int fd, struct fs_file *ret)
{
	size_t got = 0;

	while (got < (size_t)ret->st.st_size) {
		ssize_t n = read(fd, ret->bytes + got, (size_t)ret->st.st_size - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return close_keeping_errno(fd);
		if (n == 0)
			break;
		got += (size_t)n;
	}
	errno = EBUSY; /* unless fstat says more */
	if (got < (size_t)ret->st.st_size || !is_unchanged(fd, &ret->st))
		return close_keeping_errno(fd);
	ret->bytes[got] = '\0';
	ret->size = got;
	trace_count(1, got);
	close(fd);
	return 0;
}

static int read_to_arena(int fd, uint64_t max, struct arena *arena, struct fs_file *ret)
{
	if (!may_read(fd, max, ret))
		return -1;
	ret->bytes = arena_alloc_raw(arena, (size_t)ret->st.st_size + 1);
	return read_fd(fd, ret);
}

int fs_read(int dirfd, const char *name, uint64_t max, int follow, struct arena *arena, struct fs_file *ret)
{
	int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (follow == FS_NO_FOLLOW ? O_NOFOLLOW : 0);

	return read_to_arena(openat(dirfd, name, flags), max, arena, ret);
}

int fs_read_into(int dirfd, const char *name, uint64_t max, struct buf *buffer, struct fs_file *ret)
{
	int fd, error = -1;

	trace_begin(TRACE_READ, name);
	fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (may_read(fd, max, ret)) {
		ret->bytes = buf_renew(buffer, (size_t)ret->st.st_size);
		error = read_fd(fd, ret);
	}
	trace_end(TRACE_READ);
	return error;
}

static bool is_link(int dirfd, const char *name)
{
	struct stat st;

	return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
}

static int open_beneath(int dirfd, const char *path)
{
	char name[NAME_MAX + 1];
	int at = dirfd, next;

	for (;;) {
		const char *slash = strchrnul(path, '/');
		size_t size = (size_t)(slash - path);
		int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

		if (size > NAME_MAX) {
			errno = ENAMETOOLONG;
			next = -1;
		} else if (size == 0 || strcmp(path, ".") == 0 || strncmp(path, "./", 2) == 0 ||
			   strcmp(path, "..") == 0 || strncmp(path, "../", 3) == 0) {
			errno = EXDEV;
			next = -1;
		} else {
			memcpy(name, path, size);
			name[size] = '\0';
			next = openat(at, name, flags | (*slash == '/' ? O_DIRECTORY : 0));
			if (next < 0 && errno == ENOTDIR)
				errno = is_link(at, name) ? ELOOP : ENOTDIR;
		}
		if (at != dirfd)
			close_keeping_errno(at);
		if (next < 0 || *slash == '\0')
			return next;
		at = next;
		path = slash + 1;
	}
}

int fs_read_beneath(int dirfd, const char *path, uint64_t max, struct arena *arena, struct fs_file *ret)
{
	return read_to_arena(open_beneath(dirfd, path), max, arena, ret);
}

int fs_digest(int fd, struct digest *ret)
{
	static const size_t piece = 1 << 20;
	struct digest_state *state = digest_new();
	char *buffer = mem_alloc(piece);
	uint64_t at = 0;
	ssize_t n;
	int error;

	trace_begin(TRACE_HASH, NULL);
	while ((n = pread(fd, buffer, piece, (off_t)at)) > 0 || (n < 0 && errno == EINTR)) {
		if (n < 0)
			continue;
		digest_add(state, buffer, (size_t)n);
		at += (uint64_t)n;
	}
	error = errno;
	trace_count(1, at);
	trace_end(TRACE_HASH);
	digest_end(state, ret);
	digest_free(state);
	free(buffer);
	errno = error;
	return n < 0 ? -1 : 0;
}

static int64_t nanoseconds(struct timespec time)
{
	return (int64_t)((uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec);
}

struct fs_stamp fs_stamp(const struct stat *st)
{
	return (struct fs_stamp){st->st_dev, st->st_ino, (uint64_t)st->st_size, nanoseconds(st->st_mtim),
				 nanoseconds(st->st_ctim)};
}

bool fs_stamp_equal(const struct fs_stamp *a, const struct fs_stamp *b)
{
	return a->inode == b->inode && a->size == b->size && a->modified == b->modified && a->changed == b->changed &&
	       a->device == b->device;
}

bool fs_is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

bool fs_leads_to(int dirfd, const char *name, int flags, int fd)
{
	struct stat open, named;

	return fstat(fd, &open) == 0 && fstatat(dirfd, name, &named, flags) == 0 && fs_is_same(&open, &named);
}

bool fs_says_absent(int error)
{
	return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

int fs_look(int dirfd, const char *name, struct stat *ret)
{
	if (fstatat(dirfd, name, ret, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	return errno == ENOENT ? 0 : -1;
}

int fs_open_dir(int dirfd, const char *name)
{
	return openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int fs_open_own_dir(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	/* For a link, the two flags together give what a file would give. */
	if (fd < 0 && errno == ENOTDIR && is_link(dirfd, name))
		errno = ELOOP;
	return fd;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int fs_list(int dirfd, struct arena *arena, char ***ret_names, size_t *ret_count)
{
	int copy = fs_open_dir(dirfd, ".");
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct buf found = {0};
	struct dirent *entry;
	size_t count = 0, i;
	char **names, *at;
	int failed;

	if (dir == NULL && copy >= 0 && errno == ENOMEM)
		mem_have(NULL);
	if (dir == NULL)
		return close_keeping_errno(copy);
	while ((errno = 0, entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		buf_add(&found, entry->d_name, strlen(entry->d_name) + 1);
		count++;
	}
	failed = errno;
	closedir(dir);
	if (failed == 0) {
		names = arena_alloc(arena, (count + 1) * sizeof(char *));
		at = arena_copy(arena, found.bytes, found.size);
		for (i = 0; i < count; i++, at += strlen(at) + 1)
			names[i] = at;
		qsort(names, count, sizeof(char *), by_bytes);
		*ret_names = names;
		*ret_count = count;
	}
	buf_free(&found);
	errno = failed;
	return failed == 0 ? 0 : -1;
}

int fs_make_dir(int dirfd, const char *name, mode_t mode)
{
	struct stat st;

	if (mkdirat(dirfd, name, mode) == 0)
		return fs_set_dir_mode(dirfd, name, mode);
	if (errno != EEXIST || fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return -1;
	errno = S_ISLNK(st.st_mode) ? ELOOP : ENOTDIR;
	return S_ISDIR(st.st_mode) ? 0 : -1;
}

int fs_set_dir_mode(int dirfd, const char *name, mode_t mode)
{
	int fd = fs_open_own_dir(dirfd, name), result = -1;
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0)
		result = (st.st_mode & 07777) == mode ? 0 : fchmod(fd, mode); /* which only its owner may */
	close_keeping_errno(fd);
	return result;
}

uid_t fs_own_uid(int dirfd)
{
	int fd = openat(dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	uid_t user = geteuid();
	struct stat st;
	int tries;

	/* One name in every run, so that the next one clears away what a killed run left; others may be doing the same.
	 */
	for (tries = 0; fd < 0 && (tries == 0 || (errno == EEXIST && tries < 10)); tries++) {
		unlinkat(dirfd, ".dimc.own", 0);
		fd = openat(dirfd, ".dimc.own", O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0)
			unlinkat(dirfd, ".dimc.own", 0);
	}
	if (fd >= 0 && fstat(fd, &st) == 0)
		user = st.st_uid;
	if (fd >= 0)
		close(fd);
	return user;
}

static int sync_fd(int fd)
{
	if (fd < 0)
		return -1;
	if (fsync(fd) != 0)
		return close_keeping_errno(fd);
	return close(fd);
}

int fs_sync_dir(int dirfd, const char *name)
{
	return sync_fd(fs_open_dir(dirfd, name));
}

int fs_sync_file(int dirfd, const char *path)
{
	return sync_fd(openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
}

int fs_link_unnamed(int fd, int dirfd, const char *name)
{
	char self[32];

	/* By its descriptor it needs a privilege; by /proc it does not. */
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, self, dirfd, name, AT_SYMLINK_FOLLOW) == 0)
		return 0;
	return errno == ENOENT ? linkat(fd, "", dirfd, name, AT_EMPTY_PATH) : -1;
}

int fs_write_all(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size > 0) {
		ssize_t n = write(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

bool fs_lock_patiently(int fd)
{
	enum { TRIES = 250 };
	static const struct timespec pause = {0, 20000000};
	int tries;

	for (tries = 0; flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK; tries++) {
		if (tries == TRIES)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}
