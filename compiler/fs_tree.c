/*
 * fs_tree.c: trees of directories that go away, however deep.
 * In: a directory descriptor and a name.
 * Out: nothing of that name.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "fs.h"

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
