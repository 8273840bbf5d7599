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
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fs.h"
#include "trace.h"

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
	if (error == ENOTSUP)
		return "it is there, and no regular file";
	if (error == ELOOP)
		return "it is a link of another user, or one that leads in circles";
	return error == ENXIO ? "nobody reads from it" : strerror(error);
}

/*
 * Removes what has the hidden name, unless its writer lives: that one holds a lock on it. Whoever has the lock is the
 * only one who removes it, so nobody's file is taken for another one's. false with errno.
 */
static bool clear_hidden(int dirfd, const char *hidden)
{
	int fd = openat(dirfd, hidden, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), error = 0;

	if (fd < 0)
		return errno == ENOENT;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		error = errno == EWOULDBLOCK ? 0 : errno;
	else if (fs_leads_to(dirfd, hidden, AT_SYMLINK_NOFOLLOW, fd) && unlinkat(dirfd, hidden, 0) != 0)
		error = errno;
	close(fd);
	errno = error;
	return error == 0;
}

/* The name that every run gives to a file on its way, so that the next one finds what a killed run left. */
static void name_hidden(const struct aside *aside, char ret[NAME_MAX + 1])
{
	snprintf(ret, NAME_MAX + 1, ".%.200s.new", aside->name);
}

/*
 * Where there is no O_TMPFILE, it has a hidden name all the while: the same in every run, so that the next one finds
 * what a killed run left there; and one of its own beside a writer that lives. -1 with errno.
 */
static int open_hidden(struct aside *aside)
{
	int own, fd = -1, error = 0;

	for (own = 0; fd < 0 && own < 2; own++) {
		if (own == 0)
			name_hidden(aside, aside->hidden);
		else
			snprintf(aside->hidden, sizeof(aside->hidden), ".%.200s.%ld.new", aside->name, (long)getpid());
		clear_hidden(aside->dirfd, aside->hidden);
		fd = openat(aside->dirfd, aside->hidden, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
		error = errno;
		/* Before it was locked, somebody may have taken it for a leftover. */
		if (fd >= 0 && ((flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) ||
				!fs_leads_to(aside->dirfd, aside->hidden, AT_SYMLINK_NOFOLLOW, fd))) {
			error = EBUSY;
			close(fd);
			fd = -1;
			clear_hidden(aside->dirfd, aside->hidden);
		}
	}
	if (fd < 0)
		aside->hidden[0] = '\0';
	errno = error;
	return fd;
}

int aside_open(struct aside *aside, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *directory = fs_parent(path);
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
		if (aside->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT))
			aside->fd = open_hidden(aside);
		if (aside->fd < 0)
			error = errno;
	}
	if (error != 0)
		aside_discard(aside);
	return error;
}

/* The hidden name is another run's for an instant only: this many times, a millisecond apart. */
enum { ATTEMPTS = 2000 };

/*
 * From no name, by a hidden one for an instant, to one that is taken. The hidden name is the same in every run, so that
 * the next one finds what a killed run left there.
 */
static bool replace(struct aside *aside)
{
	char hidden[NAME_MAX + 1];
	int i, error;

	name_hidden(aside, hidden);
	if (flock(aside->fd, LOCK_EX | LOCK_NB) != 0)
		return false;
	for (i = 0; fs_link_unnamed(aside->fd, aside->dirfd, hidden) != 0; i++) {
		if (errno != EEXIST || i == ATTEMPTS || !clear_hidden(aside->dirfd, hidden))
			return false;
		if (i > 0)
			nanosleep(&(struct timespec){0, 1000000}, NULL);
	}
	if (renameat(aside->dirfd, hidden, aside->dirfd, aside->name) == 0)
		return true;
	error = errno;
	unlinkat(aside->dirfd, hidden, 0);
	errno = error;
	return false;
}

static bool give_name(struct aside *aside)
{
	if (aside->hidden[0] == '\0')
		return fs_link_unnamed(aside->fd, aside->dirfd, aside->name) == 0 ||
		       (errno == EEXIST && replace(aside));
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

int aside_create(int dirfd, const char *name, const void *bytes, size_t size)
{
	int fd = openat(dirfd, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666), error = 0;
	bool has_name = fd < 0;

	/* Where there are no files without a name, it has its own from the beginning. */
	if (has_name)
		fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0)
		return errno;
	if (fs_write_all(fd, bytes, size) != 0)
		error = errno;
	else if (!has_name && fs_link_unnamed(fd, dirfd, name) != 0)
		error = errno;
	else
		has_name = true;
	if (close(fd) != 0 && error == 0)
		error = errno;
	if (error != 0 && has_name)
		unlinkat(dirfd, name, 0);
	return error;
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

int aside_open_through(const char *path)
{
	struct stat st;
	int fd;

	if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode) && st.st_uid != 0 && st.st_uid != geteuid()) {
		errno = ELOOP;
		return -1;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0644);
	if (fd >= 0)
		fcntl(fd, F_SETFL, O_APPEND); /* it does not wait for whoever reads to come; what is written may wait */
	return fd;
}

int aside_write_through(const char *path, const void *bytes, size_t size)
{
	struct stat st;
	int fd, error = 0;

	if (lstat(path, &st) != 0 || S_ISREG(st.st_mode))
		return aside_write(path, bytes, size);
	fd = aside_open_through(path);
	if (fd < 0)
		return errno;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && ftruncate(fd, 0) != 0)
		error = errno;
	else if (fs_write_all(fd, bytes, size) != 0)
		error = errno;
	if (close(fd) != 0 && error == 0)
		error = errno;
	return error;
}
