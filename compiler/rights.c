/*
 * rights.c: what to change where the system refuses to write.
 * In: the path that could not be written, and the errno of that.
 * Out: a help to the failure that was reported last.
 */
#include "rights.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"

static bool may(const char *path, int right)
{
	return faccessat(AT_FDCWD, path, right, AT_EACCESS) == 0;
}

/* Cuts a path down to the part that refuses: a directory that is not to be searched or written, or a file. */
static bool find_refusing(char *path, struct stat *ret)
{
	char *slash, *end = path + strlen(path);
	bool is_there;

	for (slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (stat(path, ret) == 0 && S_ISDIR(ret->st_mode) && !may(path, X_OK))
			return true;
		*slash = '/';
	}
	/* What refuses is there; else it is the directory in which it would be. */
	while (!(is_there = lstat(path, ret) == 0) || (!S_ISDIR(ret->st_mode) && may(path, W_OK))) {
		while (end > path && *end != '/')
			end--;
		if (end == path)
			break;
		*end = '\0';
	}
	if (is_there && !S_ISDIR(ret->st_mode) && may(path, W_OK))
		is_there = false;
	if (!is_there)
		strcpy(path, *path == '/' ? "/" : ".");
	return stat(path, ret) == 0;
}

void rights_help(struct diag *diag, const char *path, const char *name, int number)
{
	struct buf at = {0};
	struct stat st;
	unsigned mode, owner, self = (unsigned)geteuid();

	buf_printf(&at, "%s%s%s", path, name != NULL ? "/" : "", name != NULL ? name : "");
	if (number == ELOOP || number == ENOTDIR) {
		if (lstat(at.bytes, &st) == 0 && S_ISLNK(st.st_mode))
			diag_help(diag, "%s is a symbolic link, which is not followed; remove it", at.bytes);
		else if (lstat(at.bytes, &st) == 0 && !S_ISDIR(st.st_mode))
			diag_help(diag, "%s is no directory; remove it", at.bytes);
	} else if ((number == EACCES || number == EPERM || number == EROFS) && find_refusing(at.bytes, &st)) {
		mode = (unsigned)st.st_mode & 07777;
		owner = (unsigned)st.st_uid;
		if (number == EROFS)
			diag_help(diag,
				  "the file system of %s is mounted read-only: mount it read-write, or write elsewhere",
				  at.bytes);
		else if (owner == self && !may(at.bytes, W_OK))
			diag_help(diag, "%s is this user's own, with mode %04o: `chmod u+rwx %s`", at.bytes, mode,
				  at.bytes);
		else
			diag_help(diag,
				  "%s belongs to user %u, with mode %04o, and this is user %u: run it as user %u, or "
				  "`chown -R %u %s`",
				  at.bytes, owner, mode, self, owner, self, at.bytes);
	}
	buf_free(&at);
}
