/*
 * aside.c: a file that nobody sees before it is whole.
 * In: the name that it will have; whatever the caller writes to the descriptor.
 * Out: that file, synced, in the place of an older one of that name; or none.
 */
#include "aside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs.h"
#include "trace.h"

/* A name for the instant between the link and the rename, or, on file systems without O_TMPFILE, all the while. */
static void hide(struct aside *aside)
{
	snprintf(aside->hidden, sizeof(aside->hidden), ".%.200s.%ld.new", aside->name, (long)getpid());
	unlinkat(aside->dirfd, aside->hidden, 0);
}

bool aside_can_replace(const char *path)
{
	static const char descriptors[] = "/proc/";
	char target[sizeof(descriptors) - 1];
	struct stat st;

	if (readlink(path, target, sizeof(target)) == (ssize_t)sizeof(target) &&
	    memcmp(target, descriptors, sizeof(target)) == 0)
		return false;
	return stat(path, &st) != 0 || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode);
}

const char *aside_error(int error)
{
	return error == ENOTSUP ? "it is there, and no regular file" : strerror(error);
}

int aside_open(struct aside *aside, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *directory = slash == NULL	  ? strdup(".")
			  : slash == path ? strdup("/")
					  : strndup(path, (size_t)(slash - path));
	struct stat st;
	int error = 0;

	aside->name = slash == NULL ? path : slash + 1;
	aside->hidden[0] = '\0';
	aside->fd = -1;
	aside->dirfd = directory != NULL ? fs_open_dir(AT_FDCWD, directory) : -1;
	free(directory);
	if (aside->dirfd < 0)
		return errno;
	if (!aside_can_replace(path)) {
		error = ENOTSUP;
	} else if (*aside->name == '\0' ||
		   (fstatat(aside->dirfd, aside->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode))) {
		error = EISDIR;
	} else if (strlen(aside->name) > NAME_MAX) { /* which a file without a name would not show */
		error = ENAMETOOLONG;
	} else {
		aside->fd = openat(aside->dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);
		if (aside->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT)) {
			hide(aside);
			aside->fd = openat(aside->dirfd, aside->hidden,
					   O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
		}
		if (aside->fd < 0)
			error = errno;
	}
	if (error != 0)
		aside_discard(aside);
	return error;
}

static bool give_name(struct aside *aside)
{
	char self[32];

	if (aside->hidden[0] == '\0') {
		snprintf(self, sizeof(self), "/proc/self/fd/%d", aside->fd);
		if (linkat(AT_FDCWD, self, aside->dirfd, aside->name, AT_SYMLINK_FOLLOW) == 0)
			return true;
		if (errno != EEXIST)
			return false;
		hide(aside);
		if (linkat(AT_FDCWD, self, aside->dirfd, aside->hidden, AT_SYMLINK_FOLLOW) != 0) {
			aside->hidden[0] = '\0';
			return false;
		}
	}
	if (renameat(aside->dirfd, aside->hidden, aside->dirfd, aside->name) != 0)
		return false;
	aside->hidden[0] = '\0';
	return true;
}

int aside_commit(struct aside *aside)
{
	int error = 0, closed;

	trace_begin(TRACE_SYNC, NULL);
	if (fsync(aside->fd) != 0 || !give_name(aside) || fsync(aside->dirfd) != 0)
		error = errno;
	trace_end(TRACE_SYNC);
	closed = close(aside->fd);
	aside->fd = -1;
	if (error == 0 && closed != 0)
		error = errno;
	aside_discard(aside);
	return error;
}

void aside_discard(struct aside *aside)
{
	if (aside->fd >= 0)
		close(aside->fd);
	if (aside->dirfd >= 0 && aside->hidden[0] != '\0')
		unlinkat(aside->dirfd, aside->hidden, 0);
	if (aside->dirfd >= 0)
		close(aside->dirfd);
	aside->fd = aside->dirfd = -1;
}

int aside_write(const char *path, const void *bytes, size_t size)
{
	struct aside aside;
	int error = aside_open(&aside, path);

	if (error != 0)
		return error;
	if (fs_write_all(aside.fd, bytes, size) != 0) {
		error = errno;
		aside_discard(&aside);
		return error;
	}
	return aside_commit(&aside);
}

int aside_write_through(const char *path, const void *bytes, size_t size)
{
	struct stat st;
	int fd, error = 0;

	if (lstat(path, &st) != 0 || S_ISREG(st.st_mode))
		return aside_write(path, bytes, size);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno;
	if (fs_write_all(fd, bytes, size) != 0)
		error = errno;
	if (close(fd) != 0 && error == 0)
		error = errno;
	return error;
}
