/*
 * volume_lock.c: one publisher at a time, and what the last one left.
 * In: an open volume.
 * Out: a locked volume in which no killed run's leftovers lie around.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "rights.h"
#include "volume.h"

static bool rename_in(const struct volume *volume, const char *from, const char *to)
{
	return renameat(volume->fd, from, volume->fd, to) == 0;
}

/* Who holds a flock on this inode, by /proc/locks; 0 where the system does not tell. */
static long lock_holder(const struct stat *st)
{
	FILE *locks = fopen("/proc/locks", "re");
	char line[256];
	long holder = 0;

	while (locks != NULL && holder == 0 && fgets(line, sizeof(line), locks) != NULL) {
		long pid;
		unsigned long long inode;

		if (sscanf(line, "%*d: FLOCK %*s %*s %ld %*x:%*x:%llu", &pid, &inode) == 2 && inode == st->st_ino)
			holder = pid;
	}
	if (locks != NULL)
		fclose(locks);
	return holder;
}

static void report_holder(const struct volume *volume, const struct stat *st)
{
	long pid = lock_holder(st);
	char path[64], name[64] = "", who[160] = "";
	FILE *comm;

	if (pid > 0) {
		snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
		comm = fopen(path, "re");
		if (comm != NULL && fgets(name, sizeof(name), comm) != NULL)
			name[strcspn(name, "\n")] = '\0';
		if (comm != NULL)
			fclose(comm);
		snprintf(who, sizeof(who), ": process %ld%s%s%s", pid, name[0] != '\0' ? " (" : "", name,
			 name[0] != '\0' ? ")" : "");
	}
	diag_fail(volume->diag, EXIT_SYSTEM, "another publisher holds the lock of %s%s", volume->path, who);
	diag_help(volume->diag, "wait until it has ended; the lock goes with its process");
}

/* Whether it says that a name is no empty directory, or not ours to remove. */
static bool says_full(int error)
{
	return error == ENOTEMPTY || error == EEXIST || error == ENOTDIR || error == EACCES || error == EPERM;
}

/* Whether a directory holds nothing but the empty ones of `dimc init`, which go away here: 1, 0; -1 and errno. */
static int is_skeleton(const struct volume *volume, const char *name)
{
	struct arena arena = {0};
	char **names;
	size_t count, i;
	int yes = 1, error, fd = fs_open_own_dir(volume->fd, name);

	if (fd < 0)
		return -1;
	if (fs_list(fd, &arena, &names, &count) != 0)
		yes = -1;
	for (i = 0; yes == 1 && i < count; i++)
		if (unlinkat(fd, names[i], AT_REMOVEDIR) != 0)
			yes = says_full(errno) ? 0 : -1;
	error = errno;
	arena_free(&arena);
	close(fd);
	errno = error;
	return yes;
}

bool volume_retire_staging(struct volume *volume)
{
	int skeleton = is_skeleton(volume, VOLUME_STAGING);

	if (skeleton != 0)
		return skeleton == 1 && fs_remove_tree(volume->fd, VOLUME_STAGING) == 0;
	if (rename_in(volume, VOLUME_STAGING, VOLUME_FORMER))
		return true;
	if (errno != ENOTEMPTY && errno != EEXIST)
		return false;
	/* Marked first: killed after the exchange, the oldest generation must not pass for the former one. */
	if (fs_set_dir_mode(volume->fd, VOLUME_FORMER, VOLUME_STAGED_MODE) != 0)
		return false;
	if (volume_exchange(volume, VOLUME_STAGING, VOLUME_FORMER))
		return fs_remove_tree(volume->fd, VOLUME_STAGING) == 0;
	if (errno != ENOSYS)
		return false;
	return fs_remove_tree(volume->fd, VOLUME_FORMER) == 0 && rename_in(volume, VOLUME_STAGING, VOLUME_FORMER);
}

/*
 * Finishes or undoes what a killed publisher left. The sticky bit tells a directory that goes away, because nobody has
 * seen it yet or because it is the last but one, from a former generation that only waits for its name.
 * *ret_left is what could not be cleared away.
 */
