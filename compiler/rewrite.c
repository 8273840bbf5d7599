/*
 * rewrite.c: gives a source file other bytes, as its author would have.
 * In: the path of a file, what was read of it, and what is to stand there.
 * Out: the file with the new bytes, with its mode and owner; or as it was.
 */
#include "rewrite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aside.h"
#include "fs.h"

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

int rewrite_file(const char *path, struct text was, struct text is)
{
	char *real = realpath(path, NULL);
	struct aside aside;
	struct stat st;
	int error;

	if (real == NULL)
		return errno;
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
	free(real);
	return error;
}
