/*
 * aside_dir.c: a new directory that appears under its name whole, or not at all.
 * In: a path that is free; what the caller writes into the directory beside it.
 * Out: the directory in its place, or nothing there.
 */
#include "aside_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "fs.h"
#include "rights.h"

bool aside_dir_is_free(const char *path, struct diag *diag)
{
	struct arena arena = {0};
	struct stat st;
	char **names;
	size_t count;
	bool yes = false;
	int fd;

	if (lstat(path, &st) != 0) {
		int error = errno;

		if (error == ENOENT)
			return true;
		diag_fail(diag, EXIT_SYSTEM, "cannot make %s: %s", path, strerror(error));
		rights_help(diag, path, NULL, error);
		return false;
	}
	if (!S_ISDIR(st.st_mode)) {
		diag_fail(diag, EXIT_SYSTEM, "%s is there already, and is no directory", path);
		diag_help(diag, "give the name of a directory that is not there yet, or is empty");
		return false;
	}
	fd = fs_open_dir(AT_FDCWD, path);
	if (fd < 0 || fs_list(fd, &arena, &names, &count) != 0) {
		diag_fail(diag, EXIT_SYSTEM, "cannot read %s: %s", path, strerror(errno));
	} else if (count > 0) {
		diag_fail(diag, EXIT_SYSTEM, "%s is there already, and is not empty", path);
		diag_help(diag, "give the name of a directory that is not there yet, or delete it first");
	} else {
		yes = true;
	}
	if (fd >= 0)
		close(fd);
	arena_free(&arena);
	return yes;
}

/* Splits the path. false where it does not end with a name that a directory could get. */
static bool name_parts(struct aside_dir *a, const char *path)
{
	size_t size = strlen(path), begin;

	while (size > 1 && path[size - 1] == '/')
		size--;
	a->path = path = arena_copy(&a->arena, path, size);
	for (begin = size; begin > 0 && path[begin - 1] != '/'; begin--)
		;
	a->parent = begin == 0 ? "." : arena_copy(&a->arena, path, begin);
	a->temporary = arena_printf(&a->arena, "%.*s.%s.part", (int)begin, path, path + begin);
	return begin < size && strcmp(path + begin, ".") != 0 && strcmp(path + begin, "..") != 0;
}

/* The lock is worth something only if the directory still has the name: 1, 0; -1 and errno. */
static int is_ours(const struct aside_dir *a)
{
	struct stat st;

	if (flock(a->fd, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ? 0 : -1;
	errno = 0; /* which stays where another directory has the name */
	if (!fs_leads_to(AT_FDCWD, a->temporary, AT_SYMLINK_NOFOLLOW, a->fd))
		return errno == 0 || errno == ENOENT ? 0 : -1;
	return fstat(a->fd, &st) == 0 ? st.st_uid == geteuid() : -1;
}

static bool remove_leftovers(struct aside_dir *a)
{
	char **names;
	size_t count, i;
	bool ok = fs_list(a->fd, &a->arena, &names, &count) == 0;

	for (i = 0; ok && i < count; i++)
		ok = fs_remove_tree(a->fd, names[i]) == 0;
	return ok;
}

bool aside_dir_begin(const char *path, struct diag *diag, struct aside_dir *ret)
{
	int ours;

	memset(ret, 0, sizeof(*ret));
	ret->fd = -1;
	ret->diag = diag;
	if (!name_parts(ret, path)) {
		diag_fail(diag, EXIT_USAGE, "%s is no name that a new directory could get", path);
		return false;
	}
	if (!aside_dir_is_free(ret->path, diag))
		return false;
	/* What is made here is synced with the rest of the file system. */
	if (fs_make_path(ret->parent, false) == 0 && (mkdir(ret->temporary, 0777) == 0 || errno == EEXIST))
		ret->fd = open(ret->temporary, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (ret->fd < 0) {
		int error = errno;

		diag_fail(diag, EXIT_SYSTEM, "cannot make %s: %s", ret->temporary, strerror(error));
		rights_help(diag, ret->temporary, NULL, error);
		return false;
	}
	ours = is_ours(ret);
	if (ours < 0) {
		diag_fail(diag, EXIT_SYSTEM, "cannot lock %s: %s", ret->temporary, strerror(errno));
	} else if (ours == 0) {
		diag_fail(diag, EXIT_SYSTEM, "somebody else is writing %s", ret->temporary);
	} else if (!remove_leftovers(ret)) {
		diag_fail(diag, EXIT_SYSTEM, "cannot empty %s: %s", ret->temporary, strerror(errno));
	} else {
		return true;
	}
	close(ret->fd);
	ret->fd = -1;
	return false;
}

bool aside_dir_commit(struct aside_dir *aside, bool sync)
{
	if (sync && syncfs(aside->fd) != 0) {
		diag_fail(aside->diag, EXIT_SYSTEM, "cannot write %s: %s", aside->temporary, strerror(errno));
		return false;
	}
	/* Over an empty directory, but not over one that somebody filled meanwhile. */
	if (rename(aside->temporary, aside->path) != 0) {
		diag_fail(aside->diag, EXIT_SYSTEM, "cannot rename %s to %s: %s", aside->temporary, aside->path,
			  strerror(errno));
		return false;
	}
	mem_published(true);
	close(aside->fd);
	aside->fd = -1;
	if (sync && fs_sync_dir(AT_FDCWD, aside->parent) != 0) {
		diag_fail(aside->diag, EXIT_NOT_DURABLE, "%s is written, but syncing its directory failed: %s",
			  aside->path, strerror(errno));
		return false;
	}
	return true;
}

void aside_dir_end(struct aside_dir *aside)
{
	if (aside->fd >= 0) {
		if (fs_remove_tree(AT_FDCWD, aside->temporary) != 0)
			diag_warn(aside->diag, "cannot remove %s: %s", aside->temporary, strerror(errno));
		close(aside->fd);
		aside->fd = -1;
	}
	arena_free(&aside->arena);
}