static bool recover(struct volume *volume, const char **ret_left)
{
	struct stat next, now, other;
	int has_next, has_now, has_older, has_former = 0;

	*ret_left = VOLUME_STAGING;
	if ((has_next = fs_look(volume->fd, VOLUME_STAGING, &next)) < 0 ||
	    (has_now = fs_look(volume->fd, VOLUME_GENERATION, &now)) < 0 ||
	    (has_older = fs_look(volume->fd, VOLUME_OLDER, &other)) < 0)
		return false;
	/* What is no directory never was a generation. */
	*ret_left = VOLUME_FORMER;
	if (fs_look(volume->fd, VOLUME_FORMER, &other) == 1 && !S_ISDIR(other.st_mode) &&
	    fs_remove_tree(volume->fd, VOLUME_FORMER) != 0)
		return false;
	/* Between the two renames of a file system that cannot exchange: the old generation comes back. */
	if (!has_now && rename_in(volume, VOLUME_FORMER, VOLUME_GENERATION))
		has_now = fs_look(volume->fd, VOLUME_GENERATION, &now);
	/* The last but one: it is the former one again where the renames failed, and goes where they did not. */
	if (has_now < 0 || (has_older && (has_former = fs_look(volume->fd, VOLUME_FORMER, &other)) < 0))
		return false;
	*ret_left = VOLUME_OLDER;
	if (has_older && (has_former ? fs_remove_tree(volume->fd, VOLUME_OLDER) != 0
				     : !rename_in(volume, VOLUME_OLDER, VOLUME_FORMER)))
		return false;
	*ret_left = VOLUME_STAGING;
	if (has_next && ((next.st_mode & S_ISVTX) != 0 || !S_ISDIR(next.st_mode))) {
		if (fs_remove_tree(volume->fd, VOLUME_STAGING) != 0)
			return false;
	} else if (has_next && !volume_retire_staging(volume)) {
		return false;
	}
	*ret_left = VOLUME_GENERATION;
	if (has_now && (now.st_mode & S_ISVTX) != 0 &&
	    fs_set_dir_mode(volume->fd, VOLUME_GENERATION, VOLUME_DIR_MODE) != 0)
		return false;
	return true;
}

static bool fail(const struct volume *volume, const char *verb, const char *name, int number)
{
	diag_fail(volume->diag, EXIT_SYSTEM, "cannot %s %s/%s: %s", verb, volume->path, name, strerror(number));
	rights_help(volume->diag, volume->path, name, number);
	return false;
}

bool volume_lock(struct volume *volume)
{
	static const char name[] = ".lock";
	struct stat held, named;
	const char *left;
	int error;

	for (;;) {
		volume->lock = openat(volume->fd, name,
				      O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0644);
		/* Another user's lock, in a volume that both may write: to lock, reading is enough. */
		if (volume->lock < 0 && errno == EACCES && faccessat(volume->fd, ".", W_OK, AT_EACCESS) == 0)
			volume->lock =
				openat(volume->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
		if (volume->lock < 0 || fstat(volume->lock, &held) != 0) {
			return fail(volume, "open the lock", name, errno);
		}
		if (!S_ISREG(held.st_mode)) {
			diag_fail(volume->diag, EXIT_SYSTEM, "the lock %s/%s is no regular file", volume->path, name);
			diag_help(volume->diag, "remove it, and let nobody but the publisher write in %s",
				  volume->path);
			return false;
		}
		if (flock(volume->lock, LOCK_EX | LOCK_NB) != 0) {
			if (errno == EWOULDBLOCK)
				report_holder(volume, &held);
			else
				fail(volume, "lock", name, errno);
			return false;
		}
		/* Somebody may have removed the file that we locked: then the lock of that name is still free. */
		if (fstatat(volume->fd, name, &named, AT_SYMLINK_NOFOLLOW) == 0) {
			if (fs_is_same(&held, &named))
				break;
		} else if (errno != ENOENT) {
			return fail(volume, "look at the lock", name, errno);
		}
		close(volume->lock);
	}
	if (recover(volume, &left))
		return true;
	error = errno;
	diag_fail(volume->diag, EXIT_SYSTEM, "cannot clear away %s/%s, which an interrupted run left: %s", volume->path,
		  left, strerror(error));
	diag_help(volume->diag, "the published generation is whole");
	rights_help(volume->diag, volume->path, left, error);
	return false;
}
