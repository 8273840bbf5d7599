/*
 * rewrite.c: gives a source file other bytes, as its author would have.
 * In: the path of a file, what was read of it, and what is to stand there.
 * Out: the file with the new bytes, with its mode and owner; or as it was.
 */
#include "rewrite.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "aside.h"
#include "fs.h"

enum { MAX_LINKS = 40 };

/* Whether a file holds exactly this. 0 or errno; *ret_st is what it is. */
static int is_still(const char *path, struct text was, struct stat *ret_st)
{
	struct arena arena = {0};
	struct fs_file file;
	int error = 0;

	if (fs_read(AT_FDCWD, path, was.size, FS_FOLLOW, &arena, &file) != 0)
		error = errno == EFBIG ? EBUSY : errno;
	else if (file.size != was.size || (was.size > 0 && memcmp(file.bytes, was.bytes, was.size) != 0))
		error = EBUSY;
	else
		*ret_st = file.st;
	arena_free(&arena);
	return error;
}

/* Makes the new file what the old one is to others; but who may write another's file cannot always give it back. */
static int take_over(int fd, const struct stat *st)
{
	struct stat own;

	if (fstat(fd, &own) != 0)
		return errno;
	if ((own.st_uid != st->st_uid || own.st_gid != st->st_gid) && fchown(fd, st->st_uid, st->st_gid) != 0 &&
	    fchown(fd, (uid_t)-1, st->st_gid) != 0 && errno != EPERM)
		return errno;
	return fchmod(fd, st->st_mode & 0777) == 0 ? 0 : errno;
}

/* Where a link of this name leads in the end; the directories before it may be closed to us further up. 0 or errno. */
static int follow(struct arena *arena, const char **path)
{
	char target[PATH_MAX];
	const char *slash;
	unsigned links;
	ssize_t size;

	for (links = 0; (size = readlink(*path, target, sizeof(target))) >= 0; links++) {
		if (links == MAX_LINKS || size == (ssize_t)sizeof(target))
			return links == MAX_LINKS ? ELOOP : ENAMETOOLONG;
		slash = target[0] == '/' ? NULL : strrchr(*path, '/');
		*path = arena_printf(arena, "%.*s%.*s", slash == NULL ? 0 : (int)(slash + 1 - *path), *path, (int)size,
				     target);
	}
	return errno == EINVAL ? 0 : errno; /* no link */
}

int rewrite_file(const char *path, struct text was, struct text is)
{
	struct arena arena = {0};
	const char *real = path;
	struct aside aside;
	struct stat st = {0};
	int error = follow(&arena, &real);

	if (error == 0)
		error = is_still(real, was, &st);
	if (error == 0 && faccessat(AT_FDCWD, real, W_OK, AT_EACCESS) != 0)
		error = errno; /* a rename would not ask */
	if (error == 0)
		error = aside_open(&aside, real);
	if (error == 0) {
		if (fs_write_all(aside.fd, is.bytes, is.size) != 0)
			error = errno;
		if (error == 0)
			error = take_over(aside.fd, &st);
		/* What takes long comes first, so that between this look and the new name there is next to nothing. */
		if (error == 0 && fsync(aside.fd) != 0)
			error = errno;
		if (error == 0)
			error = is_still(real, was, &st);
		if (error == 0)
			error = aside_commit(&aside);
		else
			aside_discard(&aside);
	}
	arena_free(&arena);
	return error;
}
