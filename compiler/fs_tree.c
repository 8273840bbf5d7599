/*
 * fs_tree.c: directories on the way to a path, and trees that go away, however deep.
 * In: a path; a directory descriptor and a name.
 * Out: all of these directories; nothing of that name.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs.h"

char *fs_parent(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + (slash == path));
}

/* The directory that a name was made in. */
static int sync_parent(const char *path)
{
	char *parent = fs_parent(path);
	int result = parent == NULL ? -1 : fs_sync_dir(AT_FDCWD, parent);

	free(parent);
	return result;
}

int fs_make_path(const char *path, bool sync)
{
	char *copy = strdup(path), *slash;
	int result = 0;
	struct stat st;

	if (copy == NULL)
		return -1;
	for (slash = copy + (copy[0] == '/'); result == 0; slash++) {
		slash = strchrnul(slash, '/');
		char end = *slash;

		*slash = '\0';
		if (mkdir(copy, 0755) == 0)
			result = sync ? sync_parent(copy) : 0;
		else if (errno != EEXIST)
			result = -1;
		else if (stat(copy, &st) != 0)
			result = errno == ENOENT ? (errno = ENOTDIR, -1) : -1; /* a link that leads nowhere */
		else if (!S_ISDIR(st.st_mode))
			result = (errno = ENOTDIR, -1);
		*slash = end;
		if (end == '\0')
			break;
	}
	free(copy);
	return result;
}

/* How deep a tree is followed at once: each level holds a descriptor. */
enum { REMOVE_DEPTH = 64 };

struct removal {
	int top;
	const char *name;
	unsigned moved; /* subtrees that were too deep, and wait at the top for a turn of their own */
};

static const char *moved_name(const struct removal *removal, unsigned number, char ret[NAME_MAX + 1])
{
	snprintf(ret, NAME_MAX + 1, "%.200s.deep%u", removal->name, number);
	return ret;
}

static int remove_tree(struct removal *removal, int dirfd, const char *name, int depth)
{
	struct arena arena = {0};
	char **names = NULL, moved[NAME_MAX + 1];
	size_t count = 0, i;
	int fd, error, result = 0;

	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	if (depth == 0)
		return renameat(dirfd, name, removal->top, moved_name(removal, removal->moved++, moved));
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fs_list(fd, &arena, &names, &count) != 0)
		result = -1;
	for (i = 0; result == 0 && i < count; i++)
		result = remove_tree(removal, fd, names[i], depth - 1);
	error = errno;
	close(fd);
	arena_free(&arena);
	errno = error;
	if (result == 0 && unlinkat(dirfd, name, AT_REMOVEDIR) != 0 && errno != ENOENT)
		result = -1;
	return result;
}

int fs_remove_tree(int dirfd, const char *name)
{
	struct removal removal = {dirfd, name, 0};
	char moved[NAME_MAX + 1];
	unsigned done;
	int result = remove_tree(&removal, dirfd, name, REMOVE_DEPTH);

	for (done = 0; result == 0 && done < removal.moved; done++)
		result = remove_tree(&removal, dirfd, moved_name(&removal, done, moved), REMOVE_DEPTH);
	return result;
}
